// SPDX-License-Identifier: GPL-2.0

//! The names of threads, which change.
//!
//! A line of `trace_pipe` begins with the name that the kernel recorded last: `<...>` if it has
//! recorded none, or the name of a program that was executed later. So `capwhy` also reads the
//! events of new threads and of new names.

use super::line::Line;
use std::{collections::HashMap, fs};

/// The events with names of tasks, of the group `task`.
pub const EVENTS: [&str; 2] = ["task_newtask", "task_rename"];

/// More threads than most systems have.
const MOST: usize = 1 << 16;

/// The names of threads, by their IDs.
#[derive(Default)]
pub struct Names(HashMap<i32, String>);

impl Names {
    /// Records a name.
    pub fn set(&mut self, tid: i32, name: &str) {
        if self.0.len() >= MOST {
            // Most of these threads have ended.
            self.0.clear();
        }
        self.0.insert(tid, name.to_owned());
    }

    /// Learns from a line of one of [`EVENTS`]. Returns whether it is one.
    pub fn learn(&mut self, line: &Line) -> bool {
        let name = match line.event.as_str() {
            "task_newtask" => line.between("comm=", " clone_flags="),
            "task_rename" => line.between("newcomm=", " oom_score_adj="),
            _ => return false,
        };
        if let (Some(tid), Some(name)) = (line.get("pid").and_then(|pid| pid.parse().ok()), name) {
            self.set(tid, name);
        }
        true
    }

    /// Returns the name of a thread, given the one that is shown.
    pub fn of(&self, tid: i32, shown: &str) -> String {
        match self.0.get(&tid) {
            Some(name) => name.clone(),
            None if shown == "<...>" => fs::read_to_string(format!("/proc/{tid}/comm"))
                .map_or_else(|_| shown.to_owned(), |name| name.trim_end().to_owned()),
            None => shown.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn learn(names: &mut Names, text: &str) -> bool {
        let line = format!("{:>16}-7       [000] ..... 1.000000: {text}", "prog");
        names.learn(&Line::parse(line.as_bytes()).unwrap())
    }

    #[test]
    fn a_thread_has_the_name_that_it_was_given_last() {
        let mut names = Names::default();
        assert_eq!(names.of(8, "shown"), "shown");
        let new = "task_newtask: pid=8 comm=a shell clone_flags=1200000 oom_score_adj=0";
        assert!(learn(&mut names, new));
        assert_eq!(names.of(8, "<...>"), "a shell");
        let renamed = "task_rename: pid=8 oldcomm=a shell newcomm=x y=z oom_score_adj=-1000";
        assert!(learn(&mut names, renamed));
        assert_eq!(names.of(8, "a shell"), "x y=z");
        assert_eq!(names.of(7, "prog"), "prog");
    }

    #[test]
    fn other_events_and_truncated_ones_have_no_name() {
        let mut names = Names::default();
        assert!(!learn(&mut names, "capable: tgid=1 comm=a clone_flags=0"));
        assert!(learn(&mut names, "task_newtask: pid=8 comm=a"));
        assert!(learn(
            &mut names,
            "task_rename: pid=x oldcomm=a newcomm=b oom_score_adj=0"
        ));
        assert_eq!(names.of(8, "shown"), "shown");
    }

    #[test]
    fn the_name_of_an_unnamed_thread_is_read_from_proc() {
        let own = fs::read_to_string("/proc/self/comm").unwrap();
        let pid = std::process::id() as i32;
        assert_eq!(Names::default().of(pid, "<...>"), own.trim_end());
        assert_eq!(Names::default().of(-1, "<...>"), "<...>");
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
