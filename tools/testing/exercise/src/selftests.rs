// SPDX-License-Identifier: GPL-2.0

//! The verdicts of the kernel's selftests, compared: each program ran with `commoncap.c` in charge
//! (the C), then with the module in charge (the Rust).

use std::{
    collections::BTreeMap,
    fmt, fs,
    io::{self, Write},
    path::Path,
};

/// The program that does nothing: the decisions that it takes are those of starting a program.
const NOTHING: &str = "nothing/true";
/// What the shell returns for a program that `timeout` ended.
const TIMED_OUT: [i32; 2] = [124, 137];
/// What a selftest returns if it skips all its tests: `KSFT_SKIP`.
const SKIPPED: i32 = 4;
/// How many lines of a program's output are shown.
const SHOWN: usize = 20;

/// The result of one test of a program.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Word {
    Pass,
    Fail,
    Skip,
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Skip => "skip",
        })
    }
}

/// The result of one test, and the test's name or the program's exit status.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Verdict(Word, String);

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.0, self.1)
    }
}

/// Returns the rest of a line of TAP, and whether it says "ok"; [`None`] if it is no test's result.
fn tap(line: &str) -> Option<(bool, &str)> {
    let (ok, rest) = match line.strip_prefix("not ") {
        Some(rest) => (false, rest),
        None => (true, line),
    };
    let rest = rest.strip_prefix("ok ")?;
    let name = rest.trim_start_matches(|c: char| c.is_ascii_digit());
    (name.len() < rest.len()).then(|| (ok, name.trim_start_matches(' ')))
}

/// Returns the number of tests that a line of TAP announces, if it is such a line.
fn plan(line: &str) -> Option<usize> {
    let rest = line.strip_prefix("1..")?;
    let end = rest
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(rest.len());
    rest[..end].parse().ok()
}

/// Returns the verdicts of a program, from its output and its exit status.
///
/// A program that prints no TAP is one test. A program that breaks off, or that exits as if a test
/// had failed when none has, fails one more.
fn verdicts(output: &str, status: i32) -> Vec<Verdict> {
    let planned: usize = output.lines().filter_map(plan).sum();
    let skips_all = output.lines().any(|line| plan(line) == Some(0));
    let mut verdicts: Vec<Verdict> = output
        .lines()
        .filter_map(|line| {
            let (ok, name) = tap(line)?;
            let word = match ok {
                false => Word::Fail,
                true if line.contains("# SKIP") => Word::Skip,
                true => Word::Pass,
            };
            Some(Verdict(word, name.to_owned()))
        })
        .collect();
    let tests = verdicts.len();
    let failed = verdicts.iter().any(|verdict| verdict.0 == Word::Fail);
    if tests == 0 {
        let word = match status {
            _ if skips_all => Word::Skip,
            SKIPPED => Word::Skip,
            0 => Word::Pass,
            _ => Word::Fail,
        };
        verdicts.push(Verdict(word, format!("status {status}")));
    } else if planned != tests || ![0, SKIPPED].contains(&status) && !failed {
        let what = format!("status {status} after {tests} of {planned} tests");
        verdicts.push(Verdict(Word::Fail, what));
    }
    verdicts
}

/// One run of a program.
#[derive(Default, Debug)]
struct Run {
    status: i32,
    decisions: i64,
    output: String,
}

impl Run {
    fn verdicts(&self) -> Vec<Verdict> {
        verdicts(&self.output, self.status)
    }

    /// Returns the end of the output, without the tests that passed.
    fn shown(&self) -> Vec<&str> {
        let dull = |line: &&str| {
            let heading = line.strip_prefix('#').map(str::trim_start).unwrap_or("");
            line.starts_with("ok") || heading.starts_with("RUN ") || heading.starts_with("OK ")
        };
        let lines: Vec<&str> = self.output.lines().filter(|line| !dull(line)).collect();
        lines[lines.len().saturating_sub(SHOWN)..].to_vec()
    }
}

/// The runs of both sides, and the names of the programs in the order that they ran in.
#[derive(Default)]
pub struct Runs {
    c: BTreeMap<String, Run>,
    rust: BTreeMap<String, Run>,
    order: Vec<String>,
}

