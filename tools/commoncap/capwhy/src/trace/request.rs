// SPDX-License-Identifier: GPL-2.0

//! Requests: what a thread wanted when the kernel checked its capabilities.
//!
//! One request can take several checks. Where either of two capabilities is enough, the kernel
//! checks one after the other, by the same thread over the same namespace, with no other check
//! between: see [`crate::either_or`]. The C checks both with the same audit option. The Rust checks
//! the first one without audit, then the second, and the first one again for its audit record only
//! if both were denied.
//!
//! `prctl()` checks `CAP_SETPCAP` for some options, `capset()` always, and their own events report
//! the result. That check is part of the call, not a request.

#[cfg(test)]
mod tests;

use super::event::{Capable, TaskPrctl, Thread, Verdict};
use crate::either_or::{self, EitherOr};
use commoncap::Denial;
use serde::{Serialize, Serializer};
use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

const SETPCAP: &str = "cap_setpcap";
/// The options of `prctl()` that check `CAP_SETPCAP`.
const CHECK_SETPCAP: [&str; 2] = ["PR_SET_SECUREBITS", "PR_CAPBSET_DROP"];
/// The rules that deny such an option before that check.
const BEFORE_THE_CHECK: [Denial; 3] = [
    Denial::SecurebitsLocked,
    Denial::SecurebitsUnlock,
    Denial::SecurebitsUnsupported,
];

/// The seconds between the checks of one request at most, where no system call is known.
const A_MOMENT: f64 = 0.01;

/// The capabilities that a request wanted.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Asked {
    /// Either of two.
    Either(&'static EitherOr),
    /// One capability.
    Capability(String),
}

impl Asked {
    /// Returns the name of the capability that is enough, the smaller one of two.
    pub fn least(&self) -> &str {
        match self {
            Self::Either(check) => check.least,
            Self::Capability(capability) => capability,
        }
    }

    /// Returns the request as a person names it.
    pub fn text(&self) -> &str {
        match self {
            Self::Either(check) => check.name,
            Self::Capability(capability) => capability,
        }
    }

