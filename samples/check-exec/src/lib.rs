// SPDX-License-Identifier: GPL-2.0

//! What `inc` and `set-exec` are made of, but for the check: that is in [`may_interpret`].

pub mod cli;
pub mod interpreter;
pub mod lines;
