// SPDX-License-Identifier: GPL-2.0

//! A call of `cap_capset()` and the verdict on it, as the hook, the probe, the tracepoint and the
//! report of a divergence use them.

use super::change::Shown;
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
    pub(super) verdict: Result<Sets, Denial>,
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
