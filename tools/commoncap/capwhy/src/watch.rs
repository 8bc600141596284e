// SPDX-License-Identifier: GPL-2.0

//! The decisions of the whole system, as they happen: `capwhy watch`.

use crate::{
    error::{Error, Result},
    explain,
    filter::Filter,
    json, refusals,
    signals::Signals,
    style::Style,
    trace::{
        event::{Event, ExeLink, Thread, Verdict, What},
        instance::Instance,
        pipe::Output,
        record::Record,
        request::{Pairing, Request},
        scope::Scope,
        source::{tracefs::Extent, Kind},
    },
};
use serde::Serialize;
use std::io::{ErrorKind, Write};

/// The version of the JSON. It grows if a field changes its meaning or is removed, not if one is
/// added.
pub const VERSION: u32 = 1;

#[derive(Serialize)]
struct Line<'a> {
    version: u32,
    command: &'static str,
    #[serde(flatten)]
    thread: &'a Thread,
    #[serde(flatten)]
    record: &'a Record,
}

#[derive(Serialize)]
struct LostLine {
    version: u32,
    command: &'static str,
    hook: Option<&'static str>,
    lost: Option<u64>,
}

/// How `watch` shows records, and which.
pub struct Options {
    /// Which records it shows.
    pub filter: Filter,
    /// Whether it writes JSON, one object a line.
    pub json: bool,
    /// How it colours text.
    pub style: Style,
    /// The size of the kernel's buffer for each CPU in kilobytes; the kernel's default if none.
    pub buffer_size: Option<u32>,
    /// The processes to watch; all if none.
    pub scope: Option<Scope>,
    /// Where the events come from; the module if it is loaded, if none.
    pub source: Option<Kind>,
}

/// Writes records until a signal arrives or the reader closes the output.
pub fn watch(options: &Options, out: &mut impl Write) -> Result {
    let signals = Signals::catch()?;
    let tree = options.scope.is_some();
    let extent = Extent {
        tree,
        // Why a call of the tree fails can be such a check.
        unaudited: tree || options.filter.all,
        ..Extent::default()
    };
    let instance = Instance::create(options.source, extent)?;
    if let Some(kilobytes) = options.buffer_size {
        instance.set_buffer_size(kilobytes)?;
    }
    match &options.scope {
        Some(scope) => instance.follow_all(scope)?,
        None => instance.leave_out_self()?,
    }
    let mut pipe = instance.start()?;
    let mut watcher = Watcher {
        options,
        pairing: Pairing::default(),
        unreadable: 0,
    };
    while !signals.any() {
        pipe.wait(None)?;
        let outputs = pipe.read()?;
        if outputs.is_empty() {
            instance.still_has_events()?;
        }
        if !written(watcher.write(outputs, out))? {
            return Ok(());
        }
    }
    let rest = watcher.pairing.rest();
    written(watcher.alone(rest, out))?;
    if watcher.unreadable > 0 {
        eprintln!("capwhy: {} events could not be read", watcher.unreadable);
    }
    Ok(())
}

/// Returns whether the reader has not closed the output.
fn written(result: std::io::Result<()>) -> Result<bool> {
    match result {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(Error::of("the output cannot be written", error)),
        Ok(()) => Ok(true),
    }
}

struct Watcher<'a> {
    options: &'a Options,
    pairing: Pairing,
    unreadable: u64,
}

