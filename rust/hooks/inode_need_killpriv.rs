// SPDX-License-Identifier: GPL-2.0

//! The hook `inode_need_killpriv`: `cap_inode_need_killpriv()`.

use super::{
    hook::Hook,
    on_mount::NAME,
    reason::Reason, //
};
use crate::{
    commoncap::xattr::need_killpriv,
    kernel_ext::dentry::Dentry, //
};
use kernel::{
    bindings,
    prelude::*, //
};

// region: upstream
/// Returns whether the inode of an entry has capabilities.
#[inline(always)]
fn has_capabilities(dentry: &Dentry) -> bool {
    let inode = dentry.inode();
    need_killpriv(inode.map_or(0, |inode| dentry.getxattr(inode, NAME, &mut [])))
}
// endregion: upstream

/// Determines whether a change of a file must remove its capabilities, as
/// `cap_inode_need_killpriv()` does. Returns 1 or 0; 0 for an entry without an inode, where
/// `commoncap.c` dereferences null.
///
/// # Safety
///
/// `dentry` must point to an entry that the caller has a reference on, and the context must allow
/// to sleep, as for `cap_inode_need_killpriv()`.
#[cfg_attr(
    CONFIG_KUNIT = "y",
    unsafe(export_name = "rust_commoncap_cap_inode_need_killpriv")
)]
pub(super) unsafe extern "C" fn entry(dentry: *mut bindings::dentry) -> c_int {
    // SAFETY: By the safety requirements.
    let need = has_capabilities(unsafe { Dentry::from_ptr(dentry) });
    Hook::InodeNeedKillpriv.count(Reason::Value);
    need.into()
}
