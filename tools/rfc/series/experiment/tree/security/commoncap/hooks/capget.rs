// SPDX-License-Identifier: GPL-2.0

//! The hook `capget`: `cap_capget()`.

use crate::{
    kernel_ext::task_cred::with_task_cred,
    rules::{
        capset::{
            capget,
            Data, //
        },
        Sets, //
    }, //
};
use kernel::{
    bindings::{
        kernel_cap_t,
        task_struct, //
    },
    prelude::*, //
};

/// Retrieves three capability sets of a task, for `cap_capget()`. Returns 0.
///
/// # Safety
///
/// `target` must point to a task, and the others to sets that may be written to, all valid for the
/// call.
#[export]
pub unsafe extern "C" fn rust_cap_capget(
    target: *const task_struct,
    effective: *mut kernel_cap_t,
    inheritable: *mut kernel_cap_t,
    permitted: *mut kernel_cap_t,
) -> c_int {
    // SAFETY: By the safety requirements.
    unsafe { retrieve(target, effective, inheritable, permitted) };
    0
}

//@ rust/hooks/capget.rs: upstream
