// SPDX-License-Identifier: GPL-2.0

//! What the probes on functions that change capability sets share.

use crate::{
    commoncap::Sets,
    hooks::{
        change::{
            Change,
            Outcome,
            Shown, //
        },
        counters::Observed,
        divergence::Divergence,
        hook::Hook,
        reason::Reason, //
    },
};
use kernel::{
    fmt,
    prelude::*, //
};

/// Counts and traces a call that has returned, and compares its result with the prediction. `after`
/// are the sets of the new credentials now.
pub(super) fn returned<C: Change>(call: &C, after: Sets, ret: c_int) {
    let predicted = Outcome::of(call);
    C::HOOK.count_observed(Observed::Returned);
    C::HOOK.count(predicted.reason);
    if C::traced() {
        call.trace(&after, ret, predicted.reason);
    }
    if ret != predicted.ret || after != predicted.after {
        Diverged {
            call,
            ret,
            after,
            predicted,
        }
        .report();
    }
}

/// A call whose result is not the predicted one.
struct Diverged<'a, C> {
    call: &'a C,
    ret: c_int,
    after: Sets,
    predicted: Outcome,
}

impl<C: Change> Divergence for Diverged<'_, C> {
    const HOOK: Hook = C::HOOK;

    fn reason(&self) -> Reason {
        self.predicted.reason
    }
}

impl<C: Change> fmt::Display for Diverged<'_, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_fmt(fmt!(
            "{}; returned: {}, then {}; predicted: {}, {}, then {}",
            self.call,
            self.ret,
            Shown(&self.after),
            self.predicted.reason.verdict(),
            self.predicted.reason.name(),
            Shown(&self.predicted.after)
        ))
    }
}
