// SPDX-License-Identifier: GPL-2.0

//! Records: what `capwhy` reports of the events of a thread, one by one.

use super::{
    event::{ExeLink, TaskPrctl},
    refusal::{Capset, Exec, Failed, Held, Mismatch, OtherLsm, Removed},
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
    /// An answer of the kernel that the rules do not give.
    Mismatch(Mismatch),
    /// Where a capability was that was refused.
    Held(Held),
    /// A `capset()`.
    Capset(Capset),
    /// An `execve()` that failed for the file's capabilities, or did not grant them.
    Exec(Exec),
    /// Capabilities of a file that a change of it removed.
    Removed(Removed),
    /// A refusal by another LSM.
    OtherLsm(OtherLsm),
    /// A system call that failed.
    Failed(Failed),
}
