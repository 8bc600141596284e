// SPDX-License-Identifier: GPL-2.0

//! The start of a program file: a script's interpreter, or the loader of an ELF file.

use rustix::{
    fd::AsRawFd,
    fs::{fstat, open, FileType, Mode, OFlags},
    io::{read, Errno, Result},
};
use std::{
    ffi::OsString,
    os::unix::ffi::OsStringExt,
    path::{Path, PathBuf},
};

/// How much of a file the kernel reads to find out its format: `BINPRM_BUF_SIZE`.
pub const START: usize = 256;

/// How often one program can stand for another: an interpreter for a script.
pub const DEEPEST: usize = 5;

/// The most program headers that are read of an ELF file.
const HEADERS: u64 = 64;

/// The format of a program file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Format {
    /// A script: the path of its interpreter.
    Script(OsString),
    /// An ELF file, with where its program headers are.
    Elf(Headers),
    /// Neither: `execve()` fails with `ENOEXEC`, unless `binfmt_misc` has an entry for it.
    Other,
}

/// Where the program headers of an ELF file of this machine's byte order are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Headers {
    wide: bool,
    offset: u64,
    size: u64,
    count: u64,
}

impl Format {
    /// Reads the start of a file.
    pub fn of(start: &[u8]) -> Self {
        if start.starts_with(b"#!") {
            return interpreter(start).map_or(Self::Other, Self::Script);
        }
        Headers::of(start).map_or(Self::Other, Self::Elf)
    }
}

/// Returns the start of a regular file. Opening any other file can block or have side effects.
pub fn start_of(path: &Path) -> Result<Vec<u8>> {
    let found = open(path, OFlags::PATH | OFlags::CLOEXEC, Mode::empty())?;
    if FileType::from_raw_mode(fstat(&found)?.st_mode) != FileType::RegularFile {
        return Err(Errno::NOEXEC);
    }
    let file = open(
        format!("/proc/self/fd/{}", found.as_raw_fd()),
        OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC,
        Mode::empty(),
    )?;
    let mut start = vec![0; START];
    let length = read(&file, &mut start)?;
    start.truncate(length);
    Ok(start)
}

/// Returns the interpreter of a file that is a script.
pub fn interpreter_of(file: &Path) -> Option<PathBuf> {
    match Format::of(&start_of(file).ok()?) {
        Format::Script(interpreter) => Some(interpreter.into()),
        _ => None,
    }
}

/// Returns the path of a script's interpreter, as `load_script()` finds it.
fn interpreter(start: &[u8]) -> Option<OsString> {
    let mut buffer = [0; START];
    let length = start.len().min(START);
    buffer[..length].copy_from_slice(&start[..length]);
    let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t');
    let is_end = |byte: &u8| is_blank(byte) || *byte == 0;

    let line = buffer.iter().position(|byte| matches!(byte, b'\n' | 0));
    let line = match line {
        Some(end) if buffer[end] == b'\n' => &buffer[2..end],
        // The path must not be cut off.
        _ => {
            let name = buffer[2..].iter().position(|byte| !is_blank(byte))? + 2;
            buffer[name..].iter().find(|byte| is_end(byte))?;
            &buffer[2..START - 1]
        }
    };
    let name = line.iter().position(|byte| !is_blank(byte))?;
    let name = &line[name..];
    let end = name.iter().position(is_end).unwrap_or(name.len());
    (end > 0).then(|| OsString::from_vec(name[..end].to_vec()))
}

impl Headers {
    fn of(start: &[u8]) -> Option<Self> {
        let wide = match start.get(..6)? {
            [0x7f, b'E', b'L', b'F', class, order] if *order == byte_order() => match class {
                1 => false,
                2 => true,
                _ => return None,
            },
            _ => return None,
        };
        let (offset, size, count) = if wide {
            (
                number(start, 32, 8)?,
                number(start, 54, 2)?,
                number(start, 56, 2)?,
            )
        } else {
            (
                number(start, 28, 4)?,
                number(start, 42, 2)?,
                number(start, 44, 2)?,
            )
        };
        Some(Self {
            wide,
            offset,
            size,
            count: count.min(HEADERS),
        })
    }

