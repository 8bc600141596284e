// SPDX-License-Identifier: GPL-2.0

//! Stands in for probes on a kernel without them: every registration is refused.

use super::Probe;
use core::marker::PhantomData;
use kernel::prelude::*;

/// The arguments of a call that nobody can watch.
pub struct Arguments<'a>(PhantomData<&'a ()>, core::convert::Infallible);

impl Arguments<'_> {
    /// Returns the argument of that number.
    pub fn get(&self, _number: c_uint) -> usize {
        match self.1 {}
    }
}

/// A probe that this kernel cannot place.
pub struct Fprobe<P>(PhantomData<fn() -> P>);

/// A probe that is in place: there is none.
pub struct Registration(core::convert::Infallible);

impl<P: Probe> Fprobe<P> {
    /// Makes a probe.
    #[expect(clippy::new_without_default)]
    pub const fn new() -> Self {
        Self(PhantomData)
    }

    /// Fails with `EOPNOTSUPP`.
    pub fn register(&'static self) -> Result<Registration> {
        Err(EOPNOTSUPP)
    }

    /// Returns how many calls were missed: none.
    pub fn missed(&self) -> usize {
        0
    }
}
