// SPDX-License-Identifier: GPL-2.0

//! Signals, as something that has happened.

use crate::error::{Error, Result};
use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM},
    flag,
};
use std::sync::{
    atomic::{AtomicBool, Ordering},
    Arc,
};

/// The signals that end a program, which from now on only tell that they have come.
pub struct Signals {
    /// Of the terminal, which sends them to all programs that it runs at the time.
    keyboard: Arc<AtomicBool>,
    hangup: Arc<AtomicBool>,
    terminate: Arc<AtomicBool>,
}

impl Signals {
    /// Begins to take note of them.
    pub fn catch() -> Result<Self> {
        let signals = Self {
            keyboard: Arc::default(),
            hangup: Arc::default(),
            terminate: Arc::default(),
        };
        for (signal, noted) in [
            (SIGINT, &signals.keyboard),
            (SIGQUIT, &signals.keyboard),
            (SIGHUP, &signals.hangup),
            (SIGTERM, &signals.terminate),
        ] {
            flag::register(signal, noted.clone())
                .map_err(|error| Error::of("signals cannot be caught", error))?;
        }
        Ok(signals)
    }

    /// Returns whether any has come.
    pub fn any(&self) -> bool {
        let noted = [&self.keyboard, &self.hangup, &self.terminate];
        noted.iter().any(|noted| noted.load(Ordering::Relaxed))
    }

    /// Returns those since the last time that went to this process alone, to be passed on.
    pub fn to_pass_on(&self) -> Vec<rustix::process::Signal> {
        let mut signals = Vec::new();
        if self.hangup.swap(false, Ordering::Relaxed) {
            signals.push(rustix::process::Signal::HUP);
        }
        if self.terminate.swap(false, Ordering::Relaxed) {
            signals.push(rustix::process::Signal::TERM);
        }
        signals
    }
}
