// SPDX-License-Identifier: GPL-2.0

//! Makes events of the entries of probes, and of the module.

use super::{super::module, thread::State};
use crate::trace::{
    entry::Entry,
    event::{Event, Thread},
};
use std::{collections::HashMap, fs};

/// More threads than most systems have.
const MOST: usize = 1 << 16;

/// What is known of threads from earlier entries.
#[derive(Default)]
pub struct Decoder {
    threads: HashMap<i32, State>,
}

impl Decoder {
    /// Adds the events that an entry completes. Returns [`None`] if it lacks a field.
    pub fn decode(&mut self, entry: &Entry, events: &mut Vec<Event>) -> Option<()> {
        if self.threads.len() >= MOST {
            // Most of these threads have ended.
            self.threads.clear();
        }
        if entry.event() == "capwhy_new_task" {
            let pid = entry.number("pid")?;
            self.threads
                .entry(pid)
                .or_default()
                .has(entry.number("cred"));
            return Some(());
        }
        let state = self.threads.entry(entry.tid).or_default();
        if !entry.event().starts_with("capwhy_") {
            let event = module::event(entry)?;
            state.tgid = Some(event.thread.tgid);
            state.of_module(event, events);
            return Some(());
        }
        state.tgid = entry
            .number("tgid")
            .or(state.tgid)
            .or_else(|| tgid_in_proc(entry.tid));
        let thread = Thread {
            comm: entry.comm.clone(),
            tgid: state.tgid.unwrap_or(entry.tid),
            tid: entry.tid,
            time: entry.time,
        };
        state.take(entry, &mut |what| {
            let thread = thread.clone();
            events.push(Event { thread, what });
        })
    }

    /// Takes an entry of `task_newtask`: a new thread has what its creator had.
    pub fn new_task(&mut self, entry: &Entry) -> Option<()> {
        const THREAD: u64 = 0x1_0000; // CLONE_THREAD
        let pid = entry.number("pid")?;
        let flags: u64 = entry.number("clone_flags")?;
        // Its credentials may have been read before this entry.
        let credentials = self.threads.remove(&pid).and_then(|child| child.address());
        let parent = self.threads.entry(entry.tid).or_default();
        let mut child = State::default();
        child.has(credentials);
        child.inherit(parent);
        child.tgid = match flags & THREAD {
            0 => Some(pid),
            _ => parent.tgid,
        };
        self.threads.insert(pid, child);
        Some(())
    }
}

