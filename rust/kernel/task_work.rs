// SPDX-License-Identifier: GPL-2.0

//! Work that a task does on its way back to user space, where it can sleep.
//!
//! C header: [`include/linux/task_work.h`](srctree/include/linux/task_work.h).

use super::module::ModuleRef;
use crate::bindings::{rust_commoncap_kmalloc_nolock, rust_commoncap_synchronize_rcu_tasks};
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
    /// Does it: called once, in the context of the task, before it is in user space again or, if it
    /// exits, when it has given up most of what it had.
    fn run(self);
}

/// Work that has been given to a task.
#[repr(C)]
struct Given<T> {
    head: callback_head,
    work: T,
    module: ModuleRef,
}

/// Gives the current task work to do before it returns to user space: `task_work_add()`.
///
/// Can be called with preemption disabled, but not in an interrupt.
///
/// Fails with `ENOMEM`, or with `ESRCH` if the task is exiting.
///
/// # Safety
///
/// Between the end of the last of this work, of which the reference on the module tells, and the
/// end of the module, a [`Barrier`] must be dropped.
pub unsafe fn add<T: TaskWork>(work: T, module: ModuleRef) -> Result {
    const { assert!(align_of::<Given<T>>() <= align_of::<u64>()) };
    // SAFETY: Just an FFI call.
    let memory = unsafe { rust_commoncap_kmalloc_nolock(size_of::<Given<T>>()) };
    let given = NonNull::new(memory.cast::<Given<T>>()).ok_or(ENOMEM)?;
    // SAFETY: It is memory of that size, aligned to 8 bytes at least as all of its kind, and nobody
    // else's.
    unsafe {
        given.write(Given {
            head: callback_head {
                next: core::ptr::null_mut(),
                func: Some(run::<T>),
            },
            work,
            module,
        })
    };
    // SAFETY: The current task is valid. What is given is, until `run()` takes it back, and of this
    // module, which is there for as long.
    let added = to_result(unsafe {
        bindings::task_work_add(
            Task::current_raw(),
            given.as_ptr().cast(),
            bindings::task_work_notify_mode_TWA_RESUME,
        )
    });
    if added.is_err() {
        // SAFETY: It has been written and has not been given to anybody.
        drop(unsafe { take_back(given) });
    }
    added
}

/// # Safety
///
/// `given` must be what [`add`] has written, and nobody may use it any more.
unsafe fn take_back<T>(given: NonNull<Given<T>>) -> Given<T> {
    // SAFETY: By the safety requirements.
    let owned = unsafe { given.read() };
    // SAFETY: It was allocated so, and what was in it has been moved.
    unsafe { bindings::kfree_nolock(given.as_ptr().cast()) };
    owned
}

/// # Safety
///
/// As the `func` of the `callback_head` of a `Given<T>`.
unsafe extern "C" fn run<T: TaskWork>(head: *mut callback_head) {
    // SAFETY: The head comes first in a `Given<T>`, which the task is done with when it calls this.
    let given: Given<T> = unsafe { take_back(NonNull::new_unchecked(head.cast())) };
    given.work.run();
    // From here on, only a `Barrier` keeps the code that is left to run.
    drop(given.module);
}

/// Dropped, it waits until every task has left the code that ends its work.
pub struct Barrier;

impl Drop for Barrier {
    fn drop(&mut self) {
        // That code does not sleep, and so is left when a task sleeps or is in user space.
        // SAFETY: Just an FFI call. Guards are dropped where one can sleep.
        unsafe { rust_commoncap_synchronize_rcu_tasks() };
    }
}