impl Runs {
    /// Reads what ran, a line each: "C" or "Rust", program, exit status, decisions of the module.
    /// The output is in `directory`, in a file of the program's name with the side appended.
    pub fn read(runs: &Path, directory: &Path) -> io::Result<Self> {
        let mut read = Self::default();
        for line in fs::read_to_string(runs)?.lines() {
            let invalid = || io::Error::other(format!("not a run of a program: '{line}'"));
            let fields: Vec<&str> = line.split_whitespace().collect();
            let [side, program, status, decisions] = fields[..] else {
                return Err(invalid());
            };
            let output = fs::read(directory.join(format!("{program}.{side}")))?;
            let run = Run {
                status: status.parse().map_err(|_| invalid())?,
                decisions: decisions.parse().map_err(|_| invalid())?,
                output: String::from_utf8_lossy(&output).into_owned(),
            };
            match side {
                "C" => read.c.insert(program.to_owned(), run),
                "Rust" => {
                    if program != NOTHING {
                        read.order.push(program.to_owned());
                    }
                    read.rust.insert(program.to_owned(), run)
                }
                _ => return Err(invalid()),
            };
        }
        Ok(read)
    }
}

/// What all programs came to.
#[derive(Default, PartialEq, Eq, Debug)]
pub struct Outcome {
    /// How many tests ran with the C in charge.
    pub tests: usize,
    /// How many of these passed.
    pub passed: usize,
    /// How many verdicts differ between the two sides.
    pub differ: usize,
    /// How many tests did not pass with the C in charge.
    pub not_passed: usize,
    /// How many programs were ended because they took too long, with the C or the Rust in charge.
    pub timed_out: usize,
    /// How many decisions the module took beyond those of starting the programs.
    pub decided: i64,
}

