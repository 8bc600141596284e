// SPDX-License-Identifier: GPL-2.0

//! Which records `capwhy watch` shows.

use crate::{
    error::{Error, Result},
    explain,
    trace::{
        event::{Thread, Verdict},
        record::Record,
    },
};
use commoncap::{capability::Capability, Denial};

/// The records that pass. An empty list lets all pass.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// The IDs of processes or threads.
    pub pids: Vec<i32>,
    /// The capabilities that a request wanted.
    pub capabilities: Vec<Capability>,
    /// The reasons of grants, or the rules of denials.
    pub reasons: Vec<String>,
    /// The hooks, by the names of their events.
    pub hooks: Vec<String>,
    /// Whether only denials pass.
    pub denied_only: bool,
    /// Whether requests pass, too, that do not depend on the capabilities of the process.
    pub all: bool,
}

impl Filter {
    /// Returns whether a record passes.
    pub fn passes(&self, thread: &Thread, record: &Record) -> bool {
        let (hook, verdict, reason) = match record {
            Record::Capable(request) => ("capable", Some(request.verdict), &*request.reason),
            Record::TaskPrctl(prctl) => ("task_prctl", Some(prctl.verdict), &*prctl.reason),
            Record::ExeLink(_) => ("exe_link", None, ""),
            // No filter hides it.
            Record::Mismatch(_) => return true,
            Record::Held(_) => ("held", None, ""),
            Record::Capset(capset) => ("capset", Some(capset.verdict), &*capset.reason),
            Record::Exec(exec) => ("exec", Some(exec.verdict), &*exec.reason),
            Record::Removed(_) => ("removed", None, ""),
            Record::OtherLsm(_) => ("other_lsm", Some(Verdict::Denied), ""),
            Record::Failed(_) => ("failed", Some(Verdict::Denied), ""),
        };
        let asks = |capability: &Capability| match record {
            Record::Capable(request) => request.asked.takes(capability.name()),
            Record::TaskPrctl(prctl) => explain::decisive(prctl) == Some(capability.name()),
            Record::Held(held) => held.capability == capability.name(),
            Record::Capset(capset) => has(&capset.refused, capability),
            Record::Exec(exec) => has(&exec.lost, capability),
            Record::OtherLsm(other) => other.capability == capability.name(),
            Record::ExeLink(_) | Record::Mismatch(_) | Record::Removed(_) | Record::Failed(_) => {
                false
            }
        };
        let matters = !matches!(record, Record::Capable(request) if !request.matters());
        let is_of = |pid: &i32| [thread.tgid, thread.tid].contains(pid);
        (self.pids.is_empty() || self.pids.iter().any(is_of))
            && (self.capabilities.is_empty() || self.capabilities.iter().any(asks))
            && (self.reasons.is_empty() || self.reasons.iter().any(|known| known == reason))
            && (self.hooks.is_empty() || self.hooks.iter().any(|known| known == hook))
            && (self.all || matters)
            && (!self.denied_only || verdict == Some(Verdict::Denied))
    }
}

fn has(names: &[String], capability: &Capability) -> bool {
    names.iter().any(|name| name == capability.name())
}

