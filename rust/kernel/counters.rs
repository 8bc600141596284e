// SPDX-License-Identifier: GPL-2.0

//! Counters that cost those who count nothing but the counting.
//!
//! Each CPU has its own, so no cache line is shared, and none is lost: an interrupt comes before or
//! after.

use crate::bindings;
use kernel::prelude::*;

/// How many counters there are.
pub const COUNTERS: usize = bindings::RUST_COMMONCAP_COUNTERS as usize;

/// One of them.
#[derive(Clone, Copy)]
pub struct Counter(c_uint);

impl Counter {
    /// Names a counter. One past the last does not count.
    #[inline]
    pub const fn new(number: usize) -> Self {
        Self(if number < COUNTERS {
            number as c_uint
        } else {
            c_uint::MAX
        })
    }

    /// Counts one more, from any context.
    #[inline]
    pub fn increment(self) {
        // SAFETY: Just an FFI call.
        unsafe { bindings::rust_commoncap_count(self.0) };
    }

    /// Returns what has been counted on all CPUs.
    pub fn sum(self) -> u64 {
        // SAFETY: Just an FFI call.
        unsafe { bindings::rust_commoncap_counted(self.0) }
    }
}
