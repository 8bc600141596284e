// SPDX-License-Identifier: GPL-2.0

//! Long random sequences of calls, and a recording of what each answered and changed.
//!
//! A recording depends on its seed, the number of calls and what the kernel answers, and on nothing
//! else: no process ID, time or address is in it. So those of two implementations must be the same.

mod choice;
mod coverage;
mod life;
pub mod rng;

use crate::{
    programs::Programs,
    sys::{self, Child},
};
pub use coverage::Coverage;
use libc::{CLONE_NEWIPC, CLONE_NEWPID};
pub use life::Life;
use std::{
    collections::VecDeque,
    fs::{self, File},
    io::{self, Read, Write},
    path::Path,
    thread,
};

/// How many calls a sequence has: enough to get somewhere, too few to end where nothing can be had.
const LENGTH: u64 = 250;

/// Runs sequences until there are as many calls, and records them in a file.
pub fn run(programs: &Programs, seed: u64, calls: u64, record: &Path) -> io::Result<Coverage> {
    let with_path = |error| io::Error::other(format!("{}: {error}", record.display()));
    let mut file = File::create(record).map_err(with_path)?;
    // In a PID namespace below the initial one: in a new one every PID can be chosen.
    let child = sys::clone3(CLONE_NEWPID, &[], || {
        if let Err(error) = record_all(programs, seed, calls, &mut file) {
            let _ = writeln!(file, "broke off: {error}");
        }
    })?;
    let status = child.wait()?;
    if status != 0 {
        let _ = writeln!(file, "died of {status:#x}");
    }
    Ok(Coverage::of(
        &fs::read_to_string(record).map_err(with_path)?,
    ))
}

fn record_all(programs: &Programs, seed: u64, calls: u64, record: &mut File) -> io::Result<()> {
    let jobs = thread::available_parallelism().map_or(1, usize::from);
    let lives = calls.div_ceil(LENGTH);
    let mut running = VecDeque::new();
    let mut number = 0;
    // Several at a time, written down in the order of their numbers.
    while number < lives || !running.is_empty() {
        while number < lives && running.len() < jobs {
            running.push_back(start(programs, seed, number)?);
            number += 1;
        }
        if let Some((child, mut output)) = running.pop_front() {
            let mut text = Vec::new();
            output.read_to_end(&mut text)?;
            let status = child.wait()?;
            if status != 0 {
                writeln!(text, "died of {status:#x}")?;
            }
            record.write_all(&text)?;
        }
    }
    Ok(())
}

/// Starts a sequence in a PID and an IPC namespace of its own, so that none sees the IDs of others.
fn start(programs: &Programs, seed: u64, number: u64) -> io::Result<(Child, File)> {
    let (output, input) = sys::pipe()?;
    let child = sys::clone3(CLONE_NEWPID | CLONE_NEWIPC, &[], || {
        let ended = sys::become_stdout(&input)
            .map_err(io::Error::from)
            .and_then(|()| Life::begin(programs, seed, number, LENGTH)?.run());
        if let Err(error) = ended {
            println!("broke off: {error}");
        }
    })?;
    Ok((child, output))
}
