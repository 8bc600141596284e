// SPDX-License-Identifier: GPL-2.0

//! `struct fprobe` and its handlers: the only user of the C interface.

use super::{super::rcu::synchronize_rcu_tasks, EntryProbe, Probe, StaticProbe};
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
    /// Returns an argument that is passed in a register, by its number. The first one is 0.
    #[inline]
    pub fn get(&self, number: c_uint) -> usize {
        // SAFETY: By the type invariants, the registers are valid. C returns 0 for a number that
        // no register has.
        unsafe { rust_commoncap_ftrace_argument(self.0, number) }
    }
}

/// A probe, which must be in a static to be registered.
///
/// # Invariants
///
/// - `raw` has the entry handler of `P`. Its exit handler is null if `P` is an [`EntryProbe`], else
///   that of `P`, and then `entry_data_size` is the size of [`Probe::Call`] or that rounded up to
///   words.
/// - `raw` is registered only while `registered` is true.
pub struct Fprobe<P> {
    raw: Opaque<fprobe>,
    function: &'static CStr,
    registered: Atomic<bool>,
    probe: PhantomData<fn() -> P>,
}

// SAFETY: A shared reference allows only three uses of `raw`: to register it, which `registered`
// allows to one caller at a time; to have C unregister it, under a mutex of its own; and to read
// the counter `nmissed` as a volatile.
unsafe impl<P> Sync for Fprobe<P> {}

impl<P: EntryProbe> Fprobe<P> {
    /// Creates a probe of entries, not registered yet.
    pub const fn at_entry() -> Self {
        Self::with(
            P::FUNCTION,
            fprobe {
                entry_handler: Some(Self::entry_only),
                ..pin_init::zeroed()
            },
        )
    }

    /// # Safety
    ///
    /// `registers` must be those at the entry of a function, valid for the call: C calls this as
    /// `fprobe.entry_handler`.
    unsafe extern "C" fn entry_only(
        _: *mut fprobe,
        _entry_ip: usize,
        _ret_ip: usize,
        registers: *mut ftrace_regs,
        _data: *mut c_void,
    ) -> c_int {
        // INVARIANT: By the safety requirements.
        P::entry(&Arguments(registers, PhantomData));
        0
    }
}

impl<P: Probe> Fprobe<P> {
    /// Creates a probe of entries and returns, not registered yet.
    #[expect(clippy::new_without_default)]
    pub const fn new() -> Self {
        const {
            assert!(size_of::<P::Call>() > 0);
            assert!(size_of::<P::Call>() <= 15 * size_of::<usize>());
            assert!(align_of::<P::Call>() <= align_of::<usize>());
        }
        Self::with(
            P::FUNCTION,
            fprobe {
                entry_data_size: size_of::<P::Call>(),
                entry_handler: Some(Self::entry),
                exit_handler: Some(Self::exit),
                ..pin_init::zeroed()
            },
        )
    }

    /// # Safety
    ///
    /// `registers` must be those at the entry of a function, valid for the call. `data` must be
    /// valid for writes of a [`Probe::Call`] and aligned to a word. C calls this as
    /// `fprobe.entry_handler`, with as many words of the task's shadow stack as `entry_data_size`
    /// takes.
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
                // SAFETY: By the safety requirements; `new` checks that words are aligned enough.
                unsafe { data.cast::<P::Call>().write(call) };
                0
            }
            // C does not call the exit handler.
            None => 1,
        }
    }

    /// # Safety
    ///
    /// `registers` must be those at the return of the function, valid for the call. `data` must be
    /// what [`Self::entry`] of this module has written, and not be read again. C calls this as
    /// `fprobe.exit_handler`, once for each entry handler that returned 0, if the address of the
    /// `fprobe` is registered then.
    ///
    /// That address could be registered by another module than the one whose entry handler ran, if
    /// the function were still running when the one was unloaded and the other loaded. It is not:
    /// a function that does not sleep has returned when [`Registration`] has been dropped. A call
    /// of any other holds a reference on the module, by the safety requirements of [`Probe`]: while
    /// there is one, the module is not unloaded, not even by force.
    unsafe extern "C" fn exit(
        _: *mut fprobe,
        _entry_ip: usize,
        _ret_ip: usize,
        registers: *mut ftrace_regs,
        data: *mut c_void,
    ) {
        // SAFETY: By the safety requirements, this moves out what the entry handler has written.
        let call = unsafe { data.cast::<P::Call>().read() };
        // SAFETY: By the safety requirements, these are the registers at the return.
        P::exit(call, unsafe {
            rust_commoncap_ftrace_return_value(registers)
        });
    }
}

impl<P> Fprobe<P> {
    const fn with(function: &'static CStr, raw: fprobe) -> Self {
        // INVARIANT: The callers give the handlers of `P`. It is not registered.
        Self {
            raw: Opaque::new(raw),
            function,
            registered: Atomic::new(false),
            probe: PhantomData,
        }
    }
}

impl<P> StaticProbe for Fprobe<P> {
    fn register(&'static self) -> Result<Registration> {
        if self.registered.xchg(true, Relaxed) {
            return Err(EBUSY);
        }
        let mut name = self.function.as_char_ptr();
        // SAFETY: `raw` is static and, as `registered` was false, not registered. By the type
        // invariants its handlers suit its `entry_data_size`. `name` is an array of one
        // null-terminated string.
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

    fn missed(&self) -> usize {
        // SAFETY: `raw` is valid. C increments the counter without a lock, and this reads it so.
        unsafe { (&raw const (*self.raw.get()).nmissed).read_volatile() }
    }
}

/// A registered probe. Dropping it unregisters the probe and waits until no handler runs and every
/// call of the function that has not slept since its entry has returned.
///
/// # Invariants
///
/// `raw` is that of a static [`Fprobe`], and registered; `registered` is its flag.
pub struct Registration {
    raw: *mut fprobe,
    registered: &'static Atomic<bool>,
}

// SAFETY: `unregister_fprobe()` can be called by any task.
unsafe impl Send for Registration {}

// SAFETY: A shared reference offers no method.
unsafe impl Sync for Registration {}

impl Drop for Registration {
    fn drop(&mut self) {
        // SAFETY: By the type invariants, the probe is registered. Handlers run with preemption
        // disabled, for which this waits.
        unsafe { unregister_fprobe(self.raw) };
        // A task that was preempted in the function has left it when it sleeps or is in user space.
        synchronize_rcu_tasks();
        self.registered.store(false, Relaxed);
    }
}
