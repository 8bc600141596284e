// SPDX-License-Identifier: GPL-2.0

//! The probe on `cap_capset()`.

use super::change;
use crate::{
    capability::Capability,
    commoncap::{
        capable::capable,
        Sets, //
    },
    hooks::{
        capset,
        capset_call,
        counters::Observed,
        hook::Hook, //
    },
    kernel_ext::{
        cred::{current_cred, CredentialExt},
        fprobe::{Arguments, Probe},
    },
};
use kernel::{
    bindings::{cred, kernel_cap_t},
    cred::Credential,
    prelude::*,
};

/// The probe on `cap_capset()`.
pub(super) struct Handlers;

/// A call of it: its arguments, and the sets of the new credentials when it begins.
#[derive(Clone, Copy)]
pub(super) struct Call {
    new: *const cred,
    old: *const cred,
    effective: *const kernel_cap_t,
    inheritable: *const kernel_cap_t,
    permitted: *const kernel_cap_t,
    before: Sets,
}

// SAFETY: `cap_capset()` does not sleep.
unsafe impl Probe for Handlers {
    const FUNCTION: &'static CStr = c"cap_capset";
    type Call = Call;

    fn entry(arguments: &Arguments<'_>) -> Option<Call> {
        Hook::Capset.count_observed(Observed::Entered);
        let new = arguments.get(0) as *const cred;
        // SAFETY: `sys_capset()` prepares the credentials, and only `cap_capset()` writes to them,
        // which has just begun.
        let before = Sets::of(unsafe { Credential::from_ptr(new) });
        Some(Call {
            new,
            old: arguments.get(1) as *const _,
            effective: arguments.get(2) as *const _,
            inheritable: arguments.get(3) as *const _,
            permitted: arguments.get(4) as *const _,
            before,
        })
    }

    /// Decides on the arguments: `cap_capset()` changes only the new credentials. With the verdict,
    /// the call would be too large to keep.
    fn exit(call: Call, returned: usize) {
        let ret = returned as c_int;
        // SAFETY: `sys_capset()` keeps the sets on its stack until the call has returned.
        let request = unsafe { capset::request(call.effective, call.inheritable, call.permitted) };
        // SAFETY: The credentials of the current task stay while it commits no others.
        let old = unsafe { Credential::from_ptr(call.old) };
        // SAFETY: Nothing is committed here.
        let current = unsafe { current_cred() };
        let setpcap = capable(current, current.user_ns(), Capability::SETPCAP).is_ok();
        // SAFETY: As in `entry`; the function has returned.
        let after = Sets::of(unsafe { Credential::from_ptr(call.new) });

        let call = capset_call::Call::new(old, call.before, setpcap, request);
        change::returned(&call, after, ret);
    }
}
