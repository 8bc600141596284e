// SPDX-License-Identifier: GPL-2.0

//! The hook `inode_getsecurity`: `cap_inode_getsecurity()`.

use super::{
    held::Acting,
    hook::Hook,
    on_mount::{
        OnMount,
        NAME, //
    },
    reason::Reason,
};
use crate::{
    commoncap::{
        file_capabilities::{
            getsecurity,
            getsecurity_name,
            Value,
            MAX_SIZE, //
        },
        Denial,
        Failure, //
    },
    kernel_ext::{
        c_string::bytes_of,
        dentry::{
            any_alias,
            Dentry, //
        },
        inode::Inode,
        kmalloc::kmemdup,
        mnt_idmap::MntIdmap, //
    },
};
use kernel::{
    bindings,
    prelude::*, //
};

// region: upstream
/// What a reader gets: a value, a denial, or an error number of the file system.
pub(super) type Answer = Result<Value, Failure<c_int>>;

/// Returns whether the function answers for an attribute: its name without `security.`.
///
/// # Safety
///
/// `name` must point to a null-terminated string.
#[inline]
pub(super) unsafe fn check_name(name: *const c_char) -> Result<(), Denial> {
    // SAFETY: By the safety requirements.
    getsecurity_name(unsafe { bytes_of(name) })
}

/// Decides what the current task reads, given what the file system has returned: a size and the
/// first bytes of the value, or an error.
#[inline]
pub(super) fn decide(idmap: &MntIdmap, inode: &Inode, ret: c_int, value: &[u8]) -> Answer {
    let size = usize::try_from(ret).map_err(|_| Failure::Other(ret))?;
    // A value that is longer than the longest valid one is as invalid as an empty one.
    let value = value.get(..size).unwrap_or(&[]);
    // SAFETY: Nothing is committed in here.
    let mount = unsafe { OnMount::<Acting>::new(idmap, inode) };
    Ok(getsecurity(Some(value), &mount)?)
}

// endregion: upstream

/// Returns why the function returns an answer.
pub(super) fn reason(answer: &Answer) -> Reason {
    match answer {
        Ok(_) => Reason::Value,
        Err(Failure::Denied(denial)) => Reason::Denied(*denial),
        Err(Failure::Other(_)) => Reason::FileSystem,
    }
}

// region: upstream
/// Returns the value that stands for an answer: the size, or a negative error number.
pub(super) fn to_ret(answer: &Answer) -> c_int {
    match answer {
        // 20 or 24.
        Ok(value) => value.as_bytes().len() as c_int,
        Err(Failure::Denied(denial)) => denial.to_errno(),
        Err(Failure::Other(ret)) => *ret,
    }
}

/// Reads the attribute. Returns its size or a negative error number.
///
/// A value that is longer than the buffer is not read: no such value is valid.
fn read(dentry: &Dentry, inode: &Inode, value: &mut [u8; MAX_SIZE]) -> c_int {
    let ret = dentry.getxattr(inode, NAME, &mut []);
    match usize::try_from(ret)
        .ok()
        .and_then(|size| value.get_mut(..size))
    {
        Some(value) => dentry.getxattr(inode, NAME, value),
        None => ret,
    }
}

fn answer(idmap: &MntIdmap, inode: &Inode) -> Answer {
    let mut value = [0; MAX_SIZE];
    let ret = match any_alias(inode) {
        Some(dentry) => read(&dentry, inode, &mut value),
        None => return Err(Denial::GetsecurityNoAlias.into()),
    };
    decide(idmap, inode, ret, &value)
}

/// Puts a copy of the value of an answer into `*buffer`.
///
/// # Safety
///
/// `buffer` must be valid for writes.
#[inline]
unsafe fn give(answer: Answer, buffer: *mut *mut c_void) -> Answer {
    if let Ok(value) = &answer {
        // The flags that `commoncap.c` has for a value that it converts.
        let copy = kmemdup(value.as_bytes(), GFP_ATOMIC).map_err(|_| Denial::NoMemory)?;
        // SAFETY: By the safety requirements.
        unsafe { *buffer = copy };
    }
    answer
}

/// Returns the answer. With `alloc`, puts a copy of its value into `*buffer`.
///
/// # Safety
///
/// `idmap` must be the map of a mount and `inode` an inode that the caller has references on, and
/// `buffer` a pointer that may be written to.
#[inline(always)]
unsafe fn answer_into(
    idmap: *mut bindings::mnt_idmap,
    inode: *mut bindings::inode,
    buffer: *mut *mut c_void,
    alloc: bool,
) -> Answer {
    // SAFETY: By the safety requirements.
    let (idmap, inode) = unsafe { (MntIdmap::from_ptr(idmap), Inode::from_ptr(inode)) };
    let answer = answer(idmap, inode);
    match alloc {
        // SAFETY: By the safety requirements.
        true => unsafe { give(answer, buffer) },
        false => answer,
    }
}
// endregion: upstream

/// Returns `security.capability` as the current task is to read it, as `cap_inode_getsecurity()`
/// does.
///
/// Returns its size or a negative error number. With `alloc`, a value is in memory that the caller
/// must free by `kfree()`.
///
/// # Safety
///
/// `idmap` must be the map of a mount and `inode` an inode that the caller has references on,
/// `name` a null-terminated string, and `buffer` a pointer that may be written to. The context must
/// allow to sleep. `cap_inode_getsecurity()` requires the same.
#[cfg_attr(
    CONFIG_KUNIT = "y",
    unsafe(export_name = "rust_commoncap_cap_inode_getsecurity")
)]
pub(super) unsafe extern "C" fn entry(
    idmap: *mut bindings::mnt_idmap,
    inode: *mut bindings::inode,
    name: *const c_char,
    buffer: *mut *mut c_void,
    alloc: bool,
) -> c_int {
    // SAFETY: By the safety requirements.
    if let Err(denial) = unsafe { check_name(name) } {
        return denial.to_errno();
    }
    // SAFETY: By the safety requirements.
    let answer = unsafe { answer_into(idmap, inode, buffer, alloc) };
    Hook::InodeGetsecurity.count(reason(&answer));
    to_ret(&answer)
}
