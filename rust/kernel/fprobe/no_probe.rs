// SPDX-License-Identifier: GPL-2.0

//! The stand-in for probes on a kernel without `CONFIG_FPROBE`: each registration fails.

use super::{super::series::eopnotsupp, EntryProbe, Probe, StaticProbe};
use core::{convert::Infallible, marker::PhantomData};
use kernel::prelude::*;

/// The arguments of a call. No value of this type exists.
pub struct Arguments<'a>(PhantomData<&'a ()>, Infallible);

impl Arguments<'_> {
    /// Returns an argument, by its number.
    pub fn get(&self, _number: c_uint) -> usize {
        match self.1 {}
    }
}

/// A probe that this kernel cannot register.
pub struct Fprobe<P>(PhantomData<fn() -> P>);

/// A registered probe. No value of this type exists.
pub struct Registration(Infallible);

impl<P: EntryProbe> Fprobe<P> {
    /// Creates a probe of entries.
    pub const fn at_entry() -> Self {
        Self(PhantomData)
    }
}

impl<P: Probe> Fprobe<P> {
    /// Creates a probe of entries and returns.
    #[expect(clippy::new_without_default)]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<P> StaticProbe for Fprobe<P> {
    /// Fails with `EOPNOTSUPP`.
    fn register(&'static self) -> Result<Registration> {
        Err(eopnotsupp())
    }

    /// Returns 0, since no probe is registered.
    fn missed(&self) -> usize {
        0
    }
}
