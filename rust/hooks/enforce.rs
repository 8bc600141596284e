// SPDX-License-Identifier: GPL-2.0

//! `mode=enforce`: the hooks replace the functions of `security/commoncap.c`, by livepatch.

use super::{
    bprm_creds_from_file, capable, capget, capset, convert_nscap,
    functions::Functions,
    hook::{
        for_each_hook,
        Hook, //
    },
    inode_getsecurity, inode_killpriv, inode_need_killpriv, inode_removexattr, inode_setxattr,
    mmap_addr,
    nice::{
        task_setioprio,
        task_setnice,
        task_setscheduler, //
    },
    ptrace_access_check, ptrace_traceme, settime, task_fix_setuid, task_prctl, vm_enough_memory,
};
use crate::kernel_ext::{
    livepatch::{
        livepatch_function,
        Function, //
    },
    tracepoint,
};

/// How many functions there are.
pub const COUNT: usize = Hook::ALL.len();

/// Returns those of the functions to replace, with their replacements.
pub fn functions(functions: Functions) -> impl Iterator<Item = Function> {
    functions.hooks().map(replacement)
}

macro_rules! define {
    ($($(#[$doc:meta])* $hook:ident, $name:ident, $function:ident;)*) => {
        fn replacement(hook: Hook) -> Function {
            match hook {
                $(
                    // SAFETY: The safety section of each `entry` says why it requires nothing of
                    // its arguments and its context that the function does not. All else that it
                    // does is allowed in each context of the function: it counts on its own CPU,
                    // and fires tracepoints, which read what it was given. It does not end in a
                    // jump, as `tools/testing/static/tail-calls` checks.
                    Hook::$hook => unsafe {
                        livepatch_function!($function => $name::entry)
                    },
                )*
            }
        }
    };
}

for_each_hook!(define);

/// Looks up what the hooks need once they are called.
///
/// # Safety
///
/// This must be called once only, before anything is observed or replaced.
pub unsafe fn prepare() {
    // A kernel without tracepoints lacks this one, and then it is not fired.
    // SAFETY: By the safety requirements.
    unsafe { tracepoint::find_cap_capable() };
}
