// SPDX-License-Identifier: GPL-2.0

//! Whether `capwhy exec` predicts what `execve()` does.
//!
//! A process takes a state that random numbers choose, and executes a file that they choose, too.
//! Before that, what it becomes is predicted twice: by itself, and by root outside, who does not
//! know its securebits and tracer. The program reports what it has become.

mod mounts;
mod outside;
pub mod report;
mod setup;

use crate::{
    place::{Place, PLACES},
    random::rng::Rng,
    sys,
};
use capwhy::{
    exec::{Caller, Prediction, Tracer, View},
    facts::{Of, Reader},
};
pub use mounts::Mounts;
pub use outside::{hex, Outside};
pub use setup::{CallerSetup, FileSetup, Traced, ALL};

use std::{
    collections::BTreeMap,
    fs,
    io::{self, BufRead, BufReader, Read, Write},
    path::{Path, PathBuf},
};

/// How the predictions came out.
#[derive(Default)]
pub struct Outcome {
    /// How many times something was executed.
    pub executed: u64,
    /// How often each side knew, and was right: the process itself, root outside.
    pub right: [u64; 2],
    /// How often each side did not know.
    pub unknown: [u64; 2],
    /// The predictions that were wrong or could be made, a line each.
    pub wrong: Vec<String>,
    /// How often each kind of outcome was there.
    pub kinds: BTreeMap<String, u64>,
}

/// Executes this many programs, from a directory of a file system with set-user-ID bits.
pub fn run(directory: &Path, seed: u64, count: u64) -> io::Result<Outcome> {
    let mounts = Mounts::make(directory)?;
    let outside = Outside::start()?;
    let mut outcome = Outcome::default();
    let places: Vec<Place> = PLACES.iter().copied().filter(|place| !place.owns).collect();
    for (number, place) in places.iter().enumerate() {
        // Most in the initial namespace.
        let share = match place.depth {
            0 => count - count / 5 - count / 10,
            1 => count / 5,
            _ => count / 10,
        };
        let mut rng = Rng::from_state(seed + number as u64);
        let first = place.first().into();
        let lines = place.enter(|lines| {
            for _ in 0..share {
                let (file, caller) = (FileSetup::choose(&mut rng), CallerSetup::choose(&mut rng));
                let line = one(&file, &caller, &mounts, &outside, first)
                    .unwrap_or_else(|error| format!("error: {error}"));
                let _ = writeln!(lines, "{line}\t{} {file:?} {caller:?}", place.name());
            }
        })?;
        for line in String::from_utf8_lossy(&lines).lines() {
            outcome.add(line);
        }
    }
    mounts.unmount();
    Ok(outcome)
}

/// Predicts an `execve()` and makes it. Returns what happened and both predictions, with the kinds
/// of it, with tabs between.
fn one(
    file: &FileSetup,
    setup: &CallerSetup,
    mounts: &Mounts,
    outside: &Outside,
    first: u64,
) -> io::Result<String> {
    outside.set_up(&mounts.to_set_up(file.directory), file)?;
    let path = mounts.path(file.directory, file.by_script);
    let (itself, mut tell) = sys::pipe()?;
    let (mut wait, mut go) = sys::pipe()?;
    let (mut result, write_result) = sys::inheritable_pipe()?;
    let child = sys::spawn(|| {
        for end in [&itself, &go, &result] {
            sys::close(end);
        }
        let answer = prepare(setup, &path);
        let text = answer.unwrap_or_else(|error| format!("error: {error}"));
        let _ = writeln!(tell, "{}", text.replace('\n', " "));
        sys::close(&tell);
        if text.starts_with("error: ") {
            return;
        }
        let _ = wait.read(&mut [0]);
        let error = sys::execute(&path, report::DESCRIPTOR, &write_result);
        let _ = write!(&write_result, "errno {}", error.0);
    })?;
    let pid = child.0;
    drop((tell, write_result));
    // Not until the end: a process that shares the directories has the pipe, too.
    let mut text = String::new();
    BufReader::with_capacity(1, &itself).read_line(&mut text)?;
    let text = text.trim_end_matches('\n');
    if text.starts_with("error: ") {
        sys::wait_traced(pid)?;
        return Ok(text.to_owned());
    }
    let by_outside = outside.predict(&pid.to_string(), &path, first);
    go.write_all(b".")?;
    // execve() stops a traced process.
    sys::wait_traced(pid)?;
    let mut real = String::new();
    result.read_to_string(&mut real)?;
    Ok(format!("{real}\t{text}\t{}", by_outside?))
}

