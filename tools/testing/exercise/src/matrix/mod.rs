// SPDX-License-Identifier: GPL-2.0

//! The policy matrix: every attempt by every user in every place, and the comparison of two runs.

mod attempts;
mod expected;

pub use attempts::{attempts, Attempt};

use crate::{
    place::{Below, Kept, PLACES},
    sys,
    who::{Who, EVERYONE},
};
use std::{
    collections::BTreeMap,
    fmt::Write as _,
    io::{self, Write},
};

/// Runs the matrix. Writes a line for each cell: attempt, place, user, answer, with tabs between.
pub fn run(out: &mut impl Write) -> io::Result<()> {
    let attempts = attempts();
    for place in PLACES {
        let lines = place.enter(|lines| {
            for attempt in attempts.iter().filter(|attempt| attempt.fits(place)) {
                for who in EVERYONE {
                    let answer = try_as(who, attempt);
                    let (name, place, who) = (&attempt.name, place.name(), who.name());
                    let _ = writeln!(lines, "{name}\t{place}\t{who}\t{answer}");
                }
            }
        })?;
        out.write_all(&lines)?;
    }
    Ok(())
}

/// Makes one attempt as one user, in a child process. Returns the answer.
pub fn try_as(who: Who, attempt: &Attempt) -> String {
    let answer = sys::in_child(|out| {
        let answer = match prepare(who, attempt) {
            Ok(kept) => {
                let namespace = kept.as_ref().map(|kept| &kept.namespace);
                (attempt.run)(namespace).unwrap_or_else(|errno| errno.to_string())
            }
            Err(error) => format!("{NOT_TRIED}: become {}: {error}", who.name()),
        };
        let _ = out.write_all(answer.as_bytes());
    });
    match answer {
        Ok(answer) => String::from_utf8_lossy(&answer).into_owned(),
        Err(error) => format!("{NOT_TRIED}: {error}"),
    }
}

/// Prepares this process, root of a place, for an attempt as a user.
pub fn prepare(who: Who, attempt: &Attempt) -> io::Result<Option<Kept>> {
    let kept = attempt.below.map(Below::make).transpose()?;
    who.become_with(attempt.start)?;
    Ok(kept)
}

/// Marks a cell without an answer, since this program failed.
pub const NOT_TRIED: &str = "not tried";

/// The answers of one cell in the first and the second run.
type Cell<'a> = [Option<&'a str>; 2];

/// The answers to all users for one attempt in one place.
struct Row<'a> {
    /// The number of the attempt, in the order they were tried in.
    attempt: usize,
    name: &'a str,
    place: &'a str,
    /// The names of the users, in the order that they tried it in.
    users: Vec<&'a str>,
    /// By the name of the user.
    cells: BTreeMap<&'a str, Cell<'a>>,
}

/// Two runs side by side.
pub struct Comparison<'a> {
    rows: Vec<Row<'a>>,
}

impl<'a> Comparison<'a> {
    /// Puts two runs side by side.
    pub fn of(first: &'a str, second: &'a str) -> Self {
        let mut rows: Vec<Row<'a>> = Vec::new();
        let mut index = BTreeMap::new();
        let mut order = BTreeMap::new();
        for (side, run) in [first, second].into_iter().enumerate() {
            for line in run.lines() {
                let fields: Vec<&str> = line.splitn(4, '\t').collect();
                let (name, place, who, answer) = match fields[..] {
                    [name, place, who, answer] => (name, place, who, answer),
                    // Not a cell: a line that says that a place could not be made.
                    _ => (line, "?", "?", NOT_TRIED),
                };
                let attempts = order.len();
                let attempt = *order.entry(name).or_insert(attempts);
                let row = *index.entry((name, place)).or_insert_with(|| {
                    rows.push(Row {
                        attempt,
                        name,
                        place,
                        users: Vec::new(),
                        cells: BTreeMap::new(),
                    });
                    rows.len() - 1
                });
                let row = &mut rows[row];
                if !row.cells.contains_key(who) {
                    row.users.push(who);
                }
                row.cells.entry(who).or_default()[side] = Some(answer);
            }
        }
        // Puts the places of an attempt together, in the order of the run: the sort is stable.
        rows.sort_by_key(|row| row.attempt);
        Comparison { rows }
    }

    fn cells(&self) -> impl Iterator<Item = Cell<'a>> + '_ {
        self.rows.iter().flat_map(|row| row.cells.values().copied())
    }

    /// Returns the number of cells.
    pub fn count(&self) -> usize {
        self.cells().count()
    }

    /// Returns the number of cells that differ, or that one run lacks.
    pub fn differing(&self) -> usize {
        self.cells()
            .filter(|[first, second]| first.is_none() || first != second)
            .count()
    }

    /// Returns a line for each cell of a checkpoint/restore operation that differs from what the
    /// core expects, and for each other cell that could not be tried.
    pub fn unexpected(&self) -> Vec<String> {
        let mut unexpected = Vec::new();
        for Row {
            name, place, cells, ..
        } in &self.rows
        {
            for (who, answers) in cells {
                let place_known = PLACES.into_iter().find(|known| known.name() == *place);
                let who_known = EVERYONE.into_iter().find(|known| known.name() == *who);
                let expected = match (place_known, who_known) {
                    (Some(place), Some(who)) => expected::answer(name, place, who),
                    _ => None,
                };
                for answer in answers.iter().flatten() {
                    match &expected {
                        Some(expected) if expected != answer => unexpected.push(format!(
                            "{name} as {who} in {place}: {answer}, where the core says {expected}"
                        )),
                        None if answer.contains(NOT_TRIED) => {
                            unexpected.push(format!("{name} as {who} in {place}: {answer}"));
                        }
                        _ => {}
                    }
                }
            }
        }
        unexpected
    }

