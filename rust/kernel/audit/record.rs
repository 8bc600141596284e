// SPDX-License-Identifier: GPL-2.0

//! The one place that talks to the audit subsystem.

use super::super::escape::Audited;
use crate::bindings::{
    audit_buffer, audit_enabled, audit_log_end, audit_log_format, audit_log_start,
    audit_log_task_context, AUDIT_KERNEL_OTHER,
};
use core::ptr::{null_mut, NonNull};
use kernel::{
    fmt::{self, Write},
    prelude::*,
    str::CStrExt,
    task::Task,
};

/// Returns whether auditing is on.
pub fn enabled() -> bool {
    // SAFETY: C reads it without a lock, as it may change at any time, so this does, too.
    unsafe { (&raw const audit_enabled).read_volatile() != 0 }
}

/// An audit record of the type for modules, `AUDIT_KERNEL_OTHER`. It is written when dropped.
///
/// # Invariants
///
/// The pointer is to a record that has been started, and that is not used otherwise.
pub struct Record(NonNull<audit_buffer>);

impl Record {
    /// Begins a record with who the current task is. Can sleep.
    ///
    /// Returns [`None`] if there is no room or memory for it, of which audit keeps count, or if
    /// rules exclude the type.
    pub fn start() -> Option<Self> {
        // SAFETY: A record need not belong to a system call. This can sleep.
        let record = unsafe {
            audit_log_start(
                null_mut(),
                kernel::bindings::GFP_KERNEL,
                AUDIT_KERNEL_OTHER as c_int,
            )
        };
        // INVARIANT: Just started.
        let mut record = Self(NonNull::new(record)?);
        // Nothing can be done about a failure, of which audit keeps count.
        let _ = record.write_who();
        Some(record)
    }

    fn write_who(&mut self) -> fmt::Result {
        let (pid, uid) = (current!().tgid(), current!().uid().into_raw().val);
        let task = Task::current_raw();
        // SAFETY: The current task is valid. Nobody but itself writes to these, except for its
        // name, of which whoever does leaves the terminating null in place.
        let (auid, session, name) = unsafe {
            let name = (&raw const (*task).comm).read_volatile();
            ((*task).loginuid.val, (*task).sessionid, name)
        };
        self.write_fmt(fmt!("pid={pid} uid={uid} auid={auid} ses={session}"))?;
        // SAFETY: By the type invariants.
        unsafe { audit_log_task_context(self.0.as_ptr()) };
        let text = name.split(|byte| *byte == 0).next().unwrap_or_default();
        self.write_fmt(fmt!(" comm={}", Audited::new(text, usize::MAX)))
    }
}

impl Write for Record {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let len = c_int::try_from(text.len()).map_err(|_| fmt::Error)?;
        // SAFETY: By the type invariants; the text is as long as told.
        unsafe { audit_log_format(self.0.as_ptr(), c"%.*s".as_char_ptr(), len, text.as_ptr()) };
        Ok(())
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        // SAFETY: By the type invariants, and it is not used again.
        unsafe { audit_log_end(self.0.as_ptr()) };
    }
}
