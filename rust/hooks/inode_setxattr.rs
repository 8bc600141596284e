// SPDX-License-Identifier: GPL-2.0

//! The hook `inode_setxattr`: `cap_inode_setxattr()`.

use super::{
    held::{
        Checks,
        Held, //
    },
    hook::Hook,
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
            setxattr,
            Grant,
            Name, //
        },
        Denial, //
    },
    kernel_ext::{
        c_string::bytes_of,
        dentry::Dentry,
        mnt_idmap::MntIdmap, //
    },
};
use kernel::{
    bindings,
    prelude::*, //
};

// region: upstream
/// Returns what a null-terminated name says about its attribute.
///
/// # Safety
///
/// `name` must point to a null-terminated string.
#[inline(always)]
pub(super) unsafe fn parse(name: *const c_char) -> Name {
    // SAFETY: By the safety requirements.
    Name::parse(unsafe { bytes_of(name) })
}

/// Decides, and checks capabilities by `C`.
#[inline(always)]
fn decide<C: Checks>(dentry: &Dentry, name: Name) -> Result<Grant, Denial> {
    setxattr(name, &Held::<C>::over(dentry.user_ns()))
}
// endregion: upstream

/// A call of `cap_inode_setxattr()`. The value does not matter.
#[derive(Clone, Copy)]
pub(super) struct Setxattr {
    pub(super) dentry: *const bindings::dentry,
    pub(super) name: Name,
}

impl Question for Setxattr {
    const HOOK: Hook = Hook::InodeSetxattr;

    fn by_another_lsm(&self) -> Option<Denial> {
        Some(Denial::XattrSetUnprivileged)
    }

    #[inline(always)]
    unsafe fn decide<C: Checks>(&self) -> Result<Reason, Denial> {
        // SAFETY: By the safety requirements, the caller has a reference on the entry.
        let dentry = unsafe { Dentry::from_ptr(self.dentry) };
        decide::<C>(dentry, self.name).map(Reason::from)
    }

    unsafe fn facts(&self) -> Facts {
        // SAFETY: By the safety requirements, the caller has a reference on the entry.
        let dentry = unsafe { Dentry::from_ptr(self.dentry) };
        Facts {
            argument: 0,
            caller: Party::caller(),
            target: None,
            file: Some(File::of(dentry, MntIdmap::nop(), self.name)),
        }
    }
}

/// Determines whether the current task may set an extended attribute, as `cap_inode_setxattr()`
/// does.
///
/// # Safety
///
/// `dentry` must point to an entry that the caller has a reference on, and `name` to a
/// null-terminated string, as for `cap_inode_setxattr()`.
#[cfg_attr(
    CONFIG_KUNIT = "y",
    unsafe(export_name = "rust_commoncap_cap_inode_setxattr")
)]
pub(super) unsafe extern "C" fn entry(
    dentry: *mut bindings::dentry,
    name: *const c_char,
    _value: *const c_void,
    _size: usize,
    _flags: c_int,
) -> c_int {
    // SAFETY: By the safety requirements.
    let name = unsafe { parse(name) };
    // SAFETY: As above.
    unsafe { answer(Setxattr { dentry, name }) }
}
