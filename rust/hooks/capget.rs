// SPDX-License-Identifier: GPL-2.0

//! The hook `capget`: `cap_capget()`.

use super::{
    hook::Hook,
    reason::Reason, //
};
use crate::{
    commoncap::{
        capset::{
            capget,
            Data, //
        },
        Sets, //
    },
    kernel_ext::task_cred::with_task_cred,
};
use kernel::{
    bindings::{
        kernel_cap_t,
        task_struct, //
    },
    prelude::*, //
};

// region: upstream
/// Returns the sets of a task that `cap_capget()` retrieves.
///
/// # Safety
///
/// `target` must point to a task that is valid for the call.
#[inline(always)]
pub(super) unsafe fn sets_of(target: *const task_struct) -> Data {
    // SAFETY: By the safety requirements.
    unsafe { with_task_cred(target, |cred| capget(&Sets::of(cred))) }
}

/// Retrieves three capability sets of a task.
///
/// # Safety
///
/// `target` must point to a task, and the others to sets that may be written to, all valid for the
/// call.
#[inline(always)]
unsafe fn retrieve(
    target: *const task_struct,
    effective: *mut kernel_cap_t,
    inheritable: *mut kernel_cap_t,
    permitted: *mut kernel_cap_t,
) {
    // SAFETY: By the safety requirements.
    let sets = unsafe { sets_of(target) };
    // SAFETY: By the safety requirements.
    unsafe {
        (*effective).val = sets.effective.bits();
        (*inheritable).val = sets.inheritable.bits();
        (*permitted).val = sets.permitted.bits();
    }
}
// endregion: upstream

/// Retrieves three capability sets of a task, as `cap_capget()` does. Returns 0.
///
/// # Safety
///
/// `target` must point to a task, and the others to sets that may be written to, all valid for the
/// call, as for `cap_capget()`.
#[cfg_attr(CONFIG_KUNIT = "y", unsafe(export_name = "rust_commoncap_cap_capget"))]
pub(super) unsafe extern "C" fn entry(
    target: *const task_struct,
    effective: *mut kernel_cap_t,
    inheritable: *mut kernel_cap_t,
    permitted: *mut kernel_cap_t,
) -> c_int {
    // SAFETY: By the safety requirements.
    unsafe { retrieve(target, effective, inheritable, permitted) };
    Hook::Capget.count(Reason::Value);
    0
}