/// Compares the two sides. Writes a line for each program, and what differs.
///
/// With `all_must_pass`, also writes each test that does not pass with the C in charge.
pub fn compare(runs: &Runs, all_must_pass: bool, out: &mut impl Write) -> io::Result<Outcome> {
    let mut outcome = Outcome::default();
    let (none, starting) = (Run::default(), runs.rust.get(NOTHING));
    let starting = starting.map_or(0, |run| run.decisions);
    writeln!(out, "{:<52} {:<14} | {:<14} {:>8}", "", "C", "Rust", "Rust")?;
    let counts = "pass fail skip";
    writeln!(
        out,
        "{:<52} {counts} | {counts} {:>8}",
        "selftest", "decided"
    )?;
    for program in &runs.order {
        let c = runs.c.get(program).unwrap_or(&none);
        let rust = runs.rust.get(program).unwrap_or(&none);
        if TIMED_OUT.contains(&c.status) || TIMED_OUT.contains(&rust.status) {
            writeln!(out, "timed out: {program}")?;
            outcome.timed_out += 1;
            continue;
        }
        let decided = rust.decisions - starting;
        let (c_verdicts, rust_verdicts) = (c.verdicts(), rust.verdicts());
        let count = |verdicts: &[Verdict]| {
            [Word::Pass, Word::Fail, Word::Skip]
                .map(|word| verdicts.iter().filter(|verdict| verdict.0 == word).count())
        };
        let ([pass, fail, skip], [rust_pass, rust_fail, rust_skip]) =
            (count(&c_verdicts), count(&rust_verdicts));
        writeln!(
            out,
            "{program:<52} {pass:>4} {fail:>4} {skip:>4} | \
             {rust_pass:>4} {rust_fail:>4} {rust_skip:>4} {decided:>8}"
        )?;
        outcome.decided += decided;
        outcome.tests += c_verdicts.len();
        outcome.passed += pass;

        let mut wrong = false;
        for index in 0..c_verdicts.len().max(rust_verdicts.len()) {
            let (c, rust) = (c_verdicts.get(index), rust_verdicts.get(index));
            let show = |verdict: Option<&Verdict>| verdict.map_or("-".into(), Verdict::to_string);
            if c != rust {
                outcome.differ += 1;
                wrong = true;
                writeln!(out, "differs: {} | {}", show(c), show(rust))?;
            }
            if c.is_none_or(|verdict| verdict.0 != Word::Pass) {
                outcome.not_passed += 1;
                if all_must_pass {
                    wrong = true;
                    writeln!(out, "does not pass with the C: {}", show(c))?;
                }
            }
        }
        for (side, run) in [("C", c), ("Rust", rust)] {
            if wrong {
                writeln!(out, "# the end of its output with the {side} in charge:")?;
                for line in run.shown() {
                    writeln!(out, "#   {line}")?;
                }
            }
        }
    }
    Ok(outcome)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(output: &str, status: i32) -> Vec<(Word, String)> {
        let verdicts = verdicts(output, status).into_iter();
        verdicts.map(|Verdict(word, what)| (word, what)).collect()
    }

    fn run(status: i32, decisions: i64, output: &str) -> Run {
        Run {
            status,
            decisions,
            output: output.to_owned(),
        }
    }

    /// Compares one program; the module takes 3 decisions to start any.
    fn compared(c: Run, rust: Run, all_must_pass: bool) -> (Outcome, String) {
        let mut runs = Runs::default();
        runs.rust.insert(NOTHING.to_owned(), run(0, 3, ""));
        runs.order.push("a/test".to_owned());
        runs.c.insert("a/test".to_owned(), c);
        runs.rust.insert("a/test".to_owned(), rust);
        let mut out = Vec::new();
        let outcome = compare(&runs, all_must_pass, &mut out).unwrap();
        (outcome, String::from_utf8(out).unwrap())
    }

    const TAP: &str = "TAP version 13\n1..3\n# RUN a\nok 1 a\nok 2 # SKIP no such\nnot ok 3 c\n";

    #[test]
    fn each_result_of_tap_is_a_verdict() {
        let expected = [
            (Word::Pass, "a"),
            (Word::Skip, "# SKIP no such"),
            (Word::Fail, "c"),
        ]
        .map(|(word, what)| (word, what.to_owned()));
        assert_eq!(words(TAP, 1), expected);
    }

    #[test]
    fn a_program_without_tap_is_one_test() {
        for (status, word) in [(0, Word::Pass), (4, Word::Skip), (1, Word::Fail)] {
            let expected = [(word, format!("status {status}"))];
            assert_eq!(words("hello\nok\nok then\n", status), expected);
        }
        assert_eq!(words("1..0 # SKIP\n", 0)[0].0, Word::Skip);
    }

    #[test]
    fn a_program_that_breaks_off_fails_one_test_more() {
        let expected = (Word::Fail, "status 0 after 1 of 2 tests".to_owned());
        assert_eq!(words("1..2\nok 1 a\n", 0)[1], expected);
    }

    #[test]
    fn a_status_that_no_failed_test_explains_fails_one_test_more() {
        let expected = (Word::Fail, "status 1 after 1 of 1 tests".to_owned());
        assert_eq!(words("1..1\nok 1 a\n", 1)[1], expected);
        assert_eq!(words("1..1\nnot ok 1 a\n", 1).len(), 1);
        assert_eq!(words("1..1\nok 1 a # SKIP\n", 4).len(), 1);
    }

    #[test]
    fn equal_runs_do_not_differ() {
        let (outcome, table) = compared(run(1, 0, TAP), run(1, 10, TAP), false);
        let expected = Outcome {
            tests: 3,
            passed: 1,
            differ: 0,
            not_passed: 2,
            timed_out: 0,
            decided: 7,
        };
        assert_eq!(outcome, expected);
        let counts = "   1    1    1";
        let row = format!("{:<52} {counts} | {counts}        7\n", "a/test");
        assert!(table.ends_with(&row), "{table}");
    }

    #[test]
    fn a_test_that_does_not_pass_with_the_c_is_shown_if_all_must_pass() {
        let (_, table) = compared(run(1, 0, TAP), run(1, 10, TAP), true);
        assert!(
            table.contains("\ndoes not pass with the C: fail c\n"),
            "{table}"
        );
        assert!(table.contains("\n#   not ok 3 c\n"), "{table}");
        assert!(
            !table.contains("#   ok 1 a") && !table.contains("#   # RUN"),
            "{table}"
        );
    }

    #[test]
    fn another_verdict_and_a_missing_one_differ() {
        for rust in ["1..2\nok 1 a\nnot ok 2 b\n", "1..1\nok 1 a\n"] {
            let c = run(0, 0, "1..2\nok 1 a\nok 2 b\n");
            let (outcome, table) = compared(c, run(1, 0, rust), false);
            assert_eq!(outcome.differ, 1);
            assert!(table.contains("\ndiffers: pass b | fail "), "{table}");
        }
    }

    #[test]
    fn a_program_that_timed_out_counts_for_nothing_else() {
        for (c, rust) in [(124, 0), (0, 137)] {
            let (outcome, table) = compared(run(c, 0, ""), run(rust, 9, ""), true);
            assert_eq!(
                (outcome.timed_out, outcome.tests, outcome.decided),
                (1, 0, 0)
            );
            assert!(table.ends_with("timed out: a/test\n"));
        }
    }
}