impl Watcher<'_> {
    fn write(&mut self, outputs: Vec<Output>, out: &mut impl Write) -> std::io::Result<()> {
        for output in outputs {
            match output {
                Output::Event(event) => {
                    for (thread, record) in self.complete(*event) {
                        self.line(&thread, &record, out)?;
                    }
                }
                Output::Unreadable => self.unreadable += 1,
                Output::Lost(count) => self.lost(count, out)?,
            }
        }
        let overdue = self.pairing.overdue();
        self.alone(overdue, out)
    }

    /// Writes requests that no other decision belongs to.
    fn alone(&self, requests: Vec<(Thread, Request)>, out: &mut impl Write) -> std::io::Result<()> {
        for (thread, request) in requests {
            self.line(&thread, &Record::Capable(request), out)?;
        }
        out.flush()
    }

    fn complete(&mut self, event: Event) -> Vec<(Thread, Record)> {
        match event.what {
            What::Capable(capable) => {
                let complete = self.pairing.decision(&event.thread, &capable).into_iter();
                complete
                    .map(|(thread, request)| (thread, Record::Capable(request)))
                    .collect()
            }
            What::TaskPrctl(prctl) => {
                let before = self.pairing.prctl(&event.thread, &prctl).into_iter();
                before
                    .map(|(thread, request)| (thread, Record::Capable(request)))
                    .chain([(event.thread, Record::TaskPrctl(prctl))])
                    .collect()
            }
            What::ExeLink(link) => vec![(event.thread, Record::ExeLink(link))],
            What::Mismatch(mismatch) => vec![(event.thread, Record::Mismatch(mismatch))],
            What::Held(held) => vec![(event.thread, Record::Held(held))],
            What::Capset(capset) => {
                self.pairing.capset(&event.thread);
                vec![(event.thread, Record::Capset(capset))]
            }
            What::Exec(exec) => vec![(event.thread, Record::Exec(exec))],
            What::Removed(removed) => vec![(event.thread, Record::Removed(removed))],
            What::OtherLsm(other) => vec![(event.thread, Record::OtherLsm(other))],
            What::Failed(failed) => vec![(event.thread, Record::Failed(failed))],
        }
    }

    fn lost(&self, count: Option<u64>, out: &mut impl Write) -> std::io::Result<()> {
        if self.options.json {
            let line = LostLine {
                version: VERSION,
                command: "watch",
                hook: None,
                lost: count,
            };
            writeln!(out, "{}", json::line(&line).map_err(std::io::Error::other)?)
        } else {
            let count = count.map_or(String::new(), |count| format!("{count} "));
            let text = format!("{count}events were lost here: use a larger --buffer-size");
            writeln!(out, "{}", self.options.style.bad(&text))
        }
    }

    fn line(&self, thread: &Thread, record: &Record, out: &mut impl Write) -> std::io::Result<()> {
        if !self.options.filter.passes(thread, record) {
            return Ok(());
        }
        if self.options.json {
            let line = Line {
                version: VERSION,
                command: "watch",
                thread,
                record,
            };
            writeln!(out, "{}", json::line(&line).map_err(std::io::Error::other)?)
        } else {
            writeln!(out, "{}", text(thread, record, self.options.style))
        }
    }
}

/// Returns a record as a line of text.
fn text(thread: &Thread, record: &Record, style: Style) -> String {
    let who = format!("{:.6} {}[{}]", thread.time, thread.comm, thread.tgid);
    let answer = |verdict, reason: String| match verdict {
        Verdict::Granted => format!("{} ({reason})", style.good("granted")),
        Verdict::Denied => format!("{} by {reason}", style.bad("denied")),
    };
    match record {
        Record::Capable(request) => {
            let over = match request.target_level {
                0 => "the initial user namespace".to_owned(),
                _ => format!("user:[{}]", request.target_ns),
            };
            let asked = request.asked.text();
            let answer = answer(request.verdict, explain::by(request));
            format!("{who} {asked} over {over}: {answer}")
        }
        Record::TaskPrctl(prctl) => {
            let answer = answer(prctl.verdict, explain::prctl_reason(prctl));
            format!("{who} {}: {answer}", explain::prctl(prctl))
        }
        Record::ExeLink(ExeLink { uid, old, new, .. }) => {
            format!(
                "{who} /proc/{}/exe by user {uid}: {old:?} became {new:?}",
                thread.tgid
            )
        }
        Record::Mismatch(mismatch) => format!("{who} {}", style.bad(&explain::mismatch(mismatch))),
        Record::Held(held) => format!("{who} {}", refusals::held(held)),
        Record::Capset(capset) => {
            let (what, why) = refusals::capset(capset);
            format!("{who} {what}: {}", answer(capset.verdict, why))
        }
        Record::Exec(exec) => format!("{who} {}", refusals::exec(exec)),
        Record::Removed(removed) => format!("{who} {}", refusals::removed(removed)),
        Record::OtherLsm(other) => format!("{who} {}", refusals::other_lsm(other)),
        Record::Failed(failed) => {
            let (call, why) = (&failed.call, refusals::why(failed));
            let likely = failed.likely.first();
            let likely =
                likely.map_or(String::new(), |likely| format!(": likely because {likely}"));
            format!("{who} {call}: {} ({why}){likely}", style.bad(failed.errno))
        }
    }
}

#[cfg(test)]
pub mod fixtures {
    //! The output for events of tests.

    use super::*;
    use crate::trace::{event::fixtures::event, refusal};

    /// Returns the output for events, each given as the text after the time, and for lost events.
    pub fn output(events: &[&str], json: bool) -> String {
        output_of_parts(&[events], json)
    }

