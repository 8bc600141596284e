// SPDX-License-Identifier: GPL-2.0

//! Directory entries, and the extended attributes of their inodes.
//!
//! C headers: [`include/linux/dcache.h`](srctree/include/linux/dcache.h),
//! [`include/linux/xattr.h`](srctree/include/linux/xattr.h).

use super::{
    inode::Inode,
    mnt_idmap::MntIdmap,
    user_namespace::UserNamespace, //
};
use core::{
    ops::Deref,
    ptr::NonNull, //
};
use kernel::{
    bindings,
    prelude::*,
    str::CStrExt,
    types::Opaque, //
};

/// Wraps the kernel's `struct dentry`.
///
/// # Invariants
///
/// The entry remains valid for the lifetime of a reference to an instance, and so does its super
/// block with the user namespace of that. Its inode, if it has one, stays the same.
#[repr(transparent)]
pub struct Dentry(Opaque<bindings::dentry>);

impl Dentry {
    /// Creates a reference to a [`Dentry`] from a valid pointer.
    ///
    /// # Safety
    ///
    /// `ptr` must be to an entry on which there is a reference for the lifetime of the returned
    /// one.
    #[inline]
    pub unsafe fn from_ptr<'a>(ptr: *const bindings::dentry) -> &'a Self {
        // SAFETY: By the safety requirements; the type is transparent. An entry with a reference
        // keeps its inode: C only takes that from an entry with no other reference than its own.
        unsafe { &*ptr.cast() }
    }

    /// Returns a raw pointer to the inner C struct.
    #[inline]
    pub fn as_ptr(&self) -> *mut bindings::dentry {
        self.0.get()
    }

    /// Returns the inode; [`None`] if the name has none: `d_backing_inode()`.
    #[inline]
    pub fn inode(&self) -> Option<&Inode> {
        // SAFETY: By the type invariants, the entry is valid. This is `READ_ONCE()`: another task
        // may give an inode to an entry that has none.
        let inode = unsafe { (&raw const (*self.as_ptr()).d_inode).read_volatile() };
        // SAFETY: The entry holds a reference on its inode, and keeps it by the type invariants.
        (!inode.is_null()).then(|| unsafe { Inode::from_ptr(inode) })
    }

    /// Returns the user namespace of the file system: `d_sb->s_user_ns`.
    #[inline]
    pub fn user_ns(&self) -> &UserNamespace {
        // SAFETY: By the type invariants, all three are valid. The super block holds a reference on
        // the namespace, which it got from credentials.
        unsafe { UserNamespace::from_ptr((*(*self.as_ptr()).d_sb).s_user_ns) }
    }

    /// Reads an extended attribute of the inode, without a check: `__vfs_getxattr()`.
    ///
    /// Returns its size, or a negative error number, such as `-ERANGE` where it does not fit. With
    /// an empty `value`, it reads nothing and returns the size only. Can sleep.
    #[inline]
    pub fn getxattr(&self, inode: &Inode, name: &CStr, value: &mut [u8]) -> c_int {
        let (to, size) = match value.len() {
            0 => (core::ptr::null_mut(), 0),
            size => (value.as_mut_ptr().cast(), size),
        };
        // SAFETY: By their type invariants, the entry and the inode are valid; the name ends in 0,
        // and the file system writes at most `size` bytes.
        let ret = unsafe {
            bindings::__vfs_getxattr(self.as_ptr(), inode.as_ptr(), name.as_char_ptr(), to, size)
        };
        // The callers in C do the same: an attribute has at most 64 KiB.
        ret as c_int
    }

    /// Removes an extended attribute of the inode, without a check: `__vfs_removexattr()`.
    ///
    /// Returns 0 or a negative error number, and `-ENOENT` for an entry without an inode. Can
    /// sleep.
    ///
    /// # Safety
    ///
    /// The caller must have locked the inode, and may write to the file system.
    #[inline]
    pub unsafe fn removexattr(&self, idmap: &MntIdmap, name: &CStr) -> c_int {
        if self.inode().is_none() {
            return ENOENT.to_errno();
        }
        // SAFETY: By their type invariants, the map and the entry are valid; the entry has an
        // inode, for which the safety requirements hold, and the name ends in 0.
        unsafe { bindings::__vfs_removexattr(idmap.as_ptr(), self.as_ptr(), name.as_char_ptr()) }
    }
}

/// A reference on a [`Dentry`]. Dropping it can sleep.
///
/// # Invariants
///
/// This owns a reference on the entry.
pub struct DentryRef(NonNull<bindings::dentry>);

impl DentryRef {
    /// Takes over a reference; [`None`] if the pointer is null.
    ///
    /// # Safety
    ///
    /// Unless it is null, `dentry` must be to an entry on which the caller gives a reference.
    #[inline]
    pub unsafe fn from_raw(dentry: *mut bindings::dentry) -> Option<Self> {
        // INVARIANT: By the safety requirements.
        NonNull::new(dentry).map(Self)
    }
}

/// Returns a directory entry of an inode: `d_find_any_alias()`.
#[inline]
pub fn any_alias(inode: &Inode) -> Option<DentryRef> {
    // SAFETY: By the type invariants, the inode is valid.
    let dentry = unsafe { bindings::d_find_any_alias(inode.as_ptr()) };
    // SAFETY: C has taken a reference, if there is an entry.
    unsafe { DentryRef::from_raw(dentry) }
}

impl Deref for DentryRef {
    type Target = Dentry;

    #[inline]
    fn deref(&self) -> &Dentry {
        // SAFETY: By the type invariants, this owns a reference.
        unsafe { Dentry::from_ptr(self.0.as_ptr()) }
    }
}

impl Drop for DentryRef {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: By the type invariants, this owns the reference that C drops.
        unsafe { bindings::dput(self.0.as_ptr()) };
    }
}

#[crate::kunit_tests(rust_dentry)]
mod tests {
    use super::*;
    use crate::kernel_ext::series::{
        enodata,
        eopnotsupp, //
    };
    use kernel::error::from_err_ptr;

    #[test]
    fn the_root_directory_has_an_inode_of_the_initial_namespace_and_an_alias() {
        // SAFETY: The name is a null-terminated string.
        let file = unsafe { bindings::filp_open(c"/".as_char_ptr(), 0, 0) };
        let Ok(file) = from_err_ptr(file) else {
            return assert!(false);
        };
        // SAFETY: The file is valid, and it holds a reference on its directory entry.
        let dentry = unsafe { Dentry::from_ptr((*file).__bindgen_anon_1.f_path.dentry) };
        let initial = UserNamespace::initial();
        assert!(dentry.user_ns() == initial);
        let Some(inode) = dentry.inode() else {
            return assert!(false);
        };
        assert!(inode.user_ns() == initial && inode.is_mapped(initial, MntIdmap::nop()));
        let alias = any_alias(inode);
        assert!(alias.is_some_and(|alias| core::ptr::eq(&*alias, dentry)));
        // Nothing has given it capabilities.
        for value in [&mut [][..], &mut [0; 24][..]] {
            let ret = dentry.getxattr(inode, c"security.capability", value);
            assert!(ret == enodata().to_errno() || ret == eopnotsupp().to_errno());
        }
        // SAFETY: This gives up the reference that `filp_open()` has taken.
        unsafe { bindings::fput(file) };
    }
}
