// SPDX-License-Identifier: GPL-2.0

//! Text in columns.

use crate::style::Style;

/// How many blanks are between two columns.
const GAP: usize = 2;

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

    /// Returns whether it can be broken. Text with colours cannot, nor what is indented.
    fn is_breakable(&self) -> bool {
        self.text.chars().count() == self.width && !self.text.starts_with(' ')
    }

    /// Returns how wide it is at least.
    fn least(&self) -> usize {
        if !self.is_breakable() {
            return self.width;
        }
        let words = self.text.split_whitespace();
        words.map(|word| word.chars().count()).max().unwrap_or(0)
    }

    /// Returns its lines, in a column of this width.
    fn lines(&self, width: usize) -> Vec<Self> {
        let mut text = String::new();
        if self.width <= width || !self.is_breakable() {
            text.push_str(&self.text);
            return vec![Self {
                text,
                width: self.width,
            }];
        }
        flow(&mut text, 0, width, &self.text);
        text.lines().map(Self::new).collect()
    }
}

/// Lays out rows, with columns as wide as their widest cell. Where that is too wide for the
/// terminal, cells of the widest columns are broken between words.
pub fn align(rows: &[Vec<Cell>], style: Style) -> String {
    align_in(rows, style.columns())
}

fn align_in(rows: &[Vec<Cell>], length: Option<usize>) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widest = |width: fn(&Cell) -> usize| -> Vec<usize> {
        let cells = |column| rows.iter().filter_map(move |row| row.get(column));
        (0..columns)
            .map(|column| cells(column).map(width).max().unwrap_or(0))
            .collect()
    };
    let mut widths = widest(|cell| cell.width);
    let least = widest(Cell::least);
    let gaps = GAP * columns.saturating_sub(1);
    while length.is_some_and(|length| widths.iter().sum::<usize>() + gaps > length) {
        let narrower = (0..columns).filter(|&column| widths[column] > least[column]);
        match narrower.max_by_key(|&column| widths[column]) {
            Some(column) => widths[column] -= 1,
            None => break,
        }
    }
    let mut text = String::new();
    for row in rows {
        let cells: Vec<_> = row.iter().zip(&widths).map(|(c, &w)| c.lines(w)).collect();
        for number in 0..cells.iter().map(Vec::len).max().unwrap_or(0) {
            let mut line = String::new();
            for (lines, width) in cells.iter().zip(&widths) {
                let cell = lines.get(number);
                line.push_str(cell.map_or("", |cell| &cell.text));
                let blanks = width.saturating_sub(cell.map_or(0, |cell| cell.width)) + GAP;
                line.push_str(&" ".repeat(blanks));
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
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
    fn the_widest_column_is_broken_where_a_table_is_too_wide() {
        let row = |cells: [&str; 3]| cells.map(Cell::new).into();
        let rows: [Vec<Cell>; 2] = [
            row(["abc", "one two three", "x y"]),
            row(["d", "short", "z"]),
        ];
        assert_eq!(
            align_in(&rows, Some(15)),
            "abc  one    x y\n     two\n     three\nd    short  z\n"
        );
        assert_eq!(align_in(&rows, None).lines().count(), 2);
        // No word is broken.
        assert_eq!(align_in(&rows, Some(3)).lines().count(), 4);
    }

    #[test]
    fn coloured_and_indented_cells_are_not_broken() {
        let painted = Cell::painted("two words", |text| format!("\x1b[1m{text}\x1b[0m"));
        let rows = [vec![Cell::new("  in dented"), painted]];
        assert_eq!(align_in(&rows, Some(4)).lines().count(), 1);
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
