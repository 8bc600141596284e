// SPDX-License-Identifier: GPL-2.0

//! `livepatch-relocations MODULE.ko`: marks the relocations of a finished module that livepatch is
//! to apply, which no linker can mark.
//!
//! A section `.klp.rela.vmlinux.NAME` of the module refers only to symbols
//! `.klp.sym.vmlinux.NAME,N`, which the kernel does not export. Its relocations get the same name
//! and `SHF_RELA_LIVEPATCH`, its symbols the section index `SHN_LIVEPATCH`: the format of
//! `Documentation/livepatch/module-elf-format.rst`. The size of the file stays, and a second run
//! changes nothing. It must run before the module is signed, and after it is stripped.

use std::{
    env,
    fs,
    ops::Range,
    process::ExitCode, //
};

const SECTION: &[u8] = b".klp.rela.";
const SYMBOL: &[u8] = b".klp.sym.";
const PREFIX: &[u8] = b".rela";

const SHT_SYMTAB: u64 = 2;
const SHT_RELA: u64 = 4;
const SHF_RELA_LIVEPATCH: u64 = 0x0010_0000;
const SHN_LIVEPATCH: u64 = 0xff20;

/// The sizes of an ELF header, a section header, a symbol and a relocation.
const EHDR: usize = 64;
const SHDR: usize = 64;
const SYM: usize = 24;
const RELA: usize = 24;

/// A field of an ELF structure: its offset there, and its size.
type Field = (usize, usize);

const E_SHOFF: Field = (40, 8);
const E_SHNUM: Field = (60, 2);
const E_SHSTRNDX: Field = (62, 2);
const SH_NAME: Field = (0, 4);
const SH_TYPE: Field = (4, 4);
const SH_FLAGS: Field = (8, 8);
const SH_OFFSET: Field = (24, 8);
const SH_SIZE: Field = (32, 8);
const SH_LINK: Field = (40, 4);
const SH_INFO: Field = (44, 4);
const ST_NAME: Field = (0, 4);
const ST_SHNDX: Field = (6, 2);
const R_SYM: Field = (12, 4);

/// A module, of 64 bits and little-endian.
struct Elf(Vec<u8>);

impl Elf {
    fn new(bytes: Vec<u8>) -> Result<Self, String> {
        match bytes.get(..EHDR) {
            Some([0x7f, b'E', b'L', b'F', 2, 1, ..]) => Ok(Self(bytes)),
            _ => Err("it is no ELF file of 64 bits, little-endian: give a module".into()),
        }
    }

    fn range(&self, start: usize, (offset, size): Field) -> Result<Range<usize>, String> {
        let start = start.checked_add(offset);
        let range = start.and_then(|start| Some(start..start.checked_add(size)?));
        range
            .filter(|range| range.end <= self.0.len())
            .ok_or_else(|| "it is cut off: build the module again".into())
    }

    /// Reads a field of the structure at an offset.
    fn get(&self, start: usize, field: Field) -> Result<u64, String> {
        let bytes = &self.0[self.range(start, field)?];
        Ok(bytes
            .iter()
            .rfold(0, |value, byte| (value << 8) | u64::from(*byte)))
    }

    fn set(&mut self, start: usize, field: Field, value: u64) -> Result<(), String> {
        let range = self.range(start, field)?;
        let size = range.len();
        self.0[range].copy_from_slice(&value.to_le_bytes()[..size]);
        Ok(())
    }

    fn index(&self, start: usize, field: Field) -> Result<usize, String> {
        usize::try_from(self.get(start, field)?).map_err(|error| error.to_string())
    }

    /// Returns the offset of a section header.
    fn section(&self, number: usize) -> Result<usize, String> {
        if number >= self.index(0, E_SHNUM)? {
            return Err(format!(
                "it has no section {number}: build the module again"
            ));
        }
        Ok(self.index(0, E_SHOFF)? + number * SHDR)
    }

    /// Returns a string of a string table, whose section header is at `strings`.
    fn string(&self, strings: usize, offset: usize) -> Result<&[u8], String> {
        let table = (
            self.index(strings, SH_OFFSET)?,
            self.index(strings, SH_SIZE)?,
        );
        let table = &self.0[self.range(0, table)?];
        let rest = table.get(offset..).unwrap_or_default();
        Ok(rest.split(|byte| *byte == 0).next().unwrap_or_default())
    }

