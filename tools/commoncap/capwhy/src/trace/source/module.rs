// SPDX-License-Identifier: GPL-2.0

//! The tracepoints of the kernel module: `rust_commoncap:capable`, `:task_prctl` and `:exe_link`.

use super::super::{
    event::{Capable, Event, ExeLink, TaskPrctl, Thread, Verdict, What},
    line::Line,
};
use std::path::Path;

const EVENTS: [&str; 3] = ["capable", "task_prctl", "exe_link"];

/// Returns whether the module is loaded and has tracepoints.
pub fn is_loaded(root: &Path) -> bool {
    root.join("events/rust_commoncap/capable").exists()
}

/// Returns the directories of its events. They have no filters.
pub fn events() -> Vec<(String, Option<&'static str>)> {
    EVENTS
        .map(|event| (format!("rust_commoncap/{event}"), None))
        .to_vec()
}

/// Reads a line. Returns [`None`] for another event, or if a field is missing.
pub fn event(line: &Line) -> Option<Event> {
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
            cred_ns: line.number("cred_ns")?,
            cred_level: line.get("cred_level")?.parse().ok()?,
            target_ns: line.number("target_ns")?,
            target_level: line.get("target_level")?.parse().ok()?,
            cap: text("cap")?,
            verdict: verdict()?,
            reason: text("reason")?,
            audit: line.get("audit") != Some("0"),
            own: line.get("own") != Some("0"),
            call: None,
        }),
        "task_prctl" => {
            let ret = line.get("ret")?.parse().ok()?;
            What::TaskPrctl(TaskPrctl {
                ns: line.number("ns")?,
                level: line.get("level")?.parse().ok()?,
                option: text("option")?,
                args: [
                    line.number("arg2")?,
                    line.number("arg3")?,
                    line.number("arg4")?,
                    line.number("arg5")?,
                ],
                ret,
                // An error is a denial, whatever the module predicted.
                verdict: match verdict()? {
                    _ if ret < 0 => Verdict::Denied,
                    verdict => verdict,
                },
                reason: text("reason")?,
                securebits: line.number("securebits"),
                asked: line.number("asked"),
                after: line.number("after"),
            })
        }
        "exe_link" => What::ExeLink(ExeLink {
            uid: line.get("uid")?.parse().ok()?,
            ns: line.number("ns")?,
            old: text("old")?,
            new: text("new")?,
        }),
        _ => return None,
    };
    Some(Event { thread, what })
}

#[cfg(test)]
mod tests {
    use super::{super::super::event::fixtures::event, *};

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
        let capable = |tgid, verdict| {
            format!(
                "capable: tgid={tgid} cred_ns=1 cred_level=0 target_ns=1 target_level=0 cap=c \
                 verdict={verdict} reason=R"
            )
        };
        for text in [
            "capable: tgid=1 cap=cap_chown",
            &capable("x", "denied"),
            &capable("1", "x"),
            "task_newtask: pid=1 comm=a clone_flags=0 oom_score_adj=0",
        ] {
            let line = format!("{:>16}-1       [000] ..... 1.000000: {text}", "prog");
            assert_eq!(
                super::event(&Line::parse(line.as_bytes()).unwrap()),
                None,
                "{text}"
            );
        }
    }
}
