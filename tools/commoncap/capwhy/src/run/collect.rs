// SPDX-License-Identifier: GPL-2.0

//! The records of a process tree: each different one once, with its count and its programs.

use crate::trace::{
    event::{ExeLink, TaskPrctl, Thread, What},
    pipe::Output,
    refusal::{Capset, Exec, Failed, Held, Mismatch, OtherLsm, Removed},
    request::{Pairing, Request},
};
use serde::Serialize;
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    hash::Hash,
};

/// How many different things of each kind a report has at most. A program may do any number.
const MOST: usize = 1 << 12;
/// How many programs a report names for each thing at most.
const MOST_PROGRAMS: usize = 1 << 6;

/// A record and its count.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Counted<T> {
    /// What happened.
    #[serde(flatten)]
    pub what: T,
    /// How often.
    pub times: u64,
    /// How often in each program, by its name.
    pub programs: BTreeMap<String, u64>,
    /// How often in programs beyond those.
    pub others: u64,
}

impl<T> Counted<T> {
    /// Makes a count of nothing.
    pub fn none(what: T) -> Self {
        Self {
            what,
            times: 0,
            programs: BTreeMap::new(),
            others: 0,
        }
    }

    /// Returns the same count of something else.
    pub fn with<U>(&self, what: U) -> Counted<U> {
        let mut other = Counted::none(what);
        other.add_all(self);
        other
    }

    fn add(&mut self, comm: &str) {
        self.times += 1;
        if let Some(times) = self.programs.get_mut(comm) {
            *times += 1;
        } else if self.programs.len() < MOST_PROGRAMS {
            self.programs.insert(comm.to_owned(), 1);
        } else {
            self.others += 1;
        }
    }

    /// Adds what the report shows as the same.
    pub fn add_all<U>(&mut self, more: &Counted<U>) {
        self.times += more.times;
        self.others += more.others;
        for (comm, times) in &more.programs {
            if self.programs.len() < MOST_PROGRAMS || self.programs.contains_key(comm) {
                *self.programs.entry(comm.clone()).or_default() += times;
            } else {
                self.others += times;
            }
        }
    }
}

/// Records, in the order of their first time.
#[derive(Debug)]
pub struct Counts<T> {
    list: Vec<Counted<T>>,
    index: HashMap<T, usize>,
    others: u64,
}

impl<T> Default for Counts<T> {
    fn default() -> Self {
        Self {
            list: Vec::new(),
            index: HashMap::new(),
            others: 0,
        }
    }
}

impl<T: Clone + Eq + Hash> Counts<T> {
    fn add(&mut self, what: T, comm: &str) {
        if let Some(index) = self.index.get(&what) {
            self.list[*index].add(comm);
        } else if self.list.len() < MOST {
            let mut counted = Counted::none(what.clone());
            counted.add(comm);
            self.index.insert(what, self.list.len());
            self.list.push(counted);
        } else {
            self.others += 1;
        }
    }

    /// Returns them.
    pub fn into_list(self) -> Vec<Counted<T>> {
        self.list
    }
}

/// All records of a run.
#[derive(Debug, Default)]
pub struct Collection {
    /// The requests for capabilities.
    pub requests: Counts<Request>,
    /// The `prctl()`s of the capability LSM.
    pub prctls: Counts<TaskPrctl>,
    /// The changes of `/proc/PID/exe`.
    pub exe_links: Vec<(Thread, ExeLink)>,
    /// The answers of the kernel that the rules do not give.
    pub mismatches: Counts<Mismatch>,
    /// Where capabilities were that were refused.
    pub held: Counts<Held>,
    /// The `capset()`s.
    pub capsets: Counts<Capset>,
    /// Each `execve()` that failed for the file's capabilities, or did not grant them.
    pub execs: Counts<Exec>,
    /// Capabilities of files that changes removed.
    pub removed: Counts<Removed>,
    /// What other LSMs refused.
    pub other_lsms: Counts<OtherLsm>,
    /// The system calls that failed.
    pub failed: Counts<Failed>,
    /// How many decisions there were.
    pub decisions: u64,
    /// How many events could not be read.
    pub unreadable: u64,
    /// How many events were lost.
    pub lost: u64,
    /// How many changes of `/proc/PID/exe` there were besides.
    other_links: u64,
    /// The processes that caused events.
    pub processes: BTreeSet<i32>,
    pairing: Pairing,
}

