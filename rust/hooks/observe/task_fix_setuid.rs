// SPDX-License-Identifier: GPL-2.0

//! The probe on `cap_task_fix_setuid()`.

use super::change;
use crate::{
    commoncap::Sets,
    hooks::{
        counters::Observed,
        hook::Hook,
        setuid_call::{self, root_of}, //
    },
    kernel_ext::{
        cred::current_cred,
        fprobe::{
            Arguments,
            Probe, //
        },
    },
};
use kernel::{
    bindings::cred,
    cred::Credential,
    prelude::*, //
};

/// The probe on `cap_task_fix_setuid()`.
pub(super) struct Handlers;

/// A call of it: its arguments, and the sets of the new credentials when it begins.
#[derive(Clone, Copy)]
pub(super) struct Call {
    new: *const cred,
    old: *const cred,
    flags: c_int,
    before: Sets,
}

// SAFETY: `cap_task_fix_setuid()` does not sleep.
unsafe impl Probe for Handlers {
    const FUNCTION: &'static CStr = c"cap_task_fix_setuid";
    type Call = Call;

    fn entry(arguments: &Arguments<'_>) -> Option<Call> {
        Hook::TaskFixSetuid.count_observed(Observed::Entered);
        let new = arguments.get(0) as *const cred;
        // SAFETY: The system call prepares the credentials, and only `cap_task_fix_setuid()` writes
        // to them, which has just begun.
        let before = Sets::of(unsafe { Credential::from_ptr(new) });
        Some(Call {
            new,
            old: arguments.get(1) as *const _,
            // The C type is `int`.
            flags: arguments.get(2) as c_int,
            before,
        })
    }

    /// Decides on the arguments: `cap_task_fix_setuid()` changes only the sets of the new
    /// credentials. With the verdict, the call would be too large to keep.
    fn exit(call: Call, returned: usize) {
        let ret = returned as c_int;
        // SAFETY: As in `entry`; the function has returned.
        let new = unsafe { Credential::from_ptr(call.new) };
        // SAFETY: The credentials of the current task stay while it commits no others.
        let old = unsafe { Credential::from_ptr(call.old) };
        // SAFETY: Nothing is committed here.
        let current = unsafe { current_cred() };

        let after = Sets::of(new);
        let root = root_of(old);
        let call = setuid_call::Call::new(root, new, call.before, old, current, call.flags);
        change::returned(&call, after, ret);
    }
}
