// SPDX-License-Identifier: GPL-2.0

//! Requests: the questions behind the decisions.
//!
//! `checkpoint_restore_ns_capable()` asks for `CAP_CHECKPOINT_RESTORE` and, if that is denied, for
//! `CAP_SYS_ADMIN` over the same namespace, by the same thread, with nothing between. To whoever
//! asks the kernel this is one request, of which either would have done.

use super::event::{Capable, Thread, Verdict};
use serde::{Serialize, Serializer};
use std::collections::HashMap;

const CHECKPOINT_RESTORE: &str = "cap_checkpoint_restore";
const SYS_ADMIN: &str = "cap_sys_admin";

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
}

impl Request {
    fn of(asked: Asked, capable: &Capable) -> Self {
        Self {
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
    /// The first half of a request, by thread.
    waiting: HashMap<i32, (Thread, Capable)>,
}

impl Pairing {
    /// Takes a decision. Returns the requests that are complete with it, in order.
    pub fn decision(&mut self, thread: &Thread, capable: &Capable) -> Vec<(Thread, Request)> {
        let mut complete = Vec::new();
        if let Some((first_thread, first)) = self.waiting.remove(&thread.tid) {
            let same = (first.cred_ns, first.target_ns) == (capable.cred_ns, capable.target_ns);
            if same && capable.cap == SYS_ADMIN {
                let mut request = Request::of(Asked::CheckpointRestore, capable);
                if capable.verdict == Verdict::Denied {
                    // Both are missing; it is the lesser one that should be told.
                    request = Request::of(Asked::CheckpointRestore, &first);
                }
                return vec![(thread.clone(), request)];
            }
            complete.push((first_thread, Request::of(Asked::CheckpointRestore, &first)));
        }
        if capable.cap == CHECKPOINT_RESTORE {
            if capable.verdict == Verdict::Denied {
                self.waiting
                    .insert(thread.tid, (thread.clone(), capable.clone()));
                return complete;
            }
            complete.push((
                thread.clone(),
                Request::of(Asked::CheckpointRestore, capable),
            ));
        } else {
            let asked = Asked::Capability(capable.cap.clone());
            complete.push((thread.clone(), Request::of(asked, capable)));
        }
        complete
    }

    /// Returns what still waits for its other half: it will not come any more.
    pub fn rest(&mut self) -> Vec<(Thread, Request)> {
        let mut rest: Vec<_> = self.waiting.drain().map(|(_, waiting)| waiting).collect();
        rest.sort_by(|(a, _), (b, _)| a.time.total_cmp(&b.time));
        rest.into_iter()
            .map(|(thread, first)| (thread, Request::of(Asked::CheckpointRestore, &first)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::event::{made_up::event, What},
        *,
    };

    /// Pairs decisions: thread, capability, target, verdict. Returns what each request was for, by
    /// what it was decided and how.
    fn pair(decisions: &[(i32, &str, u64, &str)]) -> Vec<(String, String, Verdict)> {
        let mut pairing = Pairing::default();
        let mut requests = Vec::new();
        for (tid, cap, target, verdict) in decisions {
            let reason = if *verdict == "granted" {
                "Effective"
            } else {
                "NotEffective"
            };
            let event = event(
                *tid,
                &format!(
                    "capable: tgid=1 cred_ns=1 cred_level=0 target_ns={target} target_level=0 \
                     cap={cap} verdict={verdict} reason={reason}"
                ),
            );
            let What::Capable(capable) = event.what else {
                panic!("not capable");
            };
            requests.extend(pairing.decision(&event.thread, &capable));
        }
        requests.extend(pairing.rest());
        let tell = |(_, request): (Thread, Request)| {
            (
                request.asked.text().to_owned(),
                request.cap,
                request.verdict,
            )
        };
        requests.into_iter().map(tell).collect()
    }

    fn told(asked: &str, cap: &str, verdict: Verdict) -> (String, String, Verdict) {
        (asked.to_owned(), cap.to_owned(), verdict)
    }

    use Verdict::{Denied, Granted};
    const CR: &str = CHECKPOINT_RESTORE;
    const ADMIN: &str = SYS_ADMIN;

    #[test]
    fn two_halves_are_one_request() {
        let both = pair(&[(1, CR, 1, "denied"), (1, ADMIN, 1, "granted")]);
        assert_eq!(both, [told("checkpoint/restore", ADMIN, Granted)]);
        let neither = pair(&[(1, CR, 1, "denied"), (1, ADMIN, 1, "denied")]);
        assert_eq!(neither, [told("checkpoint/restore", CR, Denied)]);
    }

    #[test]
    fn the_first_half_alone_suffices_if_it_is_granted() {
        let requests = pair(&[(1, CR, 1, "granted"), (1, ADMIN, 1, "granted")]);
        let expected = [
            told("checkpoint/restore", CR, Granted),
            told(ADMIN, ADMIN, Granted),
        ];
        assert_eq!(requests, expected);
    }

    #[test]
    fn halves_belong_together_only_in_one_thread_and_over_one_namespace() {
        for second in [(2, ADMIN, 1, "granted"), (1, ADMIN, 2, "granted")] {
            let requests = pair(&[(1, CR, 1, "denied"), second]);
            assert_eq!(requests.len(), 2, "{second:?}");
            assert!(requests.contains(&told(ADMIN, ADMIN, Granted)));
            assert!(requests.contains(&told("checkpoint/restore", CR, Denied)));
        }
    }

    #[test]
    fn threads_that_take_turns_do_not_disturb_each_other() {
        let requests = pair(&[
            (1, CR, 1, "denied"),
            (2, CR, 1, "denied"),
            (2, ADMIN, 1, "granted"),
            (3, "cap_chown", 1, "denied"),
            (1, ADMIN, 1, "denied"),
        ]);
        let expected = [
            told("checkpoint/restore", ADMIN, Granted),
            told("cap_chown", "cap_chown", Denied),
            told("checkpoint/restore", CR, Denied),
        ];
        assert_eq!(requests, expected);
    }

    #[test]
    fn nothing_may_come_between_two_halves() {
        let requests = pair(&[
            (1, CR, 1, "denied"),
            (1, "cap_chown", 1, "granted"),
            (1, ADMIN, 1, "granted"),
        ]);
        let expected = [
            told("checkpoint/restore", CR, Denied),
            told("cap_chown", "cap_chown", Granted),
            told(ADMIN, ADMIN, Granted),
        ];
        assert_eq!(requests, expected);
    }

    #[test]
    fn each_attempt_is_a_request_of_its_own() {
        let once = [(1, CR, 1, "denied"), (1, ADMIN, 1, "denied")];
        assert_eq!(pair(&[once, once].concat()).len(), 2);
    }
}
