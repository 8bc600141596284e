// SPDX-License-Identifier: GPL-2.0

//! The wrong rules in `tools/testing/mutation/cases`, by the rule that they weaken.

use crate::top;
use commoncap::Denial;
use std::fs;

/// Returns the names of the wrong rules that weaken a rule: they change the line before its
/// `return`.
pub(crate) fn in_place_of(denial: Denial) -> Result<Vec<String>, String> {
    let directory = top().join("tools/testing/mutation/cases");
    let failed = |error| format!("{}: {error}", directory.display());
    let denial = format!("return Err(Denial::{});", denial.name());
    let mut names = Vec::new();
    for entry in fs::read_dir(&directory).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let patch = fs::read_to_string(&path).map_err(failed)?;
        let next = patch
            .lines()
            .skip_while(|line| !line.starts_with('+') || line.starts_with("+++"))
            .find(|line| line.trim_start_matches(['+', ' ']).starts_with("return "));
        if next.is_some_and(|line| line.ends_with(&denial)) {
            names.extend(path.file_stem().map(|stem| stem.to_string_lossy().into()));
        }
    }
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_rule_is_listed_for_the_rule_that_it_weakens() {
        let locked = in_place_of(Denial::SecurebitsLocked).unwrap();
        assert_eq!(locked, ["1-locked-bits-may-change"]);
        assert!(in_place_of(Denial::NotEffective).unwrap().is_empty());
    }
}
