// SPDX-License-Identifier: GPL-2.0

//! References on this module.
//!
//! C header: [`include/linux/module.h`](srctree/include/linux/module.h).

use super::rcu::synchronize_rcu_tasks;
use core::marker::PhantomData;
use kernel::{
    bindings::{
        self,
        __this_module,
        module_state_MODULE_STATE_GOING as GOING,
        module_state_MODULE_STATE_LIVE as LIVE, //
    },
    prelude::*,
    time::{
        delay::fsleep,
        Delta, //
    },
};

fn state() -> bindings::module_state {
    // SAFETY: `__this_module` is this module, which is not freed while its code runs. The kernel
    // changes its state without a lock, and this reads it so.
    unsafe { (&raw const __this_module.state).read_volatile() }
}

/// Returns whether the module is being unloaded.
pub fn is_being_unloaded() -> bool {
    state() == GOING
}

/// A reference on this module. While one exists the module is not freed: `rmmod` fails, and
/// `rmmod -f` waits.
pub struct ModuleRef(PhantomData<()>);

impl ModuleRef {
    /// Takes a reference, unless the module is being loaded or unloaded:
    /// `try_module_get(THIS_MODULE)`. A reference would not keep a module that fails to load.
    ///
    /// Can be called from any context.
    pub fn get() -> Option<Self> {
        let module = (&raw const __this_module).cast_mut();
        // SAFETY: `__this_module` is this module, which is not freed while its code runs.
        let taken = state() == LIVE && unsafe { bindings::try_module_get(module) };
        // Lazily, since dropping a value puts a reference.
        taken.then(|| Self(PhantomData))
    }
}

impl Drop for ModuleRef {
    fn drop(&mut self) {
        // SAFETY: `get` has taken the reference. `LastReference` waits for the code of the module
        // that the caller runs after this, if it does not sleep.
        unsafe { bindings::module_put((&raw const __this_module).cast_mut()) };
    }
}

/// Waits, when dropped, until no reference on the module is left, and until each task that had one
/// has left the module's code, if it has not slept since.
///
/// `rmmod` fails while there are references. `rmmod -f` does not, and would free code that tasks
/// still run. So a module that takes a [`ModuleRef`] must drop this first when it is unloaded. It
/// must not drop it while it is being loaded, when the kernel holds a reference itself.
pub struct LastReference;

/// Returns how many references on the module there are. The result is negative if there are none
/// and there can be no more.
fn references() -> c_int {
    // SAFETY: `__this_module` is this module.
    unsafe { bindings::module_refcount((&raw const __this_module).cast_mut()) }
}

impl Drop for LastReference {
    fn drop(&mut self) {
        if references() > 0 {
            pr_warn!(
                "the module is in use, so rmmod -f waits: close its files, and disable a livepatch \
                 by echo 0 >/sys/kernel/livepatch/rust_commoncap/enabled\n"
            );
        }
        // The kernel gives no more references to a module that is being unloaded.
        while references() > 0 {
            fsleep(Delta::from_millis(10));
        }
        // The last one may have been put by code of the module that has not returned yet.
        synchronize_rcu_tasks();
    }
}
