// SPDX-License-Identifier: GPL-2.0

//! The hook `capable`: `cap_capable()`.

use super::returned;
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
    // SAFETY: By the safety requirements, valid for the call. Each namespace holds a reference on
    // its parent. Nothing writes to the parent, level or owner of one that is complete, and only
    // complete ones are passed here.
    let target_ns = unsafe { UserNamespace::from_ptr(target_ns) };
    returned(parse(cap).and_then(|capability| capable(cred, target_ns, capability)))
}

/// Checks by the function of C, which fires the tracepoint, and which probes and livepatches see.
#[inline(always)]
pub(super) fn cap_capable(
    cred: &Credential,
    target_ns: &UserNamespace,
    cap: c_int,
    opts: c_uint,
) -> c_int {
    // SAFETY: Both are valid, and the call changes neither.
    unsafe { bindings::cap_capable(cred.as_ptr(), target_ns.as_ptr(), cap, opts) }
}

//@ rust/hooks/capable.rs: upstream
