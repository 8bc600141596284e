// SPDX-License-Identifier: GPL-2.0

//! What is asked for on the whole system, as it happens: `capwhy watch`.

use crate::{
    error::{Error, Result},
    explain,
    filter::Filter,
    signals::Signals,
    style::Style,
    trace::{
        event::{Event, ExeLink, TaskPrctl, Thread, Verdict, What},
        instance::Instance,
        pipe::Output,
        request::{Pairing, Request},
    },
};
use serde::Serialize;
use std::io::{ErrorKind, Write};

/// The version of the JSON. It grows if a field changes its meaning or goes; new fields may come.
pub const VERSION: u32 = 1;

/// One thing to be told.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "hook", rename_all = "snake_case")]
pub enum Told {
    /// A capability was asked for.
    Capable(Request),
    /// A `prctl()` of the capability LSM.
    TaskPrctl(TaskPrctl),
    /// `/proc/PID/exe` was changed.
    ExeLink(ExeLink),
}

#[derive(Serialize)]
struct Line<'a> {
    version: u32,
    command: &'static str,
    #[serde(flatten)]
    thread: &'a Thread,
    #[serde(flatten)]
    told: &'a Told,
}

#[derive(Serialize)]
struct LostLine {
    version: u32,
    command: &'static str,
    hook: Option<&'static str>,
    lost: Option<u64>,
}

/// How things are told.
pub struct Options {
    /// What is told at all.
    pub filter: Filter,
    /// Whether as JSON, one object a line.
    pub json: bool,
    /// How text is coloured.
    pub style: Style,
    /// How much is kept for each CPU until it is read, if not what the kernel takes.
    pub buffer_size: Option<u32>,
}

/// Tells of what happens until a signal comes, or nobody listens any more.
pub fn watch(options: &Options, out: &mut impl Write) -> Result {
    let signals = Signals::catch()?;
    let instance = Instance::create()?;
    if let Some(kilobytes) = options.buffer_size {
        instance.set_buffer_size(kilobytes)?;
    }
    instance.leave_out_self()?;
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
        if !written(watcher.tell(outputs, out))? {
            return Ok(());
        }
    }
    let rest = watcher.pairing.rest();
    written(watcher.alone(rest, out))?;
    if watcher.unreadable > 0 {
        eprintln!("capwhy: {} events made no sense", watcher.unreadable);
    }
    Ok(())
}

/// Returns whether anybody still listens.
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
    fn tell(&mut self, outputs: Vec<Output>, out: &mut impl Write) -> std::io::Result<()> {
        for output in outputs {
            match output {
                Output::Event(event) => {
                    for (thread, told) in self.complete(*event) {
                        self.line(&thread, &told, out)?;
                    }
                }
                Output::Unreadable => self.unreadable += 1,
                Output::Lost(count) => self.lost(count, out)?,
            }
        }
        let overdue = self.pairing.overdue();
        self.alone(overdue, out)
    }

    /// Tells of what has waited for its other half in vain.
    fn alone(&self, requests: Vec<(Thread, Request)>, out: &mut impl Write) -> std::io::Result<()> {
        for (thread, request) in requests {
            self.line(&thread, &Told::Capable(request), out)?;
        }
        out.flush()
    }

    fn complete(&mut self, event: Event) -> Vec<(Thread, Told)> {
        match event.what {
            What::Capable(capable) => {
                let complete = self.pairing.decision(&event.thread, &capable).into_iter();
                complete
                    .map(|(thread, request)| (thread, Told::Capable(request)))
                    .collect()
            }
            What::TaskPrctl(prctl) => {
                let before = self.pairing.prctl(&event.thread, &prctl).into_iter();
                before
                    .map(|(thread, request)| (thread, Told::Capable(request)))
                    .chain([(event.thread, Told::TaskPrctl(prctl))])
                    .collect()
            }
            What::ExeLink(link) => vec![(event.thread, Told::ExeLink(link))],
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
            writeln!(out, "{}", serde_json::to_string(&line)?)
        } else {
            let count = count.map_or(String::new(), |count| format!("{count} "));
            let told = format!("{count}events were lost here: see --buffer-size");
            writeln!(out, "{}", self.options.style.bad(&told))
        }
    }

    fn line(&self, thread: &Thread, told: &Told, out: &mut impl Write) -> std::io::Result<()> {
        if !self.options.filter.passes(thread, told) {
            return Ok(());
        }
        if self.options.json {
            let line = Line {
                version: VERSION,
                command: "watch",
                thread,
                told,
            };
            writeln!(out, "{}", serde_json::to_string(&line)?)
        } else {
            writeln!(out, "{}", text(thread, told, self.options.style))
        }
    }
}

