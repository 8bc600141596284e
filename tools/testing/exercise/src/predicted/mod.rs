// SPDX-License-Identifier: GPL-2.0

//! Whether `capwhy` predicts the policy matrix, cell by cell.
//!
//! Before a cell is tried, it is judged from three sides: by the process itself; by root of its
//! place, as in a container; and by root of the initial namespaces. The two others run
//! `capwhy check --json --pid`. The process itself cannot execute anything and stay who it is, so
//! it makes the same report in itself. Of what `capwhy check` has no row for, it judges the facts
//! that were found.

mod outcome;

use crate::{
    matrix::{attempts, Attempt},
    matrix::{prepare, NOT_TRIED},
    place::PLACES,
    sys,
    who::{Start, Who, EVERYONE},
};
use capwhy::{
    check::Report,
    facts::{Of, Process, Reader},
    securebits::names,
};
use commoncap::{
    capability::Capability,
    capable::capable,
    prctl::{decide, option, Request},
};
use outcome::{Outcome, NOTHING};
use serde_json::Value;
use std::{
    fs::{self, File},
    io::{self, BufRead, BufReader, Read, Write},
    num::NonZeroUsize,
    os::{fd::OwnedFd, unix::net::UnixStream},
    path::Path,
    process::Command,
};

/// Predicts and makes every attempt in every place: each by every user, or by each `every`th one.
pub fn run(capwhy: &Path, every: NonZeroUsize) -> io::Result<Outcome> {
    let attempts = attempts();
    let outside = Outside::start(capwhy)?;
    let mut outcome = Outcome::default();
    for place in PLACES {
        let lines = place.enter(|lines| {
            for (user, who) in EVERYONE.into_iter().enumerate() {
                let reports = others_say(who, capwhy, &outside);
                // From one user to the next, the attempts move on by one.
                let some = attempts.iter().skip(user % every).step_by(every.get());
                for attempt in some.filter(|attempt| attempt.fits(place)) {
                    let line = match &reports {
                        Ok(reports) => cell(who, attempt, reports),
                        Err(error) => format!("{NOT_TRIED}: {error}"),
                    };
                    let _ = writeln!(
                        lines,
                        "{}\t{}\t{}\t{line}",
                        attempt.name,
                        place.name(),
                        who.name()
                    );
                }
            }
        })?;
        for line in String::from_utf8_lossy(&lines).lines() {
            outcome.add(line);
        }
    }
    Ok(outcome)
}

/// Predicts and makes one attempt as one user. Returns the answer, how it was predicted, and each
/// prediction, with tabs between.
fn cell(who: Who, attempt: &Attempt, reports: &[Value; 2]) -> String {
    let [place, outside] = reports;
    let from_place = say(place, attempt).unwrap_or(NOTHING.to_owned());
    // Outside, all PID namespaces are visible, so more levels than those fail.
    let too_many = attempt
        .name
        .ends_with("-levels")
        .then(|| "EINVAL".to_owned());
    let from_outside = say(outside, attempt).or(too_many);
    let from_outside = from_outside.unwrap_or(NOTHING.to_owned());
    let line = sys::in_child(|out| {
        let line =
            judge_and_try(who, attempt).unwrap_or_else(|error| format!("{NOT_TRIED}: {error}"));
        let _ = out.write_all(line.as_bytes());
    });
    match line {
        Ok(line) => {
            let line = String::from_utf8_lossy(&line);
            format!("{line}\t{from_place}\t{from_outside}")
        }
        Err(error) => format!("{NOT_TRIED}: {error}"),
    }
}

fn judge_and_try(who: Who, attempt: &Attempt) -> io::Result<String> {
    let kept = prepare(who, attempt)?;
    let namespace = kept.as_ref().map(|kept| &kept.namespace);
    let reader = Reader::new().map_err(io::Error::other)?;
    let process = reader.process(Of::Itself).map_err(io::Error::other)?;
    let report = Report::of(process.clone(), &[]).map_err(io::Error::other)?;
    let report = serde_json::to_value(report)?;
    let (by, said) = match say(&report, attempt) {
        Some(said) => ("check", said),
        None => ("facts", decided(&reader, &process, attempt, namespace)?),
    };
    let answer = (attempt.run)(namespace).unwrap_or_else(|errno| errno.to_string());
    Ok(format!("{answer}\t{by}\t{said}"))
}

