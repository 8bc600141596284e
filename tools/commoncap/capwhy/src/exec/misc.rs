// SPDX-License-Identifier: GPL-2.0

//! The formats that `binfmt_misc` adds: programs that an interpreter runs, such as an emulator.

use std::{
    fs,
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
};

const DIRECTORY: &str = "/proc/sys/fs/binfmt_misc";

/// An entry of `binfmt_misc`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The program that runs such files.
    pub interpreter: PathBuf,
    /// Whether the file decides about the credentials, and not the interpreter: flag `C`.
    pub credentials: bool,
    matches: Matches,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Matches {
    /// Files whose name ends so, after a dot.
    Extension(String),
    /// Files that start so, from an offset: each byte after the mask.
    Magic {
        offset: usize,
        magic: Vec<u8>,
        mask: Vec<u8>,
    },
}

/// Returns the entry for a file of this path and start.
pub fn find(path: &Path, start: &[u8]) -> Option<Entry> {
    let status = fs::read_to_string(format!("{DIRECTORY}/status")).ok()?;
    if status.trim() != "enabled" {
        return None;
    }
    let files = fs::read_dir(DIRECTORY).ok()?.flatten();
    files
        .filter_map(|file| Entry::parse(&fs::read_to_string(file.path()).ok()?))
        .find(|entry| entry.is_for(path, start))
}

impl Entry {
    /// Reads the text of an entry; [`None`] if it is disabled, or no entry.
    fn parse(text: &str) -> Option<Self> {
        let value = |key: &str| {
            let value = text.lines().find_map(|line| line.strip_prefix(key))?;
            Some(value.trim())
        };
        if text.lines().next() != Some("enabled") {
            return None;
        }
        let matches = match value("extension .") {
            Some(extension) => Matches::Extension(extension.to_owned()),
            None => {
                let magic = bytes(value("magic ")?)?;
                Matches::Magic {
                    offset: value("offset ")?.parse().ok()?,
                    mask: match value("mask ") {
                        Some(mask) => bytes(mask)?,
                        None => vec![0xff; magic.len()],
                    },
                    magic,
                }
            }
        };
        Some(Self {
            interpreter: value("interpreter ")?.into(),
            credentials: value("flags: ").is_some_and(|flags| flags.contains('C')),
            matches,
        })
    }

    fn is_for(&self, path: &Path, start: &[u8]) -> bool {
        match &self.matches {
            Matches::Extension(extension) => {
                let name = path.as_os_str().as_bytes();
                let end = name.rsplit(|byte| *byte == b'.').next();
                name.contains(&b'.') && end == Some(extension.as_bytes())
            }
            Matches::Magic {
                offset,
                magic,
                mask,
            } => {
                let part = start.get(*offset..offset + magic.len());
                part.is_some_and(|part| {
                    let mut all = part.iter().zip(magic).zip(mask);
                    all.all(|((byte, magic), mask)| (byte ^ magic) & mask == 0)
                })
            }
        }
    }
}

/// Reads bytes of two hexadecimal digits each.
fn bytes(text: &str) -> Option<Vec<u8>> {
    let pairs = text.as_bytes().chunks(2);
    pairs
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_with_a_magic_is_for_files_that_start_so() {
        let text = "enabled\ninterpreter /usr/bin/qemu-arm\nflags: OCF\noffset 1\nmagic 454c46\n\
            mask ffff0f\n";
        let entry = Entry::parse(text).unwrap();
        assert_eq!(entry.interpreter, Path::new("/usr/bin/qemu-arm"));
        assert!(entry.credentials);
        for (start, is) in [
            (&b"\x7fELF"[..], true),
            (b"\x7fELV", true),
            (b"\x7fEKF", false),
            (b"\x7fEL", false),
        ] {
            assert_eq!(entry.is_for(Path::new("a"), start), is, "{start:?}");
        }
    }

    #[test]
    fn an_entry_with_an_extension_is_for_files_of_that_name() {
        let text = "enabled\ninterpreter /usr/bin/wine\nflags: \nextension .exe\n";
        let entry = Entry::parse(text).unwrap();
        assert!(!entry.credentials);
        for (path, is) in [("/a/b.exe", true), ("/a/exe", false), ("b.exe.x", false)] {
            assert_eq!(entry.is_for(Path::new(path), b""), is, "{path}");
        }
    }

    #[test]
    fn what_is_disabled_or_no_entry_is_not_found() {
        assert_eq!(
            Entry::parse("disabled\ninterpreter /a\nextension .x\n"),
            None
        );
        assert_eq!(Entry::parse("enabled\n"), None);
        assert_eq!(Entry::parse(""), None);
        assert_eq!(
            Entry::parse("enabled\ninterpreter /a\noffset 0\nmagic 4g\n"),
            None
        );
    }
}
