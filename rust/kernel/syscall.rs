// SPDX-License-Identifier: GPL-2.0

//! The system call of the current task.
//!
//! C header: [`arch/x86/include/asm/syscall.h`](srctree/arch/x86/include/asm/syscall.h), and the
//! same of other architectures.

use crate::bindings::rust_commoncap_syscall_return_value;
use kernel::prelude::*;

/// Returns the value that the current task is about to return to user space:
/// `syscall_get_return_value()`.
///
/// It is the value of a system call only from the end of that call on, as in [task work].
///
/// [task work]: super::task_work
pub fn return_value() -> c_long {
    // SAFETY: It reads the saved registers of the current task, which each task has.
    unsafe { rust_commoncap_syscall_return_value() }
}
