// SPDX-License-Identifier: GPL-2.0

//! The probe on `cap_inode_getsecurity()`.

use super::gather::{
    Gathered,
    Slot, //
};
use crate::{
    commoncap::{
        file_capabilities::Value,
        Denial, //
    },
    hooks::{
        counters::Observed,
        divergence::Divergence,
        hook::Hook,
        inode_getsecurity::{
            self,
            check_name,
            decide,
            to_ret,
            Answer, //
        },
        reason::Reason,
    },
    kernel_ext::{
        fprobe::{
            Arguments,
            Probe, //
        },
        inode::Inode,
        kmalloc,
        mnt_idmap::MntIdmap,
        module::ModuleRef, //
    },
};
use kernel::{
    bindings,
    fmt,
    prelude::*, //
};

/// The probe on `cap_inode_getsecurity()`, for the attribute that it answers for.
pub(super) struct Handlers;

/// A call of it: its arguments, and where the value is gathered.
pub(super) struct Call {
    idmap: *const bindings::mnt_idmap,
    inode: *const bindings::inode,
    buffer: *const *const c_void,
    alloc: bool,
    slot: Option<Slot>,
    _module: ModuleRef,
}

// SAFETY: Each call holds a `ModuleRef`.
unsafe impl Probe for Handlers {
    const FUNCTION: &'static CStr = c"cap_inode_getsecurity";
    type Call = Call;

    fn entry(arguments: &Arguments<'_>) -> Option<Call> {
        // SAFETY: The call has just begun, and this argument is a null-terminated string.
        unsafe { check_name(arguments.get(2) as *const _) }.ok()?;
        let module = ModuleRef::get()?;
        Hook::InodeGetsecurity.count_observed(Observed::Entered);
        let inode = arguments.get(1);
        Some(Call {
            idmap: arguments.get(0) as *const _,
            inode: inode as *const _,
            buffer: arguments.get(3) as *const _,
            // The C type is `bool`: the low byte.
            alloc: arguments.get(4) as u8 != 0,
            slot: Slot::open(inode),
            _module: module,
        })
    }

    fn exit(call: Call, returned: usize) {
        // The C type is `int`.
        let ret = returned as c_int;
        Hook::InodeGetsecurity.count_observed(Observed::Returned);
        let Some(gathered) = call.slot.as_ref().and_then(Slot::gathered) else {
            // Most likely, the inode has no name by which to read the attribute.
            Hook::InodeGetsecurity.count(match ret {
                ret if ret == Denial::GetsecurityNoAlias.to_errno() => {
                    Reason::Denied(Denial::GetsecurityNoAlias)
                }
                _ => Reason::FileSystem,
            });
            return Hook::InodeGetsecurity.count_observed(Observed::Unjudged);
        };
        // SAFETY: The call is about to return, and its caller has references on both.
        let (idmap, inode) =
            unsafe { (MntIdmap::from_ptr(call.idmap), Inode::from_ptr(call.inode)) };
        let answer = decide(idmap, inode, gathered.ret, gathered.value.as_flattened());
        let reason = inode_getsecurity::reason(&answer);
        Hook::InodeGetsecurity.count(reason);
        let got = match usize::try_from(ret) {
            Ok(size) if call.alloc => {
                // SAFETY: As above. The function has allocated it, and its caller frees it later.
                unsafe { kmalloc::bytes(*call.buffer, size) }.unwrap_or_default()
            }
            _ => &[],
        };
        let bytes = answer.as_ref().map_or(&[][..], Value::as_bytes);
        if ret == to_ret(&answer) && (got == bytes || !call.alloc) {
            return;
        }
        // The user namespace has got its map during the call, or there was no memory for a value
        // that has to be converted.
        let no_memory = answer.is_ok() && ret == Denial::NoMemory.to_errno();
        if no_memory || gathered.verdict != to_ret(&answer) {
            return Hook::InodeGetsecurity.count_observed(Observed::Unjudged);
        }
        Diverged {
            gathered,
            answer: &answer,
            ret,
            got,
        }
        .report();
    }
}

/// A call whose result is not the predicted one.
struct Diverged<'a> {
    gathered: Gathered,
    answer: &'a Answer,
    ret: c_int,
    got: &'a [u8],
}

impl Divergence for Diverged<'_> {
    const HOOK: Hook = Hook::InodeGetsecurity;

    fn reason(&self) -> Reason {
        inode_getsecurity::reason(self.answer)
    }
}

impl fmt::Display for Diverged<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let predicted = self.answer.as_ref().map_or(&[][..], Value::as_bytes);
        f.write_fmt(fmt!(
            "inode_getsecurity of {:02x?}, size {}; returned: {}, {:02x?}; predicted: {}, {} {}, \
             {:02x?}",
            self.gathered.value.as_flattened(),
            self.gathered.ret,
            self.ret,
            self.got,
            self.reason().verdict(),
            self.reason().name(),
            to_ret(self.answer),
            predicted
        ))
    }
}
