// SPDX-License-Identifier: GPL-2.0

//! The hook `vm_enough_memory`: `cap_vm_enough_memory()`.

use super::{
    held::{
        Checks,
        Held, //
    },
    hook::Hook,
    question::{
        answer,
        Facts,
        Party,
        Question, //
    },
    reason::Reason,
};
use crate::{
    bindings::CAP_OPT_NOAUDIT,
    commoncap::{
        memory::vm_enough_memory,
        Denial, //
    },
    kernel_ext::user_namespace::UserNamespace,
};
use kernel::{
    bindings,
    prelude::*, //
};

// region: upstream
/// Decides, and checks capabilities by `C`.
#[inline(always)]
fn decide<C: Checks>() -> Result<(), Denial> {
    let initial = UserNamespace::initial();
    vm_enough_memory(&Held::<C>::over(initial).with_opts(CAP_OPT_NOAUDIT))
}
// endregion: upstream

/// A call of `cap_vm_enough_memory()`. Neither the address space nor the size matters.
#[derive(Clone, Copy)]
pub(super) struct VmEnoughMemory;

impl Question for VmEnoughMemory {
    const HOOK: Hook = Hook::VmEnoughMemory;

    fn by_another_lsm(&self) -> Option<Denial> {
        None
    }

    #[inline(always)]
    unsafe fn decide<C: Checks>(&self) -> Result<Reason, Denial> {
        decide::<C>().map(|()| Reason::Privileged)
    }

    unsafe fn facts(&self) -> Facts {
        Facts {
            argument: 0,
            caller: Party::caller(),
            target: None,
            file: None,
        }
    }
}

/// Determines whether the current task may use the memory that is kept for administrators, as
/// `cap_vm_enough_memory()` does.
///
/// # Safety
///
/// Must be called in a context that allows checks of capabilities, as `cap_vm_enough_memory()`
/// must.
#[cfg_attr(
    CONFIG_KUNIT = "y",
    unsafe(export_name = "rust_commoncap_cap_vm_enough_memory")
)]
pub(super) unsafe extern "C" fn entry(_mm: *mut bindings::mm_struct, _pages: c_long) -> c_int {
    // SAFETY: There are no arguments.
    unsafe { answer(VmEnoughMemory) }
}

// region: upstream
#[crate::kunit_tests(rust_commoncap_hook_vm_enough_memory)]
mod tests {
    use super::*;

    #[test]
    fn a_kernel_thread_may_use_the_reserve() {
        let mm = core::ptr::null_mut();
        for pages in [0, 1, c_long::MAX] {
            // SAFETY: Tests run in process context.
            let ret = unsafe { entry(mm, pages) };
            assert_eq!(ret, 0);
        }
    }
}
// endregion: upstream
