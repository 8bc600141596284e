// SPDX-License-Identifier: GPL-2.0

//! References on this module.
//!
//! C header: [`include/linux/module.h`](srctree/include/linux/module.h).

use core::marker::PhantomData;
use kernel::bindings;

/// A reference on this module: while one exists, `rmmod` fails. It does not hinder `rmmod -f`.
pub struct ModuleRef(PhantomData<()>);

impl ModuleRef {
    /// Takes a reference, unless the module is being loaded or unloaded:
    /// `try_module_get(THIS_MODULE)`. A reference would not keep a module that fails to load.
    ///
    /// Can be called from any context.
    pub fn get() -> Option<Self> {
        let module = (&raw const bindings::__this_module).cast_mut();
        // SAFETY: `__this_module` is this module, which is not freed while its code runs. The
        // kernel changes its state without a lock, and this reads it so.
        let state = unsafe { (&raw const (*module).state).read_volatile() };
        let live = state == bindings::module_state_MODULE_STATE_LIVE;
        // SAFETY: As above.
        let taken = live && unsafe { bindings::try_module_get(module) };
        // Lazily, since dropping a value puts a reference.
        taken.then(|| Self(PhantomData))
    }
}

impl Drop for ModuleRef {
    fn drop(&mut self) {
        // SAFETY: `get` has taken the reference. The caller's code stays for the rest of the call
        // by other means: a probe's handler has preemption disabled, for which
        // `unregister_fprobe()` waits; for a task's work there is a `Barrier`.
        unsafe { bindings::module_put((&raw const bindings::__this_module).cast_mut()) };
    }
}
