// SPDX-License-Identifier: GPL-2.0

//! The hook `task_fix_setuid`: `cap_task_fix_setuid()`.

use super::change::apply;
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
        Sets, //
    }, //
};
use kernel::{
    bindings::{
        self,
        uid_t, //
    },
    cred::Credential,
    prelude::*, //
};

/// Has the capability sets of new credentials follow a change of user IDs, for
/// `cap_task_fix_setuid()`.
///
/// Returns 0, or `-EINVAL` for an unknown kind of change.
///
/// # Safety
///
/// `new` must point to credentials that the current task is preparing and that nothing else reads
/// or writes, `old` to credentials that nothing writes to, and `cred` to those that the current
/// task acts with. All must be valid for the call.
#[export]
pub unsafe extern "C" fn rust_cap_task_fix_setuid(
    new: *mut bindings::cred,
    old: *const bindings::cred,
    flags: c_int,
    cred: *const bindings::cred,
) -> c_int {
    // SAFETY: By the safety requirements. Nothing in here commits the new credentials, or takes a
    // counted reference to them.
    let mut new = unsafe { NewCred::from_ptr(new) };
    // SAFETY: By the safety requirements, valid for the call.
    let old = unsafe { Credential::from_ptr(old) };
    // SAFETY: By the safety requirements, valid for the call.
    let securebits = unsafe { Credential::from_ptr(cred) }.securebits();
    let fix = |kind| {
        // Before IDs and sets are read, which would have to be kept during this call.
        let root = root_of(old);
        let change = Change {
            kind,
            root,
            old: &ids(old),
            new: &ids(new.get()),
        };
        fix_setuid(securebits, &change, || Sets::of(new.get()), &mut ())
    };
    // One call for each kind: the compiler specializes them, and keeps no kind meanwhile.
    let sets = match Kind::parse(flags) {
        Ok(Kind::Process) => fix(Kind::Process),
        Ok(Kind::FileSystem) => fix(Kind::FileSystem),
        Err(denial) => return denial.to_errno(),
    };
    if let Some(sets) = sets {
        apply(&mut new, &sets);
    }
    0
}

//@ rust/hooks/setuid_call.rs: upstream

//@ rust/hooks/task_fix_setuid.rs: upstream
