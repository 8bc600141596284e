// SPDX-License-Identifier: GPL-2.0

//! Files in debugfs that keep their module loaded while they are open.
//!
//! `kernel::debugfs` leaves the owner of its file operations empty, although these lie in the
//! module that uses it. If such a file is open while the module is unloaded,
//! its `close()` calls freed memory. Upstream, this would be mended there.
//!
//! A module that fails to load is freed even if a file is open. Create files when loading it can no
//! longer fail.
//!
//! C header: [`include/linux/debugfs.h`](srctree/include/linux/debugfs.h).

use core::marker::PhantomData;
use kernel::{fmt, prelude::*};

/// The contents of a file, which are computed each time that it is read from its start.
pub trait Contents {
    /// Writes the contents of the file.
    fn show(f: &mut fmt::Formatter<'_>) -> fmt::Result;
}

/// A directory in the root of debugfs. Dropping it removes it with all its files.
///
/// A failure to create it is ignored, as debugfs is for debugging only.
///
/// # Invariants
///
/// `debugfs_create_dir()` returned `dentry`, which may be an error pointer.
pub struct Dir {
    #[cfg(CONFIG_DEBUG_FS)]
    dentry: *mut kernel::bindings::dentry,
}

// SAFETY: debugfs locks what `dentry` points to, and any task may create and remove files.
unsafe impl Send for Dir {}

// SAFETY: As for `Send`.
unsafe impl Sync for Dir {}

#[cfg(CONFIG_DEBUG_FS)]
mod file {
    use super::*;
    use kernel::{bindings, seq_file::SeqFile, seq_print, str::CStrExt};

    /// Formats contents.
    struct Shown<T>(PhantomData<T>);

    impl<T: Contents> fmt::Display for Shown<T> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            T::show(f)
        }
    }

    /// The file operations of a file of the contents `T`.
    struct Operations<T>(PhantomData<T>);

    impl<T: Contents> Operations<T> {
        const TABLE: bindings::file_operations = bindings::file_operations {
            owner: (&raw const bindings::__this_module).cast_mut(),
            open: Some(Self::open),
            read: Some(bindings::seq_read),
            llseek: Some(bindings::seq_lseek),
            release: Some(bindings::single_release),
            ..pin_init::zeroed()
        };

        /// # Safety
        ///
        /// As `file_operations.open`.
        unsafe extern "C" fn open(_: *mut bindings::inode, file: *mut bindings::file) -> c_int {
            // SAFETY: `file` is valid by the safety requirements, and `show` makes no use of the
            // null pointer.
            unsafe { bindings::single_open(file, Some(Self::show), core::ptr::null_mut()) }
        }

        /// # Safety
        ///
        /// As `seq_operations.show`.
        unsafe extern "C" fn show(file: *mut bindings::seq_file, _: *mut c_void) -> c_int {
            // SAFETY: `file` is valid by the safety requirements, and its lock is held.
            let file = unsafe { SeqFile::from_raw(file) };
            seq_print!(file, "{}", Shown::<T>(PhantomData));
            0
        }
    }

    impl Dir {
        /// Creates a directory in the root of debugfs.
        pub fn new(name: &CStr) -> Self {
            // SAFETY: `name` is a null-terminated string, and a null pointer stands for the root.
            let dentry =
                unsafe { bindings::debugfs_create_dir(name.as_char_ptr(), core::ptr::null_mut()) };
            // INVARIANT: Just returned.
            Self { dentry }
        }

        /// Creates a file that only root can read.
        pub fn read_only_file<T: Contents>(&self, name: &CStr) {
            let table: &'static bindings::file_operations = &Operations::<T>::TABLE;
            // SAFETY: `name` is a null-terminated string; debugfs accepts an error pointer as
            // `dentry`; the table is static. An open file holds a reference on the module, by
            // `owner`, and `debugfs_remove()` waits for an `open()` that has begun.
            unsafe {
                bindings::debugfs_create_file_full(
                    name.as_char_ptr(),
                    0o400,
                    self.dentry,
                    core::ptr::null_mut(),
                    core::ptr::null(),
                    table,
                )
            };
        }
    }

    impl Drop for Dir {
        fn drop(&mut self) {
            // SAFETY: By the type invariants, debugfs returned this; it ignores an error pointer.
            unsafe { bindings::debugfs_remove(self.dentry) };
        }
    }
}

#[cfg(not(CONFIG_DEBUG_FS))]
impl Dir {
    /// Creates nothing: this kernel has no debugfs.
    pub fn new(_name: &CStr) -> Self {
        Self {}
    }

    /// Creates nothing: this kernel has no debugfs.
    pub fn read_only_file<T: Contents>(&self, _name: &CStr) {
        let _ = PhantomData::<T>;
    }
}
