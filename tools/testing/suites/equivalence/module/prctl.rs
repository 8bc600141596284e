// SPDX-License-Identifier: GPL-2.0

//! `cap_task_prctl()`: every option, with all arguments that could matter.

use crate::{
    cases::{
        equal,
        Group, //
    },
    cred::{Facts, Start},
};
use kernel::{bindings, prelude::*};

extern "C" {
    fn rust_commoncap_cap_task_prctl(
        option: c_int,
        arg2: c_ulong,
        arg3: c_ulong,
        arg4: c_ulong,
        arg5: c_ulong,
    ) -> c_int;
}

/// The sets of no capability and of all.
pub(crate) const NONE: u64 = 0;
pub(crate) const ALL: u64 = (1 << CAPABILITIES) - 1;

/// How many capabilities there are.
pub(crate) const CAPABILITIES: u32 = bindings::CAP_LAST_CAP + 1;

/// The set of `CAP_SETPCAP` alone.
pub(crate) const SETPCAP: u64 = 1 << bindings::CAP_SETPCAP;

/// Credentials that hold nothing.
pub(crate) const NOBODY: Facts = Facts {
    securebits: 0,
    effective: NONE,
    permitted: NONE,
    inheritable: NONE,
    bounding: ALL,
    ambient: NONE,
};

/// Asks both, compares, and returns what the C answers; [`None`] if the case is skipped.
#[inline]
pub(crate) fn ask(
    group: &mut Group,
    start: &Start,
    option: c_int,
    args: [c_ulong; 4],
) -> Option<c_int> {
    if group.skips() {
        return None;
    }
    let [arg2, arg3, arg4, arg5] = args;
    let c = start.outcome(|| {
        // SAFETY: Tests run in process context; what is committed is the current task's alone.
        unsafe { bindings::cap_task_prctl(option, arg2, arg3, arg4, arg5) }
    });
    let rust = start.outcome(|| {
        // SAFETY: As above, and nobody in this module holds what the Rust needs for itself alone.
        unsafe { rust_commoncap_cap_task_prctl(option, arg2, arg3, arg4, arg5) }
    });
    group.compare(
        fmt!(
            "prctl({option}, {arg2:#x}, {arg3:#x}, {arg4:#x}, {arg5:#x}) with {}",
            start.facts
        ),
        &c,
        &rust,
    );
    Some(c.ret)
}

#[kunit_tests(commoncap_equivalence_prctl)]
mod tests {
    use super::*;

    // The numbers of `include/uapi/linux/prctl.h`, which `kernel::bindings` has not.
    const GET_KEEPCAPS: c_int = 7;
    const SET_KEEPCAPS: c_int = 8;
    const CAPBSET_READ: c_int = 23;
    const CAPBSET_DROP: c_int = 24;
    const GET_SECUREBITS: c_int = 27;
    const CAP_AMBIENT: c_int = 47;
    const OURS: [c_int; 7] = [7, 8, 23, 24, 27, 28, 47];

    /// The extremes of `unsigned long`, and what a cut to fewer bits makes a capability of.
    const EXTREMES: [c_ulong; 12] = [
        1 << 31,
        (1 << 31) | 8,
        u32::MAX as c_ulong,
        1 << 32,
        (1 << 32) | 1,
        (1 << 32) | 8,
        (1 << 32) | 40,
        1 << 63,
        (1 << 63) | 8,
        (1 << 63) | 40,
        c_ulong::MAX - 1,
        c_ulong::MAX,
    ];

    /// Every number from 0 to 64, and the extremes.
    fn numbers() -> impl Iterator<Item = c_ulong> {
        Iterator::chain(0..=64, EXTREMES)
    }

    /// The arguments that an option ignores: valid, and not.
    fn ignored() -> impl Iterator<Item = [c_ulong; 3]> {
        const JUNK: [c_ulong; 3] = [0, 1, c_ulong::MAX];
        (0..27).map(|i| [JUNK[i / 9], JUNK[i / 3 % 3], JUNK[i % 3]])
    }

    /// What a set can be where one capability is asked for.
    fn sets(number: u32) -> [u64; 4] {
        let one = 1 << number;
        [NONE, one, ALL & !one, ALL]
    }

