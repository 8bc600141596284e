// SPDX-License-Identifier: GPL-2.0

//! The probes on the inner functions that [`super::gather`] is about.

use super::gather::{
    fill,
    is_open,
    Bytes,
    Gathered, //
};
use crate::{
    commoncap::file_capabilities::MAX_SIZE,
    hooks::inode_getsecurity,
    kernel_ext::{
        dentry::Dentry,
        fprobe::{
            Arguments,
            Probe, //
        },
        kmalloc::bytes,
        mnt_idmap::MntIdmap,
        module::ModuleRef, //
    },
};
use kernel::{
    bindings,
    prelude::*, //
};

/// Defines the probe on a function whose result alone matters. Its argument of this number is the
/// directory entry that it is about.
macro_rules! probe {
    ($(#[$doc:meta])* $handlers:ident, $function:literal, $dentry:literal) => {
        $(#[$doc])*
        pub(super) struct $handlers;

        // SAFETY: Each call holds a `ModuleRef`.
        unsafe impl Probe for $handlers {
            const FUNCTION: &'static CStr = $function;
            type Call = (usize, ModuleRef);

            fn entry(arguments: &Arguments<'_>) -> Option<Self::Call> {
                let dentry = arguments.get($dentry);
                if !is_open(dentry) {
                    return None;
                }
                Some((dentry, ModuleRef::get()?))
            }

            fn exit((dentry, _module): Self::Call, returned: usize) {
                // The callers in C cut off sizes as well: an attribute has at most 64 KiB.
                let ret = returned as c_int;
                fill(
                    dentry,
                    Gathered {
                        ret,
                        ..Gathered::default()
                    },
                );
            }
        }
    };
}

probe!(
    /// The probe on `__vfs_getxattr()`.
    Getxattr,
    c"__vfs_getxattr",
    0
);
probe!(
    /// The probe on `__vfs_removexattr()`.
    Removexattr,
    c"__vfs_removexattr",
    1
);

/// The probe on `vfs_getxattr_alloc()`.
pub(super) struct GetxattrAlloc;

/// A call of it: its arguments.
#[derive(Clone, Copy)]
pub(super) struct Call {
    idmap: *const bindings::mnt_idmap,
    dentry: *const bindings::dentry,
    value: *const *const c_void,
}

// SAFETY: Each call holds a `ModuleRef`.
unsafe impl Probe for GetxattrAlloc {
    const FUNCTION: &'static CStr = c"vfs_getxattr_alloc";
    type Call = (Call, ModuleRef);

    fn entry(arguments: &Arguments<'_>) -> Option<Self::Call> {
        let call = Call {
            idmap: arguments.get(0) as *const _,
            dentry: arguments.get(1) as *const _,
            value: arguments.get(3) as *const _,
        };
        // SAFETY: The call has just begun, and its caller has a reference on the entry.
        let inode = unsafe { Dentry::from_ptr(call.dentry) }.inode()?;
        if !is_open(inode.as_ptr().addr()) {
            return None;
        }
        Some((call, ModuleRef::get()?))
    }

    fn exit((call, _module): Self::Call, returned: usize) {
        // The C type is `int`.
        let ret = returned as c_int;
        // SAFETY: As in `entry`: the call is about to return.
        let (idmap, dentry) = unsafe {
            (
                MntIdmap::from_ptr(call.idmap),
                Dentry::from_ptr(call.dentry),
            )
        };
        let Some(inode) = dentry.inode() else { return };
        let mut value = Bytes::default();
        // SAFETY: The caller keeps the pointer until the call has returned.
        let memory = unsafe { *call.value };
        // The bytes of a longer value do not matter. There can be fewer than the file system has
        // returned: it returns any size if the attribute was empty when memory was allocated.
        let size = usize::try_from(ret).unwrap_or(0);
        if size <= MAX_SIZE {
            // SAFETY: The function has allocated it, and its caller frees it later.
            let read = unsafe { bytes(memory, size) }.unwrap_or_default();
            for (to, from) in value.as_flattened_mut().iter_mut().zip(read) {
                *to = *from;
            }
        }
        let answer = inode_getsecurity::decide(idmap, inode, ret, value.as_flattened());
        fill(
            inode.as_ptr().addr(),
            Gathered {
                ret,
                value,
                verdict: inode_getsecurity::to_ret(&answer),
            },
        );
    }
}
