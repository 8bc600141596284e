// SPDX-License-Identifier: GPL-2.0

// region: upstream
//! Inodes, as far as capabilities are concerned.
//!
//! C headers: [`include/linux/fs.h`](srctree/include/linux/fs.h),
//! [`include/linux/capability.h`](srctree/include/linux/capability.h).

use super::{
    capability::Capability,
    mnt_idmap::MntIdmap,
    user_namespace::UserNamespace, //
};
use kernel::{
    bindings,
    types::Opaque, //
};

/// Wraps the kernel's `struct inode`.
///
/// # Invariants
///
/// The inode remains valid for the lifetime of a reference to an instance, and so does its super
/// block with the user namespace of that, to which nothing writes.
#[repr(transparent)]
pub struct Inode(Opaque<bindings::inode>);

impl Inode {
    /// Creates a reference to an [`Inode`] from a valid pointer.
    ///
    /// # Safety
    ///
    /// `ptr` must be to an inode that is valid for the lifetime of the returned reference, as it is
    /// while there is a reference on it.
    #[inline]
    pub unsafe fn from_ptr<'a>(ptr: *const bindings::inode) -> &'a Self {
        // SAFETY: By the safety requirements; the type is transparent. An inode keeps its super
        // block, which has its user namespace from `alloc_super()` on.
        unsafe { &*ptr.cast() }
    }

    /// Returns a raw pointer to the inner C struct.
    #[inline]
    pub fn as_ptr(&self) -> *mut bindings::inode {
        self.0.get()
    }

    /// Returns the user namespace of the file system: `i_sb->s_user_ns`.
    #[inline]
    pub fn user_ns(&self) -> &UserNamespace {
        // SAFETY: By the type invariants, all three are valid. The super block holds a reference on
        // the namespace, which it got from credentials.
        unsafe { UserNamespace::from_ptr((*(*self.as_ptr()).i_sb).s_user_ns) }
    }

    /// Determines whether the current task holds a capability with respect to this inode:
    /// `capable_wrt_inode_uidgid()`.
    ///
    /// Its user namespace must map the inode's user and group, as the mount shows them. Checks
    /// with all LSMs, as [`UserNamespace::ns_capable`] does.
    #[inline]
    pub fn capable_wrt_uidgid(&self, idmap: &MntIdmap, capability: Capability) -> bool {
        let capability = capability.number().into();
        // SAFETY: By their type invariants, the map and the inode are valid.
        unsafe { bindings::capable_wrt_inode_uidgid(idmap.as_ptr(), self.as_ptr(), capability) }
    }

    // endregion: upstream

    /// Determines whether a user namespace maps the inode's user and group, as the mount shows
    /// them: `privileged_wrt_inode_uidgid()`.
    #[inline]
    pub fn is_mapped(&self, ns: &UserNamespace, idmap: &MntIdmap) -> bool {
        // SAFETY: By their type invariants, all are valid. C reads the IDs as it does elsewhere,
        // while others may write to them.
        unsafe {
            crate::bindings::rust_commoncap_inode_is_mapped(
                ns.as_ptr(),
                idmap.as_ptr(),
                self.as_ptr(),
            )
        }
    }
    // region: upstream
}
// endregion: upstream
