// SPDX-License-Identifier: GPL-2.0

//! Text of the kernel or of a program, which probes read as words.

use super::super::super::entry::Entry;
use crate::printable::printable;
use std::net::{Ipv4Addr, Ipv6Addr};

/// Reads the fields `NAME0`, `NAME1`, ... as the bytes of a text up to its end. Returns [`None`] if
/// there is no text.
pub fn text(entry: &Entry, name: &str) -> Option<String> {
    text_after(entry, name, 0)
}

/// Reads the family of a socket address.
pub fn family(entry: &Entry, name: &str) -> Option<i32> {
    let first: u64 = entry.number(&format!("{name}0"))?;
    i32::try_from(first & 0xffff).ok()
}

/// Reads the path of a socket address of `AF_UNIX`, which follows two bytes. Returns [`None`] for
/// others.
pub fn socket_path(entry: &Entry, name: &str) -> Option<String> {
    let is_unix = family(entry, name) == Some(libc::AF_UNIX);
    text_after(entry, name, 2).filter(|_| is_unix)
}

/// Reads a socket address as a report shows it. Returns [`None`] for families that it does not
/// know.
pub fn socket_address(entry: &Entry, name: &str) -> Option<String> {
    let word = |index| entry.number::<u64>(&format!("{name}{index}"));
    let first = word(0)?.to_le_bytes();
    let [_, _, port @ .., a, b, c, d] = first;
    let port = u16::from_be_bytes(port);
    match family(entry, name)? {
        libc::AF_UNIX => socket_path(entry, name).map(|path| format!("{path:?}")),
        libc::AF_INET => Some(format!("{}:{port}", Ipv4Addr::new(a, b, c, d))),
        libc::AF_INET6 => {
            let bytes = [word(1)?.to_le_bytes(), word(2)?.to_le_bytes()].concat();
            let address: [u8; 16] = bytes.try_into().ok()?;
            Some(format!("[{}]:{port}", Ipv6Addr::from(address)))
        }
        // The context ID follows the port.
        libc::AF_VSOCK => {
            let port = u32::from_le_bytes([a, b, c, d]);
            Some(format!("vsock {}:{port}", word(1)? as u32 as i32))
        }
        libc::AF_NETLINK => Some(format!("netlink, groups {:#x}", word(1)? as u32)),
        _ => None,
    }
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
    fn a_socket_address_is_shown_by_its_family() {
        let address = |fields: &str| socket_address(&entry(7, "capwhy_failed", fields), "q");
        for (fields, shown) in [
            ("q0=0x0100007f50000002", Some("127.0.0.1:80")),
            (
                "q0=0x50000a q1=0x0 q2=0x0100000000000000",
                Some("[::1]:20480"),
            ),
            ("q0=0x6400000028 q1=0xffffffff", Some("vsock -1:100")),
            ("q0=0x10 q1=0x1", Some("netlink, groups 0x1")),
            ("q0=0x642f6e75722f0001 q1=0x0", Some("\"/run/d\"")),
            ("q0=0x1d", None),
        ] {
            assert_eq!(address(fields).as_deref(), shown, "{fields}");
        }
    }

    #[test]
    fn a_line_break_is_escaped() {
        assert_eq!(read("p0=0xa61"), Some("a\\u{a}".to_owned()));
    }
}
