// SPDX-License-Identifier: GPL-2.0

//! Livepatches: modules that replace functions of the kernel.
//!
//! A module whose type is a [`Module`] replaces the functions of its [`LivepatchModule`] as the
//! last step of being loaded, for each task all of them at once. From then on the kernel keeps the
//! module loaded. `echo 0 >/sys/kernel/livepatch/NAME/enabled` puts the old functions back, and a
//! moment after that directory has gone the module can be unloaded.
//!
//! C header: [`include/linux/livepatch.h`](srctree/include/linux/livepatch.h).
//!
//! Reference: <https://docs.kernel.org/livepatch/livepatch.html>

use super::{module::LastReference, series::eopnotsupp};
use kernel::{prelude::*, InPlaceModule, ThisModule};

#[cfg_attr(not(CONFIG_LIVEPATCH), path = "livepatch/no_patch.rs")]
mod patch;
use patch::Patch;

/// Whether this kernel can be livepatched.
pub const AVAILABLE: bool = cfg!(CONFIG_LIVEPATCH);

/// A function of the kernel, and its replacement.
///
/// Made by `livepatch_function!`.
///
/// # Invariants
///
/// `new` is a function of the module that can be called wherever the kernel's function of the name
/// `old_name` can, with the same arguments, and is on the stack until such a call has left the
/// module.
#[derive(Clone, Copy)]
#[cfg_attr(not(CONFIG_LIVEPATCH), expect(dead_code))]
pub struct Function {
    old_name: &'static CStr,
    new: *const c_void,
}

impl Function {
    /// Creates the pair of a function of the kernel, by name, and its replacement.
    ///
    /// # Safety
    ///
    /// `new` must be a function of the module which calls this, of the same prototype as the one
    /// that it replaces, which must be safe to call wherever that one is called, and on the stack
    /// as long as such a call is in code of the module.
    #[doc(hidden)]
    pub const unsafe fn new(old_name: &'static CStr, new: *const c_void) -> Self {
        // INVARIANT: By the safety requirements.
        Self { old_name, new }
    }
}

/// Makes a [`Function`]: `unsafe { livepatch_function!(old => new) }`.
///
/// `old` is the name of a function that `kernel::bindings` declares. It does not compile unless
/// `new`, an `unsafe extern "C" fn`, has exactly that prototype.
///
/// # Safety
///
/// `new` must require nothing of its arguments and of its context that `old` does not.
///
/// It must be on the stack as long as the call is in code of the module, so it must not end in a
/// jump to another function: livepatch takes a task for switched, and then drops its reference on
/// the module, if it does not find `new` on the stack.
macro_rules! livepatch_function {
    ($old:ident => $new:path) => {{
        // This compiles only if both have one type. It does not run.
        const _: () = {
            if true {
                ::kernel::bindings::$old
            } else {
                $new
            };
        };
        $crate::kernel_ext::livepatch::Function::new(
            ::kernel::c_str!(::core::stringify!($old)),
            $new as *const ::kernel::ffi::c_void,
        )
    }};
}
pub(crate) use livepatch_function;

/// A module that may replace up to `N` functions of the kernel.
pub trait LivepatchModule<const N: usize>: Sized + Send + Sync {
    /// Returns the functions to replace, at most `N`.
    fn functions() -> impl Iterator<Item = Function>;

    /// Creates an initializer for the module, as [`InPlaceModule::init`] does.
    ///
    /// It is called when the module is loaded, before any function is replaced.
    fn init(module: &'static ThisModule) -> impl PinInit<Self, Error>;

    /// Returns whether to replace the functions. Called once, after [`Self::init`].
    fn wants_patch(&self) -> bool;

    /// Called when loading can no longer fail. The functions, if wanted, are being replaced then:
    /// each task uses the new ones once it is found outside the old ones.
    fn loaded(&self);
}

/// The type to give to `module!` for a [`LivepatchModule`].
#[pin_data]
pub struct Module<T, const N: usize> {
    // First, so that it is dropped first.
    _last_reference: LastReference,
    #[pin]
    inner: T,
    #[pin]
    patch: Patch<N>,
}

impl<T: LivepatchModule<N>, const N: usize> InPlaceModule for Module<T, N> {
    fn init(module: &'static ThisModule) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            inner <- T::init(module),
            patch <- Patch::new(module, T::functions()),
            _: {
                if inner.wants_patch() {
                    // SAFETY: No later step can fail, so `patch` is dropped when the module is
                    // unloaded. `_last_reference` is dropped before it.
                    unsafe { patch.enable() }
                        .inspect_err(|&error| pr_err!("no livepatch: {}\n", explain(error)))?;
                }
            },
            _last_reference: LastReference,
            _: { inner.loaded() },
        }? Error)
    }
}

/// Says why a livepatch was refused, and what to do.
fn explain(error: Error) -> &'static str {
    match error {
        e if e == eopnotsupp() => {
            "this kernel was built without CONFIG_LIVEPATCH: boot one with it, or use another mode"
        }
        e if e == EBUSY => {
            "another livepatch is in transition, or something else redirects a function: \
             wait for the one, remove the other"
        }
        e if e == EINVAL => {
            "this kernel lacks the function that the line above names, or cannot trace it: leave \
             it out of functions="
        }
        e if e == ENODEV => {
            "livepatching failed to start when this kernel booted: mend the cause in the log of \
             the boot, or use another mode"
        }
        e if e == ENOMEM => "there is no memory for it: try again",
        _ => "the kernel refused it: mend the cause that it logged above, or use another mode",
    }
}

#[cfg(CONFIG_LIVEPATCH)]
super::module_param::modinfo!("livepatch=Y\0");
