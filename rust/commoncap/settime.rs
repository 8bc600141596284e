// SPDX-License-Identifier: GPL-2.0

//! Whether a task may set the clock: `cap_settime()`.

use super::{
    privileges::NsCapable,
    Denial, //
};
use crate::capability::Capability;

/// Decides whether the current task may set the system clock and the time zone.
///
/// `held` checks the caller over the initial user namespace: `capable()`.
#[inline]
pub fn settime(held: &impl NsCapable) -> Result<(), Denial> {
    if held.ns_capable(Capability::SYS_TIME) {
        Ok(())
    } else {
        Err(Denial::Settime)
    }
}

#[crate::kunit_tests(rust_commoncap_settime)]
mod tests {
    use super::super::testing::Answer;
    use super::*;

    #[test]
    fn setting_the_clock_takes_sys_time() {
        for (granted, expected) in [(false, Err(Denial::Settime)), (true, Ok(()))] {
            let held = Answer::new(Capability::SYS_TIME, granted);
            assert_eq!(settime(&held), expected);
            assert_eq!(held.asked(), 1);
        }
    }
}
