// SPDX-License-Identifier: GPL-2.0

//! Counts cases, and logs the first one that differs.

use kernel::{bindings, fmt, prelude::*};

/// A group of cases.
pub(crate) struct Group {
    name: &'static str,
    cases: u64,
    differ: u64,
}

impl Group {
    /// Returns a group without cases.
    pub(crate) fn new(name: &'static str) -> Self {
        Self {
            name,
            cases: 0,
            differ: 0,
        }
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
