// SPDX-License-Identifier: GPL-2.0

//! The hook `ptrace_access_check`: `cap_ptrace_access_check()`.

use super::{
    held::{
        Acting,
        Checks,
        Held, //
    },
    returned, //
};
use crate::{
    kernel_ext::task_cred::with_task_cred,
    rules::{
        ptrace::{
            access_check,
            Grant,
            Mode, //
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

/// Determines whether the current task may access another one, for `cap_ptrace_access_check()`.
///
/// # Safety
///
/// `child` must point to a task that is valid for the call.
#[export]
pub unsafe extern "C" fn rust_cap_ptrace_access_check(
    child: *mut task_struct,
    mode: c_uint,
) -> c_int {
    // SAFETY: By the safety requirements.
    returned(unsafe { decide::<Acting>(child, mode) })
}

//@ rust/hooks/ptrace_access_check.rs: upstream
