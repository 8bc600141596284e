// SPDX-License-Identifier: GPL-2.0

//! The probe on `cap_convert_nscap()`.

use crate::{
    commoncap::{
        file_capabilities::{
            Value,
            MAX_SIZE, //
        },
        Denial, //
    },
    hooks::{
        convert_nscap::{
            self,
            decide,
            to_ret,
            Answer, //
        },
        counters::Observed,
        divergence::Divergence,
        held::Predicting,
        hook::Hook,
        reason::Reason,
    },
    kernel_ext::{
        fprobe::{
            Arguments,
            Probe, //
        },
        kmalloc::bytes,
    },
};
use kernel::{
    bindings,
    fmt,
    prelude::*, //
};

/// The probe on `cap_convert_nscap()`.
pub(super) struct Handlers;

/// The arguments of a call.
#[derive(Clone, Copy)]
struct Given {
    idmap: *const bindings::mnt_idmap,
    dentry: *const bindings::dentry,
    /// Where the value is, and then the converted one.
    place: *const *const c_void,
    value: *const c_void,
    size: usize,
}

impl Given {
    /// # Safety
    ///
    /// The call must not have returned to its caller.
    unsafe fn decide(&self) -> Answer {
        // SAFETY: By the safety requirements, the caller keeps its arguments valid, and the value.
        unsafe { decide::<Predicting>(self.idmap, self.dentry, self.value, self.size) }
    }
}

/// A call of it, and the predicted answer.
#[derive(Clone, Copy)]
pub(super) struct Call {
    given: Given,
    predicted: Answer,
}

// SAFETY: `cap_convert_nscap()` does not sleep.
unsafe impl Probe for Handlers {
    const FUNCTION: &'static CStr = c"cap_convert_nscap";
    type Call = Call;

    fn entry(arguments: &Arguments<'_>) -> Option<Call> {
        Hook::ConvertNscap.count_observed(Observed::Entered);
        let place = arguments.get(2) as *const *const c_void;
        let given = Given {
            idmap: arguments.get(0) as *const _,
            dentry: arguments.get(1) as *const _,
            place,
            // SAFETY: The call has just begun, and this argument points to a pointer.
            value: unsafe { *place },
            size: arguments.get(3),
        };
        Some(Call {
            given,
            // SAFETY: The call has just begun.
            predicted: unsafe { given.decide() },
        })
    }

    fn exit(Call { given, predicted }: Call, returned: usize) {
        // The C type is `int`.
        let ret = returned as c_int;
        Hook::ConvertNscap.count_observed(Observed::Returned);
        // SAFETY: The caller keeps the pointer until the call has returned.
        let place = unsafe { *given.place };
        let got = match usize::try_from(ret) {
            // SAFETY: The function has allocated it, and its caller frees it later.
            Ok(size) if place != given.value => unsafe { bytes(place, size) }.unwrap_or_default(),
            _ => &[],
        };
        let converted = predicted.as_ref().ok().and_then(Option::as_ref);
        if ret == to_ret(&predicted, given.size)
            && got == converted.map_or(&[][..], Value::as_bytes)
        {
            return Hook::ConvertNscap.count(convert_nscap::reason(&predicted));
        }
        // SAFETY: The call is about to return.
        let again = unsafe { given.decide() };
        let judged = match (&predicted, ret) {
            // Another task has changed the owner of the file or the map of the namespace.
            _ if again != predicted => None,
            (Ok(_), ret) if ret == Denial::NscapUnprivileged.to_errno() => {
                Some(Denial::NscapUnprivileged)
            }
            (Ok(_), ret) if ret == Denial::NoMemory.to_errno() => Some(Denial::NoMemory),
            // Another LSM has denied CAP_SETFCAP over the file system, so the value is converted.
            (Ok(None), _) => None,
            _ => {
                Hook::ConvertNscap.count(convert_nscap::reason(&predicted));
                return Diverged {
                    given,
                    predicted,
                    ret,
                    got,
                }
                .report();
            }
        };
        let reason = judged.map_or(convert_nscap::reason(&predicted), Reason::Denied);
        Hook::ConvertNscap.count(reason);
        Hook::ConvertNscap.count_observed(Observed::Unjudged);
    }
}

/// A call whose result is not the predicted one.
struct Diverged<'a> {
    given: Given,
    predicted: Answer,
    ret: c_int,
    got: &'a [u8],
}

impl Divergence for Diverged<'_> {
    const HOOK: Hook = Hook::ConvertNscap;

    fn reason(&self) -> Reason {
        convert_nscap::reason(&self.predicted)
    }
}

impl fmt::Display for Diverged<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Given { value, size, .. } = self.given;
        // SAFETY: The call has not returned to its caller, which keeps the value.
        let value = (!value.is_null()).then(|| unsafe {
            core::slice::from_raw_parts(value.cast::<u8>(), size.min(MAX_SIZE))
        });
        let predicted = self.predicted.as_ref().ok().and_then(Option::as_ref);
        f.write_fmt(fmt!(
            "convert_nscap of {:02x?}, size {size}; returned: {}, {:02x?}; predicted: {}, {} {}, \
             {:02x?}",
            value,
            self.ret,
            self.got,
            self.reason().verdict(),
            self.reason().name(),
            to_ret(&self.predicted, size),
            predicted.map_or(&[][..], Value::as_bytes)
        ))
    }
}
