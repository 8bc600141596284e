// SPDX-License-Identifier: GPL-2.0

//! Functions and variables of C that belong to no type.

use super::{
    capability::Capability,
    user_namespace::UserNamespace, //
};
use kernel::{
    bindings::{
        self,
        task_struct, //
    },
    prelude::*, //
};

/// Returns the lowest address that a task may map without `CAP_SYS_RAWIO`: `dac_mmap_min_addr`.
#[inline]
pub fn dac_mmap_min_addr() -> usize {
    #[cfg(CONFIG_MMU)]
    // SAFETY: It is static. The sysctl writes to it at any time, as a word.
    return unsafe { (&raw const bindings::dac_mmap_min_addr).read_volatile() };
    #[cfg(not(CONFIG_MMU))]
    0
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
    let capability: c_int = capability.number().into();
    // SAFETY: By the safety requirements the task is valid; by the invariants of the types the
    // namespace and the capability are, too.
    unsafe { bindings::has_ns_capability(task.cast_mut(), ns.as_ptr(), capability) }
}
