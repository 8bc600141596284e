// SPDX-License-Identifier: GPL-2.0

//! The hook `ptrace_traceme`: `cap_ptrace_traceme()`.

use super::{
    held::{
        Checks,
        HeldBy, //
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
            traceme,
            Grant, //
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
/// `task` must point to a task that is valid for the call.
#[inline(always)]
unsafe fn decide<C: Checks>(task: *const task_struct) -> Result<Grant, Denial> {
    // SAFETY: Nothing is committed in here.
    let child = unsafe { current_cred() };
    let ns = CredentialExt::user_ns(child);
    // SAFETY: By the safety requirements.
    unsafe {
        with_task_cred(task, |parent| {
            traceme(
                &Sets::of(parent),
                &Sets::of(child),
                CredentialExt::user_ns(parent) == ns,
                &HeldBy::<C>::new(task, ns),
            )
        })
    }
}
// endregion: upstream

/// A call of `cap_ptrace_traceme()`, with the task that is to trace the current one.
#[derive(Clone, Copy)]
pub(super) struct Traceme(pub(super) *const task_struct);

impl Question for Traceme {
    const HOOK: Hook = Hook::PtraceTraceme;

    fn by_another_lsm(&self) -> Option<Denial> {
        Some(Denial::PtraceTraceme)
    }

    #[inline(always)]
    unsafe fn decide<C: Checks>(&self) -> Result<Reason, Denial> {
        // SAFETY: By the safety requirements, the task is valid.
        unsafe { decide::<C>(self.0) }.map(Reason::from)
    }

    unsafe fn facts(&self) -> Facts {
        Facts {
            argument: 0,
            caller: Party::caller(),
            // SAFETY: By the safety requirements, the task is valid.
            target: Some(unsafe { with_task_cred(self.0, Party::of) }),
            file: None,
        }
    }
}

/// Determines whether another task may trace the current one, as `cap_ptrace_traceme()` does.
///
/// # Safety
///
/// `parent` must point to a task that is valid for the call, as for `cap_ptrace_traceme()`.
#[cfg_attr(
    CONFIG_KUNIT = "y",
    unsafe(export_name = "rust_commoncap_cap_ptrace_traceme")
)]
pub(super) unsafe extern "C" fn entry(parent: *mut task_struct) -> c_int {
    // SAFETY: By the safety requirements.
    unsafe { answer(Traceme(parent)) }
}
