// SPDX-License-Identifier: GPL-2.0

//! The hook `task_prctl`: `cap_task_prctl()`.

use super::capable::cap_capable;
use crate::rules::{
    credentials::Privileges,
    prctl::{
        decide,
        Change,
        Request,
        Verdict, //
    },
    Denial, //
};
use kernel::{
    bindings,
    capability::Capability,
    cred::{
        Credential,
        CurrentCred,
        PreparedCred, //
    },
    prelude::*, //
};

/// Answers `prctl()` for capabilities and securebits, for `cap_task_prctl()`.
///
/// Returns `-ENOSYS` if the option is not answered here. Any other value but 0 is final; after 0,
/// LSMs that come later may still answer. `cred` is last so that all other arguments stay in the
/// registers that C has them in.
///
/// # Safety
///
/// Must be called by C in process context, where it may sleep, by a task whose credentials are not
/// overridden, and that has no [`CurrentCred`] and no reference from `current_cred()` in use.
/// `cred` must be `current_cred()`, and nothing else may change it meanwhile.
#[export]
pub unsafe extern "C" fn rust_cap_task_prctl(
    option: c_int,
    arg2: c_ulong,
    arg3: c_ulong,
    arg4: c_ulong,
    arg5: c_ulong,
    cred: *const bindings::cred,
) -> c_int {
    // SAFETY: By the safety requirements.
    let mut current = unsafe { CurrentCred::from_ptr(cred) };
    to_return(task_prctl(&mut current, option, [arg2, arg3, arg4, arg5]))
}

//@ rust/hooks/task_prctl.rs: upstream
