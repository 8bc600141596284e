// SPDX-License-Identifier: GPL-2.0

//! What others have named, to be shown on a terminal.

/// Returns a text with each control character in it as `\u{1b}`: a terminal obeys those.
pub fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() {
            shown.extend(c.escape_unicode());
        } else {
            shown.push(c);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_has_nothing_to_obey() {
        assert_eq!(printable("a b\\é"), "a b\\é");
        let text = "\u{1b}[2Ja\n\t\r\u{7f}\u{9b}1m";
        let shown = "\\u{1b}[2Ja\\u{a}\\u{9}\\u{d}\\u{7f}\\u{9b}1m";
        assert_eq!(printable(text), shown);
    }
}
