// SPDX-License-Identifier: GPL-2.0

//! The hooks that only answer whether the current task may do something. They change nothing.

use super::{
    held::{
        Acting,
        Checks, //
    },
    hook::Hook,
    on_mount::current_user_ns,
    reason::Reason,
    returned, //
};
use crate::{
    capability::CapabilitySet,
    commoncap::{
        xattr::Name,
        Denial, //
    },
    kernel_ext::{
        cred::{
            current_cred,
            CredentialExt, //
        },
        dentry::Dentry,
        mnt_idmap::MntIdmap, //
    },
};
use kernel::{
    cred::Credential,
    prelude::*, //
};

/// A call of such a function: its arguments.
pub(super) trait Question: Copy + 'static {
    /// The function.
    const HOOK: Hook;

    /// Returns the denial by another LSM where this one grants by [`Reason::Privileged`], if the
    /// function calls others.
    fn by_another_lsm(&self) -> Option<Denial>;

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
    /// `PTRACE_MODE_*`, the address, or 0.
    pub(super) argument: usize,
    pub(super) caller: Party,
    pub(super) target: Option<Party>,
    pub(super) file: Option<File>,
}

/// The file and the attribute of it.
pub(super) struct File {
    pub(super) attribute: Name,
    /// The level of the file system's user namespace.
    pub(super) level: c_int,
    /// Whether the caller's user namespace maps the user and the group, as the mount shows them.
    pub(super) mapped: bool,
}

impl File {
    pub(super) fn of(dentry: &Dentry, idmap: &MntIdmap, attribute: Name) -> Self {
        // SAFETY: Nothing is committed in here.
        let ns = unsafe { current_user_ns() };
        Self {
            attribute,
            level: dentry.user_ns().level(),
            mapped: dentry
                .inode()
                .is_some_and(|inode| inode.is_mapped(ns, idmap)),
        }
    }
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

/// Decides and counts.
///
/// # Safety
///
/// As for [`Question::decide`].
#[inline(always)]
pub(super) unsafe fn decided<Q: Question>(question: Q) -> Result<Reason, Denial> {
    // SAFETY: By the safety requirements.
    let verdict = unsafe { question.decide::<Acting>() };
    Q::HOOK.count_verdict(verdict);
    verdict
}

/// Decides and counts. Returns what the function returns.
///
/// # Safety
///
/// As for [`Question::decide`].
#[inline(always)]
pub(super) unsafe fn answer<Q: Question>(question: Q) -> c_int {
    // SAFETY: By the safety requirements.
    returned(unsafe { decided(question) })
}
