// SPDX-License-Identifier: GPL-2.0

//! Requests: the questions behind the decisions.
//!
//! `checkpoint_restore_ns_capable()` asks for `CAP_CHECKPOINT_RESTORE` and, if that is denied, for
//! `CAP_SYS_ADMIN` over the same namespace, by the same thread, with nothing between. To whoever
//! asks the kernel this is one request, of which either would have done.
//!
//! `prctl()` asks for `CAP_SETPCAP` in some cases, and tells itself what came of that: this is no
//! request of its own.

#[cfg(test)]
mod tests;

use super::event::{Capable, TaskPrctl, Thread, Verdict};
use commoncap::Denial;
use serde::{Serialize, Serializer};
use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

const CHECKPOINT_RESTORE: &str = "cap_checkpoint_restore";
const SYS_ADMIN: &str = "cap_sys_admin";
const SETPCAP: &str = "cap_setpcap";
/// The options of `prctl()` that ask for `CAP_SETPCAP`.
const ASK_FOR_SETPCAP: [&str; 2] = ["PR_SET_SECUREBITS", "PR_CAPBSET_DROP"];
/// The rules by which they refuse before they ask.
const WITHOUT_ASKING: [Denial; 3] = [
    Denial::SecurebitsLocked,
    Denial::SecurebitsUnlock,
    Denial::SecurebitsUnsupported,
];

/// What was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Asked {
    /// To checkpoint and restore: `cap_checkpoint_restore` or `cap_sys_admin`.
    CheckpointRestore,
    /// One capability.
    Capability(String),
}

impl Asked {
    /// Returns the name of the capability that would do, the lesser one of two.
    pub fn least(&self) -> &str {
        match self {
            Self::CheckpointRestore => CHECKPOINT_RESTORE,
            Self::Capability(capability) => capability,
        }
    }

    /// Returns it as a person would say it.
    pub fn text(&self) -> &str {
        match self {
            Self::CheckpointRestore => "checkpoint/restore",
            Self::Capability(capability) => capability,
        }
    }
}

impl Serialize for Asked {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.text())
    }
}

/// A request and its answer.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Request {
    /// What was asked for.
    pub asked: Asked,
    /// The user namespace of the credentials, by the number by which `/proc` names it.
    pub cred_ns: u64,
    /// The user namespace over which it was asked for.
    pub target_ns: u64,
    /// How deep that is.
    pub target_level: i32,
    /// The answer.
    pub verdict: Verdict,
    /// The capability that decided.
    pub cap: String,
    /// Why: `Effective`, `Owner`, or the name of the rule that refused.
    pub reason: String,
    /// Whether the kernel asked without audit, as it mostly does where it can do without.
    pub optional: bool,
    /// Whether it was asked of the credentials of the process, and of none that the kernel acts
    /// with for it.
    pub own: bool,
}

impl Request {
    /// Returns whether it matters what the process holds.
    pub fn matters(&self) -> bool {
        self.own && !self.optional
    }

    fn of(asked: Asked, capable: &Capable) -> Self {
        Self {
            // The files of an IPC namespace ask so, and are closed after a no.
            optional: !capable.audit && asked != Asked::CheckpointRestore,
            own: capable.own,
            asked,
            cred_ns: capable.cred_ns,
            target_ns: capable.target_ns,
            target_level: capable.target_level,
            verdict: capable.verdict,
            cap: capable.cap.clone(),
            reason: capable.reason.clone(),
        }
    }
}

/// Makes requests of decisions, as they come.
#[derive(Debug, Default)]
pub struct Pairing {
    /// What may be the first half of something, by thread.
    waiting: HashMap<i32, Half>,
}

#[derive(Debug)]
struct Half {
    since: Instant,
    thread: Thread,
    capable: Capable,
}

impl Pairing {
    /// Takes a decision. Returns the requests that are complete with it, in order.
    pub fn decision(&mut self, thread: &Thread, capable: &Capable) -> Vec<(Thread, Request)> {
        let mut complete = Vec::new();
        if let Some(half) = self.waiting.remove(&thread.tid) {
            let (first_thread, first) = (half.thread, half.capable);
            let of = |asked: &Capable| (asked.cred_ns, asked.target_ns, asked.audit, asked.own);
            let is_second = first.cap == CHECKPOINT_RESTORE && capable.cap == SYS_ADMIN;
            if is_second && of(&first) == of(capable) {
                let decisive = match capable.verdict {
                    Verdict::Granted => capable,
                    // Both are missing; it is the lesser one that should be told.
                    Verdict::Denied => &first,
                };
                let request = Request::of(Asked::CheckpointRestore, decisive);
                return vec![(thread.clone(), request)];
            }
            complete.push(alone(first_thread, &first));
        }
        let may_be_first = match capable.cap.as_str() {
            CHECKPOINT_RESTORE => capable.verdict == Verdict::Denied,
            SETPCAP => capable.cred_ns == capable.target_ns,
            _ => false,
        };
        if may_be_first {
            let half = Half {
                since: Instant::now(),
                thread: thread.clone(),
                capable: capable.clone(),
            };
            self.waiting.insert(thread.tid, half);
        } else {
            complete.push(alone(thread.clone(), capable));
        }
        complete
    }

    /// Takes a `prctl()`. Returns the request that was complete before it.
    pub fn prctl(&mut self, thread: &Thread, prctl: &TaskPrctl) -> Option<(Thread, Request)> {
        let half = self.waiting.remove(&thread.tid)?;
        let (first_thread, first) = (half.thread, half.capable);
        let its_own = first.cap == SETPCAP
            && first.target_ns == prctl.ns
            && ASK_FOR_SETPCAP.contains(&prctl.option.as_str())
            && !WITHOUT_ASKING
                .iter()
                .any(|rule| rule.name() == prctl.reason);
        (!its_own).then(|| alone(first_thread, &first))
    }

    /// Returns what still waits for its other half: it will not come any more.
    pub fn rest(&mut self) -> Vec<(Thread, Request)> {
        self.rest_since(Duration::ZERO)
    }

    /// Returns what has waited for its other half for so long that none will come: the second half
    /// is asked for at once, though it may be read only next time.
    pub fn overdue(&mut self) -> Vec<(Thread, Request)> {
        self.rest_since(Duration::from_millis(200))
    }

    fn rest_since(&mut self, long: Duration) -> Vec<(Thread, Request)> {
        let mut rest = Vec::new();
        self.waiting.retain(|_, half| {
            let waits = half.since.elapsed() < long;
            if !waits {
                rest.push(alone(half.thread.clone(), &half.capable));
            }
            waits
        });
        rest.sort_by(|(a, _), (b, _)| a.time.total_cmp(&b.time));
        rest
    }
}

/// Makes a request of one decision.
fn alone(thread: Thread, capable: &Capable) -> (Thread, Request) {
    let asked = match capable.cap.as_str() {
        CHECKPOINT_RESTORE => Asked::CheckpointRestore,
        capability => Asked::Capability(capability.to_owned()),
    };
    (thread, Request::of(asked, capable))
}
