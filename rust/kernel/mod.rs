// SPDX-License-Identifier: GPL-2.0

//! What the `kernel` crate lacks.
//!
//! Each file is named and written as it would be in `rust/kernel/`. Where upstream would add a
//! method to an existing type, an extension trait has it here.

pub mod audit;
pub mod binprm;
pub mod c_string;
pub mod capability;
pub mod counters;
pub mod cred;
pub mod debugfs;
pub mod dentry;
pub mod escape;
pub mod file;
pub mod fprobe;
pub mod ids;
pub mod inode;
pub mod kmalloc;
pub mod livepatch;
pub mod mnt_idmap;
pub mod module;
pub mod module_param;
pub mod mount;
pub mod new_cred;
pub mod rcu;
pub mod securebits;
pub mod series;
pub mod superpriv;
pub mod syscall;
pub mod task_cred;
pub mod task_work;
pub mod tracepoint;
pub mod unexported;
pub mod user_namespace;
