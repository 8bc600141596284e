// SPDX-License-Identifier: GPL-2.0

//! `mode=enforce`: the hooks in place of the functions of `security/commoncap.c`, by livepatch.

use super::{capable, task_prctl};
use crate::kernel_ext::{
    livepatch::{livepatch_function, Function},
    tracepoint,
};

/// Returns what replaces what.
pub fn functions() -> [Function; 2] {
    [
        // SAFETY: It asks of its arguments what the C asks, and is called in its place. What it
        // does beyond that may be done wherever the C is called: it counts, and fires a tracepoint
        // that reads its arguments and the namespace of the credentials, as the C's own does. It
        // ends in no jump, which the tests look at.
        unsafe { livepatch_function!(cap_capable => capable::entry) },
        // SAFETY: As above. The C is only called by `security_task_prctl()`, for a system call of
        // the current task, and so by nobody who holds a `CurrentCred`.
        unsafe { livepatch_function!(cap_task_prctl => task_prctl::entry) },
    ]
}

/// Makes ready what the hooks need once they are called.
pub fn prepare() {
    // A kernel without tracepoints has nobody who watches this one.
    tracepoint::find_cap_capable();
}
