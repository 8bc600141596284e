// SPDX-License-Identifier: GPL-2.0

//! `mode=enforce`: the hooks replace the functions of `security/commoncap.c`, by livepatch.

use super::{capable, task_prctl};
use crate::kernel_ext::{
    livepatch::{livepatch_function, Function},
    tracepoint,
};

/// Returns the functions to replace, with their replacements.
pub fn functions() -> [Function; 2] {
    [
        // SAFETY: It requires of its arguments what `cap_capable()` requires. All else that it does
        // is allowed in each context of `cap_capable()`: it counts on its own CPU, and fires
        // tracepoints, which read the arguments and the credentials' namespace. It does not end in
        // a jump, as `tools/testing/static/tail-calls` checks.
        unsafe { livepatch_function!(cap_capable => capable::entry) },
        // SAFETY: As above. The kernel calls `cap_task_prctl()` only from `security_task_prctl()`,
        // at the start of a `prctl()` of the current task: in process context, with credentials
        // that are not overridden, and with no `CurrentCred` in use.
        unsafe { livepatch_function!(cap_task_prctl => task_prctl::entry) },
    ]
}

/// Looks up what the hooks need once they are called.
pub fn prepare() {
    // A kernel without tracepoints lacks this one, and then it is not fired.
    tracepoint::find_cap_capable();
}
