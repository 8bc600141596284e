// SPDX-License-Identifier: GPL-2.0

//! JSON that is safe to show on a terminal.

use crate::{
    error::{Error, Result},
    printable::is_printable,
};
use serde::Serialize;

/// Returns a value as JSON on one line.
pub fn line(value: &impl Serialize) -> Result<String> {
    escape(serde_json::to_string(value))
}

/// Returns a value as JSON that is indented, with a line break at its end.
pub fn pretty(value: &impl Serialize) -> Result<String> {
    escape(serde_json::to_string_pretty(value)).map(|text| text + "\n")
}

/// Escapes the characters that a terminal obeys or does not show. JSON requires this only of those
/// below U+0020. All others can only be in strings.
fn escape(text: serde_json::Result<String>) -> Result<String> {
    let text = text.map_err(|error| Error::of("the report cannot be written as JSON", error))?;
    // Without an end at the first byte that is another one, the compiler takes many at once.
    let is_plain = |plain, byte| plain & (matches!(byte, b' '..=b'~') | (byte == b'\n'));
    if text.bytes().fold(true, is_plain) {
        return Ok(text);
    }
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if c == '\n' || is_printable(c) {
            escaped.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                escaped.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    Ok(escaped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_character_of_json_controls_a_terminal() {
        let value = [
            "\x1b[2J\x07\n\x7f",
            "\u{9b}1m\u{85}\u{90}",
            "\u{202e}\u{e0001}",
            "é語e\u{301}",
        ];
        for text in [line(&value).unwrap(), pretty(&value).unwrap()] {
            let shown = |c: char| c == '\n' || is_printable(c);
            assert!(text.chars().all(shown), "{text:?}");
            let read: Vec<String> = serde_json::from_str(&text).unwrap();
            assert_eq!(read, value);
            assert!(text.contains("é語e\u{301}"), "{text:?}");
        }
    }
}