/// Returns what a report of `capwhy check` says of an attempt, if it has a row for it.
fn say(report: &Value, attempt: &Attempt) -> Option<String> {
    let rows = report["answers"].as_array()?;
    let row = rows.iter().find(|row| concerns(row, attempt))?;
    let said = match row["answer"].as_str()? {
        "no" => row["errno"].as_str()?,
        answer => answer,
    };
    Some(said.to_owned())
}

fn concerns(row: &Value, attempt: &Attempt) -> bool {
    let sets = match attempt.prctl {
        Some((option::SET_SECUREBITS, [to, ..])) => to as u64,
        _ => return row["operation"] == attempt.name,
    };
    let from = attempt.start.securebits as u64;
    let plain = Start {
        securebits: attempt.start.securebits,
        ..Start::default()
    };
    let changes = row["changes"].as_array().into_iter().flatten();
    let to = |change: &Value| names::parse(change.as_str()?, Some(from)).ok();
    attempt.start == plain && changes.into_iter().any(|change| to(change) == Some(sets))
}

/// Decides on an attempt by the facts of the process.
fn decided(
    reader: &Reader,
    process: &Process,
    attempt: &Attempt,
    namespace: Option<&File>,
) -> io::Result<String> {
    let cred = process.possible_securebits().next();
    let cred = cred.ok_or_else(|| io::Error::other("no credentials"))?;
    let refusal = if let Some(namespace) = namespace {
        let target = reader.user_ns(namespace).map_err(io::Error::other)?;
        let target = target.ok_or_else(|| io::Error::other("the namespace cannot be seen"))?;
        capable(&cred, &*target, Capability::SYS_ADMIN).err()
    } else if let Some((option, args)) = attempt.prctl {
        let request =
            Request::parse(option, args).map_err(|denial| io::Error::other(denial.name()))?;
        decide(&cred, &cred, request).err()
    } else {
        return Ok(NOTHING.to_owned());
    };
    Ok(refusal.map_or("yes".to_owned(), |denial| format!("{:?}", denial.errno())))
}

/// Returns what root of this place and root outside report about a user here.
fn others_say(who: Who, capwhy: &Path, outside: &Outside) -> io::Result<[Value; 2]> {
    let (mut wait, keeper) = sys::pipe()?;
    let (mut receive, mut send) = sys::pipe()?;
    let child = sys::spawn(|| {
        sys::close(&keeper);
        let started = match (
            fs::read_link("/proc/self"),
            who.become_with(Start::default()),
        ) {
            (Ok(process), Ok(())) => process.to_string_lossy().into_owned(),
            _ => "nobody".to_owned(),
        };
        let _ = send.write_all(started.as_bytes());
        sys::close(&send);
        let _ = wait.read(&mut [0]);
    })?;
    drop(send);
    let mut pid = String::new();
    receive.read_to_string(&mut pid)?;
    let reports = [check(capwhy, &pid)?, outside.ask(&pid)?];
    drop(keeper);
    child.wait()?;
    Ok(reports)
}

/// Runs `capwhy check` on a process.
fn check(capwhy: &Path, pid: &str) -> io::Result<Value> {
    let output = Command::new(capwhy)
        .args(["check", "--json", "--pid", pid])
        .output()?;
    serde_json::from_slice(&output.stdout)
        .map_err(|_| io::Error::other(String::from_utf8_lossy(&output.stderr).into_owned()))
}

/// A process that stays where it was started, and runs `capwhy check` there for others.
struct Outside(File);

impl Outside {
    fn start(capwhy: &Path) -> io::Result<Self> {
        let (ours, theirs) = UnixStream::pair()?;
        let [ours, theirs] = [ours, theirs].map(|end| File::from(OwnedFd::from(end)));
        sys::spawn(|| {
            sys::close(&ours);
            for pid in BufReader::new(&theirs).lines().map_while(Result::ok) {
                let answer = check(capwhy, &pid).map(|report| report.to_string());
                let answer = answer.unwrap_or_else(|error| error.to_string().replace('\n', " "));
                let _ = writeln!(&theirs, "{answer}");
            }
        })?;
        Ok(Self(ours))
    }

    fn ask(&self, pid: &str) -> io::Result<Value> {
        writeln!(&self.0, "{pid}")?;
        let mut answer = String::new();
        BufReader::new(&self.0).read_line(&mut answer)?;
        serde_json::from_str(&answer).map_err(|_| io::Error::other(answer))
    }
}
