// SPDX-License-Identifier: GPL-2.0

//! How often the Rust has decided, and what.

use crate::{commoncap::Denial, kernel_ext::debugfs::Contents};
use kernel::{
    fmt,
    prelude::*,
    sync::atomic::{Atomic, Relaxed},
};

/// The decisions of one hook, on a cache line of their own.
#[repr(align(64))]
pub(super) struct Decisions {
    granted: Atomic<u64>,
    denied: Atomic<u64>,
}

/// Those of `cap_capable()`.
pub(super) static CAPABLE: Decisions = Decisions::new();
/// Those of `cap_task_prctl()`, but for the options that it leaves to others.
pub(super) static TASK_PRCTL: Decisions = Decisions::new();

impl Decisions {
    const fn new() -> Self {
        Self {
            granted: Atomic::new(0),
            denied: Atomic::new(0),
        }
    }

    /// Counts a decision.
    #[inline]
    pub(super) fn count<T>(&self, verdict: &Result<T, Denial>) {
        match verdict {
            Ok(_) => self.granted.fetch_add(1, Relaxed),
            Err(Denial::NotOurs) => 0,
            Err(_) => self.denied.fetch_add(1, Relaxed),
        };
    }
}

/// The file `decisions` in debugfs: hook, granted and denied, a hook a line.
pub struct Table;

impl Contents for Table {
    fn show(f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<12}{:>12}{:>12}", "hook", "granted", "denied")?;
        for (name, decisions) in [("capable", &CAPABLE), ("task_prctl", &TASK_PRCTL)] {
            let granted = decisions.granted.load(Relaxed);
            let denied = decisions.denied.load(Relaxed);
            writeln!(f, "{name:<12}{granted:>12}{denied:>12}")?;
        }
        Ok(())
    }
}