impl Collection {
    /// Adds what the pipe returned.
    pub fn add(&mut self, outputs: Vec<Output>) {
        for output in outputs {
            match output {
                Output::Event(event) => self.event(event.thread, event.what),
                Output::Unreadable => self.unreadable += 1,
                // Counted at the end, for all CPUs.
                Output::Lost(_) => {}
            }
        }
        let overdue = self.pairing.overdue();
        self.alone(overdue);
    }

    fn event(&mut self, thread: Thread, what: What) {
        self.processes.insert(thread.tgid);
        match what {
            What::Capable(capable) => {
                self.decisions += 1;
                for (thread, request) in self.pairing.decision(&thread, &capable) {
                    self.requests.add(request, &thread.comm);
                }
            }
            What::TaskPrctl(prctl) => {
                self.decisions += 1;
                if let Some((thread, request)) = self.pairing.prctl(&thread, &prctl) {
                    self.requests.add(request, &thread.comm);
                }
                self.prctls.add(prctl, &thread.comm);
            }
            What::ExeLink(link) if self.exe_links.len() < MOST => {
                self.exe_links.push((thread, link));
            }
            What::ExeLink(_) => self.other_links += 1,
            What::Mismatch(mismatch) => self.mismatches.add(mismatch, &thread.comm),
            What::Held(held) => self.held.add(held, &thread.comm),
            What::Capset(capset) => {
                self.pairing.capset(&thread);
                self.capsets.add(capset, &thread.comm);
            }
            What::Exec(exec) => self.execs.add(exec, &thread.comm),
            What::Removed(removed) => self.removed.add(removed, &thread.comm),
            What::OtherLsm(other) => self.other_lsms.add(other, &thread.comm),
            What::Failed(failed) => self.failed.add(failed, &thread.comm),
        }
    }

    /// Returns the number of events beyond the limits.
    pub fn others(&self) -> u64 {
        let refusals = self.mismatches.others
            + self.held.others
            + self.capsets.others
            + self.execs.others
            + self.removed.others
            + self.other_lsms.others
            + self.failed.others;
        self.requests.others + self.prctls.others + self.other_links + refusals
    }

    /// Adds the requests that are still open, after the last event.
    pub fn finish(&mut self) {
        let rest = self.pairing.rest();
        self.alone(rest);
    }

    /// Adds requests that no other decision belongs to.
    fn alone(&mut self, requests: Vec<(Thread, Request)>) {
        for (thread, request) in requests {
            self.requests.add(request, &thread.comm);
        }
    }
}

#[cfg(test)]
pub mod fixtures {
    //! Collections for tests.

    use super::*;
    use crate::trace::{
        event::{fixtures::event, Event},
        refusal,
    };

    /// Collects events, each written as what comes after the time.
    pub fn collect(events: &[&str]) -> Collection {
        let mut collection = Collection::default();
        for text in events {
            collection.add(vec![Output::Event(Box::new(event(7, text)))]);
        }
        collection.finish();
        collection
    }

    /// Adds each kind of refusal, by a thread of the first event.
    pub fn refused(collection: &mut Collection) {
        let thread = event(7, "exe_link: tgid=7 uid=0 ns=1 old=/a new=/b").thread;
        for what in refusal::fixtures::all() {
            let thread = thread.clone();
            collection.add(vec![Output::Event(Box::new(Event { thread, what }))]);
        }
    }

    /// Writes an event of `capable`, in the namespaces of these numbers.
    pub fn capable(cap: &str, cred_ns: u64, target_ns: u64, verdict: &str, reason: &str) -> String {
        format!(
            "capable: tgid=7 cred_ns={cred_ns} cred_level=0 target_ns={target_ns} target_level=0 \
             cap={cap} verdict={verdict} reason={reason}"
        )
    }

