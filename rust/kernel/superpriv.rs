// SPDX-License-Identifier: GPL-2.0

//! The note that a task has used privilege.
//!
//! C header: [`include/linux/sched.h`](srctree/include/linux/sched.h).

use kernel::{
    bindings::PF_SUPERPRIV,
    task::Task, //
};

/// Notes that the current task has used privilege: `PF_SUPERPRIV`, which process accounting
/// reports.
#[inline]
pub fn note() {
    // SAFETY: The current task is valid, and only the task itself writes to its flags.
    unsafe { (*Task::current_raw()).flags |= PF_SUPERPRIV };
}
