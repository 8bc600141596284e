// SPDX-License-Identifier: GPL-2.0

//! The pipe, from which events are read.

use super::{
    buffers::{self, Buffers, Item},
    entry::Entry,
    event::Event,
    format::Format,
    names::Names,
    source::Decoder,
};
use crate::{
    error::Result,
    printable::printable,
    wait::{self, MOMENT},
};
use rustix::fd::BorrowedFd;
use std::{fs::File, os::fd::AsFd, path::Path, time::Duration};

/// What the pipe returned.
#[derive(Debug, PartialEq)]
pub enum Output {
    /// An event.
    Event(Box<Event>),
    /// An event in an unknown format.
    Unreadable,
    /// Events were lost here: so many, if the kernel knows.
    Lost(Option<u64>),
}

/// The buffers of all CPUs. Each event is read once.
pub struct Pipe {
    buffers: Buffers,
    /// `trace_pipe`, which can be read as text as soon as one of the buffers has an event.
    any: File,
    threads: Threads,
}

/// How long events are gathered before they are read. To read each one by itself costs more than
/// the event, and in this time, a buffer of the default size does not become full.
const REST: Duration = Duration::from_millis(10);

impl Pipe {
    pub(super) fn open(instance: &Path) -> Result<Self> {
        Ok(Self {
            buffers: Buffers::open(instance)?,
            any: buffers::open(&instance.join("trace_pipe"))?,
            threads: Threads::default(),
        })
    }

    /// Adds the format of an event that is to be read.
    pub(super) fn add(&mut self, format: Format) {
        self.buffers.add(format);
    }

    /// Records the names of all threads that are running.
    pub(super) fn names_of_running(&mut self) {
        self.threads.names.record_running();
    }

    /// Records the name of a thread, until the thread changes it.
    pub fn names(&mut self, tid: i32, name: &str) {
        self.threads.names.set(tid, name);
    }

    /// Waits until there is something to read, the other file is readable, a signal arrives or a
    /// moment has passed.
    pub fn wait(&self, other: Option<BorrowedFd<'_>>) -> Result {
        let files: Vec<_> = other.into_iter().collect();
        if wait::readable(&files, REST)? || self.buffers.holds() {
            return Ok(());
        }
        let files: Vec<_> = [self.any.as_fd()].into_iter().chain(other).collect();
        wait::readable(&files, MOMENT).map(drop)
    }

    /// Reads what there is. Returns an empty list if there is nothing.
    pub fn read(&mut self) -> Result<Vec<Output>> {
        let mut outputs = Vec::new();
        loop {
            let items = self.buffers.read()?;
            let is_end = items.is_empty();
            for item in items {
                self.threads.take(item, &mut outputs);
            }
            // The caller would take an empty list for the end.
            if is_end || !outputs.is_empty() {
                return Ok(outputs);
            }
        }
    }
}

/// What is known of threads.
#[derive(Default)]
struct Threads {
    names: Names,
    decoder: Decoder,
}

impl Threads {
    fn take(&mut self, item: Item, outputs: &mut Vec<Output>) {
        match item {
            Item::Entry(entry) => self.entry(entry, outputs),
            Item::Unreadable => outputs.push(Output::Unreadable),
            Item::Lost(count) => outputs.push(Output::Lost(count)),
        }
    }

    fn entry(&mut self, mut entry: Entry, outputs: &mut Vec<Output>) {
        if self.names.learn(&entry) {
            if entry.event() == "task_newtask" {
                // An entry that cannot be read only means that less is known of the thread.
                let _ = self.decoder.new_task(&entry);
            }
            return;
        }
        entry.comm = printable(self.names.of(entry.tid));
        let mut events = Vec::new();
        if self.decoder.decode(&entry, &mut events).is_none() {
            outputs.push(Output::Unreadable);
        }
        let events = events.into_iter().map(Box::new).map(Output::Event);
        outputs.extend(events);
    }
}

#[cfg(test)]
mod tests {
    use super::{super::entry::fixtures::entry, *};

    const EXE_LINK: &str = "tgid=7 uid=0 ns=1 old=/a new=/b";

    fn read(items: Vec<Item>) -> Vec<Output> {
        let mut threads = Threads::default();
        let mut outputs = Vec::new();
        for item in items {
            threads.take(item, &mut outputs);
        }
        outputs
    }

    fn event(tid: i32) -> Item {
        Item::Entry(entry(tid, "exe_link", EXE_LINK))
    }

    fn renamed(name: &str) -> Item {
        let fields = format!("pid=7 oldcomm=first newcomm={name} oom_score_adj=0");
        Item::Entry(entry(7, "task_rename", &fields))
    }

    fn comms(items: Vec<Item>) -> Vec<String> {
        let comm = |output| match output {
            Output::Event(event) => Some(event.thread.comm),
            _ => None,
        };
        read(items).into_iter().filter_map(comm).collect()
    }

    #[test]
    fn a_thread_has_its_name_at_the_time_of_the_event() {
        let items = vec![renamed("first"), event(7), renamed("second"), event(7)];
        assert_eq!(comms(items), ["first", "second"]);
    }

    #[test]
    fn the_name_of_a_thread_is_escaped() {
        let items = vec![renamed("\x1b[2J\x07\u{7f}x"), event(7)];
        assert_eq!(comms(items), ["\\u{1b}[2J\\u{7}\\u{7f}x"]);
    }

    #[test]
    fn what_cannot_be_read_is_reported() {
        let wrong = |event, fields| Item::Entry(entry(7, event, fields));
        let items = vec![
            wrong("exe_link", "tgid=7 uid=-1 ns=1 old=/a new=/b"),
            wrong("sched_switch", "prev_pid=1"),
            wrong("capwhy_capable", "cap=1"),
            Item::Unreadable,
        ];
        assert_eq!(read(items), [(); 4].map(|()| Output::Unreadable));
    }

    #[test]
    fn losses_are_reported_where_they_are() {
        let outputs = read(vec![event(7), Item::Lost(Some(17)), event(8)]);
        assert_eq!((&outputs[1], outputs.len()), (&Output::Lost(Some(17)), 3));
    }
}