    /// Returns whether a capability of this name is enough.
    pub fn takes(&self, name: &str) -> bool {
        match self {
            Self::Either(check) => [check.first, check.second].contains(&name),
            Self::Capability(capability) => capability == name,
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
    /// Returns whether the request depends on the capabilities of the process.
    pub fn matters(&self) -> bool {
        self.own && !self.optional
    }

    /// Makes a request of its decisions. The one at `decisive` decided it.
    fn of(asked: Asked, decisions: &[Capable], decisive: usize) -> Option<Self> {
        let capable = decisions.get(decisive)?;
        // A denial without audit closes the files of an IPC namespace.
        let closes_files = asked.least() == "cap_checkpoint_restore";
        Some(Self {
            optional: !closes_files && decisions.iter().all(|decision| !decision.audit),
            own: capable.own,
            asked,
            cred_ns: capable.cred_ns,
            target_ns: capable.target_ns,
            target_level: capable.target_level,
            verdict: capable.verdict,
            cap: capable.cap.clone(),
            reason: capable.reason.clone(),
        })
    }
}

/// Makes requests of decisions, in the order in which they come.
#[derive(Debug, Default)]
pub struct Pairing {
    /// The request of each thread that may not be complete yet.
    open: HashMap<i32, Open>,
}

/// A request that may not be complete yet.
#[derive(Debug)]
struct Open {
    since: Instant,
    thread: Thread,
    decisions: Vec<Capable>,
    /// The check that the decisions are part of; none for that of a `prctl()`.
    check: Option<&'static EitherOr>,
}

impl Open {
    /// Starts a request, if more decisions may belong to it.
    fn start(thread: &Thread, capable: &Capable) -> Option<Self> {
        let check = either_or::beginning(&capable.cap)
            .filter(|check| check.always || capable.verdict == Verdict::Denied);
        let of_prctl = capable.cap == SETPCAP && capable.cred_ns == capable.target_ns;
        let open = Self {
            since: Instant::now(),
            thread: thread.clone(),
            decisions: vec![capable.clone()],
            check,
        };
        (of_prctl || check.is_some_and(|check| open.next(check).is_some())).then_some(open)
    }

    /// Returns the name of the capability that the kernel would check next, and with which audit
    /// options.
    fn next(&self, check: &EitherOr) -> Option<(&'static str, [bool; 2])> {
        match self.decisions.as_slice() {
            // The Rust checks again with audit what it has checked without.
            [first] if first.verdict == Verdict::Granted => {
                (!first.audit).then_some((check.first, [true; 2]))
            }
            [first] => Some((check.second, [first.audit, true])),
            [first, second] if second.verdict == Verdict::Denied => {
                (!first.audit && second.audit).then_some((check.first, [true; 2]))
            }
            _ => None,
        }
    }

    /// Takes a decision, if it belongs to this request.
    fn join(&mut self, thread: &Thread, capable: &Capable) -> bool {
        let Some((check, first)) = self.check.zip(self.decisions.first()) else {
            return false;
        };
        let subject = |capable: &Capable| (capable.cred_ns, capable.target_ns, capable.own);
        // Elsewhere, the kernel may check the first one alone.
        let is_one_call = check.always
            || match (&first.call, &capable.call) {
                (Some(first), Some(other)) => first == other,
                _ => (thread.time - self.thread.time).abs() < A_MOMENT,
            };
        let belongs = is_one_call
            && subject(first) == subject(capable)
            && self
                .next(check)
                .is_some_and(|(name, audit)| name == capable.cap && audit.contains(&capable.audit));
        if belongs {
            self.decisions.push(capable.clone());
        }
        belongs
    }

    /// Returns whether no decision can follow.
    fn is_complete(&self) -> bool {
        self.check.is_some_and(|check| self.next(check).is_none())
    }

    fn close(self) -> Option<(Thread, Request)> {
        let granted = |decision: &Capable| decision.verdict == Verdict::Granted;
        // If both are denied, the first one is named.
        let decisive = self.decisions.iter().position(granted).unwrap_or(0);
        let asked = match self.check {
            Some(check) if check.always || self.decisions.len() > 1 => Asked::Either(check),
            _ => Asked::Capability(self.decisions.first()?.cap.clone()),
        };
        let request = Request::of(asked, &self.decisions, decisive)?;
        Some((self.thread, request))
    }
}

impl Pairing {
    /// Takes a decision. Returns the requests that are complete with it, in order.
    pub fn decision(&mut self, thread: &Thread, capable: &Capable) -> Vec<(Thread, Request)> {
        let mut complete = Vec::new();
        if let Some(mut open) = self.open.remove(&thread.tid) {
            if open.join(thread, capable) {
                if open.is_complete() {
                    complete.extend(open.close());
                } else {
                    self.open.insert(thread.tid, open);
                }
                return complete;
            }
            complete.extend(open.close());
        }
        match Open::start(thread, capable) {
            Some(open) => {
                self.open.insert(thread.tid, open);
            }
            None => complete.extend(alone(thread, capable)),
        }
        complete
    }

    /// Takes a `prctl()`. Returns the request that was complete before it.
    pub fn prctl(&mut self, thread: &Thread, prctl: &TaskPrctl) -> Option<(Thread, Request)> {
        let open = self.open.remove(&thread.tid)?;
        let is_part = open.check.is_none()
            && open
                .decisions
                .iter()
                .all(|first| first.target_ns == prctl.ns)
            && CHECK_SETPCAP.contains(&prctl.option.as_str())
            && !BEFORE_THE_CHECK
                .iter()
                .any(|rule| rule.name() == prctl.reason);
        if is_part {
            None
        } else {
            open.close()
        }
    }

    /// Takes a `capset()`, which checks `CAP_SETPCAP` each time: that check is a part of it.
    pub fn capset(&mut self, thread: &Thread) {
        if self
            .open
            .get(&thread.tid)
            .is_some_and(|open| open.check.is_none())
        {
            self.open.remove(&thread.tid);
        }
    }

    /// Returns the requests that are still open, at the end of the events.
    pub fn rest(&mut self) -> Vec<(Thread, Request)> {
        self.rest_since(Duration::ZERO)
    }

    /// Returns the requests that have been open for so long that no more decisions belong to them.
    /// The kernel makes all decisions of a request at once, but they may be read in two parts.
    pub fn overdue(&mut self) -> Vec<(Thread, Request)> {
        self.rest_since(Duration::from_millis(200))
    }

    fn rest_since(&mut self, long: Duration) -> Vec<(Thread, Request)> {
        let overdue: Vec<i32> = self
            .open
            .iter()
            .filter(|(_, open)| open.since.elapsed() >= long)
            .map(|(tid, _)| *tid)
            .collect();
        let mut rest: Vec<_> = overdue
            .iter()
            .filter_map(|tid| self.open.remove(tid)?.close())
            .collect();
        rest.sort_by(|(a, _), (b, _)| a.time.total_cmp(&b.time));
        rest
    }
}

/// Makes a request of a decision that no other belongs to.
fn alone(thread: &Thread, capable: &Capable) -> Option<(Thread, Request)> {
    let asked = match either_or::always(&capable.cap) {
        Some(check) => Asked::Either(check),
        None => Asked::Capability(capable.cap.clone()),
    };
    let request = Request::of(asked, std::slice::from_ref(capable), 0)?;
    Some((thread.clone(), request))
}
