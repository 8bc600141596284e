// SPDX-License-Identifier: GPL-2.0

//! Stands in for tracepoints on a kernel without them: nobody ever watches.

use super::{divergence::Facts, reason::Reason};
use crate::kernel_ext::user_namespace::UserNamespace;
use kernel::{cred::Credential, prelude::*};

/// A `prctl()` that has been answered.
#[expect(dead_code)]
pub(super) struct Answered {
    pub(super) option: c_int,
    pub(super) args: [c_ulong; 4],
    pub(super) ret: c_int,
    pub(super) before: Facts,
    pub(super) after: Facts,
}

/// Returns that nobody watches.
pub(super) const fn capable_enabled() -> bool {
    false
}

/// Returns that nobody watches.
pub(super) const fn task_prctl_enabled() -> bool {
    false
}

/// Returns that nobody watches.
pub(super) const fn exe_link_enabled() -> bool {
    false
}

/// Tells nobody.
pub(super) fn capable(_: &Credential, _: &UserNamespace, _: c_int, _: Reason, _: c_uint) {}

/// Tells nobody.
pub(super) fn task_prctl(_: &Answered, _: Reason) {}

/// Tells nobody.
pub(super) fn exe_link(_: &CStr, _: &CStr) {}