    /// Returns the output for each kind of refusal, as JSON.
    pub fn output_of_refusals() -> String {
        let options = options(true);
        let mut watcher = Watcher {
            options: &options,
            pairing: Pairing::default(),
            unreadable: 0,
        };
        let thread = event(7, "exe_link: tgid=7 uid=0 ns=1 old=/a new=/b").thread;
        let events = refusal::fixtures::all().into_iter().map(|what| {
            let thread = thread.clone();
            Output::Event(Box::new(Event { thread, what }))
        });
        let mut out = Vec::new();
        watcher.write(events.collect(), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn options(json: bool) -> Options {
        Options {
            filter: Filter::default(),
            json,
            style: Style::PLAIN,
            buffer_size: None,
            scope: None,
            source: None,
        }
    }

    /// Returns the output for events that are read in parts.
    pub fn output_of_parts(parts: &[&[&str]], json: bool) -> String {
        let options = options(json);
        let mut watcher = Watcher {
            options: &options,
            pairing: Pairing::default(),
            unreadable: 0,
        };
        let mut out = Vec::new();
        for events in parts {
            let outputs = events
                .iter()
                .map(|text| Output::Event(Box::new(event(7, text))));
            watcher.write(outputs.collect(), &mut out).unwrap();
        }
        let lost = vec![Output::Lost(Some(3)), Output::Lost(None)];
        watcher.write(lost, &mut out).unwrap();
        let rest = watcher.pairing.rest();
        watcher.alone(rest, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }
}

#[cfg(test)]
mod tests {
    use super::fixtures::{output, output_of_parts};

    const FIRST: &str = "capable: tgid=6 cred_ns=1 cred_level=0 target_ns=1 target_level=0 \
        cap=cap_checkpoint_restore verdict=denied reason=NotEffective";
    const SECOND: &str = "capable: tgid=6 cred_ns=1 cred_level=0 target_ns=1 target_level=0 \
        cap=cap_sys_admin verdict=granted reason=Effective";
    const PRCTL: &str = "task_prctl: tgid=6 ns=1 level=0 option=PR_SET_SECUREBITS arg2=0x1 \
        arg3=0x0 arg4=0x0 arg5=0x0 ret=-1 verdict=denied reason=SecurebitsPrivileged \
        securebits=0x0 asked=0x1 after=0x0";
    const LINK: &str = "exe_link: tgid=6 uid=1000 ns=1 old=/a new=/b";

    #[test]
    fn each_thing_is_a_line() {
        let expected = "\
            1.000000 prog[6] checkpoint/restore over the initial user namespace: granted \
            (cap_sys_admin, effective; cap_checkpoint_restore is enough)\n\
            1.000000 prog[6] PR_SET_SECUREBITS none to noroot: denied by SecurebitsPrivileged\n\
            1.000000 prog[6] /proc/6/exe by user 1000: \"/a\" became \"/b\"\n\
            3 events were lost here: use a larger --buffer-size\n\
            events were lost here: use a larger --buffer-size\n";
        assert_eq!(output(&[FIRST, SECOND, PRCTL, LINK], false), expected);
    }

    #[test]
    fn a_half_without_the_other_is_shown() {
        let text = output(&[FIRST], false);
        assert!(text.contains("checkpoint/restore over the initial user namespace: denied"));
    }

    #[test]
    fn halves_that_are_read_one_by_one_are_one_record() {
        let parts: [&[&str]; 3] = [&[FIRST], &[], &[SECOND]];
        assert_eq!(
            output_of_parts(&parts, false),
            output(&[FIRST, SECOND], false)
        );
    }

    #[test]
    fn json_is_an_object_a_line() {
        let text = output(&[FIRST, SECOND, PRCTL, LINK], true);
        let lines: Vec<serde_json::Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(lines.len(), 5);
        assert!(lines
            .iter()
            .all(|line| line["version"] == 1 && line["command"] == "watch"));
        assert_eq!(lines[0]["hook"], "capable");
        assert_eq!(lines[0]["asked"], "checkpoint/restore");
        assert_eq!(
            (&lines[1]["hook"], &lines[1]["ret"]),
            (&"task_prctl".into(), &(-1).into())
        );
        assert_eq!(
            (&lines[2]["hook"], &lines[2]["tgid"]),
            (&"exe_link".into(), &6.into())
        );
        assert_eq!(lines[3]["lost"], 3);
        assert!(lines[4]["lost"].is_null());
    }
}
