// SPDX-License-Identifier: GPL-2.0

//! Whether the kernel would execute a file, and what that means to an interpreter:
//! `capwhy check script`.
//!
//! An interpreter that is made for it asks the kernel with `AT_EXECVE_CHECK`. Two securebits say
//! whether the answer is binding.

use super::Answer;
use crate::{
    printable::printable,
    style::Style,
    table::{align, wrap, Cell},
};
use may_interpret::{Cause, Error, Policy, Rule};
use serde::Serialize;
use std::path::Path;

/// The version of the JSON. It grows if a field changes its meaning or is removed, not if one is
/// added.
pub const VERSION: u32 = 1;

/// What an interpreter does under a value of the securebits.
#[derive(Serialize)]
struct Row {
    securebits: Vec<&'static str>,
    /// Whether they are those of this process.
    in_force: bool,
    /// Whether it may interpret the file by its name: `sh FILE`.
    file: Answer,
    /// Whether it may interpret it as its standard input: `sh <FILE`.
    standard_input: Answer,
    /// Whether it may interpret commands outside of a file: `sh -c`.
    command: Answer,
}

/// The report on a file.
#[derive(Serialize)]
pub struct Report {
    version: u32,
    command: &'static str,
    /// The path of the file.
    pub file: String,
    /// Whether it passes the check of the kernel.
    pub answer: Answer,
    /// Why it does not, and what helps.
    pub reason: Option<String>,
    rows: Vec<Row>,
}

impl Report {
    /// Asks the kernel about a file, as this process.
    pub fn of(file: &Path) -> Self {
        let own = Policy::current().unwrap_or(Policy::NONE);
        let (answer, reason) = match Policy::STRICT.open(file) {
            Ok(_) => (Answer::Yes, None),
            Err(Error::Refused(refusal)) => {
                let answer = match refusal.cause {
                    Cause::NoCheck => Answer::Unknown,
                    _ => Answer::No,
                };
                (answer, Some(refusal.cause.to_string()))
            }
            Err(Error::Io(error)) => (
                Answer::No,
                Some(format!(
                    "it cannot be opened for reading ({error}): name a file that can"
                )),
            ),
        };
        Self::with(file, answer, reason, own)
    }

    fn with(file: &Path, answer: Answer, reason: Option<String>, own: Policy) -> Self {
        let row = |rules: &[Rule]| {
            let has = |rule: Rule| rules.contains(&rule);
            let unless = |refused: bool, checked: Answer| match refused {
                true => checked,
                false => Answer::Yes,
            };
            Row {
                securebits: rules.iter().map(|rule| name(*rule)).collect(),
                in_force: Rule::ALL.iter().all(|rule| own.has(*rule) == has(*rule)),
                file: unless(has(Rule::RestrictFile), answer),
                standard_input: unless(has(Rule::DenyInteractive), answer),
                command: unless(has(Rule::DenyInteractive), Answer::No),
            }
        };
        let [restrict, deny] = Rule::ALL;
        Self {
            version: VERSION,
            command: "check script",
            file: file.display().to_string(),
            answer,
            reason,
            rows: vec![
                row(&[]),
                row(&[restrict]),
                row(&[deny]),
                row(&[restrict, deny]),
            ],
        }
    }

    /// Returns it as text.
    pub fn text(&self, style: Style) -> String {
        let file = printable(&self.file);
        let word = match self.answer {
            Answer::Yes => style.good("passes AT_EXECVE_CHECK"),
            Answer::No => style.bad("does not pass AT_EXECVE_CHECK"),
            Answer::Unknown => style.doubtful("unknown whether it passes AT_EXECVE_CHECK"),
        };
        let mut text = format!("{file}: {word}\n");
        if let Some(reason) = &self.reason {
            text.push_str(&wrap("why: ", &format!("{}.", printable(reason))));
        }
        let head = ["securebits", "sh FILE", "sh <FILE", "sh -c", ""];
        let mut rows = vec![head
            .map(|head| Cell::painted(head, |text| style.heading(text)))
            .into()];
        for row in &self.rows {
            let mut cells = vec![Cell::new(match row.securebits.len() {
                0 => "none".to_owned(),
                _ => row.securebits.join(","),
            })];
            for answer in [row.file, row.standard_input, row.command] {
                cells.push(Cell::painted(word_of(answer), |text| match answer {
                    Answer::Yes => style.good(text),
                    Answer::No => style.bad(text),
                    Answer::Unknown => style.doubtful(text),
                }));
            }
            cells.push(Cell::new(if row.in_force { "in force here" } else { "" }));
            rows.push(cells);
        }
        text.push('\n');
        text.push_str(&align(&rows, style));
        text.push('\n');
        text.push_str(&wrap(
            "",
            "This is what an interpreter does that asks the kernel. One that does not ask \
             interprets anything.",
        ));
        text
    }
}

fn name(rule: Rule) -> &'static str {
    match rule {
        Rule::RestrictFile => "exec_restrict_file",
        Rule::DenyInteractive => "exec_deny_interactive",
    }
}

fn word_of(answer: Answer) -> &'static str {
    match answer {
        Answer::Yes => "runs",
        Answer::No => "refused",
        Answer::Unknown => "unknown",
    }
}

/// Returns reports in which each field has all types that it can have.
#[cfg(test)]
pub fn reports() -> [Report; 2] {
    let path = Path::new("script");
    let reason = Some("it is not executable".to_owned());
    [
        Report::with(path, Answer::Yes, None, Policy::NONE),
        Report::with(path, Answer::No, reason, Policy::STRICT),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(report: &Report) -> Vec<String> {
        let text = report.text(Style::PLAIN);
        let lines = text
            .lines()
            .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
        lines.collect()
    }

    #[test]
    fn each_securebit_covers_its_own_sources() {
        let [passes, fails] = reports();
        let lines = [lines(&passes), lines(&fails)].concat();
        for line in [
            "script: passes AT_EXECVE_CHECK",
            "none runs runs runs in force here",
            "exec_restrict_file runs runs runs",
            "exec_deny_interactive runs runs refused",
            "exec_restrict_file,exec_deny_interactive runs runs refused",
            "script: does not pass AT_EXECVE_CHECK",
            "why: it is not executable.",
            "exec_restrict_file refused runs runs",
            "exec_deny_interactive runs refused refused",
            "exec_restrict_file,exec_deny_interactive refused refused refused in force here",
        ] {
            assert!(
                lines.iter().any(|known| known == line),
                "no '{line}' in {lines:#?}"
            );
        }
    }

    #[test]
    fn the_kernel_is_asked_about_the_file() {
        let directory = crate::scratch::Directory::new();
        let path = directory.join("script");
        std::fs::write(&path, "echo\n").unwrap();
        let report = Report::of(&path);
        assert_ne!(report.answer, Answer::Yes);
        let reason = report.reason.unwrap();
        assert!(
            reason.contains("chmod +x") || reason.contains("AT_EXECVE_CHECK"),
            "{reason}"
        );
        let report = Report::of(Path::new("/bin/sh"));
        assert_ne!(report.answer, Answer::No);
        assert_eq!(Report::of(&directory.join("none")).answer, Answer::No);
    }
}
