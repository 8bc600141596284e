// SPDX-License-Identifier: GPL-2.0

//! The hook `vm_enough_memory`: `cap_vm_enough_memory()`.

use super::{
    held::{
        Acting,
        Checks,
        Held, //
    },
    returned, //
};
use crate::rules::{
    memory::vm_enough_memory,
    Denial, //
};
use kernel::{
    bindings::CAP_OPT_NOAUDIT,
    prelude::*,
    user_namespace::UserNamespace, //
};

/// Determines whether the current task may use the memory that is kept for administrators, for
/// `cap_vm_enough_memory()`.
///
/// # Safety
///
/// Must be called in a context that allows checks of capabilities.
#[export]
pub unsafe extern "C" fn rust_cap_vm_enough_memory() -> c_int {
    returned(decide::<Acting>())
}

//@ rust/hooks/vm_enough_memory.rs: upstream
