// SPDX-License-Identifier: GPL-2.0

//! The stand-in for auditing on a kernel without `CONFIG_AUDIT`: it is never on.

use core::convert::Infallible;
use kernel::fmt;

/// Returns `false`.
pub fn enabled() -> bool {
    false
}

/// An audit record. No value of this type exists.
pub struct Record(Infallible);

impl Record {
    /// Returns [`None`].
    pub fn start() -> Option<Self> {
        None
    }
}

impl fmt::Write for Record {
    fn write_str(&mut self, _: &str) -> fmt::Result {
        match self.0 {}
    }
}
