// SPDX-License-Identifier: GPL-2.0

//! What the hooks need and the `kernel` crate lacks.
//!
//! Each file is as it would be in `rust/kernel/` if it had another user.

pub mod ids;
pub mod inode;
pub mod mnt_idmap;
pub mod superpriv;
pub mod symbols;
pub mod task_cred;

use kernel::{
    capability,
    user_namespace, //
};
