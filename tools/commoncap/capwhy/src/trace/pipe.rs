// SPDX-License-Identifier: GPL-2.0

//! `trace_pipe`, from which events are read.

use super::{event::Event, line::Line, names::Names, source::Decoder};
use crate::{
    error::{Error, Result},
    printable::printable,
    wait,
};
use memchr::memchr;
use rustix::{fd::BorrowedFd, fs::OFlags};
use std::{
    borrow::Cow,
    fs::File,
    io::{ErrorKind, Read},
    os::{fd::AsFd, unix::fs::OpenOptionsExt},
    path::Path,
};

/// What `trace_pipe` returned.
#[derive(Debug, PartialEq)]
pub enum Output {
    /// An event.
    Event(Box<Event>),
    /// A line that cannot be read: an event in an unknown format, or the rest of a line after a
    /// line break in the name of a thread.
    Unreadable,
    /// Events were lost here: so many, if the kernel knows.
    Lost(Option<u64>),
}

/// A `trace_pipe`. Each of its events is read once.
pub struct Pipe {
    file: File,
    lines: Lines,
    buffer: Vec<u8>,
}

/// The kernel returns as many bytes at once, less a line, if there are more.
const FULL: usize = 2048;

impl Pipe {
    pub(super) fn open(path: &Path) -> Result<Self> {
        let file = File::options()
            .read(true)
            .custom_flags(OFlags::NONBLOCK.bits() as i32)
            .open(path)
            .map_err(|error| Error::of(format!("{} cannot be read", path.display()), error))?;
        Ok(Self {
            file,
            lines: Lines::default(),
            buffer: vec![0; 1 << 16],
        })
    }

    /// Records the name of a thread, until the thread changes it.
    pub fn names(&mut self, tid: i32, name: &str) {
        self.lines.names.set(tid, name);
    }

    /// Waits until there is something to read, the other file is readable, a signal arrives or a
    /// moment has passed.
    pub fn wait(&self, other: Option<BorrowedFd<'_>>) -> Result {
        let files: Vec<_> = [self.file.as_fd()].into_iter().chain(other).collect();
        wait::readable(&files)
    }

