// SPDX-License-Identifier: GPL-2.0

//! `cap_task_fix_setuid()`: every pattern of user IDs, all securebits, every kind of change.

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
    prctl::NOBODY,
};
use kernel::{
    bindings::{
        self,
        cred,
        user_namespace, //
    },
    fmt,
    prelude::*,
    types::Opaque, //
};

extern "C" {
    // The types of C, which have locks that take no room, would be warned of.
    fn rust_commoncap_cap_task_fix_setuid(
        new: *mut c_void,
        old: *const c_void,
        flags: c_int,
    ) -> c_int;
}

/// The kinds of a change: the valid ones, and others, some of several bits.
const FLAGS: [c_int; 16] = [1, 2, 4, 8, 0, 3, 5, 6, 7, 9, 10, 12, 15, 16, -1, c_int::MIN];

/// How many of [`FLAGS`] are valid.
const VALID: usize = 4;

/// The real, effective, saved and file system user ID before a change, and then those after it.
type Ids = [u32; 8];

/// What a call depends on, but for the securebits of the task.
struct Case<'a> {
    ns: &'a Ns,
    ids: Ids,
    flags: c_int,
    /// The sets of the new credentials: effective, permitted, inheritable, bounding, ambient. The
    /// old ones have their complements.
    sets: [u64; 5],
}

impl fmt::Display for Case<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_fmt(fmt!("setuid({}) from", self.flags))?;
        for (number, id) in self.ids.iter().enumerate() {
            f.write_str(if number == 4 { " to " } else { " " })?;
            f.write_fmt(fmt!("{id}"))?;
        }
        f.write_fmt(fmt!(" where root is {:?} with sets", self.ns.root))?;
        for set in self.sets {
            f.write_fmt(fmt!(" {set:#x}"))?;
        }
        Ok(())
    }
}

impl Case<'_> {
    fn put(&self, new: &mut cred, old: &mut cred) {
        let [uid, euid, suid, fsuid, new_uid, new_euid, new_suid, new_fsuid] = self.ids;
        for (cred, ids) in [
            (&mut *old, [uid, euid, suid, fsuid]),
            (&mut *new, [new_uid, new_euid, new_suid, new_fsuid]),
        ] {
            cred.user_ns = self.ns.ns.get();
            cred.uid.val = ids[0];
            cred.euid.val = ids[1];
            cred.suid.val = ids[2];
            cred.fsuid.val = ids[3];
        }
        for (cred, sets) in [(new, self.sets), (old, self.sets.map(|set| !set))] {
            cred.cap_effective.val = sets[0];
            cred.cap_permitted.val = sets[1];
            cred.cap_inheritable.val = sets[2];
            cred.cap_bset.val = sets[3];
            cred.cap_ambient.val = sets[4];
        }
    }
}

/// A user namespace that maps 0 to a user ID, or maps none.
struct Ns {
    ns: KBox<Opaque<user_namespace>>,
    root: Option<u32>,
}

impl Ns {
    fn new(root: Option<u32>) -> Result<Self> {
        let ns: KBox<Opaque<user_namespace>> = KBox::init(pin_init::init_zeroed(), GFP_KERNEL)?;
        if let Some(root) = root {
            // SAFETY: It has been initialized, and nobody else has it. An extent of a map that has
            // few of them is in the array of the union.
            unsafe {
                let map = &mut (*ns.get()).uid_map.__bindgen_anon_1.__bindgen_anon_1;
                map.nr_extents = 1;
                map.extent[0].lower_first = root;
                map.extent[0].count = 1000;
            }
        }
        Ok(Self { ns, root })
    }
}

/// Asks both, compares, and returns what the C answers; [`None`] if the case is skipped.
#[inline]
fn ask(group: &mut Group, creds: &mut Creds, start: &Start, case: &Case<'_>) -> Option<c_int> {
    if group.skips() {
        return None;
    }
    creds.set(|new, old| case.put(new, old));
    let c = creds.answer(|new, old| {
        // SAFETY: Both are valid for the call.
        unsafe { bindings::cap_task_fix_setuid(new, old, case.flags) }
    });
    creds.set(|new, old| case.put(new, old));
    let rust = creds.answer(|new, old| {
        let (new, old) = (&raw mut *new, &raw const *old);
        // SAFETY: As above, and nobody else reads or writes the new ones.
        unsafe { rust_commoncap_cap_task_fix_setuid(new.cast(), old.cast(), case.flags) }
    });
    group.compare(fmt!("{case}, by a task with {}", start.facts), &c, &rust);
    Some(c.ret)
}

fn sets(random: &mut Random) -> [u64; 5] {
    core::array::from_fn(|_| random.next())
}

#[kunit_tests(commoncap_equivalence_setuid)]
mod tests {
    use super::*;

    /// Each ID is root or is not, with all securebits.
    fn patterns(group: &mut Group, random: &mut Random) -> Result {
        let mut creds = Creds::new()?;
        let ns = Ns::new(Some(100_000))?;
        for securebits in 0..=0xfff {
            let start = Start::with(Facts {
                securebits,
                ..NOBODY
            })?;
            for pattern in 0..1 << 8 {
                let root = |number: usize| pattern >> number & 1 == 1;
                let ids = core::array::from_fn(|number| if root(number) { 100_000 } else { 1000 });
                // Each number of flags with every pattern, but not with all securebits.
                let other = VALID + random.below(FLAGS.len() - VALID);
                for flags in Iterator::chain(FLAGS.iter().take(VALID), [&FLAGS[other]]) {
                    let case = Case {
                        ns: &ns,
                        ids,
                        flags: *flags,
                        sets: sets(random),
                    };
                    ask(group, &mut creds, &start, &case);
                }
            }
        }
        Ok(())
    }

    /// Each ID is one of four, among them 0 and the invalid one, where these are root and are not.
    fn roots(group: &mut Group, random: &mut Random) -> Result {
        let mut creds = Creds::new()?;
        for root in [Some(0), Some(100_000), None] {
            let ns = Ns::new(root)?;
            let choice = [0, 100_000, u32::MAX, 1000];
            // No bit, NO_SETUID_FIXUP, KEEP_CAPS, both, and all others.
            for securebits in [0, 4, 0x10, 0x14, 0xfeb] {
                let start = Start::with(Facts {
                    securebits,
                    ..NOBODY
                })?;
                for pattern in 0..1 << 16 {
                    let case = Case {
                        ns: &ns,
                        ids: core::array::from_fn(|number| choice[pattern >> (2 * number) & 3]),
                        flags: FLAGS[random.below(VALID)],
                        sets: sets(random),
                    };
                    ask(group, &mut creds, &start, &case);
                }
            }
        }
        Ok(())
    }

    #[test]
    fn every_pattern_of_root_with_all_securebits() {
        assert!(equal("cap_task_fix_setuid, securebits", |group| patterns(
            group,
            &mut Random::seeded()
        )));
    }

    #[test]
    fn every_pattern_of_four_ids() {
        assert!(equal("cap_task_fix_setuid, four IDs", |group| roots(
            group,
            &mut Random::seeded()
        )));
    }
}
