// SPDX-License-Identifier: GPL-2.0

//! The hook `ptrace_traceme`: `cap_ptrace_traceme()`.

use super::{
    held::{
        Acting,
        Checks,
        HeldBy, //
    },
    returned, //
};
use crate::{
    kernel_ext::task_cred::with_task_cred,
    rules::{
        ptrace::{
            traceme,
            Grant, //
        },
        Denial,
        Sets, //
    }, //
};
use kernel::{
    bindings::task_struct,
    cred::{
        current_cred,
        Credential, //
    },
    prelude::*, //
};

/// Determines whether another task may trace the current one, for `cap_ptrace_traceme()`.
///
/// # Safety
///
/// `parent` must point to a task that is valid for the call.
#[export]
pub unsafe extern "C" fn rust_cap_ptrace_traceme(parent: *mut task_struct) -> c_int {
    // SAFETY: By the safety requirements.
    returned(unsafe { decide::<Acting>(parent) })
}

//@ rust/hooks/ptrace_traceme.rs: upstream
