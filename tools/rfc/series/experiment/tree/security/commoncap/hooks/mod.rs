// SPDX-License-Identifier: GPL-2.0

//! The hooks: where C asks and Rust answers.
//!
//! One file for each function of the capability LSM that is answered here. Each reads the facts
//! from the kernel, has [`crate::rules`] decide, acts on the verdict and answers as C does.

pub mod capable;
mod credentials;
pub mod task_prctl;

use crate::rules::Denial;
use kernel::prelude::*;

//@ rust/hooks/mod.rs: upstream
