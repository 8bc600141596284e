// SPDX-License-Identifier: GPL-2.0

//! `cap_inode_setxattr()`, which the hook `inode_setxattr` calls.

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
        c_string::bytes_of,
        dentry::Dentry, //
    },
    rules::{
        xattr::{
            setxattr,
            Grant,
            Name, //
        },
        Denial, //
    }, //
};
use kernel::{
    bindings,
    prelude::*, //
};

/// Determines whether the current task may set an extended attribute, for `cap_inode_setxattr()`.
///
/// # Safety
///
/// `dentry` must point to an entry that the caller has a reference on, and `name` to a
/// null-terminated string.
#[export]
pub unsafe extern "C" fn rust_cap_inode_setxattr(
    dentry: *mut bindings::dentry,
    name: *const c_char,
) -> c_int {
    // SAFETY: By the safety requirements.
    let (dentry, name) = unsafe { (Dentry::from_ptr(dentry), parse(name)) };
    returned(decide::<Acting>(dentry, name))
}

//@ rust/hooks/inode_setxattr.rs: upstream
