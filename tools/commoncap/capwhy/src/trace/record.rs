// SPDX-License-Identifier: GPL-2.0

//! Records: what `capwhy` reports of the events of a thread, one by one.

use super::{
    event::{ExeLink, TaskPrctl},
    request::Request,
};
use serde::Serialize;

/// One thing that a thread did.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "hook", rename_all = "snake_case")]
pub enum Record {
    /// A request for a capability.
    Capable(Request),
    /// A `prctl()` that the capability LSM answers.
    TaskPrctl(TaskPrctl),
    /// A change of `/proc/PID/exe`.
    ExeLink(ExeLink),
}