    fn name(&self, section: usize) -> Result<&[u8], String> {
        let strings = self.section(self.index(0, E_SHSTRNDX)?)?;
        self.string(strings, self.index(section, SH_NAME)?)
    }

    /// Marks the relocations in the section whose header is at `relocations`, and their symbols.
    fn mark(&mut self, relocations: usize) -> Result<(), String> {
        let symbols = self.section(self.index(relocations, SH_LINK)?)?;
        if self.get(symbols, SH_TYPE)? != SHT_SYMTAB {
            return Err("its relocations have no symbols: build the module again".into());
        }
        let strings = self.section(self.index(symbols, SH_LINK)?)?;
        let start = self.index(relocations, SH_OFFSET)?;
        for number in 0..self.index(relocations, SH_SIZE)? / RELA {
            let symbol = self.index(start + number * RELA, R_SYM)?;
            let symbol = self.index(symbols, SH_OFFSET)? + symbol * SYM;
            let name = self.string(strings, self.index(symbol, ST_NAME)?)?;
            if !name.starts_with(SYMBOL) {
                return Err(format!(
                    "{} refers to '{}', which livepatch does not resolve: move that to another \
                     section",
                    String::from_utf8_lossy(self.name(relocations)?),
                    String::from_utf8_lossy(name)
                ));
            }
            self.set(symbol, ST_SHNDX, SHN_LIVEPATCH)?;
        }

        // The end of the name is the new name.
        if self.name(relocations)?.starts_with(PREFIX) {
            let name = self.get(relocations, SH_NAME)? + PREFIX.len() as u64;
            self.set(relocations, SH_NAME, name)?;
        }
        let flags = self.get(relocations, SH_FLAGS)? | SHF_RELA_LIVEPATCH;
        self.set(relocations, SH_FLAGS, flags)
    }

    /// Marks all that is for livepatch. Returns how many sections there are.
    fn mark_all(&mut self) -> Result<usize, String> {
        let mut marked = 0;
        for number in 0..self.index(0, E_SHNUM)? {
            let section = self.section(number)?;
            if self.get(section, SH_TYPE)? != SHT_RELA {
                continue;
            }
            let target = self.section(self.index(section, SH_INFO)?)?;
            if self.name(target)?.starts_with(SECTION) {
                self.mark(section)?;
                marked += 1;
            }
        }
        Ok(marked)
    }
}

/// Returns the module with all marks; [`None`] if it has them.
fn marked(module: &[u8]) -> Result<Option<Vec<u8>>, String> {
    let mut elf = Elf::new(module.to_vec())?;
    match elf.mark_all()? {
        0 => {
            Err("it has no section .klp.rela.*: build it for a kernel with CONFIG_LIVEPATCH".into())
        }
        _ => Ok((elf.0 != module).then_some(elf.0)),
    }
}