    /// Reads what there is, up to a megabyte. Returns an empty list if there is nothing.
    pub fn read(&mut self) -> Result<Vec<Output>> {
        let mut outputs = Vec::new();
        for _ in 0..16 {
            match self.file.read(&mut self.buffer) {
                Ok(0) => break,
                Ok(count) => {
                    self.lines.add(&self.buffer[..count], &mut outputs);
                    // The next call would mostly return nothing. If there is more, the next wait
                    // ends at once. Without outputs, the caller would take this for the end.
                    if count < FULL && !outputs.is_empty() {
                        break;
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(Error::of("trace_pipe cannot be read", error)),
            }
        }
        Ok(outputs)
    }
}

/// Splits bytes into lines.
#[derive(Default)]
struct Lines {
    partial: Vec<u8>,
    names: Names,
    decoder: Decoder,
}

impl Lines {
    fn add(&mut self, bytes: &[u8], outputs: &mut Vec<Output>) {
        let mut rest = bytes;
        while let Some(end) = memchr(b'\n', rest) {
            let line = match self.partial.is_empty() {
                true => Cow::Borrowed(&rest[..end]),
                false => {
                    self.partial.extend_from_slice(&rest[..end]);
                    Cow::Owned(std::mem::take(&mut self.partial))
                }
            };
            self.output(&line, outputs);
            rest = &rest[end + 1..];
        }
        self.partial.extend_from_slice(rest);
    }

    fn output(&mut self, line: &[u8], outputs: &mut Vec<Output>) {
        let Some(mut line) = Line::parse(line) else {
            let text = String::from_utf8_lossy(line);
            outputs.extend(match lost(&text) {
                Some(count) => Some(Output::Lost(count)),
                None => (!text.trim().is_empty()).then_some(Output::Unreadable),
            });
            return;
        };
        if self.names.learn(&line) {
            if line.event == "task_newtask" {
                // A line that cannot be read only means that less is known of the thread.
                let _ = self.decoder.new_task(&line);
            }
            return;
        }
        line.comm = printable(&self.names.of(line.tid, &line.comm));
        let mut events = Vec::new();
        if self.decoder.decode(&line, &mut events).is_none() {
            outputs.push(Output::Unreadable);
        }
        let events = events.into_iter().map(Box::new).map(Output::Event);
        outputs.extend(events);
    }
}

/// Reads `CPU:1 [LOST 17 EVENTS]`, or without a number. Either is longer than the name of a thread,
/// which may have a line to itself.
fn lost(line: &str) -> Option<Option<u64>> {
    let (cpu, count) = line.strip_prefix("CPU:")?.split_once(" [LOST ")?;
    cpu.parse::<u32>().ok()?;
    let count = count.strip_suffix("EVENTS]")?;
    Some(count.trim_end().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVENT: &str =
        "            prog-7       [000] ..... 1.000000: exe_link: tgid=7 uid=0 ns=1 \
        old=/a new=/b";

    fn read(parts: &[&[u8]]) -> Vec<Output> {
        let mut lines = Lines::default();
        let mut outputs = Vec::new();
        for part in parts {
            lines.add(part, &mut outputs);
        }
        outputs
    }

    #[test]
    fn a_line_may_come_in_pieces() {
        let text = format!("{EVENT}\n{EVENT}\n");
        for at in 0..text.len() {
            let (first, second) = text.as_bytes().split_at(at);
            let outputs = read(&[first, second]);
            assert_eq!(outputs.len(), 2);
            assert!(outputs
                .iter()
                .all(|output| matches!(output, Output::Event(_))));
        }
    }

    #[test]
    fn losses_are_reported_where_they_are() {
        let text = format!("CPU:1 [LOST 17 EVENTS]\n{EVENT}\n");
        assert_eq!(read(&[text.as_bytes()])[0], Output::Lost(Some(17)));
        let text = text.replace("17 ", "");
        assert_eq!(read(&[text.as_bytes()])[0], Output::Lost(None));
    }

    #[test]
    fn a_thread_has_its_name_at_the_time_of_the_event() {
        let renamed = "            last-7       [000] ..... 1.000000: task_rename: pid=7 \
            oldcomm=first newcomm=second oom_score_adj=0";
        let event = EVENT.replace("prog", "last");
        let text = format!("{event}\n{renamed}\n{event}\n");
        let comms: Vec<String> = read(&[text.as_bytes()])
            .into_iter()
            .filter_map(|output| match output {
                Output::Event(event) => Some(event.thread.comm),
                _ => None,
            })
            .collect();
        assert_eq!(comms, ["last", "second"]);
    }

    #[test]
    fn the_name_of_a_thread_is_escaped() {
        let renamed = "            last-7       [000] ..... 1.000000: task_rename: pid=7 \
            oldcomm=first newcomm=\x1b[2J oom_score_adj=0";
        let event = EVENT
            .replace("            prog", "       \x1b[2J\x07\rx")
            .replace("-7 ", "-8 ");
        let text = format!("{event}\n{renamed}\n{EVENT}\n");
        let outputs = read(&[text.as_bytes()]);
        let comms: Vec<&str> = outputs
            .iter()
            .filter_map(|output| match output {
                Output::Event(event) => Some(event.thread.comm.as_str()),
                _ => None,
            })
            .collect();
        assert_eq!(comms, ["\\u{1b}[2J\\u{7}\\u{d}x", "\\u{1b}[2J"]);
    }

    #[test]
    fn a_line_that_cannot_be_read_is_reported() {
        let unreadable = EVENT.replace("uid=0", "uid=x");
        let other = EVENT.replace("exe_link", "sched_switch");
        let text = format!("{unreadable}\n{other}\nnonsense\n\n");
        assert_eq!(
            read(&[text.as_bytes()]),
            [(); 3].map(|()| Output::Unreadable)
        );
    }

    #[test]
    fn no_thread_hides_by_its_name_or_feigns_a_loss() {
        for (comm, rest) in [
            ("\n-x [", 0),
            ("[LOST 9EVENTS]\n", 1),
            ("\n[LOST EVENTS]", 0),
            ("CPU:0 [LOST 9 E", 0),
        ] {
            let text = format!("{comm:>16}{}\n", EVENT.trim_start().replacen("prog", "", 1));
            let outputs = read(&[text.as_bytes()]);
            let (events, others): (Vec<_>, Vec<_>) = outputs
                .into_iter()
                .partition(|output| matches!(output, Output::Event(_)));
            assert_eq!(events.len(), 1, "{comm:?}");
            assert_eq!(others.len(), rest, "{comm:?}: {others:?}");
            assert!(!others
                .iter()
                .any(|output| matches!(output, Output::Lost(_))));
        }
    }
}
