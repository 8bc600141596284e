// SPDX-License-Identifier: GPL-2.0

//! A call of `cap_capset()`, as the hook, the probe, the tracepoint and the report of a divergence
//! use it.

use super::change::Shown;
use crate::commoncap::{
    capset::{capset, Data},
    Denial,
    Sets, //
};
use kernel::{
    cred::Credential,
    fmt,
    prelude::*, //
};

/// A call of `cap_capset()`.
pub(super) struct Call {
    /// The sets that the current task acts with.
    old: Sets,
    setpcap: bool,
    /// The sets of its new credentials, before the call.
    pub(super) before: Sets,
    pub(super) request: Data,
}

impl Call {
    /// `old` are the credentials that the current task acts with, and `before` the sets of its new
    /// ones. `setpcap` is whether it holds `CAP_SETPCAP` over its own user namespace.
    #[inline(always)]
    pub(super) fn new(old: &Credential, before: Sets, setpcap: bool, request: Data) -> Self {
        Self {
            old: Sets::of(old),
            setpcap,
            before,
            request,
        }
    }

    /// Returns the sets that the new credentials get.
    #[inline(always)]
    pub(super) fn verdict(&self) -> Result<Sets, Denial> {
        capset(&self.old, &self.before, self.setpcap, self.request)
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
