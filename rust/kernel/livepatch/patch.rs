// SPDX-License-Identifier: GPL-2.0

//! `struct klp_patch` and all that it points to: the only user of the C interface.

use super::{super::series::ealready, Function};
use crate::bindings::{
    klp_enable_patch, klp_func, klp_object, klp_patch, rust_commoncap_within_module,
};
use kernel::{error::to_result, prelude::*, types::Opaque, ThisModule};

/// A patch of up to `N` functions of the kernel proper, and all the memory that it takes.
///
/// # Invariants
///
/// - `patch` names a module and points to `objects`, whose first element points to `functions`; an
///   all-zero element ends each list.
/// - Once `enabled`, this lies in the memory of the module, and only livepatch writes to `raw`.
#[pin_data]
pub(super) struct Patch<const N: usize> {
    #[pin]
    raw: Opaque<Raw<N>>,
    enabled: bool,
}

/// The functions are a list of `N + 1`: the layout of C puts `end` right behind them.
#[repr(C)]
#[derive(Zeroable)]
struct Raw<const N: usize> {
    patch: klp_patch,
    objects: [klp_object; 2],
    functions: Functions<N>,
}

#[repr(C)]
#[derive(Zeroable)]
struct Functions<const N: usize> {
    list: [klp_func; N],
    end: klp_func,
}

// SAFETY: A shared reference gives no access to `raw`, and livepatch may be used by any task.
unsafe impl<const N: usize> Send for Patch<N> {}

// SAFETY: As for `Send`.
unsafe impl<const N: usize> Sync for Patch<N> {}

impl<const N: usize> Patch<N> {
    /// Describes a patch of these functions, at most `N`, by this module.
    pub(super) fn new(
        module: &'static ThisModule,
        functions: impl Iterator<Item = Function>,
    ) -> impl PinInit<Self, Error> {
        let raw = Opaque::ffi_init(move |raw: *mut Raw<N>| {
            // SAFETY: `ffi_init` gives a pointer that is valid for writes, and `Raw` is `Zeroable`.
            // From then on it is initialized and, part of what is pinned, stays where it is.
            let raw = unsafe {
                raw.write(pin_init::zeroed());
                &mut *raw
            };
            for (to, from) in raw.functions.list.iter_mut().zip(functions) {
                to.old_name = from.old_name.as_char_ptr();
                to.new_func = from.new.cast_mut();
            }
            // The list is longer than its array, so the pointer is to the whole of it.
            // INVARIANT: As the type invariants want it; all else is zero.
            raw.objects[0].funcs = (&raw mut raw.functions).cast();
            raw.patch.objs = (&raw mut raw.objects).cast();
            raw.patch.mod_ = module.as_ptr();
        });
        try_pin_init!(Self { raw <- raw, enabled: false }? Error)
    }

    /// Replaces the functions.
    ///
    /// Fails with an error of `klp_enable_patch()`, with `EALREADY` if this has been done before,
    /// or with `EFAULT` if `self` does not lie in the memory of the module, and changes nothing.
    ///
    /// # Safety
    ///
    /// If this succeeds, loading the module must not fail, and no reference on the module may be
    /// left when `self` is dropped.
    pub(super) unsafe fn enable(self: Pin<&mut Self>) -> Result {
        let raw: *mut Raw<N> = self.raw.get();
        if self.enabled {
            return Err(ealready());
        }
        // SAFETY: By the type invariants, `mod_` is the module.
        if !unsafe { rust_commoncap_within_module(raw.cast(), (*raw).patch.mod_) } {
            return Err(EFAULT);
        }
        // SAFETY: By the type invariants, this is a complete patch; by those of `Function`, its
        // functions can stand in for the old ones. It is in the memory of the module, as these
        // functions are, which stays for as long as livepatch needs it, by the safety requirements:
        // livepatch holds a reference on the module until it is done with all of it and, by the
        // invariants of `Function`, no task is in one of the functions.
        // If the call fails, livepatch has let go of all of it.
        to_result(unsafe { klp_enable_patch(raw.cast()) })?;
        // INVARIANT: It lies in the memory of the module.
        *self.project().enabled = true;
        Ok(())
    }
}
