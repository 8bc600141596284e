// SPDX-License-Identifier: GPL-2.0

//! Enforcement and observation switched on and off, as fast as the kernel does it.

use crate::sys;
use std::{
    fs::{self, File},
    io::{self, ErrorKind},
    path::Path,
    thread,
    time::{Duration, Instant},
};

const NAME: &str = "rust_commoncap";
const LIVEPATCH: &str = "/sys/kernel/livepatch/rust_commoncap";
const DECISIONS: &str = "/sys/kernel/debug/rust_commoncap/decisions";
const DIVERGENCES: &str = "/sys/kernel/debug/rust_commoncap/divergences";

/// How long a transition may take. The kernel looks again once a second, and after fifteen wakes up
/// who is in the way.
const PATIENCE: Duration = Duration::from_secs(60);

/// How it went.
#[derive(Default)]
pub struct Outcome {
    /// How often the Rust was in charge of every task, and then the C again.
    pub toggles: u64,
    /// How often a transition was reversed before its end.
    pub reversed: u64,
    /// How many decisions the Rust took.
    pub decided: u64,
    /// How long it all took.
    pub time: Duration,
    /// The longest that switching on and off took.
    pub longest: Duration,
}

/// Starts to observe and ends it as often as that, each time after some milliseconds, and returns
/// how many decisions were observed. Fails where the C answered otherwise than the Rust.
pub fn observe(module: &Path, times: u64) -> io::Result<u64> {
    let file = open(module)?;
    let mut observed = 0;
    for round in 0..times {
        sys::load_module(&file, "mode=observe")?;
        thread::sleep(Duration::from_millis(round % 50));
        let divergences = fs::read_to_string(DIVERGENCES)?;
        observed += decided()?;
        unload()?;
        // Of each hook: how many diverged, and how many could not be judged.
        for line in divergences.lines().skip(1) {
            let mut words = line.split_whitespace();
            let hook = words.next().unwrap_or_default();
            if hook == "last:" || words.take(2).any(|word| word != "0") {
                return Err(io::Error::other(format!(
                    "observed otherwise: {divergences}"
                )));
            }
        }
    }
    Ok(observed)
}

fn open(module: &Path) -> io::Result<File> {
    File::open(module).map_err(|error| io::Error::other(format!("{}: {error}", module.display())))
}

/// Unloads the module. The kernel lets go of it a moment after it has been switched off.
fn unload() -> io::Result<()> {
    wait_until("the module to be unloaded", || {
        match sys::unload_module(NAME) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(false),
            Err(error) if error.kind() == ErrorKind::ResourceBusy => Ok(false),
            Err(error) => Err(error),
        }
    })
}

/// Switches on and off as often as that.
pub fn run(module: &Path, times: u64) -> io::Result<Outcome> {
    let mut outcome = Outcome::default();
    let file = open(module)?;
    let mut round = 0;
    while outcome.toggles < times {
        let start = Instant::now();
        outcome
            .toggle(&file, round)
            .map_err(|error| io::Error::other(format!("toggle {}: {error}", round + 1)))?;
        round += 1;
        outcome.time += start.elapsed();
        outcome.longest = outcome.longest.max(start.elapsed());
    }
    Ok(outcome)
}

impl Outcome {
    fn toggle(&mut self, module: &File, round: u64) -> io::Result<()> {
        sys::load_module(module, "mode=enforce")?;
        if self.switched_on(round)? {
            self.decided += decided()?;
            self.toggles += 1;
            switch("0")?;
            if round % 4 == 2 && self.reverse("1") {
                settle()?;
                switch("0")?;
            }
        }
        wait_until("the C to decide again", || Ok(!exists(LIVEPATCH)))?;
        unload()
    }

    /// Waits until the Rust decides. Every other round turns back on the way, once or twice:
    /// returns whether it got there.
    fn switched_on(&mut self, round: u64) -> io::Result<bool> {
        let turned = match round % 8 {
            1 | 5 => self.reverse("0") && !self.reverse("1"),
            7 => self.reverse("0"),
            _ => false,
        };
        if !turned {
            settle()?;
        }
        Ok(!turned)
    }

    /// Turns a transition back that has not ended yet. Returns whether it had not.
    fn reverse(&mut self, enabled: &str) -> bool {
        let in_transition = read("transition").is_some_and(|text| text == "1");
        let turned = in_transition && switch(enabled).is_ok();
        self.reversed += u64::from(turned);
        turned
    }
}

/// Waits until every task is the Rust's.
fn settle() -> io::Result<()> {
    wait_until("the Rust to decide", || {
        if !exists(LIVEPATCH) {
            return Err(io::Error::other("the livepatch has gone"));
        }
        Ok(read("transition").is_some_and(|text| text == "0"))
    })
}

fn exists(path: &str) -> bool {
    Path::new(path).exists()
}

fn read(file: &str) -> Option<String> {
    let text = fs::read_to_string(format!("{LIVEPATCH}/{file}")).ok()?;
    Some(text.trim().to_owned())
}

/// Writes to `enabled`.
fn switch(enabled: &str) -> io::Result<()> {
    fs::write(format!("{LIVEPATCH}/enabled"), enabled)
}

fn wait_until(what: &str, mut done: impl FnMut() -> io::Result<bool>) -> io::Result<()> {
    let start = Instant::now();
    while !done()? {
        if start.elapsed() > PATIENCE {
            return Err(io::Error::other(format!(
                "waited {} s for {what}: see who is in the way in /proc/PID/patch_state",
                PATIENCE.as_secs()
            )));
        }
        thread::sleep(Duration::from_millis(1));
    }
    Ok(())
}

/// Returns how many decisions the Rust has taken since it was loaded.
fn decided() -> io::Result<u64> {
    let table = fs::read_to_string(DECISIONS)
        .map_err(|error| io::Error::other(format!("{DECISIONS}: {error}")))?;
    let numbers = table.lines().skip(1).flat_map(str::split_whitespace);
    Ok(numbers.filter_map(|word| word.parse::<u64>().ok()).sum())
}
