// SPDX-License-Identifier: GPL-2.0

//! Work that a task does on its way back to user space, where it can sleep.
//!
//! C header: [`include/linux/task_work.h`](srctree/include/linux/task_work.h).

use super::{module::ModuleRef, series::eopnotsupp};
use crate::bindings::{
    rust_commoncap_can_kmalloc_atomic, rust_commoncap_kfree_atomic, rust_commoncap_kmalloc_atomic,
};
use core::{
    mem::{align_of, size_of},
    ptr::NonNull,
};
use kernel::{
    bindings::{self, callback_head},
    error::to_result,
    prelude::*,
    task::Task,
};

/// Work to be done.
pub trait TaskWork: 'static {
    /// Does the work. The task calls this once, before it returns to user space or while it exits.
    fn run(self);
}

/// A work that has been added to a task.
#[repr(C)]
struct Added<T> {
    head: callback_head,
    work: T,
    module: ModuleRef,
}

/// Adds work to the current task, which does it before it returns to user space: `task_work_add()`.
///
/// Can be called with preemption disabled, but neither in an interrupt nor from within the memory
/// allocator. The work holds the reference on the module until it has ended.
///
/// Fails with `ENOMEM`, or with `ESRCH` if the task is exiting.
pub fn add<T: TaskWork>(work: T, module: ModuleRef) -> Result {
    const { assert!(align_of::<Added<T>>() <= align_of::<u64>()) };
    let added = allocate::<Added<T>>()?;
    // SAFETY: The memory is as large as an `Added<T>`, nothing else refers to it, and `kmalloc()`
    // aligns to 8 bytes at least, which is enough as just checked.
    unsafe {
        added.write(Added {
            head: callback_head {
                next: core::ptr::null_mut(),
                func: Some(run::<T>),
            },
            work,
            module,
        })
    };
    // SAFETY: The current task is valid. `head` stays valid until `run()` takes it back. The code
    // of `run()` does too, since it holds the reference on the module.
    let result = to_result(unsafe {
        bindings::task_work_add(
            Task::current_raw(),
            added.as_ptr().cast(),
            bindings::task_work_notify_mode_TWA_RESUME,
        )
    });
    if result.is_err() {
        // SAFETY: It has been written above, and the task has not taken it.
        drop(unsafe { take_back(added) });
    }
    result
}

/// Checks that [`add`] can allocate memory. This is for when the module is loaded.
///
/// Fails with `EOPNOTSUPP` if it never can: on `PREEMPT_RT`, with a CPU that lacks a 128-bit
/// compare-and-exchange. Fails with `ENOMEM` if there is no memory now.
pub fn try_allocation() -> Result {
    let memory = allocate::<Added<u64>>().map_err(|error| {
        // SAFETY: This only reads what the kernel has found out about the CPU.
        if unsafe { rust_commoncap_can_kmalloc_atomic() } {
            error
        } else {
            eopnotsupp()
        }
    })?;
    // SAFETY: Just allocated.
    unsafe { rust_commoncap_kfree_atomic(memory.as_ptr().cast()) };
    Ok(())
}

fn allocate<T>() -> Result<NonNull<T>> {
    // SAFETY: The callers do not hold locks of the allocator; any size is allowed.
    let memory = unsafe { rust_commoncap_kmalloc_atomic(size_of::<T>()) };
    NonNull::new(memory.cast()).ok_or(ENOMEM)
}

/// # Safety
///
/// `added` must be what [`add`] has written, and must not be used again.
unsafe fn take_back<T>(added: NonNull<Added<T>>) -> (T, ModuleRef) {
    // SAFETY: By the safety requirements, this moves the contents out.
    let owned = unsafe { added.read() };
    // SAFETY: `allocate()` has allocated it, and its contents have been moved.
    unsafe { rust_commoncap_kfree_atomic(added.as_ptr().cast()) };
    (owned.work, owned.module)
}

/// # Safety
///
/// `head` must be that of an `Added<T>` which [`add`] has written, and must not be used again: the
/// task calls this as `callback_head.func`, after it has removed `head` from its list.
unsafe extern "C" fn run<T: TaskWork>(head: *mut callback_head) {
    // SAFETY: `head` is the first field of an `Added<T>`, and by the safety requirements not null.
    let (work, module): (T, _) = unsafe { take_back(NonNull::new_unchecked(head.cast())) };
    work.run();
    // The code from here to the return does not sleep.
    drop(module);
}
