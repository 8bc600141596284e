// SPDX-License-Identifier: GPL-2.0

//! The tracepoint `capability:cap_capable`, which the kernel defines but does not export.
//!
//! A replacement of `cap_capable()` must fire it, or its users would see no more events.
//!
//! C header: [`include/trace/events/capability.h`](srctree/include/trace/events/capability.h).

use super::user_namespace::UserNamespace;
use crate::bindings;
use kernel::{cred::Credential, prelude::*, sync::SetOnce};

/// The tracepoint, if it has been found.
static CAP_CAPABLE: SetOnce<Tracepoint> = SetOnce::new();

/// A tracepoint of the kernel proper.
///
/// # Invariants
///
/// The pointer is to the tracepoint `cap_capable` of the kernel proper, which is static.
#[derive(Clone, Copy)]
struct Tracepoint(*mut kernel::bindings::tracepoint);

// SAFETY: A tracepoint of the kernel proper is never freed, and may be fired from any context.
unsafe impl Send for Tracepoint {}

// SAFETY: As for `Send`.
unsafe impl Sync for Tracepoint {}

/// Looks for the tracepoint. A kernel without `CONFIG_TRACEPOINTS` lacks it.
///
/// [`trace_cap_capable`] does nothing if it has not been found.
pub fn find_cap_capable() {
    // SAFETY: It may sleep here, as the module is being loaded, and takes no arguments.
    let tracepoint = unsafe { bindings::rust_commoncap_find_cap_capable() };
    if !tracepoint.is_null() {
        // INVARIANT: It has been found by that name in the kernel proper.
        CAP_CAPABLE.populate(Tracepoint(tracepoint));
    }
}

/// Fires `capability:cap_capable` if it is enabled: `trace_cap_capable()`.
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
        // SAFETY: By the invariants of `Tracepoint`, its probes have the prototype that C gives
        // them; the references are valid for the call.
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
