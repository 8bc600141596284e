// SPDX-License-Identifier: GPL-2.0

//! How the hooks and the probes check the capabilities of the current task.

use super::capable;
use crate::{
    capability::Capability,
    commoncap::{
        capable::capable as check,
        credentials::Privileges,
        privileges::{
            CapCapable,
            NsCapable, //
        },
    },
    kernel_ext::{
        cred::current_cred,
        user_namespace::UserNamespace, //
    },
};
use core::marker::PhantomData;
use kernel::{
    bindings,
    prelude::*, //
};

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

impl<C: Checks> Privileges for Held<'_, C> {
    #[inline(always)]
    fn cap_capable(&self, capability: Capability) -> bool {
        CapCapable::cap_capable(self, capability)
    }

    #[inline(always)]
    fn ns_capable(&self, capability: Capability) -> bool {
        NsCapable::ns_capable(self, capability)
    }
}
