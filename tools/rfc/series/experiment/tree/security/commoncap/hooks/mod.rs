// SPDX-License-Identifier: GPL-2.0

//! The functions that `commoncap.c` calls.
//!
//! Each has a file. It reads the facts from the kernel, has [`crate::rules`] decide, acts on the
//! verdict, and returns the value that `commoncap.c` would return.

pub mod capable;
mod credentials;
pub mod task_prctl;

use crate::rules::Denial;
use kernel::prelude::*;

//@ rust/hooks/mod.rs: upstream