    /// Writes an event of `task_prctl`, in the namespace 1.
    pub fn prctl(option: &str, args: [u64; 2], verdict: &str, reason: &str, more: &str) -> String {
        format!(
            "task_prctl: tgid=7 ns=1 level=0 option={option} arg2={:#x} arg3={:#x} arg4=0x0 \
             arg5=0x0 ret=0 verdict={verdict} reason={reason} {more}",
            args[0], args[1]
        )
    }
}

#[cfg(test)]
mod tests {
    use super::{
        fixtures::{capable, collect, prctl},
        *,
    };
    use crate::trace::event::fixtures::event;

    #[test]
    fn equal_records_are_counted() {
        let chown = capable("cap_chown", 1, 1, "granted", "Effective");
        let kill = capable("cap_kill", 1, 1, "denied", "NotEffective");
        let collection = collect(&[&chown, &kill, &chown]);
        assert_eq!((collection.decisions, collection.processes.len()), (3, 1));
        let requests = collection.requests.into_list();
        let counted: Vec<_> = requests
            .iter()
            .map(|counted| {
                (
                    counted.what.cap.as_str(),
                    counted.times,
                    counted.programs["prog"],
                )
            })
            .collect();
        assert_eq!(counted, [("cap_chown", 2, 2), ("cap_kill", 1, 1)]);
    }

    #[test]
    fn no_program_fills_the_memory() {
        let mut collection = Collection::default();
        let mut add = |tid, text: &str| {
            let mut event = event(1, text);
            event.thread.comm = format!("{tid}");
            collection.add(vec![Output::Event(Box::new(event))]);
        };
        let many = MOST as u64 + 3;
        for number in 0..many {
            let args = [number, number];
            add(0, &prctl("PR_CAP_AMBIENT", args, "denied", "Ambient", ""));
            let kill = capable("cap_kill", 1, number, "granted", "Effective");
            add(0, &kill);
            add(0, "exe_link: tgid=8 uid=0 ns=1 old=/a new=/b");
        }
        for comm in 1..MOST_PROGRAMS + 5 {
            let kill = capable("cap_kill", 1, 0, "granted", "Effective");
            add(comm, &kill);
        }
        assert_eq!(collection.others(), 9);
        assert_eq!(collection.exe_links.len(), MOST);
        assert_eq!(collection.prctls.into_list().len(), MOST);
        let first = &collection.requests.into_list()[0];
        assert_eq!(first.programs.len(), MOST_PROGRAMS);
        let named: u64 = first.programs.values().sum();
        assert_eq!((first.others, first.times), (5, named + 5));
    }

    #[test]
    fn a_half_that_waits_is_not_forgotten() {
        let half = capable("cap_checkpoint_restore", 1, 1, "denied", "NotEffective");
        assert_eq!(collect(&[&half]).requests.into_list().len(), 1);
    }

    #[test]
    fn a_half_that_waits_in_vain_is_not_kept_until_the_end() {
        let half = capable("cap_setpcap", 1, 1, "denied", "NotEffective");
        let mut collection = Collection::default();
        for tid in 0..3 {
            collection.add(vec![Output::Event(Box::new(event(tid, &half)))]);
        }
        std::thread::sleep(std::time::Duration::from_millis(250));
        collection.add(Vec::new());
        assert_eq!(collection.requests.into_list()[0].times, 3);
    }

    #[test]
    fn prctls_and_links_are_gathered_too() {
        let raise = prctl("PR_CAP_AMBIENT", [2, 40], "granted", "Change", "");
        let link = "exe_link: tgid=8 uid=0 ns=1 old=/a new=/b";
        let collection = collect(&[&raise, link]);
        assert_eq!((collection.decisions, collection.exe_links.len()), (1, 1));
        assert_eq!(collection.prctls.into_list().len(), 1);
        assert_eq!(collection.processes, [7, 8].into());
    }

    #[test]
    fn what_makes_no_sense_is_counted() {
        let mut collection = Collection::default();
        collection.add(vec![Output::Unreadable, Output::Lost(Some(3))]);
        assert_eq!((collection.unreadable, collection.decisions), (1, 0));
    }
}
