// SPDX-License-Identifier: GPL-2.0

//! Text in columns.

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
}

/// Lays out rows, with columns as wide as their widest cell, the last as wide as it is.
pub fn align(rows: &[Vec<Cell>]) -> String {
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
        for (cell, width) in row.iter().zip(&widths) {
            line.push_str(&cell.text);
            line.push_str(&" ".repeat(width - cell.width + 2));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// Breaks a paragraph into lines of at most 78 columns, with this before the first and as many
/// blanks before the others.
pub fn wrap(prefix: &str, paragraph: &str) -> String {
    const WIDTH: usize = 78;
    let indent = prefix.chars().count();
    let mut text = prefix.to_owned();
    let mut column = indent;
    for (index, word) in paragraph.split_whitespace().enumerate() {
        let width = word.chars().count();
        if index > 0 && column + 1 + width > WIDTH {
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
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let row = |a: &str, b: &str| vec![Cell::new(a), Cell::new(b)];
        assert_eq!(align(&[row("a", "b"), row("ccc", "")]), "a    b\nccc\n");
    }

    #[test]
    fn colour_takes_no_width() {
        let painted = Cell::painted("ab", |text| format!("\x1b[1m{text}\x1b[0m"));
        let rows = [
            vec![painted, Cell::new("x")],
            vec![Cell::new("abc"), Cell::new("y")],
        ];
        assert_eq!(align(&rows), "\x1b[1mab\x1b[0m   x\nabc  y\n");
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