    fn keep_caps(group: &mut Group) -> Result {
        for securebits in 0..=0xfff {
            for effective in [NONE, SETPCAP] {
                let start = Start::with(Facts {
                    securebits,
                    effective,
                    ..NOBODY
                })?;
                for arg2 in numbers() {
                    for option in [GET_KEEPCAPS, SET_KEEPCAPS, GET_SECUREBITS] {
                        for rest in [[0; 3], [1, 0, 0], [c_ulong::MAX; 3]] {
                            ask(group, &start, option, [arg2, rest[0], rest[1], rest[2]]);
                        }
                    }
                }
            }
        }
        Ok(())
    }

    fn bounding(group: &mut Group) -> Result {
        for number in 0..CAPABILITIES {
            for bounding in sets(number) {
                for effective in [NONE, SETPCAP, ALL & !SETPCAP, ALL] {
                    for securebits in [0, 0xfff] {
                        let start = Start::with(Facts {
                            securebits,
                            effective,
                            bounding,
                            ..NOBODY
                        })?;
                        for arg2 in numbers() {
                            for rest in ignored() {
                                let args = [arg2, rest[0], rest[1], rest[2]];
                                ask(group, &start, CAPBSET_READ, args);
                                ask(group, &start, CAPBSET_DROP, args);
                            }
                        }
                    }
                }
            }
        }
        Ok(())
    }

    /// Asks of every operation, and of some that are none, about a capability and others.
    fn ambient_operations(group: &mut Group, start: &Start, number: u32) {
        let number = number as c_ulong;
        let last = CAPABILITIES as c_ulong - 1;
        let others = [0, last, last + 1, 63, 64, (1 << 32) | number, c_ulong::MAX];
        for operation in Iterator::chain(0..6, (0..4).map(|low| (1 << 32) | low)) {
            for arg3 in Iterator::chain([number].into_iter(), others) {
                for rest in ignored().take(9) {
                    let args = [operation, arg3, rest[1], rest[2]];
                    ask(group, start, CAP_AMBIENT, args);
                }
            }
        }
        // What empties the set, and what only looks as if it did.
        for operation in [4, (1 << 32) | 4, (1 << 63) | 4, c_ulong::MAX] {
            for rest in ignored() {
                let args = [operation, rest[0], rest[1], rest[2]];
                ask(group, start, CAP_AMBIENT, args);
            }
        }
    }

    fn ambient(group: &mut Group) -> Result {
        for number in 0..CAPABILITIES {
            for permitted in sets(number) {
                for inheritable in sets(number) {
                    for ambient in sets(number) {
                        // All bits, all but the one that forbids it, that one, and none.
                        for securebits in [0, 0x40, 0xfbf, 0xfff] {
                            let start = Start::with(Facts {
                                securebits,
                                permitted,
                                inheritable,
                                ambient,
                                // What it need not hold, but in half of the cases.
                                bounding: permitted ^ inheritable,
                                ..NOBODY
                            })?;
                            ambient_operations(group, &start, number);
                        }
                    }
                }
            }
        }
        // Every number, where all could be raised.
        for ambient in [NONE, ALL] {
            let start = Start::with(Facts {
                permitted: ALL,
                inheritable: ALL,
                ambient,
                ..NOBODY
            })?;
            for operation in numbers() {
                for arg3 in numbers() {
                    for rest in ignored().take(9) {
                        let args = [operation, arg3, rest[1], rest[2]];
                        ask(group, &start, CAP_AMBIENT, args);
                    }
                }
            }
        }
        Ok(())
    }

    fn others(group: &mut Group) -> Result {
        for effective in [NONE, ALL] {
            let start = Start::with(Facts {
                effective,
                ..NOBODY
            })?;
            for option in Iterator::chain(-1..=1000, [c_int::MIN, c_int::MAX, 0x5961_6d61]) {
                for arg2 in numbers() {
                    if !OURS.contains(&option) {
                        ask(group, &start, option, [arg2, 0, 0, 0]);
                        ask(group, &start, option, [arg2; 4]);
                    }
                }
            }
        }
        Ok(())
    }

    #[test]
    fn keep_caps_and_reading_securebits() {
        assert!(equal("KEEPCAPS, GET_SECUREBITS", keep_caps));
    }

    #[test]
    fn the_bounding_set() {
        assert!(equal("CAPBSET", bounding));
    }

    #[test]
    fn the_ambient_set() {
        assert!(equal("CAP_AMBIENT", ambient));
    }

    #[test]
    fn options_of_others() {
        assert!(equal("other options", others));
    }
}
