// SPDX-License-Identifier: GPL-2.0

//! Whether a task may change how another one is scheduled: `cap_safe_nice()`.
//!
//! The hooks `cap_task_setnice()`, `cap_task_setioprio()` and `cap_task_setscheduler()` all decide
//! by it.

use super::{
    privileges::NsCapable,
    Denial, //
};
use crate::capability::{
    Capability,
    CapabilitySet, //
};

/// Why a task may change how another one is scheduled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grant {
    /// The caller is permitted all that the target is permitted.
    Superset,
    /// The caller holds `CAP_SYS_NICE` over the user namespace of the target.
    Nice,
}

/// Decides whether the current task may change the nice value, I/O priority or scheduling policy of
/// a target.
///
/// `caller` and `target` are the permitted sets, which are compared in whatever user namespaces
/// they are. `held` checks the caller over the user namespace of the target.
#[inline]
pub fn safe_nice(
    caller: CapabilitySet,
    target: CapabilitySet,
    held: &impl NsCapable,
) -> Result<Grant, Denial> {
    if target.is_subset(caller) {
        Ok(Grant::Superset)
    } else if held.ns_capable(Capability::SYS_NICE) {
        Ok(Grant::Nice)
    } else {
        Err(Denial::Nice)
    }
}

#[crate::kunit_tests(rust_commoncap_nice)]
mod tests {
    use super::super::testing::Answer;
    use super::*;

    #[test]
    fn a_target_with_no_more_capabilities_takes_no_privilege() {
        let set = CapabilitySet::from_bits;
        for (caller, target) in [(0, 0), (1, 0), (3, 3), (7, 5)] {
            let held = Answer::new(Capability::SYS_NICE, false);
            assert_eq!(
                safe_nice(set(caller), set(target), &held),
                Ok(Grant::Superset)
            );
            assert_eq!(held.asked(), 0);
        }
    }

    #[test]
    fn a_target_with_more_capabilities_takes_sys_nice() {
        let set = CapabilitySet::from_bits;
        for (caller, target) in [(0, 1), (1, 2), (3, 7), (5, 2)] {
            for (granted, expected) in [(false, Err(Denial::Nice)), (true, Ok(Grant::Nice))] {
                let held = Answer::new(Capability::SYS_NICE, granted);
                assert_eq!(safe_nice(set(caller), set(target), &held), expected);
                assert_eq!(held.asked(), 1);
            }
        }
    }
}
