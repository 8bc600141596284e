// SPDX-License-Identifier: GPL-2.0

//! The decisions of the capability LSM, without side effects.
//!
//! The module has the rules of [`security/commoncap.c`](srctree/security/commoncap.c). Each
//! function takes what it decides about as arguments and returns a verdict: a grant, a change of
//! credentials to make, or a [`Denial`] that names the rule that denies. A step that takes
//! capabilities without an error reports a [`Loss`] to an [`Observer`]. Nothing here reads or
//! changes the state of the kernel. The hooks do.
//!
//! | C | Rust |
//! |---|---|
//! | `cap_capable()` | [`capable::capable`] |
//! | `checkpoint_restore_ns_capable()` | [`checkpoint_restore::ns_capable`] |
//! | `cap_task_prctl()`, `cap_prctl_drop()` | [`prctl::Request::parse`], [`prctl::decide`] |
//! | … `PR_SET_SECUREBITS` | [`prctl::securebits`] |
//! | … `PR_CAP_AMBIENT` | `prctl::ambient` |
//! | `cap_capget()`, `cap_capset()` | [`capset`] |
//! | `cap_task_fix_setuid()`, `cap_emulate_setxuid()` | [`setuid::fix_setuid`] |
//! | `cap_bprm_creds_from_file()` | [`exec::creds_from_file`] |
//! | `get_vfs_caps_from_disk()` | [`file_capabilities::from_disk`] |
//! | `cap_convert_nscap()` | [`file_capabilities::convert`] |
//! | `cap_inode_getsecurity()` | [`file_capabilities::getsecurity`] |
//! | `cap_inode_setxattr()` and the other hooks of attributes | [`xattr`] |
//! | `cap_ptrace_access_check()`, `cap_ptrace_traceme()` | [`ptrace`] |
//! | `cap_task_setnice()`, `…setioprio()`, `…setscheduler()` | [`nice::safe_nice`] |
//! | `cap_mmap_addr()`, `cap_vm_enough_memory()` | [`memory`] |
//! | `cap_settime()` | [`settime::settime`] |
//!
//! All functions are generic over the traits in [`credentials`]. With the kernel's own structures
//! they compile to plain reads of these. The tests run the same rules on arbitrary values.

#![forbid(unsafe_code)]

pub mod capable;
pub mod capset;
pub mod checkpoint_restore;
pub mod credentials;
mod denial;
pub mod exec;
pub mod file_capabilities;
mod loss;
pub mod memory;
pub mod nice;
pub mod prctl;
pub mod privileges;
pub mod ptrace;
mod sets;
pub mod settime;
pub mod setuid;
#[cfg(any(test, CONFIG_KUNIT = "y"))]
mod testing;
mod uid_map;
pub mod xattr;

pub use denial::{
    Denial,
    Errno,
    Failure, //
};
pub use loss::{
    Loss,
    Observer, //
};
pub use sets::Sets;
pub use uid_map::UidMap;
