// SPDX-License-Identifier: GPL-2.0

//! The functions that `commoncap.c` calls.
//!
//! Each function has a file of its own. It reads the facts from the kernel, has [`crate::rules`]
//! decide, acts on the verdict, and returns the value that the code in C would return.

pub mod capable;
mod credentials;
pub mod task_prctl;

use crate::rules::Denial;
use kernel::prelude::*;

//@ rust/hooks/mod.rs: upstream