/// Returns the process of a thread that is still there.
fn tgid_in_proc(tid: i32) -> Option<i32> {
    let status = fs::read_to_string(format!("/proc/{tid}/status")).ok()?;
    let tgid = status.lines().find_map(|line| line.strip_prefix("Tgid:"))?;
    tgid.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::{
        entry::fixtures::entry,
        event::{Verdict, What},
    };
    use syscalls::Sysno;

    /// Decodes entries of probes: the name of each and its fields.
    fn decoded(entries: &[(&str, &str)]) -> Vec<What> {
        let mut decoder = Decoder::default();
        let mut events = Vec::new();
        for (name, fields) in entries {
            let entry = entry(7, &format!("capwhy_{name}"), fields);
            decoder.decode(&entry, &mut events).expect(name);
        }
        events.into_iter().map(|event| event.what).collect()
    }

    /// The sets of root, or none, as fields whose names end so.
    fn sets(held: bool, suffix: &str) -> String {
        let all = if held { u64::MAX >> 23 } else { 0 };
        format!("eff{suffix}={all} perm{suffix}={all} inh{suffix}=0 bset{suffix}=1 amb{suffix}=0")
    }

    #[test]
    fn a_prctl_is_judged_by_the_credentials_before_it() {
        let change = |call: Sysno, held: bool| {
            let (new, old) = (sets(held, ""), sets(true, "_old"));
            format!(
                "nr={} a0=0x3e8 a1=0x0 a2=0x0 ns=0x1 ns_old=0x1 bits_old=0 {new} {old}",
                call.id()
            )
        };
        let prctl = |ret: i32, held: bool| {
            let sets = sets(held, "");
            format!(
                "option=28 arg2=0x3 arg3=0x0 arg4=0x0 arg5=0x0 ret={ret} bits=0 inum=1 level=0 \
                 {sets}"
            )
        };
        let refused = decoded(&[
            ("commit", &change(Sysno::setuid, false)),
            ("prctl", &prctl(-1, false)),
        ]);
        let [What::TaskPrctl(refused), What::Held(held)] = &refused[..] else {
            panic!("{refused:?}");
        };
        assert_eq!(refused.reason, "SecurebitsPrivileged");
        assert_eq!(held.permitted_until.as_deref(), Some("setuid(1000)"));
        let granted = decoded(&[
            ("commit", &change(Sysno::prctl, true)),
            ("prctl", &prctl(0, true)),
        ]);
        let [What::TaskPrctl(granted)] = &granted[..] else {
            panic!("{granted:?}");
        };
        assert_eq!(
            (granted.verdict, &*granted.reason),
            (Verdict::Granted, "Change")
        );
    }

    /// What kernels before Linux 7.3 show of a change of credentials.
    fn old_change(held: bool, bits: u64) -> String {
        let new = sets(held, "");
        format!("ns=0x1 cred=0xc0 bits={bits} inum=1 level=0 {new}")
    }

    #[test]
    fn a_prctl_is_judged_by_earlier_changes_where_the_current_task_cannot_be_read() {
        let prctl = |option, arg2, ret| {
            let text = format!("option={option} arg2={arg2} arg3=0x0 arg4=0x0 arg5=0x0 ret={ret}");
            ("prctl", text)
        };
        let change = |held, bits| ("commit", old_change(held, bits));
        for (entries, reason, verdict, from) in [
            // What was there before the change is unknown.
            (
                vec![change(true, 3), prctl(28, 3, 0)],
                "unknown",
                Verdict::Granted,
                None,
            ),
            // The change before the refused call is by another one.
            (
                vec![change(true, 0), change(false, 0), prctl(28, 3, -1)],
                "SecurebitsPrivileged",
                Verdict::Denied,
                Some(0),
            ),
            (
                vec![change(true, 0), change(true, 3), prctl(28, 3, 0)],
                "Change",
                Verdict::Granted,
                Some(0),
            ),
            (
                vec![change(true, 0), change(true, 3), prctl(27, 0, 3)],
                "Value",
                Verdict::Granted,
                Some(3),
            ),
        ] {
            let entries: Vec<_> = entries
                .iter()
                .map(|(name, text)| (*name, text.as_str()))
                .collect();
            let events = decoded(&entries);
            let Some(What::TaskPrctl(prctl)) = events.first() else {
                panic!("{events:?}");
            };
            assert_eq!((&*prctl.reason, prctl.verdict), (reason, verdict));
            assert_eq!((prctl.securebits, prctl.ns), (from, 1));
        }
    }

    #[test]
    fn a_check_of_other_credentials_is_known_where_the_current_task_cannot_be_read() {
        let checked = |cred: &str| {
            let capable = "cap=21 opts=0 ret=-1 eff=0 euid=1000 ns=0xa inum=1 level=0 over=0xa \
                over_inum=1 over_level=0 owner0=0 ns1=0x0 owner1=0 ns2=0x0 owner2=0 ns3=0x0 \
                owner3=0 ns4=0x0";
            ("capable", format!("{capable} cred={cred}"))
        };
        let own = |entries: &[(&str, String)]| {
            let entries: Vec<_> = entries
                .iter()
                .map(|(name, text)| (*name, text.as_str()))
                .collect();
            let capable = decoded(&entries).into_iter().find_map(|what| match what {
                What::Capable(capable) => Some(capable.own),
                _ => None,
            });
            capable.unwrap()
        };
        let made = |pid| ("new_task", format!("pid={pid} cred=0xb0"));
        let change = ("commit", old_change(true, 0));
        assert!(own(&[checked("0xb0")]), "nothing is known");
        assert!(own(&[made(7), checked("0xb0")]) && !own(&[made(7), checked("0xc0")]));
        assert!(own(&[made(8), checked("0xc0")]), "another thread");
        let after = |cred| own(&[made(7), change.clone(), checked(cred)]);
        assert!(after("0xc0") && !after("0xb0"));
    }

    #[test]
    fn an_answer_that_the_rules_do_not_give_is_reported() {
        let wrong = "cap=21 opts=0 ret=0 eff=0 euid=1000 ns=0xa inum=1 level=0 over=0xa \
            over_inum=1 over_level=0 owner0=0 ns1=0x0 owner1=0 ns2=0x0 owner2=0 ns3=0x0 owner3=0 \
            ns4=0x0 tgid=7";
        let events = decoded(&[("capable", wrong)]);
        let [What::Mismatch(mismatch), What::Capable(capable)] = &events[..] else {
            panic!("{events:?}");
        };
        assert_eq!(mismatch.predicted, "NotEffective");
        assert_eq!(
            (capable.verdict, &*capable.reason),
            (Verdict::Granted, "unknown")
        );
    }

    #[test]
    fn a_refusal_after_a_grant_is_that_of_another_lsm() {
        let granted = "cap=21 opts=0 ret=0 eff=2097152 euid=0 ns=0xa inum=1 level=0 over=0xa \
            over_inum=1 over_level=0 owner0=0 ns1=0x0 owner1=0 ns2=0x0 owner2=0 ns3=0x0 owner3=0 \
            ns4=0x0 tgid=7";
        for (ret, others) in [(0, 0), (-1, 1)] {
            let answer = format!("cap=21 ret={ret} opts=0 nr=0xa1 a0=0x0 a1=0x0 a2=0x0");
            let events = decoded(&[("capable", granted), ("answer", &answer)]);
            let found = events
                .iter()
                .filter(|what| matches!(what, What::OtherLsm(_)));
            assert_eq!(found.count(), others);
        }
    }

    #[test]
    fn a_new_thread_has_what_its_creator_had() {
        let mut decoder = Decoder::default();
        let new_task = |flags| {
            let fields = format!("pid=8 comm=prog clone_flags={flags} oom_score_adj=0");
            entry(7, "task_newtask", &fields)
        };
        decoder.threads.entry(7).or_default().tgid = Some(6);
        for (flags, tgid) in [("0x1200000", 8), ("0x3d0f00", 6)] {
            decoder.new_task(&new_task(flags)).unwrap();
            assert_eq!(decoder.threads[&8].tgid, Some(tgid), "{flags}");
        }
    }
}
