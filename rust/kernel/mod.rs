// SPDX-License-Identifier: GPL-2.0

//! What the `kernel` crate lacks.
//!
//! One file each, named and written as it would be in `rust/kernel/`. Where upstream would give an
//! existing type another method, there is an extension trait of that method here.

pub mod audit;
pub mod capability;
pub mod counters;
pub mod cred;
pub mod debugfs;
pub mod escape;
pub mod file;
pub mod fprobe;
pub mod livepatch;
pub mod module;
pub mod module_param;
pub mod rcu;
pub mod securebits;
pub mod syscall;
pub mod task_work;
pub mod tracepoint;
pub mod user_namespace;
