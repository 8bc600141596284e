// SPDX-License-Identifier: GPL-2.0

//! How securebits and a change of them are shown: as text, or as JSON.

use super::{
    names::{list, names, PAIRS},
    transition::{refusal, rule_by_rule, Opinion},
};
use crate::{
    error::{Error, Result},
    style::Style,
    table::{align, wrap, Cell},
};
use commoncap::securebits::Securebits;
use serde::Serialize;
use std::fmt::Write as _;

/// The version of the JSON. It grows if a field changes its meaning or is removed, not if one is
/// added.
pub const VERSION: u32 = 1;

/// A setting and its lock.
#[derive(Serialize)]
struct Setting {
    name: &'static str,
    set: bool,
    locked: bool,
    meaning: &'static str,
    privileged: bool,
}

/// A rule and its result.
#[derive(Serialize)]
struct Rule {
    rule: &'static str,
    opinion: &'static str,
    reason: &'static str,
}

/// The answer with or without `CAP_SETPCAP`.
#[derive(Serialize)]
struct Judgement {
    allowed: bool,
    errno: Option<String>,
    rules: Vec<Rule>,
}

/// A change.
#[derive(Serialize)]
struct Transition {
    to: u64,
    names: Vec<String>,
    with_cap_setpcap: Judgement,
    without_cap_setpcap: Judgement,
}

/// The report of `capwhy securebits`.
#[derive(Serialize)]
pub struct Report {
    version: u32,
    command: &'static str,
    value: u64,
    names: Vec<String>,
    unknown_bits: u64,
    settings: Vec<Setting>,
    transition: Option<Transition>,
}

impl Report {
    /// Decodes a value, and checks the change to another one.
    pub fn of(value: u64, to: Option<u64>) -> Result<Self> {
        let known = Securebits::known(value as usize);
        let unknown_bits = value & !u64::from(known.bits());
        if to.is_some() && unknown_bits != 0 {
            return Err(Error::new(format!(
                "{value:#x} has bits that no process can have, {}: leave them out",
                list(unknown_bits)
            )));
        }
        Ok(Self {
            version: VERSION,
            command: "securebits",
            value,
            names: names(value),
            unknown_bits,
            settings: PAIRS
                .iter()
                .map(|pair| Setting {
                    name: pair.name,
                    set: known.intersects(pair.setting),
                    locked: known.intersects(pair.lock()),
                    meaning: pair.meaning,
                    privileged: !pair.is_unprivileged(),
                })
                .collect(),
            transition: to.map(|to| Transition {
                to,
                names: names(to),
                with_cap_setpcap: check(known, to, true),
                without_cap_setpcap: check(known, to, false),
            }),
        })
    }

    /// Returns whether every process may make the change, if there is one.
    pub fn all_granted(&self) -> bool {
        self.transition.as_ref().is_none_or(|transition| {
            transition.with_cap_setpcap.allowed && transition.without_cap_setpcap.allowed
        })
    }

    /// Returns it as text.
    pub fn text(&self, style: Style) -> String {
        let mut text = format!("{:#x}: {}\n\n", self.value, list(self.value));
        let heading = |text: &str| Cell::painted(text, |text| style.heading(text));
        let mut rows = vec![["setting", "is", "lock", "means, when it is set"]
            .map(heading)
            .into()];
        for setting in &self.settings {
            let state = if setting.set { "set" } else { "clear" };
            let lock = if setting.locked { "locked" } else { "-" };
            rows.push(
                [setting.name, state, lock, setting.meaning]
                    .map(Cell::new)
                    .into(),
            );
        }
        text.push_str(&align(&rows, style));
        if self.unknown_bits != 0 {
            let unknown = list(self.unknown_bits);
            let _ = writeln!(text, "\nNo securebits of this kernel: {unknown}");
        }
        if let Some(transition) = &self.transition {
            self.change(transition, style, &mut text);
        }
        text
    }

