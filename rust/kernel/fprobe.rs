// SPDX-License-Identifier: GPL-2.0

//! Probes on functions of the kernel: handlers that run when a function is entered or returns.
//!
//! A probe sees the arguments and the return value. It cannot change them.
//!
//! C header: [`include/linux/fprobe.h`](srctree/include/linux/fprobe.h).
//!
//! Reference: <https://docs.kernel.org/trace/fprobe.html>

use kernel::prelude::*;

#[cfg_attr(not(CONFIG_FPROBE), path = "fprobe/no_probe.rs")]
mod probe;
pub use probe::{Arguments, Fprobe, Registration};

/// A handler for the entry of a function.
///
/// It runs in every context that calls the function, with preemption disabled: possibly in an
/// interrupt or with locks held. It must not sleep, nor take a lock that such a context may hold.
///
/// A probe of this kind costs nothing per thread, since the kernel keeps nothing for the return.
pub trait EntryProbe: 'static {
    /// The name of the function.
    const FUNCTION: &'static CStr;

    /// Runs when the function is entered.
    fn entry(arguments: &Arguments<'_>);
}

/// Handlers for the entry and the return of a function.
///
/// They run in every context that calls the function, with preemption disabled: possibly in an
/// interrupt or with locks held. They must not sleep, nor take a lock that such a context may hold.
///
/// While any such probe is registered, the kernel allocates a 4 KiB shadow stack for each thread,
/// which it charges to no memory cgroup.
///
/// # Safety
///
/// The function must not sleep, or each [`Self::Call`] must hold a [`ModuleRef`]. Otherwise a call
/// could outlast the module: a probe of the next module at the same address would take its
/// [`Self::Call`] for its own.
///
/// [`ModuleRef`]: super::module::ModuleRef
pub unsafe trait Probe: 'static {
    /// The name of the function.
    const FUNCTION: &'static CStr;

    /// The data that the kernel keeps from the entry to the return: 15 words at most. If the probe
    /// is unregistered in between, the data is never dropped.
    type Call: 'static;

    /// Runs when the function is entered. If it returns [`None`], [`Self::exit`] does not run.
    fn entry(arguments: &Arguments<'_>) -> Option<Self::Call>;

    /// Runs when the function returns, in the task that called it, with the value it returns.
    fn exit(call: Self::Call, returned: usize);
}

/// A probe in a static, of whatever handlers.
pub trait StaticProbe: Sync {
    /// Registers the probe until the returned value is dropped.
    ///
    /// Fails with `EBUSY` if it is registered already, with `ENOENT` if the kernel has no such
    /// function, or with another error of `register_fprobe_syms()`. Can sleep.
    fn register(&'static self) -> Result<Registration>;

    /// Returns how many calls the kernel has skipped since the probe was registered.
    fn missed(&self) -> usize;
}
