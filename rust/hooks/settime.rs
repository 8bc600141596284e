// SPDX-License-Identifier: GPL-2.0

//! The hook `settime`: `cap_settime()`.

use super::{
    held::{
        Checks,
        Held, //
    },
    hook::Hook,
    question::{
        answer,
        Facts,
        Party,
        Question, //
    },
    reason::Reason,
};
use crate::{
    commoncap::{
        settime::settime,
        Denial, //
    },
    kernel_ext::user_namespace::UserNamespace,
};
use kernel::{
    bindings,
    prelude::*, //
};

// region: upstream
/// Decides, and checks capabilities by `C`.
#[inline(always)]
fn decide<C: Checks>() -> Result<(), Denial> {
    settime(&Held::<C>::over(UserNamespace::initial()))
}
// endregion: upstream

/// A call of `cap_settime()`. The time does not matter.
#[derive(Clone, Copy)]
pub(super) struct Settime;

impl Question for Settime {
    const HOOK: Hook = Hook::Settime;

    fn by_another_lsm(&self) -> Option<Denial> {
        Some(Denial::Settime)
    }

    #[inline(always)]
    unsafe fn decide<C: Checks>(&self) -> Result<Reason, Denial> {
        decide::<C>().map(|()| Reason::Privileged)
    }

    unsafe fn facts(&self) -> Facts {
        Facts {
            argument: 0,
            caller: Party::caller(),
            target: None,
            file: None,
        }
    }
}

/// Determines whether the current task may set the clock, as `cap_settime()` does.
///
/// # Safety
///
/// Must be called in a context that allows checks of capabilities, as `cap_settime()` must.
#[cfg_attr(CONFIG_KUNIT = "y", unsafe(export_name = "rust_commoncap_cap_settime"))]
pub(super) unsafe extern "C" fn entry(
    _time: *const bindings::timespec64,
    _zone: *const bindings::timezone,
) -> c_int {
    // SAFETY: There are no arguments.
    unsafe { answer(Settime) }
}

#[crate::kunit_tests(rust_commoncap_hook_settime)]
mod tests {
    use super::*;

    #[test]
    fn a_kernel_thread_may_set_the_clock() {
        // SAFETY: Tests run in process context.
        assert_eq!(unsafe { entry(core::ptr::null(), core::ptr::null()) }, 0);
    }
}
