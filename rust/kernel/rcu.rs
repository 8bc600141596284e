// SPDX-License-Identifier: GPL-2.0

//! Grace periods.
//!
//! C header: [`include/linux/rcupdate.h`](srctree/include/linux/rcupdate.h).

use crate::bindings::rust_commoncap_synchronize_rcu_tasks;

/// Waits until each task has slept, or been in user space, since the call:
/// `synchronize_rcu_tasks()`.
///
/// A task that was preempted in code that does not sleep has left that code by then. Can sleep.
pub fn synchronize_rcu_tasks() {
    // SAFETY: It takes no arguments, and may sleep here, as this function says.
    unsafe { rust_commoncap_synchronize_rcu_tasks() };
}