fn run() -> Result<(), String> {
    let [_, path] = &env::args().collect::<Vec<_>>()[..] else {
        return Err("usage: livepatch-relocations MODULE.ko".into());
    };
    let bytes = fs::read(path).map_err(|error| format!("cannot read {path}: {error}"))?;
    match marked(&bytes).map_err(|error| format!("cannot mark {path}: {error}"))? {
        Some(module) => {
            fs::write(path, module).map_err(|error| format!("cannot write {path}: {error}"))
        }
        // Somebody may be loading it.
        None => Ok(()),
    }
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("livepatch-relocations: {error}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STRINGS: &[u8] =
        b"\0.rela.klp.rela.vmlinux.text\0.rela.text\0.klp.sym.vmlinux.name,0\0printk\0.symtab\0";
    const NAMES: usize = 512;
    const SYMBOLS: usize = 1024;
    const RELOCATIONS: usize = 2048;

    fn offset(name: &str) -> u64 {
        let found = STRINGS
            .windows(name.len())
            .position(|at| at == name.as_bytes());
        found.expect("the name is in the table") as u64
    }

    /// Returns a module with a section for livepatch, whose relocation refers to this symbol, and
    /// an ordinary one, whose relocation refers to `printk`.
    fn module(symbol: &str) -> Elf {
        let mut bytes = vec![0; 4096];
        bytes[..6].copy_from_slice(b"\x7fELF\x02\x01");
        bytes[NAMES..NAMES + STRINGS.len()].copy_from_slice(STRINGS);
        let mut elf = Elf(bytes);
        let mut set = |start, field, value| elf.set(start, field, value).expect("it fits");
        set(0, E_SHOFF, EHDR as u64);
        set(0, E_SHNUM, 7);
        set(0, E_SHSTRNDX, 1);
        let text = offset(".rela.klp") + PREFIX.len() as u64;
        let plain = offset(".rela.text") + PREFIX.len() as u64;
        for (number, name, kind, flags, start, size, link, info) in [
            (1, 0, 3, 0, NAMES, STRINGS.len(), 0, 0),
            (2, offset(".symtab"), SHT_SYMTAB, 0, SYMBOLS, 3 * SYM, 1, 0),
            (3, text, 1, 6, 0, 0, 0, 0),
            (
                4,
                offset(".rela.klp"),
                SHT_RELA,
                0x40,
                RELOCATIONS,
                RELA,
                2,
                3,
            ),
            (5, plain, 1, 6, 0, 0, 0, 0),
            (
                6,
                offset(".rela.text"),
                SHT_RELA,
                0x40,
                RELOCATIONS + RELA,
                RELA,
                2,
                5,
            ),
        ] {
            let header = EHDR + number * SHDR;
            set(header, SH_NAME, name);
            set(header, SH_TYPE, kind);
            set(header, SH_FLAGS, flags);
            set(header, SH_OFFSET, start as u64);
            set(header, SH_SIZE, size as u64);
            set(header, SH_LINK, link);
            set(header, SH_INFO, info);
        }
        set(SYMBOLS + SYM, ST_NAME, offset(symbol));
        set(SYMBOLS + 2 * SYM, ST_NAME, offset("printk"));
        set(RELOCATIONS, R_SYM, 1);
        set(RELOCATIONS + RELA, R_SYM, 2);
        elf
    }

    fn name(elf: &Elf, section: usize) -> Vec<u8> {
        elf.name(elf.section(section).expect("it is there"))
            .expect("it has a name")
            .to_vec()
    }

    #[test]
    fn only_relocations_for_livepatch_and_their_symbols_are_marked() {
        let mut elf = module(".klp.sym");
        let before = elf.0.clone();
        assert_eq!(elf.mark_all(), Ok(1));
        assert_eq!(name(&elf, 4), b".klp.rela.vmlinux.text");
        assert_eq!(name(&elf, 4), name(&elf, 3));
        let header = elf.section(4).expect("it is there");
        assert_eq!(elf.get(header, SH_FLAGS), Ok(0x40 | SHF_RELA_LIVEPATCH));
        assert_eq!(elf.get(SYMBOLS + SYM, ST_SHNDX), Ok(SHN_LIVEPATCH));
        assert_eq!(elf.get(SYMBOLS + 2 * SYM, ST_SHNDX), Ok(0));
        assert_eq!(name(&elf, 6), b".rela.text");
        // One byte of the name, one of the flags, two of the symbol.
        let changed = before
            .iter()
            .zip(&elf.0)
            .filter(|(old, new)| old != new)
            .count();
        assert_eq!((elf.0.len(), changed), (before.len(), 4));
    }

    #[test]
    fn a_second_run_writes_nothing() {
        let once = marked(&module(".klp.sym").0).expect("it can be marked");
        assert_eq!(marked(&once.expect("it had no marks")), Ok(None));
    }

    #[test]
    fn a_module_without_such_a_section_is_an_error() {
        let mut elf = module(".klp.sym");
        let header = elf.section(4).expect("it is there");
        elf.set(header, SH_TYPE, 1).expect("it fits");
        assert!(marked(&elf.0)
            .expect_err("it is refused")
            .contains("no section"));
    }

    #[test]
    fn a_symbol_that_livepatch_does_not_resolve_is_an_error() {
        let error = module("printk").mark_all().expect_err("it is refused");
        assert!(error.contains("refers to 'printk'"));
    }

    #[test]
    fn a_module_that_is_cut_off_is_an_error() {
        let whole = module(".klp.sym").0;
        for length in 0..RELOCATIONS + R_SYM.0 {
            let cut = Elf::new(whole[..length].to_vec()).and_then(|mut elf| elf.mark_all());
            assert!(cut.is_err(), "{length} bytes");
        }
        assert!(Elf::new(b"\x7fELF\x01\x01".to_vec()).is_err());
    }
}
