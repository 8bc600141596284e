// SPDX-License-Identifier: GPL-2.0

//! `cap_inode_removexattr()`, which the hook `inode_removexattr` calls.

use super::{
    held::{
        Acting,
        Checks,
        Held, //
    },
    inode_setxattr::parse,
    on_mount::OnMount,
    returned, //
};
use crate::{
    kernel_ext::{
        dentry::Dentry,
        mnt_idmap::MntIdmap, //
    },
    rules::{
        xattr::{
            removexattr,
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

/// Determines whether the current task may remove an extended attribute, for
/// `cap_inode_removexattr()`.
///
/// # Safety
///
/// `idmap` must be the map of a mount and `dentry` an entry that the caller has references on, and
/// `name` a null-terminated string.
#[export]
pub unsafe extern "C" fn rust_cap_inode_removexattr(
    idmap: *mut bindings::mnt_idmap,
    dentry: *mut bindings::dentry,
    name: *const c_char,
) -> c_int {
    // SAFETY: By the safety requirements.
    let (idmap, dentry) = unsafe { (MntIdmap::from_ptr(idmap), Dentry::from_ptr(dentry)) };
    // SAFETY: By the safety requirements.
    let name = unsafe { parse(name) };
    returned(decide::<Acting>(idmap, dentry, name))
}

//@ rust/hooks/inode_removexattr.rs: upstream
