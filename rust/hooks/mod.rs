// SPDX-License-Identifier: GPL-2.0

//! The hooks of the capability LSM, and how they are attached to the kernel.
//!
//! Each hook has a file. It reads the facts from the kernel, has [`crate::commoncap`] decide, acts
//! on the verdict, and returns the value that `commoncap.c` would return.

mod bprm_creds_from_file;
mod capable;
mod capget;
mod capset;
mod capset_call;
mod change;
mod checkpoint_restore;
mod convert_nscap;
pub mod counters;
mod credentials;
pub mod debugfs;
pub mod divergence;
pub mod enforce;
pub mod exe_link;
mod exec_call;
mod exec_context;
pub mod functions;
mod held;
mod hook;
mod inode_getsecurity;
mod inode_killpriv;
mod inode_need_killpriv;
mod inode_removexattr;
mod inode_setxattr;
#[cfg_attr(not(CONFIG_TRACEPOINTS), allow(dead_code))]
mod losses;
mod mmap_addr;
mod nice;
pub mod observe;
mod on_mount;
mod ptrace_access_check;
mod ptrace_traceme;
mod question;
mod reason;
mod settime;
mod setuid_call;
mod snapshot;
mod task_fix_setuid;
mod task_prctl;
#[cfg_attr(not(CONFIG_TRACEPOINTS), path = "trace/no_trace.rs")]
mod trace;
mod vm_enough_memory;

pub use checkpoint_restore::checkpoint_restore_ns_capable;

use crate::commoncap::Denial;
use kernel::prelude::*;

// region: upstream
/// Returns what a function returns that only answers whether something is allowed.
#[inline(always)]
fn returned<T>(verdict: Result<T, Denial>) -> c_int {
    verdict.map_or_else(Denial::to_errno, |_| 0)
}
// endregion: upstream
