// SPDX-License-Identifier: GPL-2.0

//! What a process may do, before it tries: `capwhy check`.
//!
//! Each answer is the core's, for what `/proc` shows.

mod but;
mod capability;
mod operation;
#[cfg(test)]
mod operation_tests;
mod over;
mod remedy;
mod report;
mod row;
pub mod script;
mod securebits;

pub use but::{But, Obstacles};
pub use over::Over;
pub use report::{Report, VERSION};
pub use row::{Answer, By, Row, Target};

use crate::facts::Process;
use commoncap::operations::OPERATIONS;

/// Checks every operation of checkpoint/restore.
pub fn operations(process: &Process) -> Vec<Row> {
    let each = OPERATIONS.iter();
    each.flat_map(|operation| operation::rows(process, operation))
        .collect()
}

/// Checks every change of the securebits.
pub fn securebits(process: &Process) -> Vec<Row> {
    securebits::rows(process)
}
