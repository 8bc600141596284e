// SPDX-License-Identifier: GPL-2.0

//! Inodes, as far as capabilities are concerned.
//!
//! C header: [`include/linux/fs.h`](srctree/include/linux/fs.h).

use super::user_namespace::UserNamespace;
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
}
