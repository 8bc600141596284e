// SPDX-License-Identifier: GPL-2.0

//! The file that a program comes from, and the paths of files.
//!
//! Upstream, [`MmExt`] would be a method of [`Mm`].
//!
//! C headers: [`include/linux/mm.h`](srctree/include/linux/mm.h),
//! [`include/linux/fs.h`](srctree/include/linux/fs.h).

use core::{ops::Deref, ptr::NonNull};
use kernel::{
    bindings,
    error::from_err_ptr,
    fs::LocalFile,
    mm::Mm,
    prelude::*,
    sync::{aref::ARef, rcu},
    task::Task,
};

/// What [`Mm`] cannot tell yet.
pub trait MmExt {
    /// Returns the file that the program in this address space comes from, which `/proc/PID/exe`
    /// shows: `get_mm_exe_file()`.
    ///
    /// Can be called with preemption disabled.
    fn exe_file(&self) -> Option<ARef<LocalFile>>;
}

impl MmExt for Mm {
    fn exe_file(&self) -> Option<ARef<LocalFile>> {
        let _guard = rcu::read_lock();
        // SAFETY: By the type invariant of `Mm`, the pointer is valid. This is how `exe_file` is to
        // be read, whoever writes to it meanwhile, in an RCU read-side critical section.
        let file =
            unsafe { bindings::get_file_rcu(&raw mut (*self.as_raw()).__bindgen_anon_1.exe_file) };
        // SAFETY: The reference that was taken becomes that of the `ARef`. Nobody on another thread
        // goes without the mutex in `fdget_pos()`, as that takes the only reference, and the
        // address space has one of its own.
        NonNull::new(file).map(|file| unsafe { ARef::from_raw(file.cast()) })
    }
}

/// The path of a file.
pub struct PathName {
    buffer: KVec<u8>,
    start: usize,
    end: usize,
}

impl PathName {
    /// How long a path can be, with what tells that it has been deleted: as audit has it.
    const SIZE: usize = bindings::PATH_MAX as usize + " (deleted)\0".len();

    /// Returns the path of a file as the current task sees it, from its root directory:
    /// `file_path()`. Of a file that has been deleted it ends in ` (deleted)`.
    ///
    /// Fails with `ENAMETOOLONG`, with `ENOMEM`, or with `ESRCH` if the current task is exiting and
    /// has no root directory any more. Can sleep.
    pub fn new(file: &LocalFile) -> Result<Self> {
        let mut buffer = KVec::from_elem(0u8, Self::SIZE, GFP_KERNEL)?;
        // SAFETY: The current task is valid, and nobody but itself takes this from it.
        if unsafe { (*Task::current_raw()).fs.is_null() } {
            return Err(ESRCH);
        }
        // SAFETY: The file is valid by the type invariants of `LocalFile`, the buffer is of that
        // size, and the current task has a root directory.
        let path = from_err_ptr(unsafe {
            bindings::file_path(
                file.as_ptr(),
                buffer.as_mut_ptr().cast(),
                Self::SIZE as c_int,
            )
        })?;
        // It lies in the buffer.
        let start = path.addr().saturating_sub(buffer.as_ptr().addr());
        let rest = buffer.get(start..).unwrap_or_default();
        let text = CStr::from_bytes_until_nul(rest).map_err(|_| EINVAL)?;
        let with_nul = start.saturating_add(text.to_bytes_with_nul().len());
        let end = with_nul.saturating_sub(1);
        Ok(Self { buffer, start, end })
    }
}

impl Deref for PathName {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        // It always is there.
        self.buffer.get(self.start..self.end).unwrap_or_default()
    }
}
