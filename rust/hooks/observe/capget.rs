// SPDX-License-Identifier: GPL-2.0

//! The probe on `cap_capget()`.

use crate::{
    commoncap::capset::Data,
    hooks::{
        capget,
        capset,
        counters::Observed,
        divergence::Divergence,
        hook::Hook,
        reason::Reason, //
    },
    kernel_ext::fprobe::{
        Arguments,
        Probe, //
    },
};
use kernel::{
    bindings::{
        kernel_cap_t,
        task_struct, //
    },
    fmt,
    prelude::*, //
};

/// The probe on `cap_capget()`.
pub(super) struct Handlers;

/// A call of it: its arguments, and the predicted sets.
#[derive(Clone, Copy)]
pub(super) struct Call {
    target: *const task_struct,
    effective: *const kernel_cap_t,
    inheritable: *const kernel_cap_t,
    permitted: *const kernel_cap_t,
    predicted: Data,
}

// SAFETY: `cap_capget()` does not sleep.
unsafe impl Probe for Handlers {
    const FUNCTION: &'static CStr = c"cap_capget";
    type Call = Call;

    fn entry(arguments: &Arguments<'_>) -> Option<Call> {
        Hook::Capget.count_observed(Observed::Entered);
        let target = arguments.get(0) as *const _;
        Some(Call {
            target,
            effective: arguments.get(1) as *const _,
            inheritable: arguments.get(2) as *const _,
            permitted: arguments.get(3) as *const _,
            // SAFETY: The call has just begun, so the task is valid.
            predicted: unsafe { capget::sets_of(target) },
        })
    }

    fn exit(call: Call, returned: usize) {
        let ret = returned as c_int;
        Hook::Capget.count_observed(Observed::Returned);
        Hook::Capget.count(Reason::Value);
        // SAFETY: The caller keeps its arguments valid until the call has returned.
        let got = unsafe { capset::request(call.effective, call.inheritable, call.permitted) };
        // SAFETY: As above. The task may have changed its credentials meanwhile.
        let again = unsafe { capget::sets_of(call.target) };
        if ret == 0 && (got == call.predicted || got == again) {
        } else if ret == 0 && again != call.predicted {
            Hook::Capget.count_observed(Observed::Unjudged);
        } else {
            let predicted = call.predicted;
            Diverged {
                predicted,
                got,
                ret,
            }
            .report();
        }
    }
}

/// A call whose result is not the predicted one.
struct Diverged {
    predicted: Data,
    got: Data,
    ret: c_int,
}

impl Divergence for Diverged {
    const HOOK: Hook = Hook::Capget;

    fn reason(&self) -> Reason {
        Reason::Value
    }
}

impl fmt::Display for Diverged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let show = |f: &mut fmt::Formatter<'_>, sets: &Data| {
            f.write_fmt(fmt!(
                "effective {:#x} permitted {:#x} inheritable {:#x}",
                sets.effective.bits(),
                sets.permitted.bits(),
                sets.inheritable.bits()
            ))
        };
        f.write_fmt(fmt!("capget() returned: {}, ", self.ret))?;
        show(f, &self.got)?;
        f.write_str("; predicted: granted, Value, ")?;
        show(f, &self.predicted)
    }
}