    /// Returns the users who try what is in a section of the table, in the order of the runs.
    fn users_of(&self, section: Option<&str>) -> Vec<&'a str> {
        let rows = self.rows.iter().filter(|row| kind(row.name) == section);
        let mut users = Vec::new();
        for who in rows.flat_map(|row| &row.users) {
            if !users.contains(who) {
                users.push(*who);
            }
        }
        users
    }

    /// Returns both runs as one table: a line for each attempt and place, a column for each user,
    /// and in each cell the two answers. Places with equal answers share a line.
    pub fn table(&self, names: [&str; 2]) -> String {
        let mut lines: Vec<(&str, Vec<&str>, Vec<String>)> = Vec::new();
        for Row {
            name, place, cells, ..
        } in &self.rows
        {
            let users = self.users_of(kind(name));
            let shown: Vec<String> = users
                .iter()
                .map(|who| match cells.get(who) {
                    Some([Some(first), Some(second)]) if first == second => {
                        format!("{first} | {second}")
                    }
                    Some([first, second]) => {
                        let show = |answer: &Option<&str>| answer.unwrap_or("-").to_owned();
                        format!("*** {} | {}", show(first), show(second))
                    }
                    None => String::new(),
                })
                .collect();
            match lines.last_mut() {
                Some((last, places, cells)) if *last == *name && *cells == shown => {
                    places.push(place)
                }
                _ => lines.push((name, vec![place], shown)),
            }
        }

        let mut text = format!(
            "In each cell: {} | {}. +ns: with a PID and an IPC namespace that it owns.\n",
            names[0], names[1]
        );
        // Attempts of one kind make a section, whose columns have widths of their own.
        for section in lines.chunk_by(|(a, ..), (b, ..)| kind(a) == kind(b)) {
            let heads = ["operation", "in user namespace"].into_iter();
            let mut table = vec![heads
                .chain(self.users_of(kind(section[0].0)))
                .map(str::to_owned)
                .collect::<Vec<_>>()];
            for (name, places, cells) in section {
                let everywhere = self.rows.iter().filter(|row| row.name == *name).count();
                let places = if places.len() == everywhere && everywhere > 1 {
                    "everywhere".to_owned()
                } else {
                    places.join(" ")
                };
                let mut line = vec![(*name).to_owned(), places];
                line.extend(cells.iter().cloned());
                table.push(line);
            }
            text.push('\n');
            text.push_str(&align(&table));
        }
        text
    }
}

/// The first words of names that make a section of the table.
const KINDS: [&str; 13] = [
    "securebits",
    "ambient sequence",
    "garbage",
    "exec",
    "setuid",
    "setfsuid",
    "setreuid",
    "setresuid",
    "capset",
    "file",
    "ptrace",
    "nice",
    "system",
];

/// Returns the section of the table that an attempt belongs to.
fn kind(name: &str) -> Option<&'static str> {
    KINDS.into_iter().find(|kind| name.starts_with(*kind))
}

/// Lays out rows of as many cells each, with columns as wide as their widest cell.
fn align(table: &[Vec<String>]) -> String {
    let columns = table.first().map_or(0, Vec::len);
    let widths: Vec<usize> = (0..columns)
        .map(|column| {
            table
                .iter()
                .map(|line| line[column].len())
                .max()
                .unwrap_or(0)
        })
        .collect();
    let mut text = String::new();
    for line in table {
        let mut padded = String::new();
        for (cell, width) in line.iter().zip(&widths) {
            let _ = write!(padded, "{cell:<width$}  ");
        }
        text.push_str(padded.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use commoncap::operations::OPERATIONS;

    const RUN: &str = "a\tinitial\troot\tok\na\tinitial\tnobody\tEPERM\n";

    #[test]
    fn a_run_does_not_differ_from_itself() {
        let same = Comparison::of(RUN, RUN);
        assert_eq!((same.count(), same.differing()), (2, 0));
    }

    #[test]
    fn another_answer_differs() {
        let other = RUN.replace("EPERM", "EINVAL");
        let comparison = Comparison::of(RUN, &other);
        assert_eq!(comparison.differing(), 1);
        assert!(comparison
            .table(["C", "Rust"])
            .contains("*** EPERM | EINVAL"));
    }

    #[test]
    fn a_missing_cell_differs_on_either_side() {
        let less = RUN.lines().next().unwrap();
        assert_eq!(Comparison::of(RUN, less).differing(), 1);
        assert_eq!(Comparison::of(less, RUN).differing(), 1);
        assert_eq!(Comparison::of("", RUN).differing(), 2);
    }

    #[test]
    fn a_cell_that_could_not_be_tried_is_unexpected() {
        for line in ["no child: EPERM\n", "b\tinitial\troot\tnot tried: ENOMEM\n"] {
            let run = RUN.to_owned() + line;
            let comparison = Comparison::of(&run, &run);
            assert_eq!(comparison.unexpected().len(), 2, "{line}");
        }
        assert!(Comparison::of(RUN, RUN).unexpected().is_empty());
    }

    #[test]
    fn an_operation_is_expected_as_its_table_says() {
        let cell = |answer: &str| format!("map_files\tchild\troot\t{answer}\n");
        for (answer, unexpected) in [("EPERM", 0), ("ok", 2), ("EACCES", 2)] {
            let run = cell(answer);
            assert_eq!(Comparison::of(&run, &run).unexpected().len(), unexpected);
        }
    }

    #[test]
    fn every_operation_that_needs_no_special_hardware_is_tried() {
        let attempts = attempts();
        for operation in OPERATIONS
            .iter()
            .filter(|operation| operation.name != "amdkfd")
        {
            assert!(attempts
                .iter()
                .any(|attempt| attempt.name == operation.name));
        }
    }
}
