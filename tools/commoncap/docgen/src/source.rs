// SPDX-License-Identifier: GPL-2.0

//! A reader of the Rust sources: the functions that deny by a rule, and the tests that name it.
//!
//! It expects the format of rustfmt, with the tests in a `mod tests` at the end of a file.

use crate::top;
use commoncap::{Denial, Loss};
use std::fs;

/// A function that denies by a rule, or a test that names the rule.
pub(crate) struct Function {
    /// The file, from the top of the project.
    pub(crate) file: String,
    pub(crate) name: String,
    /// The KUnit suite, if it is a test.
    pub(crate) suite: Option<String>,
}

/// The sources that can deny, as path and text.
pub(crate) struct Sources(Vec<(String, String)>);

const CORE: &str = "rust/commoncap";
const RULES: &str = "rust/commoncap/denial.rs";
const LOSSES: &str = "rust/commoncap/loss.rs";
/// The only hook that allocates, and so can deny by `NoMemory`.
const HOOK: &str = "rust/hooks/task_prctl.rs";

impl Sources {
    /// Reads all sources.
    pub(crate) fn read() -> Result<Self, String> {
        let mut files = vec![HOOK.to_string()];
        let mut directories = vec![CORE.to_string()];
        while let Some(directory) = directories.pop() {
            let failed = |error| format!("{directory}: {error}");
            for entry in fs::read_dir(top().join(&directory)).map_err(failed)? {
                let entry = entry.map_err(failed)?;
                let Ok(name) = entry.file_name().into_string() else {
                    continue;
                };
                let path = format!("{directory}/{name}");
                if entry.file_type().map_err(failed)?.is_dir() {
                    directories.push(path);
                } else if name.ends_with(".rs") {
                    files.push(path);
                }
            }
        }
        files.sort();
        let read = |file: String| {
            let text = fs::read_to_string(top().join(&file));
            text.map_err(|error| format!("{file}: {error}"))
                .map(|text| (file, text))
        };
        Ok(Self(files.into_iter().map(read).collect::<Result<_, _>>()?))
    }

    /// Returns the functions that deny by a rule, and the tests of the core that name the rule.
    pub(crate) fn naming(&self, denial: Denial) -> Vec<Function> {
        let mut functions: Vec<Function> = Vec::new();
        for (file, text) in self.0.iter().filter(|(file, _)| file != RULES) {
            let (mut function, mut suite) = ("", None);
            for line in text.lines() {
                let code = line.trim_start();
                if let Some(rest) = code.strip_prefix("#[crate::kunit_tests(") {
                    suite = Some(rest.trim_end_matches(")]"));
                } else if let Some(found) = function_of(code) {
                    function = found;
                }
                let counts = match suite {
                    Some(_) => file != HOOK && names(code, denial),
                    None => denies(code, denial),
                };
                let known = functions
                    .last()
                    .is_some_and(|last| last.file == *file && last.name == function);
                if counts && !known {
                    functions.push(Function {
                        file: file.clone(),
                        name: function.into(),
                        suite: suite.map(String::from),
                    });
                }
            }
        }
        functions
    }

    /// Returns the comment of a rule, as reStructuredText.
    pub(crate) fn comment(&self, denial: Denial) -> Result<String, String> {
        let variant = format!("    {}: {:?},", denial.name(), denial.errno());
        self.comment_before(RULES, &variant)
    }

    /// Returns the comment of a loss, as reStructuredText.
    pub(crate) fn comment_of_loss(&self, loss: Loss) -> Result<String, String> {
        self.comment_before(LOSSES, &format!("    {}:", loss.name()))
    }

    /// Returns the comment before the only line of a file that starts with `variant`.
    fn comment_before(&self, path: &str, variant: &str) -> Result<String, String> {
        let (_, text) = self
            .0
            .iter()
            .find(|(file, _)| file == path)
            .ok_or_else(|| format!("{path} is missing"))?;
        let (before, _) = text
            .split_once(&format!("\n{variant}"))
            .ok_or_else(|| format!("{path} has no line '{variant}'"))?;
        let mut lines: Vec<&str> = before
            .trim_end()
            .lines()
            .rev()
            .map_while(|line| line.trim_start().strip_prefix("/// "))
            .collect();
        lines.reverse();
        Ok(lines.join(" ").replace('\\', "").replace('`', "``"))
    }
}

/// Returns the name of the function that starts in a line.
fn function_of(code: &str) -> Option<&str> {
    let (before, after) = code.split_once("fn ")?;
    let is_item = before.split_whitespace().all(|word| {
        word.starts_with("pub") || ["const", "unsafe", "extern", "\"C\""].contains(&word)
    });
    let end = after.find(|c: char| !c.is_alphanumeric() && c != '_')?;
    (is_item && end > 0).then_some(&after[..end])
}

/// Returns whether code names a rule, and not another one with the same beginning.
fn names(code: &str, denial: Denial) -> bool {
    let name = format!("Denial::{}", denial.name());
    !code.starts_with("//")
        && code.match_indices(&name).any(|(start, _)| {
            !code[start + name.len()..].starts_with(|c: char| c.is_alphanumeric())
        })
}

/// Returns whether code denies by a rule.
fn denies(code: &str, denial: Denial) -> bool {
    let ways = ["Err(", "ok_or(", "map_err(|_| "];
    let ends = [")", ".into())"];
    !code.starts_with("//")
        && ways.iter().any(|way| {
            ends.iter()
                .any(|end| code.contains(&format!("{way}Denial::{}{end}", denial.name())))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn function_of_returns_the_name_of_a_function() {
        for (code, expected) in [
            ("pub(super) const fn one(x: u8) {", Some("one")),
            ("pub unsafe extern \"C\" fn two<T>() {", Some("two")),
            ("fn three() -> u8 {", Some("three")),
            ("let f: fn (u8) = g;", None),
            ("// the fn four()", None),
        ] {
            assert_eq!(function_of(code), expected);
        }
    }

    #[test]
    fn a_rule_differs_from_one_with_the_same_beginning() {
        assert!(names("Err(Denial::NotOurs)", Denial::NotOurs));
        assert!(!names("Err(Denial::NotOursAtAll)", Denial::NotOurs));
        assert!(!names("// Denial::NotOurs", Denial::NotOurs));
    }

    #[test]
    fn naming_a_rule_is_not_denying_by_it() {
        let missing = "let capability = new(number).ok_or(Denial::NoMemory)?;";
        assert!(denies(missing, Denial::NoMemory));
        let converted = "return Err(Denial::NoMemory.into());";
        assert!(denies(converted, Denial::NoMemory));
        assert!(!denies(
            "if reason != Denied(Denial::NotOurs) {",
            Denial::NotOurs
        ));
    }
}
