// SPDX-License-Identifier: GPL-2.0

//! The decisions of the kernel module, from the same files, for user space.

#![cfg_attr(not(test), no_std)]

#[path = "../../../rust/kernel/capability.rs"]
pub mod capability;

#[path = "../../../rust/kernel/securebits.rs"]
pub mod securebits;

#[path = "../../../rust/commoncap/mod.rs"]
mod rules;

pub use rules::*;

use macros::kunit_tests;
