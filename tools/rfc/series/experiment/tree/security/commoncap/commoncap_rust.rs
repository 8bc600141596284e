// SPDX-License-Identifier: GPL-2.0

//! The hooks `capable` and `task_prctl` of the capability LSM, in Rust.
//!
//! What they decide is in [`rules`].

pub mod rules;
