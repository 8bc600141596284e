// SPDX-License-Identifier: GPL-2.0

//! The stand-in for livepatch on a kernel without `CONFIG_LIVEPATCH`: each patch fails.

use super::{super::series::eopnotsupp, Function};
use kernel::{prelude::*, ThisModule};

/// A patch that this kernel cannot enable.
pub(super) struct Patch<const N: usize>;

impl<const N: usize> Patch<N> {
    /// Creates the patch.
    pub(super) fn new(
        _module: &'static ThisModule,
        _functions: impl Iterator<Item = Function>,
    ) -> impl PinInit<Self, Error> {
        Ok(Self)
    }

    /// Fails with `EOPNOTSUPP`.
    ///
    /// # Safety
    ///
    /// None, as it does nothing.
    pub(super) unsafe fn enable(self: Pin<&mut Self>) -> Result {
        Err(eopnotsupp())
    }
}
