// SPDX-License-Identifier: GPL-2.0

//! The hooks `task_setnice`, `task_setioprio` and `task_setscheduler`: `cap_safe_nice()`.

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
        nice::{
            safe_nice,
            Grant, //
        },
        Denial, //
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

/// Determines whether the current task may change how another one is scheduled, for
/// `cap_safe_nice()`.
///
/// # Safety
///
/// `target` must point to a task that is valid for the call.
#[export]
pub unsafe extern "C" fn rust_cap_safe_nice(target: *mut task_struct) -> c_int {
    // SAFETY: By the safety requirements.
    returned(unsafe { decide::<Acting>(target) })
}

//@ rust/hooks/nice.rs: upstream
