// SPDX-License-Identifier: GPL-2.0

//! The capability LSM, in Rust.
//!
//! What it decides is in [`rules`].

pub mod rules;
