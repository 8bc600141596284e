// SPDX-License-Identifier: GPL-2.0

//! The one place that talks to fprobe: `struct fprobe` and its handlers.

use super::Probe;
use crate::bindings::{
    fprobe, ftrace_regs, register_fprobe_syms, rust_commoncap_ftrace_argument,
    rust_commoncap_ftrace_return_value, unregister_fprobe,
};
use core::{
    marker::PhantomData,
    mem::{align_of, size_of},
};
use kernel::{
    error::to_result,
    prelude::*,
    str::CStrExt,
    sync::atomic::{Atomic, Relaxed},
    types::Opaque,
};

/// The arguments of a call.
///
/// # Invariants
///
/// The pointer is to the registers at the entry of a function, and valid for as long as `self` is.
pub struct Arguments<'a>(*mut ftrace_regs, PhantomData<&'a ftrace_regs>);

impl Arguments<'_> {
    /// Returns the argument of that number, of those that are passed in registers; the first is 0.
    #[inline]
    pub fn get(&self, number: c_uint) -> usize {
        // SAFETY: By the type invariants.
        unsafe { rust_commoncap_ftrace_argument(self.0, number) }
    }
}

/// A probe, to be kept in a static.
///
/// # Invariants
///
/// The handlers of `raw` are those of `P`, and its entry data is as large as a [`Probe::Call`].
pub struct Fprobe<P> {
    raw: Opaque<fprobe>,
    registered: Atomic<bool>,
    probe: PhantomData<fn() -> P>,
}

// SAFETY: Of `raw`, only what C does under locks of its own can be reached by a shared reference,
// and a counter.
unsafe impl<P> Sync for Fprobe<P> {}

impl<P: Probe> Fprobe<P> {
    /// Makes a probe, which is not in place yet.
    #[expect(clippy::new_without_default)]
    pub const fn new() -> Self {
        const {
            assert!(size_of::<P::Call>() <= 15 * size_of::<usize>());
            assert!(align_of::<P::Call>() <= align_of::<usize>());
        }
        // INVARIANT: As the type invariants want it.
        Self {
            raw: Opaque::new(fprobe {
                entry_data_size: size_of::<P::Call>(),
                entry_handler: Some(Self::entry),
                exit_handler: Some(Self::exit),
                ..pin_init::zeroed()
            }),
            registered: Atomic::new(false),
            probe: PhantomData,
        }
    }

    /// Puts the probe in place, until what is returned is dropped.
    ///
    /// Fails with `EBUSY` if it is in place already, with `ENOENT` if the kernel has no such
    /// function, or another error of `register_fprobe_syms()`.
    pub fn register(&'static self) -> Result<Registration> {
        if self.registered.xchg(true, Relaxed) {
            return Err(EBUSY);
        }
        let mut name = P::FUNCTION.as_char_ptr();
        // SAFETY: `raw` is static, not registered, and by the type invariants as C wants it. The
        // name is a null-terminated string, and there is one.
        let ret = unsafe { register_fprobe_syms(self.raw.get(), &raw mut name, 1) };
        if let Err(error) = to_result(ret) {
            self.registered.store(false, Relaxed);
            return Err(error);
        }
        // INVARIANT: Just registered.
        Ok(Registration {
            raw: self.raw.get(),
            registered: &self.registered,
        })
    }

    /// Returns how many calls could not be watched since the probe was put in place.
    pub fn missed(&self) -> usize {
        // SAFETY: `raw` is valid. C counts without a lock, so this does not need one, either.
        unsafe { (&raw const (*self.raw.get()).nmissed).read_volatile() }
    }

    /// # Safety
    ///
    /// As `fprobe.entry_handler` of a `Self`.
    unsafe extern "C" fn entry(
        _: *mut fprobe,
        _entry_ip: usize,
        _ret_ip: usize,
        registers: *mut ftrace_regs,
        data: *mut c_void,
    ) -> c_int {
        // INVARIANT: By the safety requirements.
        match P::entry(&Arguments(registers, PhantomData)) {
            Some(call) => {
                // SAFETY: By the safety requirements, `data` is for as many bytes as a
                // `Probe::Call` has, in words, and the exit handler is called with it once at most.
                unsafe { data.cast::<P::Call>().write(call) };
                0
            }
            // The exit handler is not called.
            None => 1,
        }
    }

    /// # Safety
    ///
    /// As `fprobe.exit_handler` of a `Self`.
    unsafe extern "C" fn exit(
        _: *mut fprobe,
        _entry_ip: usize,
        _ret_ip: usize,
        registers: *mut ftrace_regs,
        data: *mut c_void,
    ) {
        // SAFETY: By the safety requirements, `data` is what the entry handler has written, and
        // nobody reads it again.
        let call = unsafe { data.cast::<P::Call>().read() };
        // SAFETY: By the safety requirements, these are the registers at the return.
        P::exit(call, unsafe {
            rust_commoncap_ftrace_return_value(registers)
        });
    }
}

/// A probe that is in place. Dropped, it is removed, and when that is done none of it runs.
///
/// # Invariants
///
/// `raw` is that of a static [`Fprobe`], and registered.
pub struct Registration {
    raw: *mut fprobe,
    registered: &'static Atomic<bool>,
}

// SAFETY: A probe can be removed by whoever wants to.
unsafe impl Send for Registration {}

// SAFETY: A shared reference is of no use.
unsafe impl Sync for Registration {}

impl Drop for Registration {
    fn drop(&mut self) {
        // SAFETY: By the type invariants. It waits for handlers that run.
        unsafe { unregister_fprobe(self.raw) };
        self.registered.store(false, Relaxed);
    }
}
