// SPDX-License-Identifier: GPL-2.0

//! The parts of `inc` and `set-exec`. The check itself is in [`may_interpret`].

pub mod cli;
pub mod interpreter;
pub mod lines;
