// SPDX-License-Identifier: GPL-2.0

//! Per-CPU counters: CPUs share no cache line.
//!
//! An increment is one instruction or has interrupts disabled, so none is lost.

use crate::bindings;
use kernel::prelude::*;

/// How many counters there are.
pub const COUNTERS: usize = bindings::RUST_COMMONCAP_COUNTERS as usize;

/// A counter.
#[derive(Clone, Copy)]
pub struct Counter(c_uint);

impl Counter {
    /// Returns the counter of that number. A number from [`COUNTERS`] on counts nothing.
    #[inline]
    pub const fn new(number: usize) -> Self {
        Self(if number < COUNTERS {
            number as c_uint
        } else {
            c_uint::MAX
        })
    }

    /// Adds one. Can be called from any context.
    #[inline]
    pub fn increment(self) {
        // SAFETY: It can be called from any context, and ignores a number that is too high.
        unsafe { bindings::rust_commoncap_count(self.0) };
    }

    /// Returns the sum over all CPUs.
    pub fn sum(self) -> u64 {
        // SAFETY: As above; it returns 0 for such a number.
        unsafe { bindings::rust_commoncap_counted(self.0) }
    }
}
