// SPDX-License-Identifier: GPL-2.0

//! How often the Rust has decided, in which hook, what and why.

use super::{divergence, exe_link, observe, reason::Reason};
use crate::kernel_ext::{
    counters::{Counter, COUNTERS},
    debugfs::Contents,
};
use kernel::fmt;

/// The hooks that decide.
#[derive(Clone, Copy)]
pub(super) enum Hook {
    /// `cap_capable()`.
    Capable,
    /// `cap_task_prctl()`, but for the options that it leaves to others.
    TaskPrctl,
}

/// What came of watching the C: see [`observe`].
#[derive(Clone, Copy)]
pub(super) enum Watched {
    /// The C answered otherwise than the Rust.
    Diverged,
    /// What the Rust would have answered hangs on what cannot be asked without being noticed.
    Unjudged,
    /// A call was seen to begin.
    Entered,
    /// It was seen to return, too.
    Returned,
}

impl Watched {
    const COUNT: usize = 4;
}

/// What happened to a change of `/proc/PID/exe`: see [`exe_link`].
#[derive(Clone, Copy)]
pub(super) enum ExeLink {
    /// It was given to the tracepoint, which was enabled.
    Traced,
    /// Audit has taken the record of it.
    Logged,
    /// Audit has not: its queue was full, it had no memory, or a rule excludes the record.
    Dropped,
    /// There was no memory to report it. It may have failed after that.
    Missed,
}

impl ExeLink {
    const ALL: [Self; 4] = [Self::Traced, Self::Logged, Self::Dropped, Self::Missed];

    const fn name(self) -> &'static str {
        match self {
            Self::Traced => "traced",
            Self::Logged => "logged",
            Self::Dropped => "dropped",
            Self::Missed => "missed",
        }
    }
}

const WATCHED: usize = 2 * Reason::COUNT;
const EXE_LINKS: usize = WATCHED + 2 * Watched::COUNT;
const _: () = assert!(EXE_LINKS + ExeLink::ALL.len() <= COUNTERS);

impl Hook {
    const ALL: [Self; 2] = [Self::Capable, Self::TaskPrctl];

    /// Returns the name that LSM hooks have.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Capable => "capable",
            Self::TaskPrctl => "task_prctl",
        }
    }

    #[inline]
    const fn decisions(self, reason: Reason) -> Counter {
        Counter::new(self as usize * Reason::COUNT + reason.number())
    }

    const fn watched(self, what: Watched) -> Counter {
        Counter::new(WATCHED + self as usize * Watched::COUNT + what as usize)
    }

    /// Counts a decision.
    #[inline]
    pub(super) fn count(self, reason: Reason) {
        self.decisions(reason).increment();
    }

    /// Counts what came of watching.
    pub(super) fn count_watched(self, what: Watched) {
        self.watched(what).increment();
    }
}

impl ExeLink {
    const fn counter(self) -> Counter {
        Counter::new(EXE_LINKS + self as usize)
    }

    /// Counts what came of a change.
    pub(super) fn count(self) {
        self.counter().increment();
    }
}

/// The file `decisions` in debugfs: a line for each hook, verdict and reason that there were.
pub struct Decisions;

impl Contents for Decisions {
    fn show(f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:<11} {:<8} {:<36} {:>12}",
            "hook", "verdict", "reason", "count"
        )?;
        for hook in Hook::ALL {
            for reason in Reason::all() {
                let count = hook.decisions(reason).sum();
                if count > 0 {
                    let (hook, verdict, reason) = (hook.name(), reason.verdict(), reason.name());
                    writeln!(f, "{hook:<11} {verdict:<8} {reason:<36} {count:>12}")?;
                }
            }
        }
        Ok(())
    }
}

/// The file `divergences` in debugfs: of each hook, how many answers of the C were not the Rust's,
/// could not be judged, have not been seen (yet), and were missed; then the last that was not the
/// Rust's.
pub struct Divergences;

impl Contents for Divergences {
    fn show(f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:<11} {:>12} {:>12} {:>12} {:>12}",
            "hook", "diverged", "unjudged", "unreturned", "missed"
        )?;
        for hook in Hook::ALL {
            let diverged = hook.watched(Watched::Diverged).sum();
            let unjudged = hook.watched(Watched::Unjudged).sum();
            // In this order, or a call that returns meanwhile would make it negative.
            let returned = hook.watched(Watched::Returned).sum();
            let unreturned = hook
                .watched(Watched::Entered)
                .sum()
                .saturating_sub(returned);
            let (name, missed) = (hook.name(), observe::missed(hook));
            writeln!(
                f,
                "{name:<11} {diverged:>12} {unjudged:>12} {unreturned:>12} {missed:>12}"
            )?;
        }
        divergence::show_last(f)
    }
}

/// The file `exe_links` in debugfs: how many changes of `/proc/PID/exe` have been traced, logged,
/// dropped and missed.
pub struct ExeLinks;

impl Contents for ExeLinks {
    fn show(f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for column in ExeLink::ALL {
            write!(f, "{:>12}", column.name())?;
        }
        writeln!(f)?;
        for column in ExeLink::ALL {
            let skipped = match column {
                ExeLink::Missed => exe_link::missed() as u64,
                _ => 0,
            };
            write!(f, "{:>12}", column.counter().sum().saturating_add(skipped))?;
        }
        writeln!(f)
    }
}
