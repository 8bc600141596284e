// SPDX-License-Identifier: GPL-2.0

//! The hooks that change the capability sets of new credentials.

use super::{
    hook::Hook,
    reason::Reason,
    returned, //
};
use crate::{
    commoncap::{
        Denial,
        Sets, //
    },
    kernel_ext::new_cred::NewCred,
};
use kernel::{
    cred::Credential,
    fmt,
    prelude::*, //
};

/// A call of such a function, with all that the verdict depends on.
pub(super) trait Change: fmt::Display {
    /// The function.
    const HOOK: Hook;

    /// Returns the sets of the new credentials, before the call.
    fn before(&self) -> Sets;

    /// Returns the sets that the new credentials get.
    fn verdict(&self) -> Result<Sets, Denial>;

    /// Returns whether a probe is attached to the tracepoint.
    fn traced() -> bool;

    /// Fires the tracepoint. `after` are the sets after the call, and `ret` is what it returns.
    fn trace(&self, after: &Sets, ret: c_int, reason: Reason);
}

/// What comes of a call.
#[derive(Clone, Copy)]
pub(super) struct Outcome {
    pub(super) reason: Reason,
    /// What the function returns.
    pub(super) ret: c_int,
    /// The sets of the new credentials, after the call.
    pub(super) after: Sets,
}

impl Outcome {
    /// Decides.
    pub(super) fn of(call: &impl Change) -> Self {
        let verdict = call.verdict();
        Self {
            reason: verdict.map_or_else(Reason::Denied, |_| Reason::Change),
            ret: returned(verdict),
            after: verdict.unwrap_or(call.before()),
        }
    }
}

// region: upstream
/// Puts sets into new credentials. No hook changes the bounding set.
#[inline(always)]
pub(super) fn apply(new: &mut NewCred<'_>, sets: &Sets) {
    new.set_effective(sets.effective);
    new.set_inheritable(sets.inheritable);
    new.set_permitted(sets.permitted);
    new.set_ambient(sets.ambient);
}
// endregion: upstream

/// Decides and counts, and puts the sets into the new credentials. Returns what the function
/// returns. `call` reads the call from the new credentials before they change, without side
/// effects.
// Inlined, so that a task that runs this has the entry of the hook on its stack: livepatch lets go
// of a task that has not, and the module may be unloaded then.
#[inline(always)]
pub(super) fn make<C: Change>(mut new: NewCred<'_>, call: impl Fn(&Credential) -> C) -> c_int {
    let verdict = call(new.get()).verdict();
    if C::traced() {
        // Read again, so that what only the tracepoint shows is read only for it.
        trace(&call(new.get()));
    }
    if let Ok(sets) = verdict {
        apply(&mut new, &sets);
    }
    // Last, so that little has to be kept during this call.
    C::HOOK.count_verdict(verdict.map(|_| Reason::Change));
    returned(verdict)
}

/// Fires the tracepoint for a call that is about to return.
#[cold]
fn trace<C: Change>(call: &C) {
    let Outcome { reason, ret, after } = Outcome::of(call);
    call.trace(&after, ret, reason);
}

/// Capability sets, as a report shows them.
pub(super) struct Shown<'a>(pub(super) &'a Sets);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_fmt(fmt!(
            "effective {:#x} permitted {:#x} inheritable {:#x} bounding {:#x} ambient {:#x}",
            self.0.effective.bits(),
            self.0.permitted.bits(),
            self.0.inheritable.bits(),
            self.0.bounding.bits(),
            self.0.ambient.bits()
        ))
    }
}
