// SPDX-License-Identifier: GPL-2.0

//! The hook `mmap_addr`: `cap_mmap_addr()`.

use super::{
    held::{
        Checks,
        Held, //
    },
    hook::Hook,
    question::{
        decided,
        Facts,
        Party,
        Question, //
    },
    reason::Reason,
    returned, //
};
use crate::{
    commoncap::{
        memory::{
            mmap_addr,
            Address, //
        },
        Denial, //
    },
    kernel_ext::{
        superpriv,
        unexported::dac_mmap_min_addr,
        user_namespace::UserNamespace, //
    },
};
use kernel::prelude::*;

// region: upstream
/// Decides, and checks capabilities by `C`.
#[inline(always)]
fn decide<C: Checks>(address: usize) -> Result<Address, Denial> {
    let held = Held::<C>::over(UserNamespace::initial());
    mmap_addr(address, dac_mmap_min_addr(), &held)
}
// endregion: upstream

/// A call of `cap_mmap_addr()`.
#[derive(Clone, Copy)]
pub(super) struct MmapAddr(pub(super) usize);

impl Question for MmapAddr {
    const HOOK: Hook = Hook::MmapAddr;

    fn by_another_lsm(&self) -> Option<Denial> {
        None
    }

    #[inline(always)]
    unsafe fn decide<C: Checks>(&self) -> Result<Reason, Denial> {
        decide::<C>(self.0).map(Reason::from)
    }

    unsafe fn facts(&self) -> Facts {
        Facts {
            argument: self.0,
            caller: Party::caller(),
            target: None,
            file: None,
        }
    }
}

/// Determines whether the current task may map an address, as `cap_mmap_addr()` does.
///
/// # Safety
///
/// Must be called in a context that allows checks of capabilities, as `cap_mmap_addr()` must.
#[cfg_attr(
    CONFIG_KUNIT = "y",
    unsafe(export_name = "rust_commoncap_cap_mmap_addr")
)]
pub(super) unsafe extern "C" fn entry(address: c_ulong) -> c_int {
    // SAFETY: There is no pointer.
    let verdict = unsafe { decided(MmapAddr(address)) };
    if verdict == Ok(Reason::Privileged) {
        superpriv::note();
    }
    returned(verdict)
}
