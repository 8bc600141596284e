// SPDX-License-Identifier: GPL-2.0

//! The hook `inode_getsecurity`: `cap_inode_getsecurity()`.

use super::{
    held::Acting,
    on_mount::{
        OnMount,
        NAME, //
    },
};
use crate::{
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
    rules::{
        file_capabilities::{
            getsecurity,
            getsecurity_name,
            Value,
            MAX_SIZE, //
        },
        Denial,
        Failure, //
    }, //
};
use kernel::{
    bindings,
    prelude::*, //
};

/// Returns `security.capability` as the current task is to read it, for `cap_inode_getsecurity()`.
///
/// Returns its size or a negative error number. With `alloc`, a value is in memory that the caller
/// must free by `kfree()`.
///
/// # Safety
///
/// `idmap` must be the map of a mount and `inode` an inode that the caller has references on,
/// `name` a null-terminated string, and `buffer` a pointer that may be written to. The context must
/// allow to sleep.
#[export]
pub unsafe extern "C" fn rust_cap_inode_getsecurity(
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
    to_ret(&unsafe { answer_into(idmap, inode, buffer, alloc) })
}

//@ rust/hooks/inode_getsecurity.rs: upstream
