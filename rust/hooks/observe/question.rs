// SPDX-License-Identifier: GPL-2.0

//! The probes on the functions that only answer.

use crate::{
    commoncap::Denial,
    hooks::{
        counters::Observed,
        divergence::Divergence,
        held::Predicting,
        hook::Hook,
        inode_removexattr::Removexattr,
        inode_setxattr::{
            parse,
            Setxattr, //
        },
        mmap_addr::MmapAddr,
        nice,
        ptrace_access_check::Access,
        ptrace_traceme::Traceme,
        question::{
            Facts,
            Party,
            Question, //
        },
        reason::Reason,
        returned,
        settime::Settime,
        vm_enough_memory::VmEnoughMemory,
    },
    kernel_ext::fprobe::{
        Arguments,
        Probe, //
    },
};
use kernel::{
    fmt,
    prelude::*, //
};

/// A call, and the predicted verdict.
#[derive(Clone, Copy)]
pub(in crate::hooks) struct Call<Q> {
    question: Q,
    predicted: Result<Reason, Denial>,
}

impl<Q: Question> Call<Q> {
    /// Decides when the function is entered.
    fn entered(question: Q) -> Self {
        Q::HOOK.count_observed(Observed::Entered);
        Self {
            question,
            // SAFETY: The call has just begun.
            predicted: unsafe { question.decide::<Predicting>() },
        }
    }

    /// Decides again when the function returns, since a target may have changed its credentials,
    /// and compares.
    fn returned(self, ret: c_int) {
        Q::HOOK.count_observed(Observed::Returned);
        // SAFETY: The call is about to return.
        let again = unsafe { self.question.decide::<Predicting>() };
        let by_another_lsm = self.question.by_another_lsm();
        let unjudged = again != self.predicted
            || self.predicted == Ok(Reason::Privileged)
                && by_another_lsm.map(Denial::to_errno) == Some(ret);
        let reason = self.predicted.unwrap_or_else(Reason::Denied);
        if ret == returned(self.predicted) {
            Q::HOOK.count(reason);
        } else if unjudged {
            Q::HOOK.count(match by_another_lsm {
                Some(denial) if ret != 0 => Reason::Denied(denial),
                _ => reason,
            });
            Q::HOOK.count_observed(Observed::Unjudged);
        } else {
            Q::HOOK.count(reason);
            Diverged {
                // SAFETY: As above.
                facts: unsafe { self.question.facts() },
                call: self,
                ret,
            }
            .report();
        }
    }
}

/// A call whose result is not the predicted one.
struct Diverged<Q> {
    call: Call<Q>,
    facts: Facts,
    ret: c_int,
}

impl<Q: Question> Divergence for Diverged<Q> {
    const HOOK: Hook = Q::HOOK;

    fn reason(&self) -> Reason {
        self.call.predicted.unwrap_or_else(Reason::Denied)
    }
}

impl<Q: Question> fmt::Display for Diverged<Q> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Q::HOOK.name())?;
        f.write_fmt(fmt!("({:#x}) by ", self.facts.argument))?;
        show(&self.facts.caller, f)?;
        if let Some(target) = &self.facts.target {
            f.write_str(", of ")?;
            show(target, f)?;
        }
        if let Some(file) = &self.facts.file {
            f.write_fmt(fmt!(
                ", attribute {:?} of a file that is mapped: {}, of a file system at level {}",
                file.attribute,
                file.mapped,
                file.level
            ))?;
        }
        f.write_fmt(fmt!(
            "; returned: {}; predicted: {}, {}",
            self.ret,
            self.reason().verdict(),
            self.reason().name()
        ))
    }
}

fn show(party: &Party, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_fmt(fmt!(
        "euid {} effective {:#x} permitted {:#x} at level {}",
        party.euid,
        party.effective.bits(),
        party.permitted.bits(),
        party.level
    ))
}

macro_rules! probe {
    ($name:ident, $function:literal, $question:ty, |$arguments:ident| $read:expr) => {
        pub(super) mod $name {
            use super::*;

            /// The probe on the function.
            pub(in crate::hooks) struct Handlers;

            // SAFETY: The function does not sleep: the kernel checks capabilities with locks held,
            // too.
            unsafe impl Probe for Handlers {
                const FUNCTION: &'static CStr = $function;
                type Call = Call<$question>;

                fn entry($arguments: &Arguments<'_>) -> Option<Self::Call> {
                    Some(Call::entered($read))
                }

                fn exit(call: Self::Call, returned: usize) {
                    call.returned(returned as c_int);
                }
            }
        }
    };
}

probe!(settime, c"cap_settime", Settime, |_arguments| Settime);
probe!(
    vm_enough_memory,
    c"cap_vm_enough_memory",
    VmEnoughMemory,
    |_arguments| VmEnoughMemory
);
probe!(
    ptrace_access_check,
    c"cap_ptrace_access_check",
    Access,
    |arguments| Access {
        child: arguments.get(0) as *const _,
        // The C type is `unsigned int`.
        mode: arguments.get(1) as c_uint,
    }
);
probe!(mmap_addr, c"cap_mmap_addr", MmapAddr, |arguments| {
    MmapAddr(arguments.get(0))
});
probe!(
    ptrace_traceme,
    c"cap_ptrace_traceme",
    Traceme,
    |arguments| Traceme(arguments.get(0) as *const _)
);
probe!(
    task_setnice,
    c"cap_task_setnice",
    nice::task_setnice::Call,
    |arguments| nice::task_setnice::Call(arguments.get(0) as *const _)
);
probe!(
    task_setioprio,
    c"cap_task_setioprio",
    nice::task_setioprio::Call,
    |arguments| nice::task_setioprio::Call(arguments.get(0) as *const _)
);
probe!(
    task_setscheduler,
    c"cap_task_setscheduler",
    nice::task_setscheduler::Call,
    |arguments| nice::task_setscheduler::Call(arguments.get(0) as *const _)
);
probe!(
    inode_setxattr,
    c"cap_inode_setxattr",
    Setxattr,
    |arguments| Setxattr {
        dentry: arguments.get(0) as *const _,
        // SAFETY: The call has just begun, and this argument is a null-terminated string.
        name: unsafe { parse(arguments.get(1) as *const _) },
    }
);
probe!(
    inode_removexattr,
    c"cap_inode_removexattr",
    Removexattr,
    |arguments| Removexattr {
        idmap: arguments.get(0) as *const _,
        dentry: arguments.get(1) as *const _,
        // SAFETY: The call has just begun, and this argument is a null-terminated string.
        name: unsafe { parse(arguments.get(2) as *const _) },
    }
);
