// SPDX-License-Identifier: GPL-2.0

//! Colours, for a terminal.

use std::{env, io::IsTerminal};

/// Whether, and how, text is coloured.
#[derive(Clone, Copy, Debug, Default)]
pub struct Style(bool);

impl Style {
    /// Colours nothing.
    pub const PLAIN: Self = Self(false);

    /// Colours what goes to a terminal, unless the user asks for none: `NO_COLOR`, `TERM=dumb`.
    pub fn of(output: &impl IsTerminal) -> Self {
        let asked_for_none = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let dumb = env::var_os("TERM").is_none_or(|term| term == "dumb");
        Self(output.is_terminal() && !asked_for_none && !dumb)
    }

    fn paint(self, code: &str, text: &str) -> String {
        if self.0 && !text.is_empty() {
            format!("\x1b[{code}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }

    /// Colours a grant.
    pub fn good(self, text: &str) -> String {
        self.paint("32", text)
    }

    /// Colours a denial.
    pub fn bad(self, text: &str) -> String {
        self.paint("31", text)
    }

    /// Colours what is unknown.
    pub fn doubtful(self, text: &str) -> String {
        self.paint("33", text)
    }

    /// Colours a heading.
    pub fn heading(self, text: &str) -> String {
        self.paint("1", text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_stays_as_it_is() {
        assert_eq!(Style::PLAIN.bad("no"), "no");
        assert_eq!(Style(true).bad("no"), "\x1b[31mno\x1b[0m");
        assert_eq!(Style(true).bad(""), "");
    }
}