/// Makes this process the caller, and predicts what becomes of it. Returns the prediction and
/// names of what happens in it, with a tab between.
fn prepare(setup: &CallerSetup, path: &Path) -> io::Result<String> {
    if setup.shares_fs {
        sys::share_fs()?;
    }
    setup.become_it()?;
    let reader = Reader::new().map_err(io::Error::other)?;
    let process = reader.process(Of::Itself).map_err(io::Error::other)?;
    let mut caller = Caller::of(&process, true);
    if setup.traced != Traced::Not {
        caller.tracer = Tracer::Known(setup.tracer_is_capable());
    }
    caller.shares_fs = setup.shares_fs;
    let prediction = Prediction::of(caller, &PathBuf::from(path), &View::own());
    let mut kinds: Vec<&str> = Vec::new();
    for outcome in &prediction.outcomes {
        kinds.extend(outcome.lost.iter().map(|(loss, _)| loss.name()));
        kinds.extend(outcome.skipped.iter().map(|loss| loss.name()));
        match &outcome.after {
            Err(denial) => kinds.push(denial.name()),
            Ok(after) => {
                let names = [(after.secure, "secure"), (!after.dumpable, "undumpable")];
                kinds.extend(names.iter().filter(|(is, _)| *is).map(|(_, name)| *name));
            }
        }
    }
    Ok(format!(
        "{}\t{}",
        report::predicted(&prediction, 0),
        kinds.join(" ")
    ))
}

impl Outcome {
    /// Adds an `execve()`: what happened, what the process itself predicted, the kinds of it, what
    /// was predicted outside, and a description.
    fn add(&mut self, line: &str) {
        let fields: Vec<&str> = line.split('\t').collect();
        let [real, itself, kinds, outside, description] = fields[..] else {
            self.wrong.push(line.replace('\t', " | "));
            return;
        };
        self.executed += 1;
        for kind in kinds.split_whitespace() {
            *self.kinds.entry(kind.to_owned()).or_default() += 1;
        }
        if let Some(errno) = real.strip_prefix("errno ") {
            *self.kinds.entry(format!("fails with {errno}")).or_default() += 1;
        }
        // A file that a process may not read may be a script. The owner of a file that a mount does
        // not map is shown as if it were user 65534.
        let doubtful = [
            "mode: 457",
            "mode: 1481",
            "mode: 2505",
            "mode: 3529",
            "\"idmapped\"",
        ];
        for (side, said) in [itself, outside].into_iter().enumerate() {
            // Nobody else knows the securebits.
            let without_securebits = |line: &str| match line.split_once(" securebits ") {
                Some((before, after)) => {
                    format!("{before} {}", after.split_once(' ').unzip().1.unwrap_or(""))
                }
                None => line.to_owned(),
            };
            let same = match side {
                0 => said == real,
                _ => without_securebits(said) == without_securebits(real),
            };
            if same {
                self.right[side] += 1;
            } else if said == report::UNKNOWN {
                self.unknown[side] += 1;
                if side == 0 && !doubtful.iter().any(|mode| description.contains(mode)) {
                    self.wrong
                        .push(format!("unknown to itself: {real} | {description}"));
                }
            } else {
                let who = ["itself", "root outside"][side];
                self.wrong.push(format!(
                    "{real} | predicted by {who}: {said} | {description}"
                ));
            }
        }
    }

    /// Returns the kinds of outcomes that must be there and were not.
    pub fn missing(&self) -> Vec<&'static str> {
        let expected = [
            "Nosuid",
            "ForeignMount",
            "RootIdForeign",
            "BoundingSet",
            "NotInheritable",
            "Noroot",
            "SetuidMixed",
            "NoNewPrivs",
            "SharedFs",
            "Traced",
            "AmbientFileCaps",
            "AmbientIdChanged",
            "NotKept",
            "NoEffectiveFlag",
            "ExecFileCapsUnavailable",
            "secure",
            "undumpable",
            "fails with 1",
            "fails with 13",
        ];
        let known = |kind: &&str| !self.kinds.contains_key(*kind);
        expected.into_iter().filter(known).collect()
    }
}

/// Removes what a former run has left.
pub fn clean(directory: &Path) -> io::Result<()> {
    mounts::unmount(directory);
    fs::create_dir_all(directory)
}
