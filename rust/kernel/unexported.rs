// SPDX-License-Identifier: GPL-2.0

//! What the kernel does not export to modules.
//!
//! On a kernel with livepatch the module has it if `tools/build/livepatch-relocations` has run on
//! the module. All of it is found, or nothing is.

use super::{
    capability::Capability,
    series::eopnotsupp,
    user_namespace::UserNamespace, //
};
use crate::bindings::{
    linux_binprm,
    rust_commoncap_audit_log_bprm_fcaps,
    rust_commoncap_dac_mmap_min_addr,
    rust_commoncap_file_caps_enabled,
    rust_commoncap_has_ns_capability,
    rust_commoncap_mnt_may_suid,
    rust_commoncap_ptracer_capable, //
};
use kernel::{
    bindings::{
        cred,
        task_struct,
        vfsmount, //
    },
    prelude::*,
    task::Task, //
};

/// Why it was not found, and what to do.
pub const MISSING: &str = if cfg!(all(CONFIG_LIVEPATCH, any(CONFIG_X86_64, CONFIG_ARM64))) {
    "they take symbols that the module was built without: build it with its Makefile, not with \
     Kbuild alone"
} else {
    "they take symbols that only a kernel with CONFIG_LIVEPATCH gives to a module, on x86-64 or \
     arm64"
};

/// Returns whether it was found. If not, each function here gives the answer that allows less.
#[inline]
pub fn found() -> bool {
    // SAFETY: Only the loader of modules writes to it, before any code of the module runs.
    !unsafe { rust_commoncap_file_caps_enabled }.is_null()
}

/// Returns whether capabilities of files count: `file_caps_enabled`. It is set at boot.
#[inline]
pub fn file_caps_enabled() -> bool {
    // SAFETY: It was found, so it is the address of the kernel's variable.
    found() && unsafe { *rust_commoncap_file_caps_enabled != 0 }
}

/// Returns the lowest address that a task may map without `CAP_SYS_RAWIO`: `dac_mmap_min_addr`.
#[inline]
pub fn dac_mmap_min_addr() -> usize {
    if cfg!(not(CONFIG_MMU)) {
        return 0;
    }
    if !found() {
        return usize::MAX;
    }
    // SAFETY: It was found, so it is the address of the kernel's variable. The sysctl writes to
    // that at any time, as a word.
    unsafe { rust_commoncap_dac_mmap_min_addr.read_volatile() }
}

/// Determines whether a task holds a capability over a user namespace: `has_ns_capability()`.
///
/// Checks with all LSMs, which may write an audit record of a denial. Does not note the use of
/// privilege.
///
/// # Safety
///
/// `task` must point to a task that is valid for the call.
#[inline]
pub unsafe fn has_ns_capability(
    task: *const task_struct,
    ns: &UserNamespace,
    capability: Capability,
) -> bool {
    if !found() {
        return false;
    }
    // SAFETY: It was found, so the function can be called. By the safety requirements the task is
    // valid; by the invariants of the types the namespace and the capability are, too.
    unsafe {
        rust_commoncap_has_ns_capability(task.cast_mut(), ns.as_ptr(), capability.number().into())
    }
}

/// Determines whether the current task is not traced, or the credentials with which tracing began
/// hold `CAP_SYS_PTRACE` over a user namespace: `ptracer_capable()`. They are the tracer's, or the
/// task's own if it called `PTRACE_TRACEME`. Checks with all LSMs, without audit records.
#[inline]
pub fn ptracer_capable(ns: &UserNamespace) -> bool {
    // SAFETY: It was found, so the function can be called. The current task is valid, and so is the
    // namespace by the invariants of its type.
    found() && unsafe { rust_commoncap_ptracer_capable(Task::current_raw(), ns.as_ptr()) }
}

/// Determines whether privilege may come from a mount: `mnt_may_suid()`.
///
/// # Safety
///
/// `mount` must point to a mount that is valid for the call.
#[inline]
pub(super) unsafe fn mnt_may_suid(mount: *mut vfsmount) -> bool {
    // SAFETY: It was found, so the function can be called; and by the safety requirements.
    found() && unsafe { rust_commoncap_mnt_may_suid(mount) }
}

/// Keeps the capabilities that an `execve()` raises for the audit records of the system call, if it
/// is audited: `audit_log_bprm_fcaps()`. Returns 0 or a negative error number. Can sleep.
///
/// # Safety
///
/// `bprm` must point to that of an `execve()` of the current task, `new` to its new credentials,
/// and `old` to those that the task acts with. All must be valid for the call.
#[inline]
pub(super) unsafe fn audit_log_bprm_fcaps(
    bprm: *mut linux_binprm,
    new: *const cred,
    old: *const cred,
) -> c_int {
    if !found() {
        return eopnotsupp().to_errno();
    }
    // SAFETY: It was found, so the function can be called; and by the safety requirements.
    unsafe { rust_commoncap_audit_log_bprm_fcaps(bprm, new, old) }
}

#[crate::kunit_tests(rust_unexported)]
mod tests {
    use super::*;

    #[test]
    fn a_kernel_thread_has_each_capability_where_that_was_found() {
        for &capability in Capability::ALL {
            // SAFETY: The current task is valid.
            let has = unsafe {
                has_ns_capability(Task::current_raw(), UserNamespace::initial(), capability)
            };
            assert_eq!(has, found());
        }
    }
}
