// SPDX-License-Identifier: GPL-2.0

//! The counters of the hooks. [`super::debugfs`] shows them.

use super::{hook::Hook, reason::Reason};
use crate::{
    commoncap::Denial,
    kernel_ext::counters::{Counter, Counters}, //
};
use kernel::prelude::*;

/// What `mode=observe` counts of each hook: see [`super::observe`].
#[derive(Clone, Copy)]
pub(super) enum Observed {
    /// `commoncap.c` returned another result than predicted.
    Diverged,
    /// The prediction depends on a check that has side effects.
    Unjudged,
    /// A call was entered.
    Entered,
    /// A call returned.
    Returned,
}

impl Observed {
    const COUNT: usize = 4;
}

/// What happened to a change of `/proc/PID/exe`: see [`super::exe_link`].
#[derive(Clone, Copy)]
pub(super) enum ExeLink {
    /// It was given to the tracepoint, which was enabled.
    Traced,
    /// Audit took the record of it.
    Logged,
    /// Audit did not: its queue was full, it had no memory, or a rule excludes the record.
    Dropped,
    /// There was no memory to report it, or `rmmod` had begun. It may have failed after that.
    Missed,
}

const OBSERVED: usize = Hook::ALL.len() * Reason::COUNT;
const EXE_LINK: usize = OBSERVED + Hook::ALL.len() * Observed::COUNT;
const COUNT: usize = EXE_LINK + ExeLink::ALL.len();

/// Allocates the counters.
///
/// # Safety
///
/// As for [`Counters::allocate`].
pub unsafe fn allocate() -> Result<Counters> {
    // SAFETY: By the safety requirements. The cast cuts off nothing.
    unsafe { Counters::allocate(COUNT as c_uint) }
}

impl Hook {
    /// Returns the counter of the decisions with this reason.
    #[inline]
    pub(super) const fn decisions(self, reason: Reason) -> Counter {
        self.numbered(reason.number())
    }

    #[inline]
    const fn numbered(self, reason: usize) -> Counter {
        Counter::new(self as usize * Reason::COUNT + reason)
    }

    /// Returns the counter of what was observed.
    pub(super) const fn observed(self, what: Observed) -> Counter {
        Counter::new(OBSERVED + self as usize * Observed::COUNT + what as usize)
    }

    /// Counts a decision.
    #[inline]
    pub(super) fn count(self, reason: Reason) {
        self.decisions(reason).increment();
    }

    /// Counts a decision, by the reason for its verdict.
    // For each outcome, the compiler finds the number at once. For a reason that they come to, it
    // would compare that with each.
    #[inline(always)]
    pub(super) fn count_verdict<T: Into<Reason>>(self, verdict: Result<T, Denial>) {
        let counter = match verdict {
            Ok(grant) => self.decisions(grant.into()),
            Err(denial) => self.numbered(Reason::number_of(denial)),
        };
        counter.increment();
    }

    /// Counts what was observed.
    pub(super) fn count_observed(self, what: Observed) {
        self.observed(what).increment();
    }
}

impl ExeLink {
    pub(super) const ALL: [Self; 4] = [Self::Traced, Self::Logged, Self::Dropped, Self::Missed];

    /// Returns the name of the column in debugfs.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Traced => "traced",
            Self::Logged => "logged",
            Self::Dropped => "dropped",
            Self::Missed => "missed",
        }
    }

    /// Returns the counter of these changes.
    pub(super) const fn counter(self) -> Counter {
        Counter::new(EXE_LINK + self as usize)
    }

    /// Counts a change.
    pub(super) fn count(self) {
        self.counter().increment();
    }
}
