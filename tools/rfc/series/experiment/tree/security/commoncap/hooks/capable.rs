// SPDX-License-Identifier: GPL-2.0

//! The hook `capable`: `cap_capable()`.

use super::to_errno;
use crate::rules::capable::{
    capable,
    parse, //
};
use kernel::{
    bindings,
    cred::Credential,
    prelude::*,
    user_namespace::UserNamespace, //
};

/// Determines whether credentials hold a capability over a user namespace, for `cap_capable()`.
///
/// Has reverse semantics to `capable()`: returns 0 if they do, `-EPERM` if not.
///
/// # Safety
///
/// `cred` and `target_ns` must point to credentials and to a user namespace that are valid for the
/// call.
#[export]
pub unsafe extern "C" fn rust_cap_capable(
    cred: *const bindings::cred,
    target_ns: *mut bindings::user_namespace,
    cap: c_int,
) -> c_int {
    // SAFETY: By the safety requirements, valid for the call.
    let cred = unsafe { Credential::from_ptr(cred) };
    // SAFETY: By the safety requirements, valid for the call, and nothing writes to the parent,
    // level or owner of a user namespace that can be asked about.
    let target_ns = unsafe { UserNamespace::from_ptr(target_ns) };
    answer(cred, target_ns, cap)
}

#[inline]
fn answer(cred: &Credential, target_ns: &UserNamespace, cap: c_int) -> c_int {
    parse(cap)
        .and_then(|capability| capable(cred, target_ns, capability))
        .map_or_else(to_errno, |_| 0)
}

/// Decides as `cap_capable()` does, and fires its tracepoint if that is enabled.
#[inline]
pub(super) fn cap_capable(
    cred: &Credential,
    target_ns: &UserNamespace,
    cap: c_int,
    opts: c_uint,
) -> c_int {
    if is_traced() {
        return traced(cred, target_ns, cap, opts);
    }
    answer(cred, target_ns, cap)
}

/// Calls the function of C, which fires the tracepoint.
#[cold]
#[inline(never)]
fn traced(cred: &Credential, target_ns: &UserNamespace, cap: c_int, opts: c_uint) -> c_int {
    // SAFETY: Both are valid, and the call changes neither.
    unsafe { bindings::cap_capable(cred.as_ptr(), target_ns.as_ptr(), cap, opts) }
}

/// Returns whether the tracepoint of `cap_capable()` is enabled.
#[inline]
pub(super) fn is_traced() -> bool {
    #[cfg(CONFIG_TRACEPOINTS)]
    // SAFETY: It is a tracepoint, which C defines.
    return unsafe {
        kernel::jump_label::static_branch_unlikely!(
            bindings::__tracepoint_cap_capable,
            bindings::tracepoint,
            key
        )
    };
    #[cfg(not(CONFIG_TRACEPOINTS))]
    false
}

//@ rust/hooks/capable.rs: upstream
