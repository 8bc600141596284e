// SPDX-License-Identifier: GPL-2.0

//! The matrix of changes: what `execve()`, the `setuid()` family and `capset()` make of
//! credentials, what writes and mounts make of file capabilities, and which tasks a task may touch.
//!
//! A cell is one attempt by one caller in one user namespace, on one mount where that matters. Its
//! answer is the error, or all that has changed.

mod callers;
pub mod calls;
mod exec;
mod files;
mod ids;
mod other_tasks;
mod sets;

use crate::{
    executed::{Mounts, Outside},
    matrix::NOT_TRIED,
    place::{Place, PLACES},
    state::State,
    sys,
};
use callers::Caller;
use std::{
    fs::File,
    io::{self, Read, Write},
    path::Path,
};

/// Something to try.
struct Attempt {
    /// A name, unique among all. The first word names a part of the table.
    name: String,
    /// Who tries it.
    callers: &'static [Caller],
    /// The mounts whose files it is tried on.
    mounts: &'static [&'static str],
    /// Tries it in a process of its own, and returns the answer.
    run: Box<Run>,
}

type Run = dyn Fn(&Scene<'_>, &Caller) -> io::Result<String>;

/// Where an attempt is made.
struct Scene<'a> {
    mounts: &'a Mounts,
    outside: &'a Outside,
    /// The mount whose files it is tried on.
    mount: &'static str,
    /// The user ID in the initial user namespace that is 0 in this one.
    first: u32,
}

/// An attempt that concerns no file.
const NO_FILE: &[&str] = &["plain"];

/// Runs the matrix, with mounts below a directory. Writes a line for each cell: attempt, place,
/// caller, answer, with tabs between.
pub fn run(directory: &Path, out: &mut impl Write) -> io::Result<()> {
    let mounts = Mounts::make(directory)?;
    files::make(&mounts)?;
    let outside = Outside::start()?;
    let mut attempts = exec::attempts();
    attempts.extend(ids::attempts());
    attempts.extend(sets::attempts());
    attempts.extend(files::attempts());
    attempts.extend(other_tasks::attempts());
    for place in PLACES.into_iter().filter(|place| !place.owns) {
        let lines = place.enter(|lines| {
            for attempt in &attempts {
                for &mount in attempt.mounts {
                    let scene = Scene {
                        mounts: &mounts,
                        outside: &outside,
                        mount,
                        first: place.first(),
                    };
                    cells(attempt, &scene, place, lines);
                }
            }
        })?;
        out.write_all(&lines)?;
    }
    mounts.unmount();
    Ok(())
}

fn cells(attempt: &Attempt, scene: &Scene<'_>, place: Place, lines: &mut File) {
    let on = match attempt.mounts {
        NO_FILE => String::new(),
        _ => format!(", {}", scene.mount),
    };
    for caller in attempt.callers {
        let answer = (attempt.run)(scene, caller)
            .unwrap_or_else(|error| format!("{NOT_TRIED}: {}: {error}", caller.name));
        let (name, place) = (&attempt.name, place.name());
        let _ = writeln!(lines, "{name}\t{place}{on}\t{}\t{answer}", caller.name);
    }
}

/// Runs a function in a child process. Returns what it wrote, or the error that it returned.
fn in_process(run: impl FnOnce(&File) -> io::Result<()>) -> io::Result<String> {
    const FAILED: &str = "error: ";
    let (mut read, write) = sys::inheritable_pipe()?;
    let child = sys::spawn(|| {
        sys::close(&read);
        if let Err(error) = run(&write) {
            let _ = write!(&write, "{FAILED}{error}");
        }
    })?;
    drop(write);
    // execve() stops a traced process. What it writes fits into the pipe.
    sys::wait_traced(child.0)?;
    let mut text = String::new();
    read.read_to_string(&mut text)?;
    match text.split_once(FAILED) {
        Some((_, error)) => Err(io::Error::other(error.to_owned())),
        None => Ok(text),
    }
}

/// Makes a call as a caller. Returns its error or what it returned, and the changes of credentials.
fn as_caller(caller: &Caller, call: impl FnOnce() -> sys::Result<String>) -> io::Result<String> {
    in_process(|mut out| {
        caller.setup.become_it()?;
        let before = State::now()?;
        let answer = call().unwrap_or_else(|errno| errno.to_string());
        let changes = State::now()?.since(&before);
        write!(out, "{}", format!("{answer} {changes}").trim_end())
    })
}

/// The answer of a call that returns nothing else.
fn ok<T>(result: sys::Result<T>) -> sys::Result<String> {
    result.map(|_| "ok".to_owned())
}