    /// Returns the path of the loader, if the program has one. `read` reads this many bytes at an
    /// offset of the file.
    pub fn loader(&self, read: impl Fn(u64, u64) -> Option<Vec<u8>>) -> Option<OsString> {
        const PT_INTERP: u64 = 3;
        const LONGEST: u64 = 4096;
        (0..self.count).find_map(|index| {
            let at = self.offset.checked_add(index * self.size)?;
            let header = read(at, self.size)?;
            if number(&header, 0, 4)? != PT_INTERP {
                return None;
            }
            let (offset, size) = if self.wide {
                (number(&header, 8, 8)?, number(&header, 32, 8)?)
            } else {
                (number(&header, 4, 4)?, number(&header, 16, 4)?)
            };
            let mut path = read(offset, size.min(LONGEST))?;
            path.truncate(path.iter().position(|byte| *byte == 0)?);
            Some(OsString::from_vec(path))
        })
    }
}

/// Returns the value in `EI_DATA` of this machine's byte order.
const fn byte_order() -> u8 {
    if cfg!(target_endian = "little") {
        1
    } else {
        2
    }
}

/// Reads a number of 2, 4 or 8 bytes.
fn number(bytes: &[u8], at: usize, size: usize) -> Option<u64> {
    let bytes = bytes.get(at..at + size)?;
    let fold = |value: u64, byte: &u8| (value << 8) | u64::from(*byte);
    Some(if cfg!(target_endian = "little") {
        bytes.iter().rev().fold(0, fold)
    } else {
        bytes.iter().fold(0, fold)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{fs, os::unix::fs::FileExt};

    fn script(start: &[u8]) -> Option<String> {
        match Format::of(start) {
            Format::Script(path) => Some(path.into_string().unwrap()),
            _ => None,
        }
    }

    #[test]
    fn the_interpreter_of_a_script_is_found_as_the_kernel_finds_it() {
        for (start, path) in [
            (&b"#!/bin/sh\n"[..], Some("/bin/sh")),
            (b"#! \t/bin/sh -e x\n", Some("/bin/sh")),
            (b"#!/bin/sh", Some("/bin/sh")),
            (b"#!/bin/sh\0x", Some("/bin/sh")),
            (b"#!sh\t\necho", Some("sh")),
            (b"#!\n", None),
            (b"#!  \t\n/bin/sh\n", None),
            (b"#!", None),
            (b"/bin/sh\n", None),
        ] {
            assert_eq!(script(start).as_deref(), path, "{start:?}");
        }
        let long = [b"#!/".to_vec(), vec![b'a'; 300]].concat();
        assert_eq!(script(&long), None);
        let blank = [&long[..200], b" ", &long[200..]].concat();
        assert_eq!(script(&blank).map(|path| path.len()), Some(198));
    }

    #[test]
    fn the_loader_of_a_program_is_found() {
        let file = fs::File::open("/bin/sh").unwrap();
        let read = |at, size: u64| {
            let mut bytes = vec![0; size as usize];
            file.read_exact_at(&mut bytes, at).ok()?;
            Some(bytes)
        };
        let Format::Elf(headers) = Format::of(&read(0, 256).unwrap()) else {
            panic!("/bin/sh is not an ELF file");
        };
        let loader = headers.loader(read).unwrap().into_string().unwrap();
        assert!(
            loader.starts_with("/lib") && fs::exists(&loader).unwrap(),
            "{loader}"
        );
    }

    #[test]
    fn headers_that_lead_nowhere_have_no_loader() {
        let headers = Headers {
            wide: true,
            offset: u64::MAX,
            size: u64::from(u16::MAX),
            count: HEADERS,
        };
        assert_eq!(headers.loader(|_, _| Some(vec![0xff; 56])), None);
        assert_eq!(headers.loader(|_, _| None), None);
        assert_eq!(Format::of(b"\x7fELF\x02\x01"), Format::Other);
    }
}
