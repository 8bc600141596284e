// SPDX-License-Identifier: GPL-2.0

//! What others have named, to be shown on a terminal.

/// Returns a text with each control character in it as `\u{1b}`: a terminal obeys those. So are
/// others that cannot be seen, of which some have it show the rest of a line backwards.
pub fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        // After another one, so that accents are let pass.
        let as_it_is = format!("a{c}").escape_debug().eq(['a', c]);
        if as_it_is || matches!(c, '\\' | '\'' | '"') {
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
    fn a_terminal_has_nothing_to_obey() {
        let plain = "a b\\\"'é語e\u{301}";
        assert_eq!(printable(plain), plain);
        let text = "\u{1b}[2Ja\n\t\r\u{7f}\u{9b}1m";
        let shown = "\\u{1b}[2Ja\\u{a}\\u{9}\\u{d}\\u{7f}\\u{9b}1m";
        assert_eq!(printable(text), shown);
    }

    #[test]
    fn nothing_turns_the_rest_of_a_line_around() {
        let text = "a\u{202e}b\u{2067}\u{2028}\u{200b}\u{feff}";
        let shown = "a\\u{202e}b\\u{2067}\\u{2028}\\u{200b}\\u{feff}";
        assert_eq!(printable(text), shown);
    }
}
