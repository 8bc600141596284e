// SPDX-License-Identifier: GPL-2.0

// region: upstream
//! The credentials of another task.
//!
//! C header: [`include/linux/cred.h`](srctree/include/linux/cred.h).

use kernel::{
    bindings,
    cred::Credential,
    sync::rcu, //
};

/// Calls a function with the objective credentials of a task: `__task_cred()`.
///
/// The task may replace them at any time; those that the function gets stay valid meanwhile, since
/// it runs in a read-side critical section of RCU. It must not sleep.
///
/// # Safety
///
/// `task` must point to a task that is valid for the call.
#[inline]
pub unsafe fn with_task_cred<R>(
    task: *const bindings::task_struct,
    call: impl FnOnce(&Credential) -> R,
) -> R {
    let _guard = rcu::read_lock();
    // SAFETY: By the safety requirements, the task is valid. This is `rcu_dereference()`.
    let cred = unsafe { (&raw const (*task).real_cred).read_volatile() };
    // SAFETY: A task always has credentials. RCU keeps those that it replaces valid until the guard
    // is dropped.
    call(unsafe { Credential::from_ptr(cred) })
}

// endregion: upstream

/// Calls a function with the credentials with which tracing of the current task began; [`None`] if
/// it is not traced: `ptracer_cred`. They are the tracer's, or its own if it called
/// `PTRACE_TRACEME`.
///
/// They stay valid meanwhile, since the function runs in a read-side critical section of RCU. It
/// must not sleep.
#[inline]
pub fn with_ptracer_cred<R>(call: impl FnOnce(Option<&Credential>) -> R) -> R {
    let _guard = rcu::read_lock();
    // SAFETY: The current task is valid. This is `rcu_dereference()`.
    let cred =
        unsafe { (&raw const (*kernel::task::Task::current_raw()).ptracer_cred).read_volatile() };
    if cred.is_null() {
        return call(None);
    }
    // SAFETY: RCU keeps credentials that are replaced valid until the guard is dropped.
    call(Some(unsafe { Credential::from_ptr(cred) }))
}

// region: upstream
#[crate::kunit_tests(rust_task_cred)]
mod tests {
    use super::*;
    use kernel::task::Task;

    #[test]
    fn the_current_task_has_its_own_credentials() {
        let task = Task::current_raw();
        // SAFETY: The current task is valid.
        let expected = unsafe { (*task).real_cred };
        // SAFETY: As above.
        let given = unsafe { with_task_cred(task, core::ptr::from_ref) };
        assert!(core::ptr::eq(given.cast(), expected));
    }
}
// endregion: upstream
