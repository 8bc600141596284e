// SPDX-License-Identifier: GPL-2.0

//! `cap_capset()`: every relation of the sets, and random ones.

use crate::{
    cases::{
        equal,
        Group,
        Random, //
    },
    cred::{
        Facts,
        Start, //
    },
    made::Creds,
    prctl::{
        ALL,
        CAPABILITIES,
        NOBODY,
        NONE,
        SETPCAP, //
    },
};
use kernel::{
    bindings::{
        self,
        cred,
        kernel_cap_t, //
    },
    fmt,
    prelude::*, //
};

extern "C" {
    // The types of C, which have locks that take no room, would be warned of.
    fn rust_commoncap_cap_capset(
        new: *mut c_void,
        old: *const c_void,
        effective: *const kernel_cap_t,
        inheritable: *const kernel_cap_t,
        permitted: *const kernel_cap_t,
    ) -> c_int;
}

/// The sets that a call depends on, but for `CAP_SETPCAP` of the task. Those that no rule reads are
/// the complements of others, so that an answer would change if one did.
#[derive(Clone, Copy, Default)]
struct Case {
    old_permitted: u64,
    old_inheritable: u64,
    old_bounding: u64,
    new_ambient: u64,
    effective: u64,
    inheritable: u64,
    permitted: u64,
}

impl Case {
    /// Returns the case with one bit of each set given by a bit of `states`.
    fn with(mut self, bit: u32, states: u32) -> Self {
        for (number, set) in [
            &mut self.old_permitted,
            &mut self.old_inheritable,
            &mut self.old_bounding,
            &mut self.new_ambient,
            &mut self.effective,
            &mut self.inheritable,
            &mut self.permitted,
        ]
        .into_iter()
        .enumerate()
        {
            *set = (*set & !(1 << bit)) | (u64::from(states >> number & 1) << bit);
        }
        self
    }
}

/// How many states one bit of all sets of a [`Case`] has.
const STATES: u32 = 1 << 7;

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "capset(effective {:#x}, permitted {:#x}, inheritable {:#x}) from permitted {:#x} \
             inheritable {:#x} bounding {:#x} to new credentials with ambient {:#x}",
            self.effective,
            self.permitted,
            self.inheritable,
            self.old_permitted,
            self.old_inheritable,
            self.old_bounding,
            self.new_ambient
        )
    }
}

/// Puts the sets of a case into credentials.
#[inline]
fn put(case: &Case, new: &mut cred, old: &mut cred) {
    old.cap_permitted.val = case.old_permitted;
    old.cap_inheritable.val = case.old_inheritable;
    old.cap_bset.val = case.old_bounding;
    old.cap_effective.val = !case.old_permitted;
    old.cap_ambient.val = !case.new_ambient;
    new.cap_ambient.val = case.new_ambient;
    new.cap_permitted.val = !case.old_permitted;
    new.cap_inheritable.val = !case.old_inheritable;
    new.cap_bset.val = !case.old_bounding;
    new.cap_effective.val = !case.effective;
}

/// Asks both, compares, and returns what the C answers; [`None`] if the case is skipped.
#[inline]
fn ask(group: &mut Group, creds: &mut Creds, held: &Start, case: &Case) -> Option<c_int> {
    if group.skips() {
        return None;
    }
    let [effective, inheritable, permitted] =
        [case.effective, case.inheritable, case.permitted].map(|val| kernel_cap_t { val });
    creds.set(|new, old| put(case, new, old));
    let c = creds.answer(|new, old| {
        // SAFETY: All are valid for the call.
        unsafe { bindings::cap_capset(new, old, &effective, &inheritable, &permitted) }
    });
    creds.set(|new, old| put(case, new, old));
    let rust = creds.answer(|new, old| {
        let (new, old) = (&raw mut *new, &raw const *old);
        // SAFETY: As above, and nobody else reads or writes the new ones.
        unsafe {
            rust_commoncap_cap_capset(new.cast(), old.cast(), &effective, &inheritable, &permitted)
        }
    });
    group.compare(fmt!("{case}, by a task with {}", held.facts), &c, &rust);
    Some(c.ret)
}

#[kunit_tests(commoncap_equivalence_capset)]
mod tests {
    use super::*;

    /// Runs cases with `CAP_SETPCAP` and without it: other capabilities must not stand in for it.
    fn by_both(group: &mut Group, mut cases: impl FnMut(&mut Group, &Start) -> Result) -> Result {
        for effective in [SETPCAP, ALL & !SETPCAP] {
            let held = Start::with(Facts {
                effective,
                ..NOBODY
            })?;
            cases(group, &held)?;
        }
        Ok(())
    }

    /// Each pair of states of two bits, where the other bits are all in one state that is granted.
    fn pairs(group: &mut Group, held: &Start) -> Result {
        let mut creds = Creds::new()?;
        let everything = Case {
            old_permitted: !0,
            old_inheritable: !0,
            old_bounding: !0,
            new_ambient: !0,
            effective: !0,
            inheritable: !0,
            permitted: !0,
        };
        for first in 0..CAPABILITIES {
            let second = (first + 1) % CAPABILITIES;
            for background in [Case::default(), everything] {
                for states in 0..STATES * STATES {
                    let case = background
                        .with(first, states % STATES)
                        .with(second, states / STATES);
                    ask(group, &mut creds, held, &case);
                }
            }
        }
        Ok(())
    }

    /// Random words, each a subset of others more often than chance would have it.
    fn random(group: &mut Group, held: &Start, random: &mut Random) -> Result {
        let mut creds = Creds::new()?;
        for _ in 0..1_000_000 {
            let mut word = || match random.below(4) {
                0 => random.next(),
                1 => random.next() & random.next() & random.next(),
                2 => NONE,
                _ => random.next() | random.next() | random.next(),
            };
            let mut case = Case {
                old_permitted: word(),
                old_inheritable: word(),
                old_bounding: word(),
                new_ambient: word(),
                effective: word(),
                inheritable: word(),
                permitted: word(),
            };
            let within = random.next();
            if within & 1 == 1 {
                case.permitted &= case.old_permitted;
            }
            if within & 2 == 2 {
                case.effective &= case.permitted;
            }
            if within & 4 == 4 {
                case.inheritable &= case.old_inheritable | case.old_bounding;
            }
            if within & 8 == 8 {
                case.inheritable &= case.old_inheritable | case.old_permitted;
            }
            ask(group, &mut creds, held, &case);
        }
        Ok(())
    }

    #[test]
    fn every_relation_of_the_sets() {
        assert!(equal("cap_capset, two bits", |group| by_both(group, pairs)));
    }

    #[test]
    fn random_sets() {
        let mut numbers = Random::seeded();
        assert!(equal("cap_capset, random", |group| {
            by_both(group, |group, held| random(group, held, &mut numbers))
        }));
    }
}
