// SPDX-License-Identifier: GPL-2.0

//! `cap_convert_nscap()`, which `vfs_setxattr()` calls. It is not an LSM hook.

use super::{
    held::{
        Acting,
        Checks, //
    },
    hook::Hook,
    on_mount::OnMount,
    reason::Reason,
};
use crate::{
    commoncap::{
        file_capabilities::{
            convert,
            Value,
            MAX_SIZE, //
        },
        Denial, //
    },
    kernel_ext::{
        dentry::Dentry,
        kmalloc::kmemdup,
        mnt_idmap::MntIdmap, //
    },
};
use core::slice;
use kernel::{
    bindings,
    prelude::*, //
};

// region: upstream
/// What is stored: [`None`] stands for the value as it was given.
pub(super) type Answer = Result<Option<Value>, Denial>;

// endregion: upstream

/// Returns why the function returns an answer.
pub(super) fn reason(answer: &Answer) -> Reason {
    match answer {
        Ok(None) => Reason::Privileged,
        Ok(Some(_)) => Reason::Value,
        Err(denial) => Reason::Denied(*denial),
    }
}

// region: upstream
/// Returns the value that stands for an answer: the size, or a negative error number.
pub(super) fn to_ret(answer: &Answer, size: usize) -> c_int {
    match answer {
        // 20, 24 and 20: no other size is accepted.
        Ok(Some(value)) => value.as_bytes().len() as c_int,
        Ok(None) => size as c_int,
        Err(denial) => denial.to_errno(),
    }
}

/// Decides, and checks capabilities by `C`.
///
/// An entry without an inode, where `commoncap.c` dereferences null, is denied as a missing value.
///
/// # Safety
///
/// `idmap` must be the map of a mount and `dentry` an entry that the caller has references on;
/// `value` must be null or point to `size` bytes; for the call.
pub(super) unsafe fn decide<C: Checks>(
    idmap: *const bindings::mnt_idmap,
    dentry: *const bindings::dentry,
    value: *const c_void,
    size: usize,
) -> Answer {
    // SAFETY: By the safety requirements.
    let (idmap, dentry) = unsafe { (MntIdmap::from_ptr(idmap), Dentry::from_ptr(dentry)) };
    let inode = dentry.inode().ok_or(Denial::NscapNoValue)?;
    // A value that is longer than the longest valid one is invalid, whatever its size.
    let size = size.min(MAX_SIZE + 1);
    let value = (!value.is_null()).then(|| {
        // SAFETY: By the safety requirements there are these bytes, as it is not null.
        unsafe { slice::from_raw_parts(value.cast::<u8>(), size) }
    });
    // SAFETY: Nothing is committed in here.
    convert(value, &unsafe { OnMount::<C>::new(idmap, inode) })
}

/// Puts a copy of the value of an answer into `*ivalue`.
///
/// # Safety
///
/// `ivalue` must be valid for writes.
#[inline]
unsafe fn store(answer: Answer, ivalue: *mut *const c_void) -> Answer {
    if let Ok(Some(value)) = &answer {
        // The flags that `commoncap.c` has.
        let copy = kmemdup(value.as_bytes(), GFP_ATOMIC).map_err(|_| Denial::NoMemory)?;
        // SAFETY: By the safety requirements.
        unsafe { *ivalue = copy };
    }
    answer
}
// endregion: upstream

/// Decides what is stored when the current task sets `security.capability`, as
/// `cap_convert_nscap()` does.
///
/// Returns its size or a negative error number. If `*ivalue` has changed, the caller must free it
/// by `kfree()`.
///
/// # Safety
///
/// `idmap` must be the map of a mount and `dentry` an entry that the caller has references on;
/// `*ivalue` must be null or point to `size` bytes, and may be written to. `cap_convert_nscap()`
/// requires the same.
#[cfg_attr(
    CONFIG_KUNIT = "y",
    unsafe(export_name = "rust_commoncap_cap_convert_nscap")
)]
pub(super) unsafe extern "C" fn entry(
    idmap: *mut bindings::mnt_idmap,
    dentry: *mut bindings::dentry,
    ivalue: *mut *const c_void,
    size: usize,
) -> c_int {
    // SAFETY: By the safety requirements.
    let answer = unsafe { store(decide::<Acting>(idmap, dentry, *ivalue, size), ivalue) };
    Hook::ConvertNscap.count(reason(&answer));
    to_ret(&answer, size)
}
