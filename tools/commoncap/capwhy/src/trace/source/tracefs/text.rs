// SPDX-License-Identifier: GPL-2.0

//! Text of the kernel or of a program, which probes read as words.

use super::super::super::entry::Entry;
use crate::printable::printable;

/// Reads the fields `NAME0`, `NAME1`, ... as the bytes of a text up to its end. Returns [`None`] if
/// there is no text.
pub fn text(entry: &Entry, name: &str) -> Option<String> {
    text_after(entry, name, 0)
}

/// Reads the path of a socket address of `AF_UNIX`, which follows two bytes. Returns [`None`] for
/// others.
pub fn socket_path(entry: &Entry, name: &str) -> Option<String> {
    let family = entry.number::<u64>(&format!("{name}0"))? & 0xffff;
    let is_unix = i32::try_from(family).ok() == Some(libc::AF_UNIX);
    text_after(entry, name, 2).filter(|_| is_unix)
}

/// Reads it after so many bytes of the first word.
fn text_after(entry: &Entry, name: &str, skipped: usize) -> Option<String> {
    let mut bytes = Vec::new();
    for index in 0.. {
        let Some(word) = entry.number::<u64>(&format!("{name}{index}")) else {
            // Longer than what was read.
            if !bytes.is_empty() {
                bytes.extend_from_slice(b"...");
            }
            break;
        };
        // A word that cannot be read is 0.
        let word = word.to_le_bytes();
        let word = &word[if index == 0 { skipped } else { 0 }..];
        match word.iter().position(|byte| *byte == 0) {
            Some(end) => {
                bytes.extend_from_slice(&word[..end]);
                break;
            }
            None => bytes.extend_from_slice(word),
        }
    }
    (!bytes.is_empty()).then(|| printable(&String::from_utf8_lossy(&bytes)))
}

#[cfg(test)]
mod tests {
    use super::{super::super::super::entry::fixtures::entry, *};

    fn read(fields: &str) -> Option<String> {
        text(&entry(7, "capwhy_failed", fields), "p")
    }

    #[test]
    fn words_are_text_up_to_its_end() {
        assert_eq!(
            read("p0=0x7465732f6e69622f p1=0x76697270"),
            Some("/bin/setpriv".to_owned())
        );
        assert_eq!(
            read("p0=0x7465732f6e69622f p1=0x0"),
            Some("/bin/set".to_owned())
        );
        assert_eq!(
            read("p0=0x7465732f6e69622f"),
            Some("/bin/set...".to_owned())
        );
        assert_eq!(read("p0=0x0"), None);
        assert_eq!(read("a=1"), None);
    }

    #[test]
    fn the_path_of_a_socket_follows_its_family() {
        let path = |fields: &str| socket_path(&entry(7, "capwhy_failed", fields), "q");
        // AF_UNIX, "/run/docker".
        let unix = "q0=0x642f6e75722f0001 q1=0x72656b636f";
        assert_eq!(path(unix), Some("/run/docker".to_owned()));
        assert_eq!(path("q0=0x642f6e75722f0002 q1=0x0"), None);
        // An abstract one.
        assert_eq!(path("q0=0x6300000001 q1=0x0"), None);
    }

    #[test]
    fn a_line_break_is_escaped() {
        assert_eq!(read("p0=0xa61"), Some("a\\u{a}".to_owned()));
    }
}
