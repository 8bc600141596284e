// SPDX-License-Identifier: GPL-2.0

//! The hooks that only answer whether the current task may do something. They change nothing.

use super::{
    capable,
    hook::Hook,
    reason::Reason,
    to_errno, //
};
use crate::{
    capability::{
        Capability,
        CapabilitySet, //
    },
    commoncap::{
        capable::capable as check,
        privileges::{
            CapCapable,
            NsCapable, //
        },
        Denial, //
    },
    kernel_ext::{
        cred::{
            current_cred,
            CredentialExt, //
        },
        user_namespace::UserNamespace, //
    },
};
use core::marker::PhantomData;
use kernel::{
    bindings,
    cred::Credential,
    prelude::*, //
};

/// A call of such a function: its arguments.
pub(super) trait Question: Copy + 'static {
    /// The function.
    const HOOK: Hook;

    /// The denial by an LSM that the function calls, if it calls any.
    const BY_ANOTHER_LSM: Option<Denial>;

    /// Decides, and checks capabilities by `C`.
    ///
    /// # Safety
    ///
    /// The call must not have returned to its caller, so that its arguments are valid.
    unsafe fn decide<C: Checks>(&self) -> Result<Reason, Denial>;

    /// Returns the facts that the answer depends on.
    ///
    /// # Safety
    ///
    /// As for [`Self::decide`].
    unsafe fn facts(&self) -> Facts;
}

/// What an answer depends on.
pub(super) struct Facts {
    /// `PTRACE_MODE_*`, or 0.
    pub(super) mode: u32,
    pub(super) caller: Party,
    pub(super) target: Option<Party>,
}

/// The credentials of one of the two tasks.
pub(super) struct Party {
    pub(super) euid: u32,
    pub(super) effective: CapabilitySet,
    pub(super) permitted: CapabilitySet,
    /// The level of its user namespace.
    pub(super) level: c_int,
}

impl Party {
    pub(super) fn of(cred: &Credential) -> Self {
        Self {
            euid: cred.euid().into_raw().val,
            effective: CredentialExt::effective(cred),
            permitted: CredentialExt::permitted(cred),
            level: CredentialExt::user_ns(cred).level(),
        }
    }

    /// Returns the current task.
    pub(super) fn caller() -> Self {
        // SAFETY: Nothing is committed in here.
        Self::of(unsafe { current_cred() })
    }
}

/// How the capabilities of the current task are checked.
pub(super) trait Checks {
    /// Checks by this LSM alone: `cap_capable()` with `CAP_OPT_*`.
    fn cap_capable(ns: &UserNamespace, capability: Capability, opts: c_uint) -> bool;

    /// Checks by all LSMs: `ns_capable()`.
    fn ns_capable(ns: &UserNamespace, capability: Capability) -> bool;
}

/// Checks as `commoncap.c` does.
pub(super) struct Acting;

impl Checks for Acting {
    #[inline(always)]
    fn cap_capable(ns: &UserNamespace, capability: Capability, opts: c_uint) -> bool {
        // SAFETY: Nothing is committed in here.
        let cred = unsafe { current_cred() };
        capable::cap_capable(cred, ns, capability.number().into(), opts) == 0
    }

    #[inline(always)]
    fn ns_capable(ns: &UserNamespace, capability: Capability) -> bool {
        ns.ns_capable(capability)
    }
}

/// Checks without side effects, by this LSM alone.
pub(super) struct Predicting;

impl Checks for Predicting {
    fn cap_capable(ns: &UserNamespace, capability: Capability, _: c_uint) -> bool {
        Self::ns_capable(ns, capability)
    }

    fn ns_capable(ns: &UserNamespace, capability: Capability) -> bool {
        // SAFETY: Nothing is committed in here.
        check(unsafe { current_cred() }, ns, capability).is_ok()
    }
}

/// The capabilities of the current task over a user namespace, checked by `C`.
pub(super) struct Held<'a, C> {
    ns: &'a UserNamespace,
    opts: c_uint,
    checks: PhantomData<C>,
}

impl<'a, C: Checks> Held<'a, C> {
    #[inline(always)]
    pub(super) fn over(ns: &'a UserNamespace) -> Self {
        Self {
            ns,
            opts: bindings::CAP_OPT_NONE,
            checks: PhantomData,
        }
    }

    /// Returns the same, checked with other `CAP_OPT_*`.
    #[inline(always)]
    pub(super) fn with_opts(self, opts: c_uint) -> Self {
        Self { opts, ..self }
    }
}

impl<C: Checks> CapCapable for Held<'_, C> {
    #[inline(always)]
    fn cap_capable(&self, capability: Capability) -> bool {
        C::cap_capable(self.ns, capability, self.opts)
    }
}

impl<C: Checks> NsCapable for Held<'_, C> {
    #[inline(always)]
    fn ns_capable(&self, capability: Capability) -> bool {
        C::ns_capable(self.ns, capability)
    }
}

/// Decides and counts. Returns what the function returns.
///
/// # Safety
///
/// As for [`Question::decide`].
#[inline(always)]
pub(super) unsafe fn answer<Q: Question>(question: Q) -> c_int {
    // SAFETY: By the safety requirements.
    let verdict = unsafe { question.decide::<Acting>() };
    Q::HOOK.count(verdict.unwrap_or_else(Reason::Denied));
    verdict.map_or_else(to_errno, |_| 0)
}
