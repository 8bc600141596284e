// SPDX-License-Identifier: GPL-2.0

//! The decisions of the kernel module, built from the same files, for user space.
//!
//! Only [`operations`] is for user space alone: a table of the kernel's checks, which the module
//! does not need.

#![cfg_attr(not(test), no_std)]

#[path = "../../../rust/kernel/capability.rs"]
pub mod capability;

pub mod operations;

#[path = "../../../rust/commoncap/mod.rs"]
mod rules;

#[path = "../../../rust/kernel/securebits.rs"]
pub mod securebits;

pub use rules::*;

use macros::kunit_tests;
