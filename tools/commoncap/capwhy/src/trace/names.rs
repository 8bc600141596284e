// SPDX-License-Identifier: GPL-2.0

//! The names of threads, which change.
//!
//! The kernel does not record them with each event, so `capwhy` also reads the events of new
//! threads and of new names, and `/proc` for threads that are older than that.

use super::{entry::Entry, scope::all_threads};
use std::{
    collections::{hash_map, HashMap},
    fs,
};

/// The events with names of tasks, of the group `task`.
pub const EVENTS: [&str; 2] = ["task_newtask", "task_rename"];

/// More threads than most systems have.
const MOST: usize = 1 << 16;

/// The name of a thread that has ended unseen, as the kernel has it.
const UNKNOWN: &str = "<...>";

/// The names of threads, by their IDs.
#[derive(Default)]
pub struct Names(HashMap<i32, String>);

impl Names {
    /// Records a name.
    pub fn set(&mut self, tid: i32, name: &str) {
        self.bound();
        self.0.insert(tid, name.to_owned());
    }

    /// Records the names of all threads that are running, since one may end before its event is
    /// read.
    pub fn record_running(&mut self) {
        for tid in all_threads() {
            let _ = self.of(tid);
        }
    }

    fn bound(&mut self) {
        if self.0.len() >= MOST {
            // Most of these threads have ended.
            self.0.clear();
        }
    }

    /// Learns from an entry of one of [`EVENTS`]. Returns whether it is one.
    pub fn learn(&mut self, entry: &Entry) -> bool {
        let name = match entry.event() {
            "task_newtask" => entry.text("comm"),
            "task_rename" => entry.text("newcomm"),
            _ => return false,
        };
        if let (Some(tid), Some(name)) = (entry.number("pid"), name) {
            self.set(tid, &name);
        }
        true
    }

    /// Returns the name of a thread.
    pub fn of(&mut self, tid: i32) -> &str {
        self.bound();
        match self.0.entry(tid) {
            hash_map::Entry::Occupied(known) => known.into_mut().as_str(),
            hash_map::Entry::Vacant(new) => match fs::read(format!("/proc/{tid}/comm")) {
                Ok(name) => new.insert(String::from_utf8_lossy(&name).trim_end().to_owned()),
                Err(_) => UNKNOWN,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::entry::fixtures::entry, *};

    #[test]
    fn a_thread_has_the_name_that_it_was_given_last() {
        let mut names = Names::default();
        assert_eq!(names.of(i32::MAX), UNKNOWN);
        let new = "pid=2147483647 comm=shell clone_flags=1200000 oom_score_adj=0";
        assert!(names.learn(&entry(7, "task_newtask", new)));
        assert_eq!(names.of(i32::MAX), "shell");
        let renamed = "pid=2147483647 oldcomm=shell newcomm=y=z oom_score_adj=-1000";
        assert!(names.learn(&entry(8, "task_rename", renamed)));
        assert_eq!(names.of(i32::MAX), "y=z");
    }

    #[test]
    fn other_events_and_incomplete_ones_have_no_name() {
        let mut names = Names::default();
        assert!(!names.learn(&entry(7, "capable", "pid=8 comm=a")));
        assert!(names.learn(&entry(7, "task_newtask", "comm=a")));
        assert!(names.learn(&entry(7, "task_rename", "pid=8 oldcomm=a")));
        assert!(names.0.is_empty());
    }

    #[test]
    fn the_name_of_an_unnamed_thread_is_read_from_proc() {
        let own = fs::read_to_string("/proc/self/comm").unwrap();
        let pid = std::process::id() as i32;
        assert_eq!(Names::default().of(pid), own.trim_end());
        assert_eq!(Names::default().of(-1), UNKNOWN);
        let mut names = Names::default();
        names.record_running();
        assert_eq!(names.0.get(&pid).map(String::as_str), Some(own.trim_end()));
    }

    #[test]
    fn any_number_of_threads_takes_bounded_memory() {
        let mut names = Names::default();
        for tid in 0..3 * MOST as i32 {
            names.set(tid, "x");
        }
        assert!(names.0.len() <= MOST);
    }
}
