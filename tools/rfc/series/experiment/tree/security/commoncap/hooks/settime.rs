// SPDX-License-Identifier: GPL-2.0

//! The hook `settime`: `cap_settime()`.

use super::{
    held::{
        Acting,
        Checks,
        Held, //
    },
    returned, //
};
use crate::rules::{
    settime::settime,
    Denial, //
};
use kernel::{
    prelude::*,
    user_namespace::UserNamespace, //
};

/// Determines whether the current task may set the clock, for `cap_settime()`.
///
/// # Safety
///
/// Must be called in a context that allows checks of capabilities.
#[export]
pub unsafe extern "C" fn rust_cap_settime() -> c_int {
    returned(decide::<Acting>())
}

//@ rust/hooks/settime.rs: upstream
