// SPDX-License-Identifier: GPL-2.0

//! The hook `task_fix_setuid`: `cap_task_fix_setuid()`.

use super::change::make;
use crate::{
    kernel_ext::{
        ids::{
            make_kuid,
            CredentialIds, //
        },
        new_cred::NewCred, //
    },
    rules::{
        setuid::{
            fix_setuid,
            Change,
            Ids,
            Kind, //
        },
        Denial,
        Observer,
        Sets, //
    }, //
};
use kernel::{
    bindings::{
        self,
        uid_t, //
    },
    cred::{
        current_cred,
        Credential, //
    },
    prelude::*,
    securebits::Securebits, //
};

/// Has the capability sets of new credentials follow a change of user IDs, for
/// `cap_task_fix_setuid()`.
///
/// Returns 0, or `-EINVAL` for an unknown kind of change.
///
/// # Safety
///
/// `new` must point to credentials that the current task is preparing and that nothing else reads
/// or writes, `old` to those that it acts with. Both must be valid for the call.
#[export]
pub unsafe extern "C" fn rust_cap_task_fix_setuid(
    new: *mut bindings::cred,
    old: *const bindings::cred,
    flags: c_int,
) -> c_int {
    // SAFETY: By the safety requirements.
    let new = unsafe { NewCred::from_ptr(new) };
    // SAFETY: By the safety requirements, valid for the call.
    let old = unsafe { Credential::from_ptr(old) };
    // SAFETY: Nothing is committed in here.
    let current = unsafe { current_cred() };
    let call = Call::new(new.get(), Sets::of(new.get()), old, current, flags);
    make(new, call.verdict(&mut ()))
}

//@ rust/hooks/setuid_call.rs: upstream

//@ rust/hooks/task_fix_setuid.rs: upstream
