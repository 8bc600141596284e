// SPDX-License-Identifier: GPL-2.0

//! The hook `inode_need_killpriv`: `cap_inode_need_killpriv()`.

use super::on_mount::NAME;
use crate::{
    kernel_ext::dentry::Dentry,
    rules::xattr::need_killpriv, //
};
use kernel::{
    bindings,
    prelude::*, //
};

/// Determines whether a change of a file must remove its capabilities, for
/// `cap_inode_need_killpriv()`. Returns 1 or 0; 0 for an entry without an inode, where C
/// dereferences null.
///
/// # Safety
///
/// `dentry` must point to an entry that the caller has a reference on, and the context must allow
/// to sleep.
#[export]
pub unsafe extern "C" fn rust_cap_inode_need_killpriv(dentry: *mut bindings::dentry) -> c_int {
    // SAFETY: By the safety requirements.
    has_capabilities(unsafe { Dentry::from_ptr(dentry) }).into()
}

//@ rust/hooks/inode_need_killpriv.rs: upstream