/// Reads the name of a reason, in any case.
pub fn parse_reason(text: &str) -> Result<String> {
    let rules = Denial::ALL.iter().map(|denial| denial.name());
    explain::GRANTS
        .into_iter()
        .chain(rules)
        .find(|name| name.eq_ignore_ascii_case(text))
        .map(str::to_owned)
        .ok_or_else(|| {
            Error::new(format!(
                "'{text}' is not a reason: use Effective, Owner, Value, Change, or a rule such as \
                 NotEffective or SecurebitsLocked"
            ))
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::either_or;
    use crate::trace::{
        event::{fixtures::event, ExeLink, What},
        request::{Asked, Request},
    };

    fn thread() -> Thread {
        Thread {
            comm: "prog".to_owned(),
            tgid: 6,
            tid: 7,
            time: 1.0,
        }
    }

    fn request() -> Record {
        Record::Capable(Request {
            asked: Asked::Either(either_or::always("cap_checkpoint_restore").unwrap()),
            cred_ns: 1,
            target_ns: 1,
            target_level: 0,
            verdict: Verdict::Granted,
            cap: "cap_sys_admin".to_owned(),
            reason: "Effective".to_owned(),
            optional: false,
            own: true,
        })
    }

    fn link() -> Record {
        Record::ExeLink(ExeLink {
            uid: 0,
            ns: 1,
            old: String::new(),
            new: String::new(),
        })
    }

    fn passes(record: &Record, set: impl FnOnce(&mut Filter)) -> bool {
        let mut filter = Filter::default();
        set(&mut filter);
        filter.passes(&thread(), record)
    }

    #[test]
    fn without_a_filter_everything_passes() {
        assert!(passes(&request(), |_| {}));
        assert!(passes(&link(), |_| {}));
    }

    #[test]
    fn each_filter_passes_only_what_it_names() {
        let record = request();
        for (pid, expected) in [(6, true), (7, true), (8, false)] {
            assert_eq!(passes(&record, |filter| filter.pids = vec![pid]), expected);
        }
        for (capability, expected) in [
            (Capability::SYS_ADMIN, true),
            (Capability::CHECKPOINT_RESTORE, true),
            (Capability::CHOWN, false),
        ] {
            let passed = passes(&record, |filter| filter.capabilities = vec![capability]);
            assert_eq!(passed, expected);
        }
        for (reason, expected) in [("Effective", true), ("Owner", false)] {
            assert_eq!(
                passes(&record, |filter| filter.reasons = vec![reason.to_owned()]),
                expected
            );
        }
        for (hook, expected) in [("capable", true), ("task_prctl", false)] {
            assert_eq!(
                passes(&record, |filter| filter.hooks = vec![hook.to_owned()]),
                expected
            );
        }
        assert!(!passes(&record, |filter| filter.denied_only = true));
        assert!(passes(&record, |filter| filter.pids = vec![1, 6]));
    }

    #[test]
    fn a_prctl_passes_by_the_capability_that_decided_it() {
        for (bits, answer, expected) in [
            ("0x1", "ret=0 verdict=granted reason=Change", true),
            ("0x100", "ret=0 verdict=granted reason=Change", false),
            (
                "0x1",
                "ret=-1 verdict=denied reason=SecurebitsPrivileged",
                true,
            ),
            (
                "0x1",
                "ret=-1 verdict=denied reason=SecurebitsLocked",
                false,
            ),
        ] {
            let text = format!(
                "task_prctl: tgid=6 ns=1 level=0 option=PR_SET_SECUREBITS arg2={bits} arg3=0x0 \
                 arg4=0x0 arg5=0x0 {answer} securebits=0x0 asked={bits} after=0x0"
            );
            let What::TaskPrctl(prctl) = event(7, &text).what else {
                panic!("not task_prctl");
            };
            let record = Record::TaskPrctl(prctl);
            for (capability, expected) in
                [(Capability::SETPCAP, expected), (Capability::CHOWN, false)]
            {
                let passed = passes(&record, |filter| filter.capabilities = vec![capability]);
                assert_eq!(passed, expected, "{text}");
            }
        }
    }

    #[test]
    fn requests_that_do_not_matter_pass_only_with_all() {
        for (optional, own) in [(true, true), (false, false)] {
            let Record::Capable(mut request) = request() else {
                panic!("not capable");
            };
            (request.optional, request.own) = (optional, own);
            let record = Record::Capable(request);
            assert!(!passes(&record, |_| {}));
            assert!(passes(&record, |filter| filter.all = true));
        }
    }

    #[test]
    fn a_link_has_no_capability_no_verdict_and_no_reason() {
        assert!(!passes(&link(), |filter| filter.denied_only = true));
        assert!(!passes(&link(), |filter| filter.capabilities =
            vec![Capability::SYS_ADMIN]));
        assert!(!passes(&link(), |filter| filter.reasons = vec!["Owner".to_owned()]));
        assert!(passes(&link(), |filter| filter.hooks = vec!["exe_link".to_owned()]));
    }

    #[test]
    fn a_reason_is_known_in_any_case() {
        assert_eq!(parse_reason("noteffective").unwrap(), "NotEffective");
        assert_eq!(parse_reason("Owner").unwrap(), "Owner");
        assert!(parse_reason("no").is_err());
    }
}
