// SPDX-License-Identifier: GPL-2.0

//! The hook `inode_killpriv`: `cap_inode_killpriv()`.

use super::{
    hook::Hook,
    on_mount::NAME,
    reason::Reason, //
};
use crate::{
    commoncap::xattr::killpriv,
    kernel_ext::{
        dentry::Dentry,
        mnt_idmap::MntIdmap, //
    },
};
use kernel::{
    bindings,
    prelude::*, //
};

/// Removes the capabilities of a file, as `cap_inode_killpriv()` does.
///
/// # Safety
///
/// `idmap` must be the map of a mount and `dentry` an entry that the caller has references on. The
/// inode must be locked, the mount writable, and the context must allow to sleep, as for
/// `cap_inode_killpriv()`.
#[cfg_attr(
    CONFIG_KUNIT = "y",
    unsafe(export_name = "rust_commoncap_cap_inode_killpriv")
)]
pub(super) unsafe extern "C" fn entry(
    idmap: *mut bindings::mnt_idmap,
    dentry: *mut bindings::dentry,
) -> c_int {
    // SAFETY: By the safety requirements.
    let (idmap, dentry) = unsafe { (MntIdmap::from_ptr(idmap), Dentry::from_ptr(dentry)) };
    // SAFETY: By the safety requirements.
    let ret = killpriv(unsafe { dentry.removexattr(idmap, NAME) });
    Hook::InodeKillpriv.count(Reason::FileSystem);
    ret
}
