// SPDX-License-Identifier: GPL-2.0

//! The hook `ptrace_access_check`: `cap_ptrace_access_check()`.

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
        ptrace::{
            access_check,
            Grant,
            Mode, //
        },
        Denial,
        Sets, //
    },
    kernel_ext::{
        cred::{
            current_cred,
            CredentialExt, //
        },
        task_cred::with_task_cred,
    },
};
use kernel::{
    bindings::task_struct,
    prelude::*, //
};

// region: upstream
/// Decides, and checks capabilities by `C`.
///
/// # Safety
///
/// `child` must point to a task that is valid for the call.
#[inline(always)]
unsafe fn decide<C: Checks>(child: *const task_struct, mode: c_uint) -> Result<Grant, Denial> {
    // SAFETY: Nothing is committed in here.
    let caller = unsafe { current_cred() };
    // SAFETY: By the safety requirements.
    unsafe {
        with_task_cred(child, |child| {
            let ns = CredentialExt::user_ns(child);
            let same_ns = ns == CredentialExt::user_ns(caller);
            access_check(
                &Sets::of(caller),
                &Sets::of(child),
                same_ns,
                Mode::parse(mode),
                &Held::<C>::over(ns),
            )
        })
    }
}
// endregion: upstream

/// A call of `cap_ptrace_access_check()`.
#[derive(Clone, Copy)]
pub(super) struct Access {
    pub(super) child: *const task_struct,
    pub(super) mode: c_uint,
}

impl Question for Access {
    const HOOK: Hook = Hook::PtraceAccessCheck;

    fn by_another_lsm(&self) -> Option<Denial> {
        Some(Denial::PtraceAccess)
    }

    #[inline(always)]
    unsafe fn decide<C: Checks>(&self) -> Result<Reason, Denial> {
        // SAFETY: By the safety requirements, the task is valid.
        unsafe { decide::<C>(self.child, self.mode) }.map(Reason::from)
    }

    unsafe fn facts(&self) -> Facts {
        Facts {
            // Nothing is cut off.
            argument: self.mode as usize,
            caller: Party::caller(),
            // SAFETY: By the safety requirements, the task is valid.
            target: Some(unsafe { with_task_cred(self.child, Party::of) }),
            file: None,
        }
    }
}

/// Determines whether the current task may access another one, as `cap_ptrace_access_check()` does.
///
/// # Safety
///
/// `child` must point to a task that is valid for the call, as for `cap_ptrace_access_check()`.
#[cfg_attr(
    CONFIG_KUNIT = "y",
    unsafe(export_name = "rust_commoncap_cap_ptrace_access_check")
)]
pub(super) unsafe extern "C" fn entry(child: *mut task_struct, mode: c_uint) -> c_int {
    // SAFETY: By the safety requirements.
    unsafe { answer(Access { child, mode }) }
}
