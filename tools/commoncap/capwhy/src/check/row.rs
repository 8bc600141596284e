// SPDX-License-Identifier: GPL-2.0

//! A row of the table: what may be done, or why not.

use super::but::But;
use commoncap::{capability::Capability, capable::Grant, Denial};
use serde::Serialize;

/// Whether a process may do something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Answer {
    /// It may.
    Yes,
    /// It may not.
    No,
    /// It depends on something that capwhy cannot know.
    Unknown,
}

impl Answer {
    /// Returns it as a word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Unknown => "unknown",
        }
    }
}

/// What gives the permission to do something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "how", content = "capability")]
pub enum By {
    /// A capability that is effective in the target namespace or above it.
    Effective(&'static str),
    /// Ownership of the target namespace, which gives this capability and all others.
    Owner(&'static str),
    /// Nothing: it needs no capability.
    Nothing,
}

impl By {
    /// Makes it from the core's answer.
    pub fn grant(capability: Capability, grant: Grant) -> Self {
        match grant {
            Grant::Effective => Self::Effective(capability.name()),
            Grant::Owner => Self::Owner(capability.name()),
        }
    }

    /// Returns it in words.
    pub fn text(self) -> String {
        match self {
            Self::Effective(capability) => format!("{capability}, effective"),
            Self::Owner(capability) => format!("{capability}, as the namespace's owner"),
            Self::Nothing => "needs no capability".to_owned(),
        }
    }
}

/// The user namespace that a check is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Target {
    /// Its relation to the process: `initial`, `own`, `pid-namespace-owner` and so on, `namespace`
    /// or `file` for one that is named.
    pub what: &'static str,
    /// The number by which `/proc` names it, if it can be seen.
    pub user_ns: Option<u64>,
}

/// A row of the table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// The name of the operation, as the policy matrix has it.
    pub operation: String,
    /// What it does.
    pub purpose: String,
    /// The securebits that it changes, `+` or `-` before each.
    pub changes: Vec<String>,
    /// The capabilities, any one of them enough; none if it needs none.
    pub asks: Vec<&'static str>,
    /// Over which namespace.
    pub over: Target,
    /// Whether the process may do it.
    pub answer: Answer,
    /// If it may, by what.
    pub by: Option<By>,
    /// The rules that deny it, or may deny it: the operation's own, then those behind it.
    pub rules: Vec<&'static str>,
    /// The error number of a denial.
    pub errno: Option<String>,
    /// Why not, or why it is unknown.
    pub reason: Option<String>,
    /// What would change that.
    pub remedy: Option<String>,
    /// What else can refuse it, if capabilities allow it.
    pub but: Vec<But>,
}

impl Row {
    /// Returns the innermost rule: the most specific one.
    pub fn rule(&self) -> &'static str {
        self.rules.last().copied().unwrap_or("")
    }
}

/// The answers for all facts that are possible.
#[derive(Clone, Debug, Default)]
pub struct Cases {
    by: Option<By>,
    rules: Vec<Denial>,
}

impl Cases {
    /// Adds a grant.
    pub fn granted(&mut self, by: By) {
        // The report names what is enough in every case.
        let takes = |by| match by {
            By::Nothing => 0,
            By::Owner(_) => 1,
            By::Effective(_) => 2,
        };
        if self.by.is_none_or(|known| takes(by) > takes(known)) {
            self.by = Some(by);
        }
    }

    /// Adds a denial: the rule of the operation, and those behind it.
    pub fn refused(&mut self, rules: &[Denial]) {
        for rule in rules {
            if !self.rules.contains(rule) {
                self.rules.push(*rule);
            }
        }
    }

    /// Returns the answer, what grants it, and all rules that deny it in some case. The answer is
    /// known if it is the same in all cases.
    pub fn sum_up(self) -> (Answer, Option<By>, Vec<Denial>) {
        match (self.by, self.rules.is_empty()) {
            (Some(_), true) => (Answer::Yes, self.by, self.rules),
            (None, false) => (Answer::No, None, self.rules),
            _ => (Answer::Unknown, None, self.rules),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cases(granted: &[By], refused: &[Denial]) -> (Answer, Option<By>, Vec<Denial>) {
        let mut cases = Cases::default();
        granted.iter().for_each(|by| cases.granted(*by));
        refused.iter().for_each(|rule| cases.refused(&[*rule]));
        cases.sum_up()
    }

    #[test]
    fn an_answer_is_known_if_all_cases_agree() {
        let (locked, unlock) = (Denial::SecurebitsLocked, Denial::SecurebitsUnlock);
        assert_eq!(cases(&[By::Nothing; 2], &[]).0, Answer::Yes);
        assert_eq!(cases(&[], &[locked, unlock]).0, Answer::No);
        assert_eq!(cases(&[By::Nothing], &[locked]).0, Answer::Unknown);
        assert_eq!(cases(&[], &[]).0, Answer::Unknown);
        let rules = cases(&[], &[locked, unlock, locked]).2;
        assert_eq!(rules, [locked, unlock]);
    }

    #[test]
    fn what_takes_a_capability_in_some_case_takes_it() {
        let (owner, capability) = (By::Owner("cap_bpf"), By::Effective("cap_setpcap"));
        for order in [
            [By::Nothing, capability],
            [capability, By::Nothing],
            [owner, capability],
        ] {
            assert_eq!(cases(&order, &[]).1, Some(capability));
        }
    }
}
