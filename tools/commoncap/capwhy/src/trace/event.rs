// SPDX-License-Identifier: GPL-2.0

//! The events: decisions of the capability LSM, and what surrounds them.

use super::refusal::{Capset, Exec, Failed, Held, Mismatch, OtherLsm, Removed};
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
    /// Capabilities of a file that a change of it removed.
    Removed(Removed),
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
        super::{
            entry::{fixtures::entry, Entry},
            source::{module, tracefs::prctl_name},
        },
        *,
    };

    /// Reads an event of the module from its name and its fields, as `trace_pipe` shows them.
    pub fn event(tid: i32, text: &str) -> Event {
        module::event(&of_module(tid, text)).unwrap()
    }

    /// Makes an entry of such a text.
    pub fn of_module(tid: i32, text: &str) -> Entry {
        let (name, fields) = text.split_once(':').unwrap();
        let field = |field: &str| match field.split_once('=') {
            Some(("verdict", verdict)) => format!("granted={}", u8::from(verdict == "granted")),
            Some(("securebits", value)) => format!("before={value}"),
            Some(("option", option)) => {
                let is = |number: &i32| prctl_name(*number) == Some(option);
                format!("option={}", (0..64).find(is).unwrap())
            }
            _ => (2..6).fold(field.to_owned(), |field, number| {
                let (shown, stored) = (format!("arg{number}="), format!("args{}=", number - 2));
                field.replace(&shown, &stored)
            }),
        };
        let fields: Vec<_> = fields.split_whitespace().map(field).collect();
        entry(tid, name, &fields.join(" "))
    }
}
