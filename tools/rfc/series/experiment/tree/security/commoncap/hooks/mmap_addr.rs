// SPDX-License-Identifier: GPL-2.0

//! The hook `mmap_addr`: `cap_mmap_addr()`.

use super::{
    held::{
        Acting,
        Checks,
        Held, //
    },
    returned, //
};
use crate::{
    kernel_ext::{
        superpriv,
        symbols::dac_mmap_min_addr, //
    },
    rules::{
        memory::{
            mmap_addr,
            Address, //
        },
        Denial, //
    }, //
};
use kernel::{
    prelude::*,
    user_namespace::UserNamespace, //
};

/// Determines whether the current task may map an address, for `cap_mmap_addr()`.
///
/// # Safety
///
/// Must be called in a context that allows checks of capabilities.
#[export]
pub unsafe extern "C" fn rust_cap_mmap_addr(address: c_ulong) -> c_int {
    let verdict = decide::<Acting>(address);
    if verdict == Ok(Address::Privileged) {
        superpriv::note();
    }
    returned(verdict)
}

//@ rust/hooks/mmap_addr.rs: upstream
