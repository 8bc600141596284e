// SPDX-License-Identifier: GPL-2.0

//! Text of other programs, made safe to show on a terminal.

/// Returns whether a terminal shows a character, and shows it where it stands: control characters
/// are commands, and others turn the direction of the text around.
pub fn is_printable(c: char) -> bool {
    // After a letter, so that an accent counts as printable.
    matches!(c, ' '..='~') || format!("a{c}").escape_debug().eq(['a', c])
}

/// Returns a text with each character escaped that is not printable, such as `\u{1b}`.
pub fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if is_printable(c) {
            shown.push(c);
        } else {
            shown.extend(c.escape_unicode());
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_escaped() {
        let plain = "a b\\\"'é語e\u{301}";
        assert_eq!(printable(plain), plain);
        let text = "\u{1b}[2Ja\n\t\r\u{7f}\u{9b}1m";
        let shown = "\\u{1b}[2Ja\\u{a}\\u{9}\\u{d}\\u{7f}\\u{9b}1m";
        assert_eq!(printable(text), shown);
    }

    #[test]
    fn characters_that_turn_text_around_are_escaped() {
        let text = "a\u{202e}b\u{2067}\u{2028}\u{200b}\u{feff}";
        let shown = "a\\u{202e}b\\u{2067}\\u{2028}\\u{200b}\\u{feff}";
        assert_eq!(printable(text), shown);
    }
}
