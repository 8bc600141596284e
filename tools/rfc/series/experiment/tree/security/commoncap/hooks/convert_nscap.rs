// SPDX-License-Identifier: GPL-2.0

//! `cap_convert_nscap()`, which `vfs_setxattr()` calls. It is not an LSM hook.

use super::{
    held::{
        Acting,
        Checks, //
    },
    on_mount::OnMount,
};
use crate::{
    kernel_ext::{
        dentry::Dentry,
        kmalloc::kmemdup,
        mnt_idmap::MntIdmap, //
    },
    rules::{
        file_capabilities::{
            convert,
            Value,
            MAX_SIZE, //
        },
        Denial, //
    }, //
};
use core::slice;
use kernel::{
    bindings,
    prelude::*, //
};

/// Decides what is stored when the current task sets `security.capability`, for
/// `cap_convert_nscap()`.
///
/// Returns its size or a negative error number. If `*ivalue` has changed, the caller must free it
/// by `kfree()`.
///
/// # Safety
///
/// `idmap` must be the map of a mount and `dentry` an entry that the caller has references on;
/// `*ivalue` must be null or point to `size` bytes, and may be written to.
#[export]
pub unsafe extern "C" fn rust_cap_convert_nscap(
    idmap: *mut bindings::mnt_idmap,
    dentry: *mut bindings::dentry,
    ivalue: *mut *const c_void,
    size: usize,
) -> c_int {
    // SAFETY: By the safety requirements.
    let answer = unsafe { store(decide::<Acting>(idmap, dentry, *ivalue, size), ivalue) };
    to_ret(&answer, size)
}

//@ rust/hooks/convert_nscap.rs: upstream
