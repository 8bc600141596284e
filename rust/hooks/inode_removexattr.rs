// SPDX-License-Identifier: GPL-2.0

//! The hook `inode_removexattr`: `cap_inode_removexattr()`.

use super::{
    held::{
        Checks,
        Held, //
    },
    hook::Hook,
    inode_setxattr::parse,
    on_mount::OnMount,
    question::{
        answer,
        Facts,
        File,
        Party,
        Question, //
    },
    reason::Reason,
};
use crate::{
    commoncap::{
        xattr::{
            removexattr,
            Grant,
            Name, //
        },
        Denial, //
    },
    kernel_ext::{
        dentry::Dentry,
        mnt_idmap::MntIdmap, //
    },
};
use kernel::{
    bindings,
    prelude::*, //
};

// region: upstream
/// Decides, and checks capabilities by `C`.
#[inline(always)]
fn decide<C: Checks>(idmap: &MntIdmap, dentry: &Dentry, name: Name) -> Result<Grant, Denial> {
    // SAFETY: Nothing is committed in here.
    let on_mount = |inode| unsafe { OnMount::<C>::new(idmap, inode) };
    let inode = dentry.inode().map(on_mount);
    removexattr(name, &Held::<C>::over(dentry.user_ns()), inode.as_ref())
}
// endregion: upstream

/// A call of `cap_inode_removexattr()`.
#[derive(Clone, Copy)]
pub(super) struct Removexattr {
    pub(super) idmap: *const bindings::mnt_idmap,
    pub(super) dentry: *const bindings::dentry,
    pub(super) name: Name,
}

impl Removexattr {
    /// Returns the arguments that are pointers.
    ///
    /// # Safety
    ///
    /// The call must not have returned to its caller.
    #[inline(always)]
    unsafe fn arguments(&self) -> (&MntIdmap, &Dentry) {
        // SAFETY: By the safety requirements, the caller has references on the mount and the entry.
        unsafe {
            (
                MntIdmap::from_ptr(self.idmap),
                Dentry::from_ptr(self.dentry),
            )
        }
    }
}

impl Question for Removexattr {
    const HOOK: Hook = Hook::InodeRemovexattr;

    fn by_another_lsm(&self) -> Option<Denial> {
        match self.name {
            Name::Other => None,
            Name::Capabilities => Some(Denial::XattrRemoveCapsUnprivileged),
            Name::Security => Some(Denial::XattrRemoveUnprivileged),
        }
    }

    #[inline(always)]
    unsafe fn decide<C: Checks>(&self) -> Result<Reason, Denial> {
        // SAFETY: By the safety requirements.
        let (idmap, dentry) = unsafe { self.arguments() };
        decide::<C>(idmap, dentry, self.name).map(Reason::from)
    }

    unsafe fn facts(&self) -> Facts {
        // SAFETY: By the safety requirements.
        let (idmap, dentry) = unsafe { self.arguments() };
        Facts {
            argument: 0,
            caller: Party::caller(),
            target: None,
            file: Some(File::of(dentry, idmap, self.name)),
        }
    }
}

/// Determines whether the current task may remove an extended attribute, as
/// `cap_inode_removexattr()` does.
///
/// # Safety
///
/// `idmap` must be the map of a mount and `dentry` an entry that the caller has references on, and
/// `name` a null-terminated string, as for `cap_inode_removexattr()`.
#[cfg_attr(
    CONFIG_KUNIT = "y",
    unsafe(export_name = "rust_commoncap_cap_inode_removexattr")
)]
pub(super) unsafe extern "C" fn entry(
    idmap: *mut bindings::mnt_idmap,
    dentry: *mut bindings::dentry,
    name: *const c_char,
) -> c_int {
    // SAFETY: By the safety requirements.
    let name = unsafe { parse(name) };
    // SAFETY: As above.
    unsafe {
        answer(Removexattr {
            idmap,
            dentry,
            name,
        })
    }
}
