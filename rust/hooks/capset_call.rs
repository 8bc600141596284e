// SPDX-License-Identifier: GPL-2.0

//! A call of `cap_capset()` and the verdict on it, as the hook, the probe, the tracepoint and the
//! report of a divergence use them.

use super::{
    reason::Reason,
    to_errno, //
};
use crate::commoncap::{
    capset::{capset, Data},
    privileges::CapCapable,
    Denial,
    Sets, //
};
use kernel::{
    cred::Credential,
    fmt,
    prelude::*, //
};

/// A call of `cap_capset()`, and the verdict on it.
#[derive(Clone, Copy)]
pub(super) struct Call {
    /// The sets that the current task acts with.
    old: Sets,
    /// The sets of its new credentials, before the call.
    pub(super) before: Sets,
    pub(super) request: Data,
    verdict: Result<Sets, Denial>,
}

impl Call {
    /// Decides.
    #[inline(always)]
    pub(super) fn new(
        old: &Credential,
        before: Sets,
        caller: &impl CapCapable,
        request: Data,
    ) -> Self {
        let old = Sets::of(old);
        Self {
            old,
            before,
            request,
            verdict: capset(&old, &before, caller, request),
        }
    }

    /// Returns why the call is granted or denied.
    #[inline(always)]
    pub(super) fn reason(&self) -> Reason {
        self.verdict.map_or_else(Reason::Denied, |_| Reason::Change)
    }

    /// Returns what the call returns.
    #[inline(always)]
    pub(super) fn ret(&self) -> c_int {
        self.verdict.map_or_else(to_errno, |_| 0)
    }

    /// Returns the sets of the new credentials, after the call.
    #[inline(always)]
    pub(super) fn after(&self) -> Sets {
        self.verdict.unwrap_or(self.before)
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_fmt(fmt!(
            "capset(effective {:#x}, permitted {:#x}, inheritable {:#x}) with {}",
            self.request.effective.bits(),
            self.request.permitted.bits(),
            self.request.inheritable.bits(),
            Shown(&self.old)
        ))
    }
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
