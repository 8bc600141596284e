// SPDX-License-Identifier: GPL-2.0

//! Stands in for livepatch on a kernel without it: every patch is refused.

use super::Function;
use kernel::{prelude::*, ThisModule};

/// A patch that this kernel cannot take.
pub(super) struct Patch<const N: usize>;

impl<const N: usize> Patch<N> {
    /// Takes what the real one takes.
    pub(super) fn new(
        _module: &'static ThisModule,
        _functions: [Function; N],
    ) -> impl PinInit<Self, Error> {
        Ok(Self)
    }

    /// Fails with `EOPNOTSUPP`.
    pub(super) fn enable(self: Pin<&mut Self>) -> Result {
        Err(EOPNOTSUPP)
    }
}
