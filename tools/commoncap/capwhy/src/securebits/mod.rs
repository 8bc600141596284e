// SPDX-License-Identifier: GPL-2.0

//! What securebits mean, and how they may change: `capwhy securebits`.

pub mod names;
mod report;
pub mod supported;
pub mod transition;

pub use report::{Report, VERSION};
