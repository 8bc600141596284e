// SPDX-License-Identifier: GPL-2.0

//! Which capability a program needs, and which rule denied it.
//!
//! What the `capwhy` program is made of. It decides nothing itself: it calls
//! [`commoncap`], the decisions of the kernel module, or reads what the module has recorded.

pub mod capabilities;
pub mod check;
pub mod cli;
pub mod deploy;
pub mod either_or;
pub mod error;
pub mod exec;
mod executable;
pub mod explain;
pub mod facts;
pub mod failures;
pub mod filter;
pub mod generate;
pub mod json;
pub mod likely;
pub mod mounts;
pub mod printable;
pub mod refusals;
pub mod run;
#[cfg(test)]
mod schema;
#[cfg(test)]
mod scratch;
pub mod securebits;
pub mod shell;
pub mod signals;
pub mod style;
pub mod table;
mod tools;
pub mod topic;
pub mod trace;
mod wait;
pub mod watch;