    fn change(&self, transition: &Transition, style: Style, text: &mut String) {
        let (from, to) = (self.value, transition.to);
        let signed =
            |sign: char, bits: u64| names(bits).into_iter().map(move |n| format!("{sign}{n}"));
        let changes: Vec<String> = signed('+', to & !from)
            .chain(signed('-', from & !to))
            .collect();
        let changes = if changes.is_empty() {
            "nothing changes".to_owned()
        } else {
            changes.join(" ")
        };
        let _ = writeln!(text, "\n{from:#x} to {to:#x}: {changes}\n");

        let heading = |text: &str| Cell::painted(text, |text| style.heading(text));
        let mut rows = vec![["rule", "without cap_setpcap", "with it"]
            .map(heading)
            .into()];
        let judgements = [
            &transition.without_cap_setpcap,
            &transition.with_cap_setpcap,
        ];
        let opinion = |opinion: &'static str| match opinion {
            "passes" => Cell::painted(opinion, |text| style.good(text)),
            "refuses" => Cell::painted(opinion, |text| style.bad(text)),
            _ => Cell::new(opinion),
        };
        for (without, with) in judgements[0].rules.iter().zip(&judgements[1].rules) {
            rows.push(vec![
                Cell::new(without.rule),
                opinion(without.opinion),
                opinion(with.opinion),
            ]);
        }
        let verdict = |judgement: &Judgement| match &judgement.errno {
            None => Cell::painted("allowed", |text| style.good(text)),
            Some(errno) => Cell::painted(errno, |text| style.bad(text)),
        };
        rows.push(vec![
            Cell::new("in all"),
            verdict(judgements[0]),
            verdict(judgements[1]),
        ]);
        text.push_str(&align(&rows, style));

        let mut named: Vec<&str> = Vec::new();
        for rule in judgements
            .into_iter()
            .flat_map(|judgement| &judgement.rules)
        {
            if rule.opinion == "refuses" && !named.contains(&rule.rule) {
                named.push(rule.rule);
                let note = format!("{}.", rule.reason);
                text.push('\n');
                text.push_str(&wrap(&format!("{}: ", rule.rule), &note));
            }
        }
    }
}

fn check(from: Securebits, to: u64, setpcap: bool) -> Judgement {
    let refusal = refusal(from, to, setpcap);
    Judgement {
        allowed: refusal.is_none(),
        errno: refusal.map(|denial| format!("{:?}", denial.errno())),
        rules: rule_by_rule(from, to, setpcap)
            .map(|(rule, opinion)| Rule {
                rule: rule.name(),
                opinion: match opinion {
                    Opinion::Passes => "passes",
                    Opinion::Refuses => "refuses",
                    Opinion::NotReached => "not reached",
                    Opinion::NotAsked => "not asked",
                },
                reason: rule.reason(),
            })
            .into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_decoded() {
        let report = Report::of(0x301, None).unwrap();
        let text = report.text(Style::PLAIN);
        assert!(text.starts_with("0x301: noroot,exec_restrict_file,exec_restrict_file_locked\n"));
        assert!(report.all_granted());
        assert!(Report::of(1 << 12, None)
            .unwrap()
            .text(Style::PLAIN)
            .contains("bit12"));
    }

    #[test]
    fn a_change_is_checked_with_and_without_the_capability() {
        let text = Report::of(0x100, Some(0x101)).unwrap().text(Style::PLAIN);
        assert!(text.contains("0x100 to 0x101: +noroot\n"), "{text}");
        assert!(
            text.contains("\nin all                 EPERM                allowed\n"),
            "{text}"
        );
        assert!(
            text.contains("\nSecurebitsPrivileged: the request changes"),
            "{text}"
        );
        let report = Report::of(0, Some(0x500)).unwrap();
        assert!(report.all_granted());
        assert!(!Report::of(0, Some(1)).unwrap().all_granted());
    }

    #[test]
    fn json_names_each_rule() {
        let report = Report::of(0x200, Some(0x300)).unwrap();
        let json = serde_json::to_value(&report).unwrap();
        assert_eq!(json["version"], 1);
        let without = &json["transition"]["without_cap_setpcap"];
        assert_eq!(without["errno"], "EPERM");
        assert_eq!(without["rules"][0]["rule"], "SecurebitsLocked");
        assert_eq!(without["rules"][0]["opinion"], "refuses");
        assert_eq!(json["settings"][4]["locked"], true);
    }

    #[test]
    fn nothing_starts_from_bits_that_no_process_has() {
        let error = Report::of(0x1000, Some(0)).err().unwrap().to_string();
        assert!(error.contains("bit12"), "{error}");
    }
}
