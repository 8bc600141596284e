// SPDX-License-Identifier: GPL-2.0

//! Per-CPU counters: CPUs share no cache line.
//!
//! An increment is one instruction or has interrupts disabled, so none is lost.

use crate::bindings;
use kernel::{
    error::to_result,
    prelude::*, //
};

/// The counters, which exist until this is dropped.
pub struct Counters(());

impl Counters {
    /// Allocates so many counters, all 0. Fails with `ENOMEM`.
    ///
    /// # Safety
    ///
    /// This must be called once only, and nothing may count once the value has been dropped.
    pub unsafe fn allocate(number: c_uint) -> Result<Self> {
        // SAFETY: By the safety requirements, none have been allocated.
        to_result(unsafe { bindings::rust_commoncap_alloc_counters(number) })?;
        Ok(Self(()))
    }
}

impl Drop for Counters {
    fn drop(&mut self) {
        // SAFETY: `allocate` has allocated them, and by its safety requirements none is in use.
        unsafe { bindings::rust_commoncap_free_counters() };
    }
}

/// A counter.
#[derive(Clone, Copy)]
pub struct Counter(c_uint);

impl Counter {
    /// Returns the counter of that number. A number that is not allocated counts nothing.
    #[inline]
    pub const fn new(number: usize) -> Self {
        Self(if number < c_uint::MAX as usize {
            number as c_uint
        } else {
            c_uint::MAX
        })
    }

    /// Adds one. Can be called from any context.
    #[inline]
    pub fn increment(self) {
        // SAFETY: It can be called from any context, and ignores a number that is not allocated.
        unsafe { bindings::rust_commoncap_count(self.0) };
    }

    /// Returns the sum over all CPUs.
    pub fn sum(self) -> u64 {
        // SAFETY: As above; it returns 0 for such a number.
        unsafe { bindings::rust_commoncap_counted(self.0) }
    }
}
