// SPDX-License-Identifier: GPL-2.0

//! What a function reads that its probe may not read, since that can sleep.
//!
//! The function reads it through an inner one, whose probe sees it at its return. The probe of the
//! outer function opens a slot at its entry, the inner one's fills it, and the outer one's takes
//! what is in it at its return.

use crate::commoncap::file_capabilities::MAX_SIZE;
use kernel::{
    prelude::*,
    sync::atomic::{
        Acquire,
        Atomic,
        Relaxed,
        Release, //
    },
    task::Task, //
};

/// How many calls can be open at once of tasks that share a bucket. Any more cannot be judged.
///
/// A task has several where an overlay file system reads an attribute through another one.
const SLOTS: usize = 4;

const BUCKETS: usize = 64;

static TABLE: [[Row; SLOTS]; BUCKETS] = [const { [const { Row::EMPTY }; SLOTS] }; BUCKETS];

/// Returns the bucket of a task, by its address: `hash_ptr()`.
fn bucket(task: usize) -> &'static [Row] {
    const GOLDEN_RATIO: u64 = 0x61c8_8646_80b5_83eb;
    let hash = (task as u64).wrapping_mul(GOLDEN_RATIO) >> (u64::BITS - BUCKETS.ilog2());
    TABLE
        .get(hash as usize)
        .map_or(&[], <[Row; SLOTS]>::as_slice)
}

/// The bytes of a value.
pub(super) type Bytes = [[u8; 8]; MAX_SIZE / 8];

/// A row of the table. Only the task that it is of writes to it.
struct Row {
    /// The task, by its address; 0 if the row is free.
    task: Atomic<usize>,
    /// What the call is about, by its address; 0 if the task is about to write it.
    key: Atomic<usize>,
    filled: Atomic<bool>,
    ret: Atomic<c_int>,
    value: [Atomic<u64>; MAX_SIZE / 8],
    verdict: Atomic<c_int>,
}

impl Row {
    // Each row of the table is a copy of its own.
    #[allow(clippy::declare_interior_mutable_const)]
    const EMPTY: Self = Self {
        task: Atomic::new(0),
        key: Atomic::new(0),
        filled: Atomic::new(false),
        ret: Atomic::new(0),
        value: [const { Atomic::new(0) }; MAX_SIZE / 8],
        verdict: Atomic::new(0),
    };
}

fn current() -> usize {
    Task::current_raw().addr()
}

/// What an inner function has returned to the outer one.
#[derive(Clone, Copy, Default)]
pub(super) struct Gathered {
    /// Its result.
    pub(super) ret: c_int,
    /// The first bytes that it has read.
    pub(super) value: Bytes,
    /// What the outer function returns if it decides at once.
    pub(super) verdict: c_int,
}

/// Returns the open slot of the current task that is about something.
fn find(key: usize) -> Option<&'static Row> {
    let task = current();
    bucket(task)
        .iter()
        .find(|row| row.task.load(Relaxed) == task && row.key.load(Relaxed) == key)
}

/// Returns whether the current task has an open slot about something, given its address.
pub(super) fn is_open(key: usize) -> bool {
    find(key).is_some()
}

/// Returns whether the current task has an open slot about something, and it is empty.
pub(super) fn is_empty(key: usize) -> bool {
    find(key).is_some_and(|row| !row.filled.load(Relaxed))
}

/// Fills the open slot of the current task that is about something.
pub(super) fn fill(key: usize, gathered: Gathered) {
    let Some(row) = find(key) else { return };
    row.ret.store(gathered.ret, Relaxed);
    for (to, from) in row.value.iter().zip(gathered.value) {
        to.store(u64::from_ne_bytes(from), Relaxed);
    }
    row.verdict.store(gathered.verdict, Relaxed);
    row.filled.store(true, Relaxed);
}

/// An open slot of the current task. Dropping it frees the slot.
pub(super) struct Slot(&'static Row);

impl Slot {
    /// Opens a slot about something, given its address, which must not be 0. Returns [`None`] if
    /// all of the bucket are open.
    pub(super) fn open(key: usize) -> Option<Self> {
        let task = current();
        let free =
            |row: &&Row| row.task.load(Relaxed) == 0 && row.task.cmpxchg(0, task, Acquire).is_ok();
        let row = bucket(task).iter().find(free)?;
        row.filled.store(false, Relaxed);
        row.key.store(key, Relaxed);
        Some(Self(row))
    }

    /// Returns what has been gathered; [`None`] if nothing has.
    pub(super) fn gathered(&self) -> Option<Gathered> {
        let Self(row) = self;
        if !row.filled.load(Relaxed) {
            return None;
        }
        Some(Gathered {
            ret: row.ret.load(Relaxed),
            value: row
                .value
                .each_ref()
                .map(|word| word.load(Relaxed).to_ne_bytes()),
            verdict: row.verdict.load(Relaxed),
        })
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let Self(row) = self;
        row.key.store(0, Relaxed);
        row.task.store(0, Release);
    }
}

#[crate::kunit_tests(rust_commoncap_hook_observe_gather)]
mod tests {
    use super::*;

    fn gathered(ret: c_int) -> Gathered {
        Gathered {
            ret,
            value: [[1, 2, 3, 4, 5, 6, 7, 8], [9; 8], [10; 8]],
            verdict: 20,
        }
    }

    #[test]
    fn a_slot_has_what_was_filled_in_for_its_key() {
        let (outer, inner) = (Slot::open(1), Slot::open(2));
        assert!(is_open(1) && is_open(2) && !is_open(3));
        fill(2, gathered(24));
        fill(3, gathered(-1));
        let got = inner.as_ref().and_then(Slot::gathered);
        assert!(got.is_some_and(|got| {
            let expected = gathered(24);
            (got.ret, got.value, got.verdict) == (24, expected.value, 20)
        }));
        assert!(outer.is_some_and(|outer| outer.gathered().is_none()));
        drop(inner);
        assert!(!is_open(1) && !is_open(2));
        // A slot that is opened again is empty.
        assert!(Slot::open(2).is_some_and(|slot| slot.gathered().is_none()));
    }

    #[test]
    fn no_slot_opens_when_all_of_a_bucket_are_open() {
        let mut open = [const { None }; SLOTS];
        for (number, slot) in open.iter_mut().enumerate() {
            *slot = Slot::open(number + 1);
            assert!(slot.is_some());
        }
        assert!(Slot::open(SLOTS + 1).is_none());
        drop(open);
        assert!(Slot::open(SLOTS + 1).is_some());
    }
}
