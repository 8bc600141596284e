// SPDX-License-Identifier: GPL-2.0

//! Text in columns.

use crate::style::Style;

/// A cell: what is shown, and how wide it is without its colours.
pub struct Cell {
    text: String,
    width: usize,
}

impl Cell {
    /// Makes a cell of plain text.
    pub fn new(text: impl Into<String>) -> Self {
        let text = text.into();
        let width = text.chars().count();
        Self { text, width }
    }

    /// Makes a cell that is coloured.
    pub fn painted(text: &str, paint: impl Fn(&str) -> String) -> Self {
        Self {
            text: paint(text),
            width: text.chars().count(),
        }
    }

    /// Returns whether it is to be broken if it starts at this column of a line of that length.
    /// Text with colours is not.
    fn is_broken_from(&self, column: usize, columns: usize) -> bool {
        let plain = self.text.chars().count() == self.width;
        plain && column + self.width > columns && column + LEAST <= columns
    }
}

/// How many columns the last cell of a row takes at least, to be broken.
const LEAST: usize = 24;

/// Lays out rows, with columns as wide as their widest cell. Where a row is too long for a line of
/// the terminal, its last cell goes on below its beginning.
pub fn align(rows: &[Vec<Cell>], style: Style) -> String {
    align_in(rows, style.columns())
}

fn align_in(rows: &[Vec<Cell>], length: Option<usize>) -> String {
    let length = length.unwrap_or(usize::MAX);
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns)
        .map(|column| {
            let cells = rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.width).max().unwrap_or(0)
        })
        .collect();
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        let mut column = 0;
        for (index, (cell, width)) in row.iter().zip(&widths).enumerate() {
            if index + 1 == row.len() && cell.is_broken_from(column, length) {
                flow(&mut line, column, length, &cell.text);
            } else {
                line.push_str(&cell.text);
            }
            line.push_str(&" ".repeat(width - cell.width + 2));
            column += width + 2;
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// Breaks a paragraph into lines of at most 78 columns, with this before the first and as many
/// blanks before the others.
pub fn wrap(prefix: &str, paragraph: &str) -> String {
    let mut text = prefix.to_owned();
    flow(&mut text, prefix.chars().count(), 78, paragraph);
    text.push('\n');
    text
}

/// Adds a paragraph to a text whose last line ends at the column `indent`, broken into lines of at
/// most `length` columns that begin there.
fn flow(text: &mut String, indent: usize, length: usize, paragraph: &str) {
    let mut column = indent;
    for (index, word) in paragraph.split_whitespace().enumerate() {
        let width = word.chars().count();
        if index > 0 && column + 1 + width > length {
            text.push('\n');
            text.push_str(&" ".repeat(indent));
            column = indent;
        } else if index > 0 {
            text.push(' ');
            column += 1;
        }
        text.push_str(word);
        column += width;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let row = |a: &str, b: &str| vec![Cell::new(a), Cell::new(b)];
        assert_eq!(
            align_in(&[row("a", "b"), row("ccc", "")], None),
            "a    b\nccc\n"
        );
    }

    #[test]
    fn colour_takes_no_width() {
        let painted = Cell::painted("ab", |text| format!("\x1b[1m{text}\x1b[0m"));
        let rows = [
            vec![painted, Cell::new("x")],
            vec![Cell::new("abc"), Cell::new("y")],
        ];
        assert_eq!(align_in(&rows, Some(8)), "\x1b[1mab\x1b[0m   x\nabc  y\n");
    }

    #[test]
    fn the_last_cell_of_a_long_row_goes_on_below_its_beginning() {
        let row = |first: &str, last: &str| vec![Cell::new(first), Cell::new(last)];
        let rows = [row("abc", &"word ".repeat(20)), row("d", "short")];
        let text = align_in(&rows, Some(78));
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines.iter().all(|line| line.len() <= 78));
        assert!(lines[0].starts_with("abc  word word"));
        assert!(lines[1].starts_with("     word"));
        assert_eq!(lines[2], "d    short");
        assert_eq!(align_in(&rows, None).lines().count(), 2);
        let narrow = align_in(&[row(&"x".repeat(70), "two words")], Some(78));
        assert_eq!(narrow.lines().count(), 1);
    }

    #[test]
    fn paragraphs_are_broken_between_words() {
        let text = wrap("[1] ", &"word ".repeat(20));
        assert!(text.lines().all(|line| line.len() <= 78));
        assert!(text
            .lines()
            .skip(1)
            .all(|line| line.starts_with("    word")));
        assert_eq!(text.split_whitespace().count(), 21);
    }
}
