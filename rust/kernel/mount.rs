// SPDX-License-Identifier: GPL-2.0

//! Mounts, and the place of a file on one.
//!
//! C headers: [`include/linux/mount.h`](srctree/include/linux/mount.h),
//! [`include/linux/path.h`](srctree/include/linux/path.h).

use super::{
    dentry::Dentry,
    mnt_idmap::MntIdmap,
    unexported,
    user_namespace::UserNamespace, //
};
use kernel::{
    bindings,
    prelude::*,
    types::Opaque, //
};

/// Wraps the kernel's `struct vfsmount`.
///
/// # Invariants
///
/// The mount remains valid for the lifetime of a reference to an instance, and so do its super
/// block and the user namespace of that.
#[repr(transparent)]
pub struct VfsMount(Opaque<bindings::vfsmount>);

impl VfsMount {
    /// Creates a reference to a [`VfsMount`] from a valid pointer.
    ///
    /// # Safety
    ///
    /// `ptr` must be to a mount on which there is a reference for the lifetime of the returned one.
    #[inline]
    pub unsafe fn from_ptr<'a>(ptr: *const bindings::vfsmount) -> &'a Self {
        // SAFETY: By the safety requirements; the type is transparent. A mount keeps its super
        // block, which has its user namespace from `alloc_super()` on.
        unsafe { &*ptr.cast() }
    }

    /// Returns how the mount maps the IDs of its file system: `mnt_idmap()`.
    #[inline]
    pub fn idmap(&self) -> &MntIdmap {
        // SAFETY: By the type invariants, the mount is valid. C reads this likewise, by
        // `READ_ONCE()`.
        let idmap = unsafe { (&raw const (*self.0.get()).mnt_idmap).read_volatile() };
        // SAFETY: A mount holds a reference on its map. Once user space can reach the mount, C
        // replaces only `nop_mnt_idmap`, which is static (`can_idmap_mount()`), so this map lives
        // as long as the mount.
        unsafe { MntIdmap::from_ptr(idmap) }
    }

    /// Returns the user namespace of the file system: `mnt_sb->s_user_ns`.
    #[inline]
    pub fn user_ns(&self) -> &UserNamespace {
        // SAFETY: By the type invariants, all three are valid. Nothing writes to `mnt_sb`. The
        // super block holds a reference on the namespace, which it got from credentials.
        unsafe { UserNamespace::from_ptr((*(*self.0.get()).mnt_sb).s_user_ns) }
    }

    /// Returns whether the mount has `MNT_NOSUID`. It can change at any time.
    #[inline]
    pub fn is_nosuid(&self) -> bool {
        // SAFETY: By the type invariants, the mount is valid. C reads the flags likewise, without a
        // lock.
        let flags = unsafe { (&raw const (*self.0.get()).mnt_flags).read_volatile() };
        flags & bindings::mount_flags_MNT_NOSUID as c_int != 0
    }

    /// Determines whether the current task may get privilege from a file on this mount:
    /// `mnt_may_suid()`.
    ///
    /// Returns `false` if the kernel does not give that function to the module.
    #[inline]
    pub fn may_suid(&self) -> bool {
        // SAFETY: By the type invariants, the mount is valid.
        unsafe { unexported::mnt_may_suid(self.0.get()) }
    }
}

/// Returns the mount and the directory entry of an open file: `f_path`.
///
/// # Safety
///
/// `file` must be to a file on which there is a reference for the lifetime of the returned ones.
#[inline]
pub unsafe fn path_of<'a>(file: *const bindings::file) -> (&'a VfsMount, &'a Dentry) {
    // SAFETY: By the safety requirements, the file is valid. Nothing writes to its path once it is
    // open.
    let path = unsafe { &(*file).__bindgen_anon_1.f_path };
    // SAFETY: A file holds a reference on both.
    unsafe { (VfsMount::from_ptr(path.mnt), Dentry::from_ptr(path.dentry)) }
}
