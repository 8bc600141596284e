// SPDX-License-Identifier: GPL-2.0

//! Colours and the width of lines, for a terminal.

use rustix::termios::tcgetwinsize;
use std::{env, io::IsTerminal, os::fd::AsFd};

/// Whether, and how, text is coloured, and how long lines of tables may be.
#[derive(Clone, Copy, Debug, Default)]
pub struct Style {
    coloured: bool,
    columns: Option<usize>,
}

impl Style {
    /// Colours nothing, and breaks no line of a table.
    pub const PLAIN: Self = Self {
        coloured: false,
        columns: None,
    };

    /// Colours what goes to a terminal, unless the user asks for none: `NO_COLOR`, `TERM=dumb`.
    /// Lines of tables are then as long as those of the terminal. Elsewhere each row stays a line,
    /// for `grep`.
    pub fn of(output: &(impl IsTerminal + AsFd)) -> Self {
        let asked_for_none = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let dumb = env::var_os("TERM").is_none_or(|term| term == "dumb");
        let size = tcgetwinsize(output).ok();
        Self {
            coloured: output.is_terminal() && !asked_for_none && !dumb,
            columns: size
                .map(|size| size.ws_col.into())
                .filter(|&columns| columns > 0),
        }
    }

    /// Returns how many columns a line of a table may have.
    pub fn columns(self) -> Option<usize> {
        self.columns
    }

    fn paint(self, code: &str, text: &str) -> String {
        if self.coloured && !text.is_empty() {
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

    const COLOURED: Style = Style {
        coloured: true,
        columns: None,
    };

    #[test]
    fn plain_text_stays_as_it_is() {
        assert_eq!(Style::PLAIN.bad("no"), "no");
        assert_eq!(COLOURED.bad("no"), "\x1b[31mno\x1b[0m");
        assert_eq!(COLOURED.bad(""), "");
    }
}
