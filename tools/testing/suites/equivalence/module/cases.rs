// SPDX-License-Identifier: GPL-2.0

//! Counts cases, and logs the first one that differs. Makes random numbers.

use kernel::{bindings, fmt, prelude::*};

/// A group of cases.
pub(crate) struct Group {
    name: &'static str,
    /// How many cases [`Self::skips`] has been called for.
    made: u64,
    cases: u64,
    differ: u64,
}

impl Group {
    /// Returns a group without cases.
    pub(crate) fn new(name: &'static str) -> Self {
        Self {
            name,
            made: 0,
            cases: 0,
            differ: 0,
        }
    }

    /// Returns whether to skip a case: all but the first and each `one_in`-th after it. An emulated
    /// processor would take too long for all.
    #[inline]
    pub(crate) fn skips(&mut self) -> bool {
        let place = self
            .made
            .checked_rem(crate::module_parameters::one_in.value());
        self.made += 1;
        place.is_some_and(|place| place > 0)
    }

    /// Counts a case. Logs all inputs and both answers of the first case whose answers differ.
    #[inline]
    pub(crate) fn compare<T: PartialEq + fmt::Display>(
        &mut self,
        inputs: impl fmt::Display,
        c: &T,
        rust: &T,
    ) {
        self.cases += 1;
        if c != rust {
            if self.differ == 0 {
                pr_err!("{}: first difference: {inputs}\n", self.name);
                pr_err!("{}:   C:    {c}\n", self.name);
                pr_err!("{}:   Rust: {rust}\n", self.name);
            }
            self.differ += 1;
        }
        // What has been committed over is freed after a grace period, in which others must run:
        // `cond_resched()`, which is no function in each configuration.
        if self.cases % 1024 == 0 {
            // SAFETY: Tests run in process context, and hold no lock.
            unsafe { bindings::schedule() };
        }
    }

    /// Logs the result of the whole group. Returns whether it had cases, and none that differ.
    pub(crate) fn equal(self) -> bool {
        pr_info!(
            "{}: {} cases, {} differ\n",
            self.name,
            self.cases,
            self.differ
        );
        self.cases > 0 && self.differ == 0
    }
}

/// Runs the cases of a group. Returns whether they ran to their end, and none differs.
pub(crate) fn equal(name: &'static str, cases: impl FnOnce(&mut Group) -> Result) -> bool {
    let mut group = Group::new(name);
    let done = cases(&mut group);
    group.equal() && done.is_ok()
}

/// `splitmix64`, which is as good as any where nobody is to guess.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    /// Returns the numbers of the module's seed.
    pub(crate) fn seeded() -> Self {
        Self(crate::module_parameters::seed.value())
    }

    /// Returns a number of 64 bits.
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Returns a number below `bound`.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }
}
