// SPDX-License-Identifier: GPL-2.0

//! Dynamic events of tracefs: probes that read the facts of each decision.
//!
//! The kernel returns an answer without a reason. The core computes both from the facts, and the
//! two answers are compared.

mod call;
mod capable;
mod capset;
mod credentials;
mod decoder;
mod definitions;
mod exec;
mod lsm;
mod netlink;
mod prctl;
mod probes;
mod shown;
mod text;
mod thread;

pub use decoder::Decoder;
pub use definitions::Extent;
pub use prctl::name as prctl_name;
pub use probes::{remove_left_over, Probes};
