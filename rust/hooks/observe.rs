// SPDX-License-Identifier: GPL-2.0

//! `mode=observe`: `commoncap.c` decides, and the module predicts its results from the same facts.
//!
//! A result that differs from the prediction is counted and logged, and stays. The prediction has
//! no side effects: it fires no tracepoint of the kernel's own, and records no use of privilege.

mod bprm_creds_from_file;
mod capable;
mod capget;
mod capset;
mod change;
mod convert_nscap;
mod gather;
mod inner;
mod inode_getsecurity;
mod killpriv;
mod question;
mod task_fix_setuid;
mod task_prctl;

use killpriv::{
    inode_killpriv,
    inode_need_killpriv, //
};
use question::{
    inode_removexattr,
    inode_setxattr,
    mmap_addr,
    ptrace_access_check,
    ptrace_traceme,
    settime,
    task_setioprio,
    task_setnice,
    task_setscheduler,
    vm_enough_memory, //
};

use super::{
    functions::Functions,
    hook::{
        for_each_hook,
        Hook, //
    },
};
use crate::kernel_ext::{
    fprobe::{
        Fprobe,
        Registration,
        StaticProbe, //
    },
    series::eopnotsupp,
};
use kernel::prelude::*;

macro_rules! define {
    (
        $(#[$first:meta])* Capable, capable, cap_capable;
        $($(#[$doc:meta])* $hook:ident, $name:ident, $function:ident;)*
    ) => {
        /// Returns the probe on a function, except on `cap_capable()`: see [`capable`].
        fn probe(hook: Hook) -> Option<&'static dyn StaticProbe> {
            match hook {
                Hook::Capable => None,
                $(Hook::$hook => {
                    static PROBE: Fprobe<$name::Handlers> = Fprobe::new();
                    Some(&PROBE)
                })*
            }
        }
    };
}

for_each_hook!(define);

/// Returns the probe on the inner function by which a function reads what its probe may not read:
/// see [`gather`].
fn inner_probe(hook: Hook) -> Option<&'static dyn StaticProbe> {
    static EXEC: Fprobe<bprm_creds_from_file::Getxattr> = Fprobe::new();
    static GETXATTR: Fprobe<inner::Getxattr> = Fprobe::new();
    static REMOVEXATTR: Fprobe<inner::Removexattr> = Fprobe::new();
    static GETXATTR_ALLOC: Fprobe<inner::GetxattrAlloc> = Fprobe::new();
    match hook {
        Hook::InodeNeedKillpriv => Some(&GETXATTR),
        Hook::InodeKillpriv => Some(&REMOVEXATTR),
        Hook::InodeGetsecurity => Some(&GETXATTR_ALLOC),
        Hook::BprmCredsFromFile => Some(&EXEC),
        _ => None,
    }
}

/// The observation of functions, until this is dropped.
pub struct Observing {
    capable: Option<capable::Observing>,
    probes: KVec<Registration>,
}

impl Observing {
    /// Starts to observe these functions. If that fails, the kernel's log says why.
    ///
    /// Fails with `EOPNOTSUPP` on a kernel without fprobe, with `ENOMEM`, or with the error of
    /// [`StaticProbe::register`].
    ///
    /// # Safety
    ///
    /// This must be called once only.
    pub unsafe fn start(functions: Functions) -> Result<Self> {
        let mut observing = Self {
            capable: None,
            probes: KVec::with_capacity(Hook::ALL.len(), GFP_KERNEL)?,
        };
        for hook in functions.hooks() {
            // SAFETY: By the safety requirements, and each hook is in the set once.
            unsafe { observing.add(hook) }.inspect_err(|&error| {
                pr_err!("cannot observe cap_{}(): {}\n", hook.name(), explain(error))
            })?;
        }
        Ok(observing)
    }

    /// Starts to observe a function.
    ///
    /// # Safety
    ///
    /// This must be called once only for each hook.
    unsafe fn add(&mut self, hook: Hook) -> Result {
        if hook == Hook::Capable {
            // SAFETY: By the safety requirements.
            self.capable = Some(unsafe { capable::Observing::start()? });
        }
        // The inner one first, or a call could be entered that it does not see.
        for probe in [inner_probe(hook), probe(hook)].into_iter().flatten() {
            self.probes.push(probe.register()?, GFP_KERNEL)?;
        }
        Ok(())
    }
}

/// Says why a probe cannot be registered, and what to do.
fn explain(error: Error) -> &'static str {
    match error {
        e if e == eopnotsupp() => {
            "this kernel was built without CONFIG_FPROBE: use mode=enforce or mode=off, or boot \
             another kernel"
        }
        e if e == ENOENT || e == EINVAL => {
            "this kernel lacks the function, or cannot trace it: leave it out of functions="
        }
        e if e == ENOMEM => "there is no memory for the probes: try again",
        _ => "the kernel refused the probes: mend the cause that it logged above, or use mode=off",
    }
}

/// Returns how many calls of a function the kernel has skipped.
pub(super) fn missed(hook: Hook) -> usize {
    probe(hook).map_or(0, |probe| probe.missed())
}
