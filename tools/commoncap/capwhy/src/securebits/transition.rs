// SPDX-License-Identifier: GPL-2.0

//! A change of the securebits, checked rule by rule.

use commoncap::{
    capability::Capability, credentials::Privileges, prctl::securebits::set,
    securebits::Securebits, Denial,
};

/// The rules of `PR_SET_SECUREBITS`, in the order of the checks.
pub const RULES: [Denial; 5] = [
    Denial::SecurebitsLocked,
    Denial::SecurebitsUnlock,
    Denial::SecurebitsUnsupported,
    Denial::SecurebitsUnchanged,
    Denial::SecurebitsPrivileged,
];

/// Those that apply only without `CAP_SETPCAP`.
const OF_THE_UNPRIVILEGED: [Denial; 2] =
    [Denial::SecurebitsUnchanged, Denial::SecurebitsPrivileged];

/// The answer to each check of a capability.
pub struct Holds(pub bool);

impl Privileges for Holds {
    fn cap_capable(&self, _: Capability) -> bool {
        self.0
    }

    fn ns_capable(&self, _: Capability) -> bool {
        self.0
    }
}

/// Returns the rule that denies a change of the securebits, if one does.
pub fn refusal(from: Securebits, to: u64, setpcap: bool) -> Option<Denial> {
    let Ok(to) = usize::try_from(to) else {
        return Some(Denial::SecurebitsUnsupported);
    };
    set(from, &Holds(setpcap), to).err()
}

/// The result of a rule for a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opinion {
    /// It allows the change.
    Passes,
    /// It denies the change.
    Refuses,
    /// It is not checked, since one before it has denied the change.
    NotReached,
    /// It does not apply with `CAP_SETPCAP`.
    NotAsked,
}

/// Returns the result of each rule for a change.
pub fn rule_by_rule(from: Securebits, to: u64, setpcap: bool) -> [(Denial, Opinion); 5] {
    let refusal = refusal(from, to, setpcap);
    let at = |denial| RULES.iter().position(|rule| *rule == denial);
    let refused_at = refusal.and_then(at).unwrap_or(RULES.len());
    let mut index = 0;
    RULES.map(|rule| {
        let opinion = match index.cmp(&refused_at) {
            _ if setpcap && OF_THE_UNPRIVILEGED.contains(&rule) => Opinion::NotAsked,
            std::cmp::Ordering::Less => Opinion::Passes,
            std::cmp::Ordering::Equal => Opinion::Refuses,
            std::cmp::Ordering::Greater => Opinion::NotReached,
        };
        index += 1;
        (rule, opinion)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use Opinion::*;

    fn opinions(from: u32, to: u64, setpcap: bool) -> [Opinion; 5] {
        rule_by_rule(Securebits::from_bits(from), to, setpcap).map(|(_, opinion)| opinion)
    }

    #[test]
    fn each_rule_can_be_the_one_that_refuses() {
        for (from, to, expected) in [
            (
                0x200,
                0x300,
                [Refuses, NotReached, NotReached, NotReached, NotReached],
            ),
            (
                0x200,
                0,
                [Passes, Refuses, NotReached, NotReached, NotReached],
            ),
            (
                0,
                1 << 32,
                [Passes, Passes, Refuses, NotReached, NotReached],
            ),
            (0, 0, [Passes, Passes, Passes, Refuses, NotReached]),
            (0, 1, [Passes, Passes, Passes, Passes, Refuses]),
            (0, 0x500, [Passes; 5]),
        ] {
            assert_eq!(opinions(from, to, false), expected, "{from:#x} to {to:#x}");
        }
    }

    #[test]
    fn the_last_two_rules_are_not_asked_of_the_privileged() {
        for to in [0, 1, 0xfff] {
            assert_eq!(
                opinions(0, to, true),
                [Passes, Passes, Passes, NotAsked, NotAsked]
            );
        }
        let refused = [Refuses, NotReached, NotReached, NotAsked, NotAsked];
        assert_eq!(opinions(0x200, 0x300, true), refused);
    }

    #[test]
    fn every_refusal_is_by_one_of_the_rules() {
        for from in (0..=0xfff).step_by(5) {
            for to in (0..=0xfff).step_by(11).chain([1 << 12, 1 << 63]) {
                for setpcap in [false, true] {
                    let from = Securebits::from_bits(from);
                    let refused = rule_by_rule(from, to, setpcap)
                        .iter()
                        .any(|(_, opinion)| *opinion == Refuses);
                    assert_eq!(refused, refusal(from, to, setpcap).is_some());
                }
            }
        }
    }
}