/// Returns one thing as a line of text.
fn text(thread: &Thread, told: &Told, style: Style) -> String {
    let who = format!("{:.6} {}[{}]", thread.time, thread.comm, thread.tgid);
    let answer = |verdict, reason: String| match verdict {
        Verdict::Granted => format!("{} ({reason})", style.good("granted")),
        Verdict::Denied => format!("{} by {reason}", style.bad("refused")),
    };
    match told {
        Told::Capable(request) => {
            let over = match request.target_level {
                0 => "the initial user namespace".to_owned(),
                _ => format!("user:[{}]", request.target_ns),
            };
            let asked = request.asked.text();
            let answer = answer(request.verdict, explain::by(request));
            format!("{who} {asked} over {over}: {answer}")
        }
        Told::TaskPrctl(prctl) => {
            let answer = answer(prctl.verdict, explain::prctl_reason(prctl));
            format!("{who} {}: {answer}", explain::prctl(prctl))
        }
        Told::ExeLink(ExeLink { uid, old, new, .. }) => {
            format!(
                "{who} /proc/{}/exe by user {uid}: {old:?} became {new:?}",
                thread.tgid
            )
        }
    }
}

#[cfg(test)]
pub mod fixtures {
    //! What is told of made-up events, for tests.

    use super::*;
    use crate::trace::event::fixtures::event;

    /// Tells of events, each written as what comes after the time, and of some that were lost.
    pub fn tell(events: &[&str], json: bool) -> String {
        tell_in_parts(&[events], json)
    }

    /// The same of events that are read in parts.
    pub fn tell_in_parts(parts: &[&[&str]], json: bool) -> String {
        let options = Options {
            filter: Filter::default(),
            json,
            style: Style::PLAIN,
            buffer_size: None,
        };
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
            watcher.tell(outputs.collect(), &mut out).unwrap();
        }
        let lost = vec![Output::Lost(Some(3)), Output::Lost(None)];
        watcher.tell(lost, &mut out).unwrap();
        let rest = watcher.pairing.rest();
        watcher.alone(rest, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }
}

#[cfg(test)]
mod tests {
    use super::fixtures::{tell, tell_in_parts};

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
            1.000000 prog[6] PR_SET_SECUREBITS none to noroot: refused by SecurebitsPrivileged\n\
            1.000000 prog[6] /proc/6/exe by user 1000: \"/a\" became \"/b\"\n\
            3 events were lost here: see --buffer-size\n\
            events were lost here: see --buffer-size\n";
        assert_eq!(tell(&[FIRST, SECOND, PRCTL, LINK], false), expected);
    }

    #[test]
    fn a_half_that_stays_alone_is_told() {
        let told = tell(&[FIRST], false);
        assert!(told.contains("checkpoint/restore over the initial user namespace: refused"));
    }

    #[test]
    fn halves_that_are_read_one_by_one_are_told_as_one() {
        let parts: [&[&str]; 3] = [&[FIRST], &[], &[SECOND]];
        assert_eq!(tell_in_parts(&parts, false), tell(&[FIRST, SECOND], false));
    }

    #[test]
    fn json_is_an_object_a_line() {
        let text = tell(&[FIRST, SECOND, PRCTL, LINK], true);
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
