// SPDX-License-Identifier: GPL-2.0

//! Probes on functions of the kernel: what is called when one is entered and when it returns.
//!
//! A probe watches, and can change nothing of what it watches.
//!
//! C header: [`include/linux/fprobe.h`](srctree/include/linux/fprobe.h).
//!
//! Reference: <https://docs.kernel.org/trace/fprobe.html>

use kernel::prelude::*;

#[cfg_attr(not(CONFIG_FPROBE), path = "fprobe/no_probe.rs")]
mod probe;
pub use probe::{Arguments, Fprobe, Registration};

/// Whether this kernel can place probes.
pub const AVAILABLE: bool = cfg!(CONFIG_FPROBE);

/// What is done when a function of the kernel is called.
///
/// Both functions are called wherever the watched one is, with preemption disabled: in interrupts
/// and with locks held, too. They must not sleep, nor take locks that others wait for.
pub trait Probe: 'static {
    /// The name of the function.
    const FUNCTION: &'static CStr;

    /// What is kept of a call until it returns: 15 words at most. If the probe is removed before
    /// that, it is never dropped.
    type Call: 'static;

    /// Called when the function is entered. If it returns [`None`], [`Self::exit`] is not called.
    fn entry(arguments: &Arguments<'_>) -> Option<Self::Call>;

    /// Called when the function returns, in the task that called it, with what it returns.
    fn exit(call: Self::Call, returned: usize);
}
