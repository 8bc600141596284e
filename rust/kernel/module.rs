// SPDX-License-Identifier: GPL-2.0

//! References on this module.
//!
//! C header: [`include/linux/module.h`](srctree/include/linux/module.h).

use core::marker::PhantomData;
use kernel::bindings;

/// A reference on this module: as long as there is one, `rmmod` is refused.
///
/// It does not keep a module that fails to load.
pub struct ModuleRef(PhantomData<()>);

impl ModuleRef {
    /// Takes a reference, unless the module is being unloaded: `try_module_get(THIS_MODULE)`.
    ///
    /// Can be called from any context.
    pub fn get() -> Option<Self> {
        // SAFETY: `__this_module` is this module, which is there as long as its code runs.
        let taken =
            unsafe { bindings::try_module_get((&raw const bindings::__this_module).cast_mut()) };
        // Not made where none was taken, since it would be dropped.
        taken.then(|| Self(PhantomData))
    }
}

impl Drop for ModuleRef {
    fn drop(&mut self) {
        // SAFETY: A reference on it has been taken.
        unsafe { bindings::module_put((&raw const bindings::__this_module).cast_mut()) };
    }
}
