// SPDX-License-Identifier: GPL-2.0

//! The hook `inode_killpriv`: `cap_inode_killpriv()`.

use super::on_mount::NAME;
use crate::{
    kernel_ext::{
        dentry::Dentry,
        mnt_idmap::MntIdmap, //
    },
    rules::xattr::killpriv, //
};
use kernel::{
    bindings,
    prelude::*, //
};

/// Removes the capabilities of a file, for `cap_inode_killpriv()`.
///
/// # Safety
///
/// `idmap` must be the map of a mount and `dentry` an entry that the caller has references on. The
/// inode must be locked, the mount writable, and the context must allow to sleep.
#[export]
pub unsafe extern "C" fn rust_cap_inode_killpriv(
    idmap: *mut bindings::mnt_idmap,
    dentry: *mut bindings::dentry,
) -> c_int {
    // SAFETY: By the safety requirements.
    let (idmap, dentry) = unsafe { (MntIdmap::from_ptr(idmap), Dentry::from_ptr(dentry)) };
    // SAFETY: By the safety requirements.
    killpriv(unsafe { dentry.removexattr(idmap, NAME) })
}
