// SPDX-License-Identifier: GPL-2.0

//! The tracepoints of the kernel module: `rust_commoncap:capable`, `:task_prctl` and `:exe_link`.

use super::super::{
    entry::Entry,
    event::{Capable, Event, ExeLink, TaskPrctl, Thread, Verdict, What},
};
use super::tracefs::prctl_name;
use std::{borrow::Cow, path::Path};

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

/// Reads an entry. Returns [`None`] for another event, or if a field is missing.
pub fn event(entry: &Entry) -> Option<Event> {
    let thread = Thread {
        comm: entry.comm.clone(),
        tgid: entry.number("tgid")?,
        tid: entry.tid,
        time: entry.time,
    };
    let text = |name: &str| entry.text(name).map(Cow::into_owned);
    let is = |name: &str| Some(entry.number::<u8>(name)? != 0);
    let verdict = || {
        Some(match is("granted")? {
            true => Verdict::Granted,
            false => Verdict::Denied,
        })
    };
    let what = match entry.event() {
        "capable" => What::Capable(Capable {
            cred_ns: entry.number("cred_ns")?,
            cred_level: entry.number("cred_level")?,
            target_ns: entry.number("target_ns")?,
            target_level: entry.number("target_level")?,
            cap: text("cap")?,
            verdict: verdict()?,
            reason: text("reason")?,
            audit: is("audit") != Some(false),
            own: is("own") != Some(false),
            call: None,
        }),
        "task_prctl" => {
            let ret = entry.number("ret")?;
            What::TaskPrctl(TaskPrctl {
                ns: entry.number("ns")?,
                level: entry.number("level")?,
                option: prctl_name(entry.number("option")?)?.to_owned(),
                args: [
                    entry.number("args0")?,
                    entry.number("args1")?,
                    entry.number("args2")?,
                    entry.number("args3")?,
                ],
                ret,
                // An error is a denial, whatever the module predicted.
                verdict: match verdict()? {
                    _ if ret < 0 => Verdict::Denied,
                    verdict => verdict,
                },
                reason: text("reason")?,
                securebits: entry.number("before"),
                asked: entry.number("asked"),
                after: entry.number("after"),
            })
        }
        "exe_link" => What::ExeLink(ExeLink {
            uid: entry.number("uid")?,
            ns: entry.number("ns")?,
            old: unescape(&entry.text("old")?),
            new: unescape(&entry.text("new")?),
        }),
        _ => return None,
    };
    Some(Event { thread, what })
}

/// Reads bytes that the module has escaped, as in `/proc/mounts`: a blank is `\040`.
fn unescape(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let (byte, after) = match after {
            [a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', after @ ..] if *first == b'\\' => {
                (((a - b'0') << 6) | ((b - b'0') << 3) | (c - b'0'), after)
            }
            _ => (*first, after),
        };
        bytes.push(byte);
        rest = after;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::{
        super::super::event::fixtures::{event, of_module},
        *,
    };

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
    fn paths_may_have_anything_in_them() {
        for (text, path) in [
            (r"/a\040b", "/a b"),
            (r"a\042b", "a\"b"),
            (r"a\134", "a\\"),
            (r"a\134040", "a\\040"),
            (r"a\012=", "a\n="),
            (r"\303\251", "é"),
            (r"a\377", "a\u{fffd}"),
            (r"a\400", r"a\400"),
            (r"a\04", r"a\04"),
        ] {
            assert_eq!(unescape(text), path);
        }
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
            "task_newtask: pid=1 comm=a clone_flags=0 oom_score_adj=0",
        ] {
            assert_eq!(super::event(&of_module(1, text)), None, "{text}");
        }
    }
}
