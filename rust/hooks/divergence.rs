// SPDX-License-Identifier: GPL-2.0

//! Results of `commoncap.c` that are not the predicted ones, with all that it takes to repeat the
//! call.

use super::{
    counters::Observed,
    hook::Hook,
    reason::Reason, //
};
use kernel::{
    fmt::{
        self,
        Write, //
    },
    prelude::*,
    sync::{
        atomic::{
            Atomic,
            Relaxed, //
        },
        global_lock,
    },
};

global_lock! {
    // SAFETY: `prepare()` is called when the module is loaded, before a probe is registered or a
    // file is created in debugfs, so before any other use.
    unsafe(uninit) static LAST: SpinLock<Text> = Text::EMPTY;
}

/// How many kinds of requests there are: see [`Divergence::kind`].
pub(super) const KINDS: usize = Hook::ALL.len() + 12;

/// Whether a divergence has been logged, for each kind of request and reason.
static REPORTED: [Atomic<bool>; KINDS * Reason::COUNT] =
    [const { Atomic::new(false) }; KINDS * Reason::COUNT];

/// Initializes the lock. To be called once, when the module is loaded.
///
/// # Safety
///
/// This must be called once only, and before any other use of this file.
pub unsafe fn prepare() {
    // SAFETY: By the safety requirements.
    unsafe { LAST.init() };
}

/// Writes the last divergence, if there was one.
pub(super) fn show_last(f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let last = LAST.lock();
    match last.text() {
        "" => Ok(()),
        text => f.write_fmt(fmt!("last: {text}\n")),
    }
}

/// The description of a divergence. An end that does not fit is cut off.
struct Text {
    bytes: [u8; Self::SIZE],
    len: usize,
}

impl Text {
    /// As long as a line of the kernel's log can be.
    const SIZE: usize = 1024;

    const EMPTY: Self = Self {
        bytes: [0; Self::SIZE],
        len: 0,
    };

    fn text(&self) -> &str {
        let written = self.bytes.get(..self.len).unwrap_or_default();
        // All descriptions are ASCII.
        core::str::from_utf8(written).unwrap_or_default()
    }
}

impl Write for Text {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for byte in text.bytes() {
            *self.bytes.get_mut(self.len).ok_or(fmt::Error)? = byte;
            self.len += 1;
        }
        Ok(())
    }
}

/// A result of `commoncap.c` that is not the predicted one.
///
/// Displayed, it has the call with all that it depends on, the result, and the prediction.
pub(super) trait Divergence: fmt::Display {
    /// The function.
    const HOOK: Hook;

    /// Returns the predicted reason.
    fn reason(&self) -> Reason;

    /// Returns the kind of the request: a number below [`KINDS`]. Each hook has the kind of its own
    /// number, and the numbers after these are for more kinds of one hook.
    fn kind(&self) -> usize {
        Self::HOOK as usize
    }

    /// Counts the divergence, keeps it as the last one, and logs it if it is the first of its kind.
    #[cold]
    fn report(&self)
    where
        Self: Sized,
    {
        Self::HOOK.count_observed(Observed::Diverged);
        // This may be an interrupt of a task that holds the lock. Then the older one is kept.
        if let Some(mut last) = LAST.try_lock() {
            last.len = 0;
            // It fails only where the end is cut off.
            let _ = last.write_fmt(fmt!("{self}"));
        }
        let kind = self.kind() * Reason::COUNT + self.reason().number();
        let first = |reported: &Atomic<bool>| !reported.xchg(true, Relaxed);
        if REPORTED.get(kind).is_some_and(first) {
            pr_warn!("commoncap.c diverged: {self}\n");
        }
    }
}

/// The kind of a request of a hook that has several, by its number among the further ones.
pub(super) const fn further_kind(number: usize) -> usize {
    Hook::ALL.len() + number
}

#[crate::kunit_tests(rust_commoncap_hook_divergence)]
mod tests {
    use super::*;

    #[test]
    fn a_description_is_kept_up_to_its_limit() {
        let Ok(mut text) = KBox::new(Text::EMPTY, GFP_KERNEL) else {
            return assert!(false);
        };
        assert_eq!(text.text(), "");
        assert!(text.write_str("0123").is_ok());
        assert_eq!(text.text(), "0123");
        for _ in 1..Text::SIZE / 4 {
            assert!(text.write_str("abcd").is_ok());
        }
        assert!(text.write_str("x").is_err());
        assert_eq!(text.text().len(), Text::SIZE);
        assert!(text.text().ends_with("abcd"));
    }
}
