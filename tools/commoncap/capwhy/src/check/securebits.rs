// SPDX-License-Identifier: GPL-2.0

//! Checks the changes of the securebits.

use super::{
    remedy,
    row::{Answer, By, Cases, Row, Target},
};
use crate::{
    facts::{Owner, Process},
    securebits::{
        names::{Pair, PAIRS},
        supported::requested,
        transition::Holds,
    },
};
use commoncap::{
    capability::Capability,
    capable::{capable, Grant},
    credentials::Credentials as _,
    prctl::{decide, Request},
    securebits::Securebits,
};

/// A change of a setting or of its lock.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Change {
    Set,
    Clear,
    Lock,
}

impl Change {
    const ALL: [Self; 3] = [Self::Set, Self::Clear, Self::Lock];

    fn name(self, setting: &str) -> String {
        match self {
            Self::Set => format!("+{setting}"),
            Self::Clear => format!("-{setting}"),
            Self::Lock => format!("+{setting}_locked"),
        }
    }

    fn verb(self) -> &'static str {
        match self {
            Self::Set => "set",
            Self::Clear => "clear",
            Self::Lock => "lock",
        }
    }

    fn apply(self, from: Securebits, pair: &Pair) -> Securebits {
        match self {
            Self::Set => from | pair.setting,
            Self::Clear => from & !pair.setting,
            Self::Lock => from | pair.lock(),
        }
    }
}

/// Returns a row for each change of the two exec settings, and as few rows as possible for the
/// others.
pub fn rows(process: &Process) -> Vec<Row> {
    let (exec, others): (Vec<&Pair>, Vec<&Pair>) =
        PAIRS.iter().partition(|pair| pair.is_unprivileged());
    let each = exec
        .into_iter()
        .flat_map(|pair| Change::ALL.map(|change| row(process, change, pair)));
    let mut rows: Vec<Row> = each.collect();
    for change in Change::ALL {
        let mut summary: Vec<Row> = Vec::new();
        for pair in &others {
            let mut row = row(process, change, pair);
            let same = summary.iter_mut().find(|other| {
                (other.answer, &other.rules, other.by) == (row.answer, &row.rules, row.by)
            });
            match same {
                Some(other) => other.changes.append(&mut row.changes),
                None => summary.push(row),
            }
        }
        for row in summary.iter_mut().filter(|row| row.changes.len() > 1) {
            row.purpose = format!("{} one of these securebits", change.verb());
            let all = row.changes.len() == others.len();
            let name = if all {
                change.name("others")
            } else {
                row.changes.join(" ")
            };
            row.operation = format!("securebits {name}");
        }
        rows.extend(summary);
    }
    rows
}

