// SPDX-License-Identifier: GPL-2.0

//! The events of the module: `rust_commoncap:capable`, `:task_prctl` and `:exe_link`.

use super::line::Line;
use serde::Serialize;

/// The events there are.
pub const EVENTS: [&str; 3] = ["capable", "task_prctl", "exe_link"];

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

impl Event {
    /// Reads a line. Returns [`None`] for another event, or if a field is missing.
    pub fn of(line: &Line) -> Option<Self> {
        let thread = Thread {
            comm: line.comm.clone(),
            tgid: line.get("tgid")?.parse().ok()?,
            tid: line.tid,
            time: line.time,
        };
        let text = |key: &str| line.get(key).map(str::to_owned);
        let verdict = || match line.get("verdict")? {
            "granted" => Some(Verdict::Granted),
            "denied" => Some(Verdict::Denied),
            _ => None,
        };
        let what = match line.event.as_str() {
            "capable" => What::Capable(Capable {
                cred_ns: number(line, "cred_ns")?,
                cred_level: line.get("cred_level")?.parse().ok()?,
                target_ns: number(line, "target_ns")?,
                target_level: line.get("target_level")?.parse().ok()?,
                cap: text("cap")?,
                verdict: verdict()?,
                reason: text("reason")?,
                audit: line.get("audit") != Some("0"),
                own: line.get("own") != Some("0"),
            }),
            "task_prctl" => {
                let ret = line.get("ret")?.parse().ok()?;
                What::TaskPrctl(TaskPrctl {
                    ns: number(line, "ns")?,
                    level: line.get("level")?.parse().ok()?,
                    option: text("option")?,
                    args: [
                        number(line, "arg2")?,
                        number(line, "arg3")?,
                        number(line, "arg4")?,
                        number(line, "arg5")?,
                    ],
                    ret,
                    // An error is a denial, whatever the module predicted.
                    verdict: match verdict()? {
                        _ if ret < 0 => Verdict::Denied,
                        verdict => verdict,
                    },
                    reason: text("reason")?,
                    securebits: number(line, "securebits"),
                    asked: number(line, "asked"),
                    after: number(line, "after"),
                })
            }
            "exe_link" => What::ExeLink(ExeLink {
                uid: line.get("uid")?.parse().ok()?,
                ns: number(line, "ns")?,
                old: text("old")?,
                new: text("new")?,
            }),
            _ => return None,
        };
        Some(Self { thread, what })
    }
}

fn number(line: &Line, key: &str) -> Option<u64> {
    let text = line.get(key)?;
    match text.strip_prefix("0x") {
        Some(hexadecimal) => u64::from_str_radix(hexadecimal, 16).ok(),
        None => text.parse().ok(),
    }
}

#[cfg(test)]
pub mod fixtures {
    //! Events for tests.

    use super::*;

    /// Reads an event from what comes after the time.
    pub fn event(tid: i32, text: &str) -> Event {
        let line = format!("{:>16}-{tid:<7} [000] ..... 1.000000: {text}", "prog");
        Event::of(&Line::parse(line.as_bytes()).unwrap()).unwrap()
    }
}

#[cfg(test)]
mod tests {
    use super::{fixtures::event, *};

    #[test]
    fn capable_has_both_namespaces_and_a_reason() {
        let event = event(
            124,
            "capable: tgid=123 cred_ns=4026531837 cred_level=0 target_ns=4026532201 target_level=1 \
             cap=cap_sys_admin verdict=denied reason=NotEffective audit=1 own=0",
        );
        assert_eq!((event.thread.tgid, event.thread.tid), (123, 124));
        let What::Capable(capable) = event.what else {
            panic!("not capable");
        };
        assert_eq!(
            (capable.cred_ns, capable.target_ns),
            (4_026_531_837, 4_026_532_201)
        );
        assert_eq!((capable.cred_level, capable.target_level), (0, 1));
        assert_eq!(capable.cap, "cap_sys_admin");
        assert_eq!(
            (capable.verdict, capable.reason.as_str()),
            (Verdict::Denied, "NotEffective")
        );
        assert!(capable.audit && !capable.own);
    }

    #[test]
    fn task_prctl_has_securebits_if_the_event_has_them() {
        let text = "task_prctl: tgid=123 ns=4026531837 level=0 option=PR_SET_SECUREBITS \
            arg2=0x100 arg3=0x0 arg4=0x0 arg5=0xffffffffffffffff ret=-1 \
            verdict=denied reason=SecurebitsLocked";
        let What::TaskPrctl(prctl) = event(1, text).what else {
            panic!("not task_prctl");
        };
        assert_eq!(prctl.args, [0x100, 0, 0, u64::MAX]);
        assert_eq!((prctl.ret, prctl.securebits), (-1, None));
        let more = format!("{text} securebits=0x0 asked=0x100 after=0x0");
        let What::TaskPrctl(prctl) = event(1, &more).what else {
            panic!("not task_prctl");
        };
        assert_eq!((prctl.securebits, prctl.asked), (Some(0), Some(0x100)));
    }

    #[test]
    fn a_failed_prctl_is_a_denial() {
        let text = "task_prctl: tgid=123 ns=4026531837 level=0 option=PR_SET_SECUREBITS \
            arg2=0x100 arg3=0x0 arg4=0x0 arg5=0x0 ret=-22 verdict=granted reason=Change";
        let verdict = |text: &str| match event(1, text).what {
            What::TaskPrctl(prctl) => prctl.verdict,
            _ => panic!("not task_prctl"),
        };
        assert_eq!(verdict(text), Verdict::Denied);
        assert_eq!(verdict(&text.replace("-22", "0")), Verdict::Granted);
    }

    #[test]
    fn exe_link_has_two_paths() {
        let text = r"exe_link: tgid=123 uid=1000 ns=4026531837 old=/usr/bin/a new=/usr/b\040b";
        let What::ExeLink(link) = event(1, text).what else {
            panic!("not exe_link");
        };
        assert_eq!(
            (link.old.as_str(), link.new.as_str()),
            ("/usr/bin/a", "/usr/b b")
        );
    }

    #[test]
    fn another_event_or_one_without_a_field_is_none() {
        for text in [
            "capable: tgid=1 cap=cap_chown",
            "capable: tgid=x cred_ns=1 cred_level=0 target_ns=1 target_level=0 cap=c verdict=denied reason=R",
            "capable: tgid=1 cred_ns=1 cred_level=0 target_ns=1 target_level=0 cap=c verdict=x reason=R",
            "task_newtask: pid=1 comm=a clone_flags=0 oom_score_adj=0",
        ] {
            let line = format!("{:>16}-1       [000] ..... 1.000000: {text}", "prog");
            assert_eq!(Event::of(&Line::parse(line.as_bytes()).unwrap()), None, "{text}");
        }
    }
}
