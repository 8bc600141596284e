// SPDX-License-Identifier: GPL-2.0

//! The executable file of an address space, and the paths of files.
//!
//! Upstream, [`MmExt`] would be a method of [`Mm`].
//!
//! C headers: [`include/linux/mm.h`](srctree/include/linux/mm.h),
//! [`include/linux/fs.h`](srctree/include/linux/fs.h).

use core::{ops::Deref, ptr::NonNull};
use kernel::{bindings, error::from_err_ptr, mm::Mm, prelude::*, sync::rcu, task::Task};

/// A reference to an open file that offers only the path.
///
/// `kernel::fs::LocalFile` offers the file position too, and so requires that no other thread be in
/// an `fdget_pos()` without the mutex. Another thread may be: nothing here knows who else has the
/// file open.
///
/// # Invariants
///
/// The pointer is to a file, and this owns a reference on it.
pub struct PathFile(NonNull<bindings::file>);

// SAFETY: Any task may drop a reference on a file. `f_path` stays as it is while the file is open,
// and `d_path()` takes the locks that the names in it need.
unsafe impl Send for PathFile {}

// SAFETY: As for `Send`.
unsafe impl Sync for PathFile {}

impl PathFile {
    /// Takes a reference on a file: `get_file()`. Can be called from any context.
    ///
    /// # Safety
    ///
    /// `file` must point to a file on which the caller holds a reference for the call.
    pub unsafe fn from_raw(file: *mut bindings::file) -> Self {
        // SAFETY: By the safety requirements.
        unsafe { bindings::get_file(file) };
        // INVARIANT: Just taken.
        // SAFETY: By the safety requirements, it points to a file and so is not null.
        Self(unsafe { NonNull::new_unchecked(file) })
    }
}

impl Drop for PathFile {
    fn drop(&mut self) {
        // SAFETY: By the type invariants, this owns a reference. `fput()` can be called from any
        // context but an NMI.
        unsafe { bindings::fput(self.0.as_ptr()) };
    }
}

/// The method that [`Mm`] lacks.
pub trait MmExt {
    /// Returns the file that `/proc/PID/exe` shows for this address space: `get_mm_exe_file()`.
    ///
    /// Can be called with preemption disabled.
    fn exe_file(&self) -> Option<PathFile>;
}

impl MmExt for Mm {
    fn exe_file(&self) -> Option<PathFile> {
        let _guard = rcu::read_lock();
        // SAFETY: By the type invariants of `Mm`, the pointer is valid. `exe_file` is an RCU
        // pointer, and `get_file_rcu()` copes with concurrent writers in a read-side critical
        // section.
        let file =
            unsafe { bindings::get_file_rcu(&raw mut (*self.as_raw()).__bindgen_anon_1.exe_file) };
        // INVARIANT: `get_file_rcu()` has taken a reference, if there was a file.
        NonNull::new(file).map(PathFile)
    }
}

/// The path of a file, without a terminating 0.
pub struct PathName(KVec<u8>);

impl PathName {
    /// The longest path, with the suffix of a deleted file: the limit that audit has.
    const SIZE: usize = bindings::PATH_MAX as usize + " (deleted)\0".len();

    /// Returns the path of a file as the current task sees it from its root directory:
    /// `file_path()`. The path of a deleted file ends in ` (deleted)`.
    ///
    /// Fails with `ENAMETOOLONG`, with `ENOMEM`, or with `ESRCH` if the current task is exiting and
    /// has given up its root directory. Can sleep.
    pub fn new(file: &PathFile) -> Result<Self> {
        let mut buffer = KVec::from_elem(0u8, Self::SIZE, GFP_KERNEL)?;
        // SAFETY: The current task is valid, and only the task itself sets its `fs` to null.
        if unsafe { (*Task::current_raw()).fs.is_null() } {
            return Err(ESRCH);
        }
        // SAFETY: The file is valid by the type invariants of `PathFile`, the buffer has that size,
        // and the current task has a root directory, which `d_path()` reads.
        let path = from_err_ptr(unsafe {
            bindings::file_path(
                file.0.as_ptr(),
                buffer.as_mut_ptr().cast(),
                Self::SIZE as c_int,
            )
        })?;
        // The path lies in the buffer.
        let start = path.addr().saturating_sub(buffer.as_ptr().addr());
        let rest = buffer.get(start..).unwrap_or_default();
        let text = rest.split(|byte| *byte == 0).next().unwrap_or_default();
        // Not the buffer itself, which no memory cgroup is charged for: the path may be kept for as
        // long as audit has no room for its record.
        let mut path = KVec::new();
        path.extend_from_slice(text, GFP_KERNEL)?;
        Ok(Self(path))
    }
}

impl Deref for PathName {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

#[crate::kunit_tests(rust_commoncap_file)]
mod tests {
    use super::*;
    use kernel::str::CStrExt;

    /// Opens the root directory.
    fn root() -> PathFile {
        // SAFETY: The name is a null-terminated string.
        let file = unsafe { bindings::filp_open(c"/".as_char_ptr(), 0, 0) };
        let file = from_err_ptr(file).ok().and_then(NonNull::new);
        // INVARIANT: The reference that `filp_open()` has taken.
        PathFile(file.expect("the root directory can be opened"))
    }

    #[test]
    fn a_path_keeps_only_the_memory_that_it_needs() {
        let path = PathName::new(&root()).expect("the root directory has a path");
        assert_eq!(&*path, b"/");
        assert!(path.0.capacity() < 64);
    }
}