fn row(process: &Process, change: Change, pair: &Pair) -> Row {
    let asks: &[Capability] = if pair.is_unprivileged() {
        &[]
    } else {
        &[Capability::SETPCAP]
    };
    let mut cases = Cases::default();
    for cred in process.possible_securebits() {
        let to = change.apply(cred.securebits(), pair);
        let bits = requested(to.bits() as usize, process.has_exec_bits);
        let request = Request::SetSecurebits(bits);
        match decide(&cred, &cred, request) {
            Err(denial) => cases.refused(&[denial]),
            Ok(_) if decide(&cred, &Holds(false), request).is_ok() => cases.granted(By::Nothing),
            Ok(_) => {
                let setpcap = Capability::SETPCAP;
                let how = capable(&cred, &*process.user_ns, setpcap);
                cases.granted(By::grant(setpcap, how.unwrap_or(Grant::Effective)));
            }
        }
    }
    let (answer, by, rules) = cases.sum_up();
    let (mut reason, mut advice) = (None, None);
    match answer {
        Answer::Yes => {}
        Answer::No => {
            reason = remedy::reason(&rules);
            let own = Owner::Is(process.user_ns.clone());
            // If several rules are possible, the remedy against the last one.
            advice = rules
                .last()
                .and_then(|rule| remedy::of(process, &[Capability::SETPCAP], *rule, "own", &own));
        }
        Answer::Unknown => {
            let may: Vec<&str> = rules.iter().map(|rule| rule.name()).collect();
            reason = Some(format!(
                "it depends on its securebits, which only itself can read; it may be refused by {}",
                may.join(" or ")
            ));
            advice = Some("run capwhy check in its place, without --pid".to_owned());
        }
    }
    Row {
        operation: format!("securebits {}", change.name(pair.name)),
        purpose: format!("{} a securebit: {}", change.verb(), pair.meaning),
        changes: vec![change.name(pair.name)],
        asks: asks.iter().map(|capability| capability.name()).collect(),
        over: Target {
            what: "own",
            user_ns: Some(process.user_ns.number()),
        },
        answer,
        by,
        rules: rules.iter().map(|rule| rule.name()).collect(),
        errno: rules.first().map(|rule| format!("{:?}", rule.errno())),
        reason,
        remedy: advice,
        but: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::fixtures::{in_initial, set};

    fn row(process: &Process, name: &str) -> Row {
        let found = rows(process).into_iter().find(|row| row.operation == name);
        found.unwrap_or_else(|| panic!("no row {name}"))
    }

    #[test]
    fn every_change_of_each_securebit_is_in_one_row() {
        for process in [in_initial(&[]), in_initial(&[Capability::SETPCAP])] {
            let mut changes: Vec<String> = rows(&process)
                .into_iter()
                .flat_map(|row| row.changes)
                .collect();
            assert_eq!(changes.len(), 18);
            changes.sort();
            changes.dedup();
            assert_eq!(changes.len(), 18);
        }
    }

    #[test]
    fn an_older_kernel_has_no_exec_bits() {
        let mut process = in_initial(&[Capability::SETPCAP]);
        process.has_exec_bits = false;
        let exec = row(&process, "securebits +exec_restrict_file");
        assert_eq!(
            (exec.answer, exec.rule()),
            (Answer::No, "SecurebitsUnsupported")
        );
        assert!(exec.remedy.unwrap().contains("Linux 6.14"));
        assert_eq!(row(&process, "securebits +others").answer, Answer::Yes);
    }

    #[test]
    fn anybody_may_set_and_lock_the_exec_bits_and_clear_them_unlocked() {
        let exec = |change: &str| format!("securebits {change}");
        let mut process = in_initial(&[]);
        for (securebits, change, answer, rule) in [
            (0, "+exec_restrict_file", Answer::Yes, ""),
            (0, "+exec_deny_interactive_locked", Answer::Yes, ""),
            (0, "-exec_restrict_file", Answer::No, "SecurebitsUnchanged"),
            (0x100, "-exec_restrict_file", Answer::Yes, ""),
            (
                0x100,
                "+exec_restrict_file",
                Answer::No,
                "SecurebitsUnchanged",
            ),
            (0x200, "+exec_restrict_file", Answer::No, "SecurebitsLocked"),
            (0x300, "-exec_restrict_file", Answer::No, "SecurebitsLocked"),
            (0, "+others", Answer::No, "SecurebitsPrivileged"),
            (0, "+others_locked", Answer::No, "SecurebitsPrivileged"),
            (0, "-others", Answer::No, "SecurebitsUnchanged"),
        ] {
            process.securebits = Some(Securebits::from_bits(securebits));
            let row = row(&process, &exec(change));
            assert_eq!(
                (row.answer, row.rule()),
                (answer, rule),
                "{securebits:#x} {change}"
            );
            let by = (answer == Answer::Yes).then_some(By::Nothing);
            assert_eq!(row.by, by);
        }
    }

    #[test]
    fn other_securebits_are_shown_one_by_one_where_they_differ() {
        let mut process = in_initial(&[Capability::SETPCAP]);
        assert_eq!(
            row(&process, "securebits +others").by,
            Some(By::Effective("cap_setpcap"))
        );
        process.securebits = Some(Securebits::KEEP_CAPS_LOCKED);
        assert_eq!(
            row(&process, "securebits +keep_caps").rule(),
            "SecurebitsLocked"
        );
        let rest = row(
            &process,
            "securebits +noroot +no_setuid_fixup +no_cap_ambient_raise",
        );
        assert_eq!(rest.answer, Answer::Yes);
    }

    #[test]
    fn securebits_of_others_are_checked_where_they_do_not_matter() {
        let mut process = in_initial(&[]);
        process.securebits = None;
        let unknown = row(&process, "securebits +exec_restrict_file");
        assert_eq!(unknown.answer, Answer::Unknown);
        assert_eq!(unknown.rules, ["SecurebitsUnchanged", "SecurebitsLocked"]);
        let denied = row(&process, "securebits +others");
        assert_eq!(denied.answer, Answer::No);
        assert!(denied.rules.contains(&"SecurebitsLocked"));
        process.effective = set(&[Capability::SETPCAP]);
        let lock = row(&process, "securebits +exec_restrict_file_locked");
        assert_eq!(
            (lock.answer, lock.by),
            (Answer::Yes, Some(By::Effective("cap_setpcap")))
        );
    }
}
