// SPDX-License-Identifier: GPL-2.0

//! The tracepoint `capability:cap_capable`, which the kernel defines but does not export.
//!
//! A replacement of `cap_capable()` must fire it, or its users would see no more events. A probe on
//! it sees each decision of the kernel's own `cap_capable()`.
//!
//! C header: [`include/trace/events/capability.h`](srctree/include/trace/events/capability.h).

use super::user_namespace::UserNamespace;
use crate::bindings;
use core::marker::PhantomData;
use kernel::{cred::Credential, error::to_result, prelude::*};

/// Looks for the tracepoint. A kernel without `CONFIG_TRACEPOINTS` lacks it.
///
/// If it has not been found, [`cap_capable_enabled`] returns `false`, and no probe can be
/// registered.
///
/// # Safety
///
/// No other function of this file may be called before this or meanwhile.
pub unsafe fn find_cap_capable() {
    // SAFETY: By the safety requirements, nothing reads the pointer that this writes. It may sleep
    // here, as the module is being loaded.
    unsafe { bindings::rust_commoncap_find_cap_capable() };
}

/// Returns whether `capability:cap_capable` is enabled: `trace_cap_capable_enabled()`.
#[inline(always)]
pub fn cap_capable_enabled() -> bool {
    // SAFETY: The pointer is written to once, before anything calls this. It is to a static
    // tracepoint: that of the kernel proper or, if there is none, one that is never enabled. C
    // writes to the counter atomically.
    let enabled = unsafe {
        let tracepoint = bindings::rust_commoncap_tracepoint;
        (&raw const (*tracepoint).key.key.enabled.counter).read_volatile()
    };
    enabled != 0
}

/// Fires `capability:cap_capable`. To be called if [`cap_capable_enabled`] returns `true`.
///
/// `ret` is what `cap_capable()` returns.
pub fn trace_cap_capable(
    cred: &Credential,
    target_ns: &UserNamespace,
    cred_ns: &UserNamespace,
    cap: c_int,
    ret: c_int,
) {
    // SAFETY: The references are valid for the call.
    unsafe {
        bindings::rust_commoncap_trace_cap_capable(
            cred.as_ptr(),
            target_ns.as_ptr(),
            cred_ns.as_ptr(),
            cap,
            ret,
        )
    };
}

/// A handler for the decisions of `cap_capable()`.
///
/// It runs in every context that calls that function: possibly in an interrupt or with locks held.
/// It must not sleep, nor take a lock that such a context may hold.
pub trait CapCapableProbe: 'static {
    /// Runs after each decision, with the arguments of `cap_capable()` and what it returns.
    fn decided(cred: &Credential, target_ns: &UserNamespace, cap: c_int, ret: c_int);
}

/// A registered probe on `capability:cap_capable`. Dropping it unregisters the probe and waits
/// until no handler runs.
///
/// # Invariants
///
/// `probe` is registered with the tracepoint.
pub struct CapCapableRegistration<P: CapCapableProbe>(PhantomData<fn() -> P>);

impl<P: CapCapableProbe> CapCapableRegistration<P> {
    /// Registers the probe. Can sleep.
    ///
    /// Fails with `EOPNOTSUPP` if the tracepoint has not been found, with `EEXIST` if the probe is
    /// registered already, or with `ENOMEM`.
    pub fn new() -> Result<Self> {
        // SAFETY: `probe` is valid for as long as it is registered, since that ends when the
        // returned value is dropped.
        to_result(unsafe { bindings::rust_commoncap_register_cap_capable(Some(Self::probe)) })?;
        // INVARIANT: Just registered.
        Ok(Self(PhantomData))
    }

    /// # Safety
    ///
    /// `cred` and `target_ns` must be valid for the call, as C ensures for probes of the
    /// tracepoint.
    unsafe extern "C" fn probe(
        _data: *mut c_void,
        cred: *const kernel::bindings::cred,
        target_ns: *mut kernel::bindings::user_namespace,
        _cred_ns: *const kernel::bindings::user_namespace,
        cap: c_int,
        ret: c_int,
    ) {
        // SAFETY: By the safety requirements, valid for the call.
        let cred = unsafe { Credential::from_ptr(cred) };
        // SAFETY: Valid for the call, too. Each namespace holds a reference on its parent. Nothing
        // writes to the parent, level or owner of one that is complete, and only complete ones are
        // passed to `cap_capable()`.
        let target_ns = unsafe { UserNamespace::from_ptr(target_ns) };
        P::decided(cred, target_ns, cap, ret);
    }
}

impl<P: CapCapableProbe> Drop for CapCapableRegistration<P> {
    fn drop(&mut self) {
        // SAFETY: By the type invariants, it is registered.
        unsafe { bindings::rust_commoncap_unregister_cap_capable(Some(Self::probe)) };
    }
}
