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
            HasNsCapability,
            NsCapable, //
        },
    },
    kernel_ext::{
        cred::{
            current_cred,
            CredentialExt, //
        },
        inode::Inode,
        mnt_idmap::MntIdmap,
        task_cred::with_task_cred,
        unexported,
        user_namespace::UserNamespace, //
    },
};
use core::marker::PhantomData;
use kernel::{
    bindings::{
        self,
        task_struct, //
    },
    prelude::*, //
};

// region: upstream
/// How the capabilities of the current task are checked.
pub(super) trait Checks {
    /// Checks by this LSM alone: `cap_capable()` with `CAP_OPT_*`.
    fn cap_capable(ns: &UserNamespace, capability: Capability, opts: c_uint) -> bool;

    /// Checks by all LSMs: `ns_capable()`.
    fn ns_capable(ns: &UserNamespace, capability: Capability) -> bool;

    /// Checks another task by all LSMs: `has_ns_capability()`.
    ///
    /// # Safety
    ///
    /// `task` must point to a task that is valid for the call.
    unsafe fn has_ns_capability(
        task: *const task_struct,
        ns: &UserNamespace,
        capability: Capability,
    ) -> bool;

    /// Checks by all LSMs, with respect to an inode: `capable_wrt_inode_uidgid()`.
    fn capable_wrt_inode(inode: &Inode, idmap: &MntIdmap, capability: Capability) -> bool;
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

    #[inline(always)]
    unsafe fn has_ns_capability(
        task: *const task_struct,
        ns: &UserNamespace,
        capability: Capability,
    ) -> bool {
        // SAFETY: By the safety requirements.
        unsafe { unexported::has_ns_capability(task, ns, capability) }
    }

    #[inline(always)]
    fn capable_wrt_inode(inode: &Inode, idmap: &MntIdmap, capability: Capability) -> bool {
        inode.capable_wrt_uidgid(idmap, capability)
    }
}

// endregion: upstream

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

    unsafe fn has_ns_capability(
        task: *const task_struct,
        ns: &UserNamespace,
        capability: Capability,
    ) -> bool {
        // SAFETY: By the safety requirements.
        unsafe { with_task_cred(task, |cred| check(cred, ns, capability).is_ok()) }
    }

    fn capable_wrt_inode(inode: &Inode, idmap: &MntIdmap, capability: Capability) -> bool {
        // SAFETY: Nothing is committed in here.
        let ns = CredentialExt::user_ns(unsafe { current_cred() });
        Self::ns_capable(ns, capability) && inode.is_mapped(ns, idmap)
    }
}

// region: upstream
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

// endregion: upstream

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

// region: upstream
/// The capabilities of another task over a user namespace, checked by `C`.
///
/// # Invariants
///
/// The task is valid as long as the value is in use.
pub(super) struct HeldBy<'a, C> {
    task: *const task_struct,
    ns: &'a UserNamespace,
    checks: PhantomData<C>,
}

impl<'a, C: Checks> HeldBy<'a, C> {
    /// # Safety
    ///
    /// `task` must point to a task that is valid while the value is in use.
    #[inline(always)]
    pub(super) unsafe fn new(task: *const task_struct, ns: &'a UserNamespace) -> Self {
        // INVARIANT: By the safety requirements.
        Self {
            task,
            ns,
            checks: PhantomData,
        }
    }
}

impl<C: Checks> HasNsCapability for HeldBy<'_, C> {
    #[inline(always)]
    fn has_ns_capability(&self, capability: Capability) -> bool {
        // SAFETY: By the type invariants, the task is valid.
        unsafe { C::has_ns_capability(self.task, self.ns, capability) }
    }
}
// endregion: upstream
