// SPDX-License-Identifier: GPL-2.0

//! How many cells of the policy matrix happened as predicted.

use crate::matrix::NOT_TRIED;
use std::fmt;

/// From where a cell is judged.
const SIDES: [&str; 3] = ["itself", "its place", "outside"];

const UNKNOWN: &str = "unknown";
/// The answer of a side that predicts nothing.
pub const NOTHING: &str = "-";

/// The counts of all cells.
#[derive(Default)]
pub struct Outcome {
    /// From each side, how many cells were predicted, and happened.
    pub predicted: [u64; 3],
    /// From each side, of how many capwhy said that it cannot know.
    pub unknown: [u64; 3],
    /// How many of [`Self::predicted`] took the facts alone.
    pub by_facts: u64,
    /// Cells, in which something else happened, or that could have been predicted: a line each.
    pub wrong: Vec<String>,
    /// How many there are.
    pub cells: u64,
}

impl Outcome {
    /// Takes in a cell: attempt, place, who, answer, what predicted it, and what each side said.
    pub fn add(&mut self, line: &str) {
        self.cells += 1;
        let fields: Vec<&str> = line.split('\t').collect();
        let [name, _, _, answer, by, sides @ ..] = &fields[..] else {
            self.wrong.push(line.replace('\t', " "));
            return;
        };
        for (side, said) in sides.iter().enumerate() {
            match *said {
                NOTHING => {}
                UNKNOWN => {
                    self.unknown[side] += 1;
                    if !may_be_unknown(name, SIDES[side]) {
                        self.wrong.push(describe(&fields, side));
                    }
                }
                said if said == outcome_of(answer) => {
                    self.predicted[side] += 1;
                    self.by_facts += u64::from(side == 0 && *by == "facts");
                }
                _ => self.wrong.push(describe(&fields, side)),
            }
        }
    }
}

/// For each side, how many cells were predicted; then what was wrong, a line each.
impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (side, name) in SIDES.iter().enumerate() {
            let (predicted, unknown) = (self.predicted[side], self.unknown[side]);
            writeln!(
                f,
                "from {name}: {predicted} cells predicted, {unknown} not to be known"
            )?;
        }
        for line in &self.wrong {
            writeln!(f, "wrong: {line}")?;
        }
        let (cells, by_facts, wrong) = (self.cells, self.by_facts, self.wrong.len());
        write!(
            f,
            "{cells} cells, {by_facts} of them predicted by the facts alone, {wrong} wrong"
        )
    }
}

/// Returns whether it cannot be known from there: securebits are to be read by the process alone,
/// and PID namespaces above its own are hidden from a process.
fn may_be_unknown(name: &str, side: &str) -> bool {
    let chooses_above = name.starts_with("clone3-set_tid-") && name.ends_with("-levels");
    name.contains("securebits") && side != "itself" || chooses_above && side != "outside"
}

fn describe(fields: &[&str], side: usize) -> String {
    let [name, place, who, answer, ..] = fields else {
        return fields.join(" ");
    };
    let said = fields.get(5 + side).unwrap_or(&"");
    format!(
        "{name} as {who} in {place}: {answer}, where capwhy says {said} from {}",
        SIDES[side]
    )
}

/// Returns whether an answer is a yes, or by which error it is a no.
fn outcome_of(answer: &str) -> &str {
    let failed = answer.starts_with('E') || answer.starts_with("errno");
    if failed || answer.contains(NOT_TRIED) {
        answer
    } else {
        "yes"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes in one cell, with `|` for tabs.
    fn outcome(line: &str) -> Outcome {
        let mut outcome = Outcome::default();
        outcome.add(&line.replace('|', "\t"));
        outcome
    }

    #[test]
    fn a_cell_that_happens_as_predicted_is_counted_for_each_side() {
        let outcome = outcome("map_files|child|root|EPERM|check|EPERM|EPERM|-");
        assert_eq!(outcome.predicted, [1, 1, 0]);
        assert!(outcome.wrong.is_empty());
    }

    #[test]
    fn what_happens_otherwise_is_wrong() {
        for said in ["EPERM|-|-", "yes|EPERM|yes", "yes|yes|EACCES"] {
            let line = format!("a|child|root|ok|check|{said}");
            assert_eq!(outcome(&line).wrong.len(), 1, "{said}");
        }
        assert_eq!(outcome("a|child|root|EPERM|check|yes|-|-").wrong.len(), 1);
        assert_eq!(outcome("a|child|root|0|facts|EPERM|-|-").wrong.len(), 1);
    }

    #[test]
    fn what_could_not_be_tried_is_wrong() {
        assert_eq!(outcome("a|child|root|not tried: ENOMEM").wrong.len(), 1);
        assert_eq!(outcome("no child: EPERM").wrong.len(), 1);
    }

    #[test]
    fn unknown_is_what_nobody_there_can_know_and_nothing_else() {
        for (cell, said, wrong) in [
            (
                "securebits +noroot|initial|root|0",
                "yes|unknown|unknown",
                0,
            ),
            ("securebits +noroot|initial|root|0", "unknown|yes|yes", 1),
            (
                "clone3-set_tid-2-levels|initial|root|EPERM",
                "unknown|unknown|EPERM",
                0,
            ),
            (
                "clone3-set_tid-2-levels|initial|root|EPERM",
                "EPERM|EPERM|unknown",
                1,
            ),
            ("map_files|initial|root|ok", "yes|yes|unknown", 1),
        ] {
            let line = format!("{cell}|check|{said}");
            assert_eq!(outcome(&line).wrong.len(), wrong, "{line}");
        }
    }
}
