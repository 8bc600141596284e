// SPDX-License-Identifier: GPL-2.0

//! The events: decisions of the capability LSM, and what surrounds them.

use super::refusal::{Capset, Exec, Failed, Held, Mismatch, OtherLsm};
use serde::Serialize;

/// The answer of a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Granted.
    Granted,
    /// Denied.
    Denied,
}

/// The thread of an event, and the time.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Thread {
    /// The name of the thread.
    pub comm: String,
    /// The ID of the process.
    pub tgid: i32,
    /// The ID of the thread.
    pub tid: i32,
    /// The time in seconds of the trace clock.
    pub time: f64,
}

/// A decision of `cap_capable()`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Capable {
    /// The user namespace of the credentials, by the number by which `/proc` names it.
    pub cred_ns: u64,
    /// How deep that is.
    pub cred_level: i32,
    /// The user namespace that the check is about.
    pub target_ns: u64,
    /// How deep that is.
    pub target_level: i32,
    /// The capability, by name.
    pub cap: String,
    /// The answer.
    pub verdict: Verdict,
    /// Why: `Effective`, `Owner`, or the name of the rule that refused.
    pub reason: String,
    /// Whether LSMs may write an audit record of a denial. If not, the kernel mostly can do without
    /// the capability.
    pub audit: bool,
    /// Whether the credentials are the process's own. The kernel acts with others for it, for
    /// example in overlayfs.
    pub own: bool,
    /// The system call: its number and first two arguments, if they are known.
    #[serde(skip)]
    pub call: Option<(u64, u64, u64)>,
}

/// A decision of `cap_task_prctl()`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct TaskPrctl {
    /// The user namespace of the caller.
    pub ns: u64,
    /// How deep that is.
    pub level: i32,
    /// The option, by name.
    pub option: String,
    /// The arguments, second to fifth.
    pub args: [u64; 4],
    /// The return value.
    pub ret: i64,
    /// The answer.
    pub verdict: Verdict,
    /// Why: `Value`, `Change`, or the name of the rule that refused.
    pub reason: String,
    /// The securebits before.
    pub securebits: Option<u64>,
    /// The securebits asked for.
    pub asked: Option<u64>,
    /// The securebits after.
    pub after: Option<u64>,
}

/// A change of `/proc/PID/exe`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ExeLink {
    /// The user ID of the thread.
    pub uid: u32,
    /// The user namespace of the thread.
    pub ns: u64,
    /// The old path.
    pub old: String,
    /// The new path.
    pub new: String,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum What {
    /// A decision of `cap_capable()`.
    Capable(Capable),
    /// A decision of `cap_task_prctl()`.
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
    /// A refusal by another LSM.
    OtherLsm(OtherLsm),
    /// A system call that failed.
    Failed(Failed),
}

/// An event.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Event {
    /// The thread of an event, and the time.
    #[serde(flatten)]
    pub thread: Thread,
    /// What happened.
    #[serde(flatten)]
    pub what: What,
}

#[cfg(test)]
pub mod fixtures {
    //! Events for tests.

    use super::{
        super::{line::Line, source::module},
        *,
    };

    /// Reads an event from what comes after the time.
    pub fn event(tid: i32, text: &str) -> Event {
        let line = format!("{:>16}-{tid:<7} [000] ..... 1.000000: {text}", "prog");
        module::event(&Line::parse(line.as_bytes()).unwrap()).unwrap()
    }
}
