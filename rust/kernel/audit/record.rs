// SPDX-License-Identifier: GPL-2.0

//! `struct audit_buffer`: the only user of the C interface.

use super::super::{escape::Audited, series::tgid};
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
    // SAFETY: `audit_enabled` is static. C reads it without a lock while another task may write it,
    // and so does this.
    unsafe { (&raw const audit_enabled).read_volatile() != 0 }
}

/// An audit record of the type for modules, `AUDIT_KERNEL_OTHER`. Dropping it emits it.
///
/// # Invariants
///
/// The pointer is to a record that `audit_log_start()` returned and that has not been ended.
/// Nothing else uses it.
pub struct Record(NonNull<audit_buffer>);

impl Record {
    /// Starts a record with the identity of the current task. Can sleep.
    ///
    /// Returns [`None`] if the queue of audit is full, if there is no memory, or if a rule excludes
    /// the type. Audit counts the first two as lost.
    pub fn start() -> Option<Self> {
        // SAFETY: The context may be null, for a record that belongs to no system call. The caller
        // may sleep.
        let record = unsafe {
            audit_log_start(
                null_mut(),
                kernel::bindings::GFP_KERNEL,
                AUDIT_KERNEL_OTHER as c_int,
            )
        };
        // INVARIANT: Just started.
        let mut record = Self(NonNull::new(record)?);
        // `write_str` fails only for a text longer than an `int` can say.
        let _ = record.write_identity();
        Some(record)
    }

    fn write_identity(&mut self) -> fmt::Result {
        let (pid, uid) = (tgid(current!()), current!().uid().into_raw().val);
        let task = Task::current_raw();
        // SAFETY: The current task is valid. Only the task itself writes to its `loginuid` and
        // `sessionid`. Another one may write to `comm` meanwhile, so this reads it as volatile; any
        // bytes are valid.
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
        // SAFETY: By the type invariants. `%.*s` reads `len` bytes of the text, or fewer.
        unsafe { audit_log_format(self.0.as_ptr(), c"%.*s".as_char_ptr(), len, text.as_ptr()) };
        Ok(())
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        // SAFETY: By the type invariants, it has not been ended, and it is not used again.
        unsafe { audit_log_end(self.0.as_ptr()) };
    }
}
