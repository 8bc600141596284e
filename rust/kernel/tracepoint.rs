// SPDX-License-Identifier: GPL-2.0

//! The tracepoint `capability:cap_capable`, which the kernel defines but does not export.
//!
//! Whoever takes the place of `cap_capable()` must fire it, or those who watch it go blind.
//!
//! C header: [`include/trace/events/capability.h`](srctree/include/trace/events/capability.h).

use super::user_namespace::UserNamespace;
use crate::bindings;
use kernel::{cred::Credential, prelude::*, sync::SetOnce};

/// The tracepoint, once it has been looked for.
static CAP_CAPABLE: SetOnce<Tracepoint> = SetOnce::new();

/// A tracepoint of the kernel proper.
///
/// # Invariants
///
/// The pointer is to the tracepoint `cap_capable` of the kernel proper, which is static.
#[derive(Clone, Copy)]
struct Tracepoint(*mut kernel::bindings::tracepoint);

// SAFETY: Tracepoints are made to be fired from any context.
unsafe impl Send for Tracepoint {}

// SAFETY: As for `Send`.
unsafe impl Sync for Tracepoint {}

/// Looks for the tracepoint, which a kernel without `CONFIG_TRACEPOINTS` does not have.
///
/// Unless it has been found, [`trace_cap_capable`] does nothing.
pub fn find_cap_capable() {
    // SAFETY: Just an FFI call.
    let tracepoint = unsafe { bindings::rust_commoncap_find_cap_capable() };
    if !tracepoint.is_null() {
        // INVARIANT: It has been found by that name in the kernel proper.
        CAP_CAPABLE.populate(Tracepoint(tracepoint));
    }
}

/// Fires `capability:cap_capable` if somebody watches it: `trace_cap_capable()`.
///
/// `ret` is what `cap_capable()` returns.
#[inline]
pub fn trace_cap_capable(
    cred: &Credential,
    target_ns: &UserNamespace,
    cred_ns: &UserNamespace,
    cap: c_int,
    ret: c_int,
) {
    if let Some(tracepoint) = CAP_CAPABLE.copy() {
        // SAFETY: By the invariants of `Tracepoint` it is the one of this prototype; the references
        // are valid for the call.
        unsafe {
            bindings::rust_commoncap_trace_cap_capable(
                tracepoint.0,
                cred.as_ptr(),
                target_ns.as_ptr(),
                cred_ns.as_ptr(),
                cap,
                ret,
            )
        };
    }
}
