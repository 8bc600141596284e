// SPDX-License-Identifier: GPL-2.0

//! What a process tree asked for, each thing once with how often and by which programs.

use crate::trace::{
    event::{ExeLink, TaskPrctl, Thread, What},
    pipe::Output,
    request::{Pairing, Request},
};
use serde::Serialize;
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    hash::Hash,
};

/// Something that happened a number of times.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Counted<T> {
    /// What happened.
    #[serde(flatten)]
    pub what: T,
    /// How often.
    pub times: u64,
    /// How often in each program, by its name.
    pub programs: BTreeMap<String, u64>,
}

/// Things that happened, in the order of their first time.
#[derive(Debug)]
pub struct Counts<T> {
    list: Vec<Counted<T>>,
    index: HashMap<T, usize>,
}

impl<T> Default for Counts<T> {
    fn default() -> Self {
        Self {
            list: Vec::new(),
            index: HashMap::new(),
        }
    }
}

impl<T: Clone + Eq + Hash> Counts<T> {
    fn add(&mut self, what: T, comm: &str) {
        let index = *self.index.entry(what.clone()).or_insert_with(|| {
            self.list.push(Counted {
                what,
                times: 0,
                programs: BTreeMap::new(),
            });
            self.list.len() - 1
        });
        let counted = &mut self.list[index];
        counted.times += 1;
        *counted.programs.entry(comm.to_owned()).or_default() += 1;
    }

    /// Returns them.
    pub fn into_list(self) -> Vec<Counted<T>> {
        self.list
    }
}

/// All that has been gathered.
#[derive(Debug, Default)]
pub struct Collection {
    /// What capabilities were asked for.
    pub requests: Counts<Request>,
    /// The `prctl()`s of the capability LSM.
    pub prctls: Counts<TaskPrctl>,
    /// The changes of `/proc/PID/exe`.
    pub exe_links: Vec<(Thread, ExeLink)>,
    /// How many decisions there were.
    pub decisions: u64,
    /// How many events made no sense.
    pub unreadable: u64,
    /// How many events were lost.
    pub lost: u64,
    /// The processes that were heard of.
    pub processes: BTreeSet<i32>,
    pairing: Pairing,
}

impl Collection {
    /// Takes in what has come out of the pipe.
    pub fn add(&mut self, outputs: Vec<Output>) {
        for output in outputs {
            match output {
                Output::Event(event) => self.event(event.thread, event.what),
                Output::Unreadable => self.unreadable += 1,
                // Counted at the end, for all CPUs.
                Output::Lost(_) => {}
            }
        }
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
            What::ExeLink(link) => self.exe_links.push((thread, link)),
        }
    }

    /// Takes in what still waited, once all has come.
    pub fn finish(&mut self) {
        for (thread, request) in self.pairing.rest() {
            self.requests.add(request, &thread.comm);
        }
    }
}

#[cfg(test)]
pub mod made_up {
    //! Collections for tests.

    use super::*;
    use crate::trace::event::made_up::event;

    /// Collects events, each written as what comes after the time.
    pub fn collect(events: &[&str]) -> Collection {
        let mut collection = Collection::default();
        for text in events {
            collection.add(vec![Output::Event(Box::new(event(7, text)))]);
        }
        collection.finish();
        collection
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
        made_up::{capable, collect, prctl},
        *,
    };

    #[test]
    fn what_happens_twice_is_counted() {
        let chown = capable("cap_chown", 1, 1, "granted", "Effective");
        let kill = capable("cap_kill", 1, 1, "denied", "NotEffective");
        let collection = collect(&[&chown, &kill, &chown]);
        assert_eq!((collection.decisions, collection.processes.len()), (3, 1));
        let requests = collection.requests.into_list();
        let told: Vec<_> = requests
            .iter()
            .map(|counted| {
                (
                    counted.what.cap.as_str(),
                    counted.times,
                    counted.programs["prog"],
                )
            })
            .collect();
        assert_eq!(told, [("cap_chown", 2, 2), ("cap_kill", 1, 1)]);
    }

    #[test]
    fn a_half_that_waits_is_not_forgotten() {
        let half = capable("cap_checkpoint_restore", 1, 1, "denied", "NotEffective");
        assert_eq!(collect(&[&half]).requests.into_list().len(), 1);
    }

    #[test]
    fn prctls_and_links_are_gathered_too() {
        let raise = prctl("PR_CAP_AMBIENT", [2, 40], "granted", "Change", "");
        let link = r#"exe_link: tgid=8 uid=0 ns=1 old="/a" new="/b""#;
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
