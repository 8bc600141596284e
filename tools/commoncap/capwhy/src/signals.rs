// SPDX-License-Identifier: GPL-2.0

//! The signals that end a program, recorded until the program can act on them.

use crate::error::{Error, Result};
use rustix::process::Signal;
use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM},
    flag,
};
use std::sync::{
    atomic::{AtomicBool, Ordering},
    Arc,
};

/// The signals that have arrived.
pub struct Signals {
    /// One that a terminal sends to all of its foreground processes.
    keyboard: Arc<AtomicBool>,
    hangup: Arc<AtomicBool>,
    terminate: Arc<AtomicBool>,
}

impl Signals {
    /// Starts to record signals.
    pub fn catch() -> Result<Self> {
        let signals = Self {
            keyboard: Arc::default(),
            hangup: Arc::default(),
            terminate: Arc::default(),
        };
        for (signal, arrived) in [
            (SIGINT, &signals.keyboard),
            (SIGQUIT, &signals.keyboard),
            (SIGHUP, &signals.hangup),
            (SIGTERM, &signals.terminate),
        ] {
            flag::register(signal, arrived.clone())
                .map_err(|error| Error::of("signals cannot be caught", error))?;
        }
        Ok(signals)
    }

    /// Returns whether any has arrived.
    pub fn any(&self) -> bool {
        let all = [&self.keyboard, &self.hangup, &self.terminate];
        all.iter().any(|arrived| arrived.load(Ordering::Relaxed))
    }

    /// Returns the signals to send to the command for those that have arrived since the last call.
    ///
    /// A stopped command does not act on a signal until it is continued, and its user can have
    /// stopped it. The terminal has sent its own signals to the command as well.
    pub fn to_pass_on(&self) -> Vec<Signal> {
        let mut signals = Vec::new();
        for (arrived, signal) in [
            (&self.keyboard, None),
            (&self.hangup, Some(Signal::HUP)),
            (&self.terminate, Some(Signal::TERM)),
        ] {
            if arrived.swap(false, Ordering::Relaxed) {
                signals.extend(signal);
                signals.push(Signal::CONT);
            }
        }
        signals
    }
}

#[cfg(test)]
pub mod fixtures {
    //! Signals for tests.

    use super::*;

    /// Returns the state after SIGTERM has arrived.
    pub fn terminated() -> Signals {
        Signals {
            keyboard: Arc::default(),
            hangup: Arc::default(),
            terminate: Arc::new(AtomicBool::new(true)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use signal_hook::low_level::raise;

    #[test]
    fn a_stopped_command_is_continued_to_act_on_a_signal() {
        let signals = Signals::catch().unwrap();
        assert!(!signals.any() && signals.to_pass_on().is_empty());
        for (raised, passed_on) in [
            (SIGTERM, vec![Signal::TERM, Signal::CONT]),
            (SIGHUP, vec![Signal::HUP, Signal::CONT]),
            (SIGINT, vec![Signal::CONT]),
        ] {
            raise(raised).unwrap();
            assert!(signals.any());
            assert_eq!(signals.to_pass_on(), passed_on);
            assert!(!signals.any());
        }
    }
}
