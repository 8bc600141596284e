// SPDX-License-Identifier: GPL-2.0

//! The hook `capset`: `cap_capset()`.

use super::{
    capable::cap_capable,
    change::make, //
};
use crate::{
    kernel_ext::new_cred::NewCred,
    rules::{
        capset::{
            capset,
            Data, //
        },
        Sets, //
    }, //
};
use kernel::{
    bindings::{
        self,
        kernel_cap_t, //
    },
    capability::{
        Capability,
        CapabilitySet, //
    },
    cred::Credential,
    prelude::*, //
};

/// Determines whether the current task may give itself the capability sets of a request, and puts
/// them into its new credentials, for `cap_capset()`.
///
/// Returns 0 if it may. If not, returns `-EPERM`, and the new credentials are unchanged.
///
/// # Safety
///
/// `new` must point to credentials that the current task is preparing and that nothing else reads
/// or writes, `old` to credentials that nothing writes to, `cred` to those that the current task
/// acts with, and the others to sets. All must be valid for the call.
#[export]
pub unsafe extern "C" fn rust_cap_capset(
    new: *mut bindings::cred,
    old: *const bindings::cred,
    effective: *const kernel_cap_t,
    inheritable: *const kernel_cap_t,
    permitted: *const kernel_cap_t,
    cred: *const bindings::cred,
) -> c_int {
    // First, so that nothing that is read has to be kept during this call.
    // SAFETY: By the safety requirements, valid for the call.
    let setpcap = holds_setpcap(unsafe { Credential::from_ptr(cred) });
    // SAFETY: By the safety requirements. Nothing in here commits the new credentials, or takes a
    // counted reference to them.
    let new = unsafe { NewCred::from_ptr(new) };
    // SAFETY: By the safety requirements, valid for the call.
    let old = Sets::of(unsafe { Credential::from_ptr(old) });
    // SAFETY: By the safety requirements.
    let request = unsafe { request(effective, inheritable, permitted) };
    let verdict = capset(&old, &Sets::of(new.get()), setpcap, request);
    make(new, verdict)
}

//@ rust/hooks/capset.rs: upstream
