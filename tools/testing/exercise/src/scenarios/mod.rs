// SPDX-License-Identifier: GPL-2.0

//! Scenarios: short stories of system calls, with what each of their steps should answer.
//!
//! What is expected is a third opinion, beside the two implementations to compare: they might be
//! wrong alike.

mod ambient;
mod arguments;
mod changes;
mod clone3;
mod inheritance;
mod locks;
mod namespaces;
mod owners;
mod scene;
mod user_namespaces;

use crate::{ask, programs::Programs, sys};
use scene::Scene;
use std::{
    fmt::Write as _,
    io::{self, Write},
};

/// A scenario: its name, and what happens in it. It starts as root, in a process of its own.
type Scenario = (&'static str, fn(&mut Scene<'_>));

fn all() -> Vec<Scenario> {
    [
        locks::SCENARIOS,
        inheritance::SCENARIOS,
        user_namespaces::SCENARIOS,
        arguments::SCENARIOS,
        ambient::SCENARIOS,
        changes::SCENARIOS,
        owners::SCENARIOS,
        clone3::SCENARIOS,
    ]
    .concat()
}

/// What came of the scenarios.
pub struct Outcome {
    /// How many there were.
    pub scenarios: usize,
    /// How many steps they had.
    pub steps: usize,
    /// Those that were not as expected, a sentence each.
    pub unexpected: Vec<String>,
}

/// Runs all scenarios. Writes a line for each step: scenario, step and answer, tabs between.
pub fn run(programs: &Programs, out: &mut impl Write) -> io::Result<Outcome> {
    let mut outcome = Outcome {
        scenarios: 0,
        steps: 0,
        unexpected: Vec::new(),
    };
    ask::prepare();
    for (name, scenario) in all() {
        let lines = sys::in_child(|out| scenario(&mut Scene::new(out, programs)));
        outcome.scenarios += 1;
        let steps = outcome.steps;
        match lines {
            Ok(lines) => outcome.read(name, &String::from_utf8_lossy(&lines), out)?,
            Err(error) => outcome.unexpected.push(format!("{name}: {error}")),
        }
        if outcome.steps == steps {
            outcome.unexpected.push(format!("{name}: it has no steps"));
        }
    }
    Ok(outcome)
}

impl Outcome {
    /// Takes in what a scenario has said: step, answer and expected answer, tabs between.
    fn read(&mut self, name: &str, lines: &str, out: &mut impl Write) -> io::Result<()> {
        let mut text = String::new();
        for line in lines.lines() {
            self.steps += 1;
            let fields: Vec<&str> = line.split('\t').collect();
            let [step, answer, expected] = fields[..] else {
                self.unexpected.push(format!("{name}: {line}"));
                continue;
            };
            let _ = writeln!(text, "{name}\t{step}\t{answer}");
            if answer != expected {
                self.unexpected
                    .push(format!("{name}: {step}: {answer}, should be {expected}"));
            }
        }
        out.write_all(text.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scenarios_have_names_of_their_own() {
        let mut names: Vec<&str> = all().iter().map(|(name, _)| *name).collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }

    #[test]
    fn an_unexpected_answer_is_reported() {
        let mut outcome = Outcome {
            scenarios: 0,
            steps: 0,
            unexpected: Vec::new(),
        };
        let lines = "set 0x1\t0\t0\nset 0x2\t0\tEPERM\nbroken\n";
        let mut out = Vec::new();
        outcome.read("x", lines, &mut out).expect("a vector");
        assert_eq!(outcome.steps, 3);
        assert_eq!(
            outcome.unexpected,
            ["x: set 0x2: 0, should be EPERM", "x: broken"]
        );
        assert_eq!(out, b"x\tset 0x1\t0\nx\tset 0x2\t0\n");
    }
}
