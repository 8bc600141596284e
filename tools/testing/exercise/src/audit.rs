// SPDX-License-Identifier: GPL-2.0

//! Requests to the kernel's audit subsystem by netlink, as `auditctl` makes them, and its records.

use crate::sys;
use std::io::{self, Read, Write};

/// A request of `audit`, as its number in the kernel's `uapi/linux/audit.h`.
#[derive(Clone, Copy)]
#[repr(u16)]
enum Kind {
    Set = 1001,
    AddRule = 1011,
    DeleteRule = 1012,
}

/// The type of the module's records: `AUDIT_KERNEL_OTHER`.
const RECORD: u16 = 1316;
/// The size of `struct nlmsghdr`.
const HEADER: usize = 16;

/// Returns a message: `struct nlmsghdr`, then 32-bit fields. It asks for an answer.
fn message(kind: Kind, fields: &[u32]) -> Vec<u8> {
    const REQUEST_AND_ACK: u16 = 5;
    let len = (HEADER + size_of_val(fields)) as u32;
    let mut bytes = Vec::from(len.to_ne_bytes());
    bytes.extend((kind as u16).to_ne_bytes());
    bytes.extend(REQUEST_AND_ACK.to_ne_bytes());
    let (sequence, port) = (1u32, 0u32);
    for word in [sequence, port].iter().chain(fields) {
        bytes.extend(word.to_ne_bytes());
    }
    bytes
}

/// Returns the type of a message and what follows its header; [`None`] if it is too short.
fn parse(message: &[u8]) -> Option<(u16, &[u8])> {
    let (header, rest) = message.split_at_checked(HEADER)?;
    let kind = header.get(4..6)?.try_into().ok()?;
    Some((u16::from_ne_bytes(kind), rest))
}

/// Returns the error that an answer reports, 0 for none.
fn answer(message: &[u8]) -> io::Result<i32> {
    let error = parse(message).and_then(|(_, rest)| rest.get(..4)?.try_into().ok());
    let error = error.ok_or_else(|| io::Error::other("audit's answer is too short"))?;
    Ok(i32::from_ne_bytes(error))
}

/// Returns the text of a message if it is a record of the module.
fn record(message: &[u8]) -> Option<String> {
    let (kind, rest) = parse(message)?;
    let text = rest.split(|byte| *byte == 0).next()?;
    (kind == RECORD).then(|| String::from_utf8_lossy(text).into_owned())
}

/// Returns `struct audit_status` that turns auditing on or off, and leaves all else.
fn status(enabled: bool) -> [u32; 11] {
    const ENABLED: u32 = 1;
    let mut fields = [0; 11];
    fields[0] = ENABLED;
    fields[1] = enabled.into();
    fields
}

/// Returns `struct audit_rule_data` of a rule that excludes the records of the module.
fn exclusion() -> Vec<u32> {
    const FILTER_EXCLUDE: u32 = 5;
    const ALWAYS: u32 = 2;
    const MSGTYPE: u32 = 12;
    const EQUAL: u32 = 0x4000_0000;
    let array = |first: u32| std::iter::once(first).chain([0; 63]);
    let mut fields = vec![FILTER_EXCLUDE, ALWAYS, 1];
    // The mask of system calls, the fields, their values, and how these are compared.
    for first in [0, MSGTYPE, u32::from(RECORD), EQUAL] {
        fields.extend(array(first));
    }
    fields.push(0);
    fields
}

fn send(kind: Kind, fields: &[u32]) -> io::Result<()> {
    let mut socket = sys::audit_socket(0)?;
    socket.write_all(&message(kind, fields))?;
    let mut buffer = [0; 4096];
    let len = socket.read(&mut buffer)?;
    match answer(&buffer[..len])? {
        0 => Ok(()),
        error => Err(io::Error::from_raw_os_error(-error)),
    }
}

/// Turns auditing on or off.
pub fn enable(enabled: bool) -> io::Result<()> {
    send(Kind::Set, &status(enabled))
}

/// Adds the rule that excludes the records of the module, or deletes it.
pub fn exclude(exclude: bool) -> io::Result<()> {
    let kind = if exclude {
        Kind::AddRule
    } else {
        Kind::DeleteRule
    };
    send(kind, &exclusion())
}

/// Writes "listening", then each record of the module, a line each, until it is killed.
pub fn listen(out: &mut impl Write) -> io::Result<()> {
    const READLOG: u32 = 1;
    let mut socket = sys::audit_socket(READLOG)?;
    writeln!(out, "listening")?;
    let mut buffer = vec![0; 1 << 16];
    loop {
        out.flush()?;
        let len = socket.read(&mut buffer)?;
        if let Some(text) = record(&buffer[..len]) {
            writeln!(out, "{text}")?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_has_its_length_and_asks_for_an_answer() {
        let bytes = message(Kind::Set, &status(true));
        assert_eq!(bytes.len(), 60);
        assert_eq!(bytes[..4], 60u32.to_ne_bytes());
        assert_eq!(bytes[4..6], 1001u16.to_ne_bytes());
        assert_eq!(bytes[6..8], 5u16.to_ne_bytes());
        let fields = [1u32, 0, 1, 1].map(u32::to_ne_bytes).concat();
        assert_eq!(bytes[8..24], fields);
        assert!(bytes[24..].iter().all(|byte| *byte == 0));
    }

    #[test]
    fn a_rule_has_the_size_of_its_structure() {
        let fields = exclusion();
        assert_eq!(fields.len(), 3 + 4 * 64 + 1);
        assert_eq!((fields[3 + 64], fields[3 + 128]), (12, 1316));
    }

    fn received(kind: u16, rest: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0; HEADER];
        bytes[4..6].copy_from_slice(&kind.to_ne_bytes());
        bytes.extend(rest);
        bytes
    }

    #[test]
    fn only_records_of_the_module_have_a_text() {
        let text = b"audit(1.2:3): op=exe_link\0\0";
        let expected = Some("audit(1.2:3): op=exe_link".to_owned());
        assert_eq!(record(&received(RECORD, text)), expected);
        assert_eq!(record(&received(1300, text)), None);
        assert_eq!(record(&[0; 4]), None);
    }

    #[test]
    fn an_answer_is_its_error_number() {
        assert_eq!(answer(&received(2, &0i32.to_ne_bytes())).unwrap(), 0);
        assert_eq!(answer(&received(2, &(-17i32).to_ne_bytes())).unwrap(), -17);
        assert!(answer(&received(2, &[0])).is_err());
    }
}
