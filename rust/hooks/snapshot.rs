// SPDX-License-Identifier: GPL-2.0

//! Credentials as they were at one moment.

use crate::{
    capability::CapabilitySet,
    commoncap::{credentials::Credentials, prctl::Change},
    securebits::Securebits,
};
use kernel::{fmt, prelude::*};

/// The parts of credentials that a `prctl()` depends on or changes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Snapshot {
    securebits: Securebits,
    effective: CapabilitySet,
    permitted: CapabilitySet,
    inheritable: CapabilitySet,
    bounding: CapabilitySet,
    ambient: CapabilitySet,
}

impl Snapshot {
    /// Takes a snapshot of credentials.
    pub(super) fn of(cred: &impl Credentials) -> Self {
        Self {
            securebits: cred.securebits(),
            effective: cred.effective(),
            permitted: cred.permitted(),
            inheritable: cred.inheritable(),
            bounding: cred.bounding(),
            ambient: cred.ambient(),
        }
    }

    /// Returns the snapshot with a change applied.
    pub(super) fn with(mut self, change: Change) -> Self {
        match change {
            Change::Bounding(set) => self.bounding = set,
            Change::Securebits(securebits) => self.securebits = securebits,
            Change::Ambient(set) => self.ambient = set,
        }
        self
    }

    /// Returns the securebits.
    pub(super) fn securebits(&self) -> Securebits {
        self.securebits
    }
}

impl fmt::Display for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_fmt(fmt!(
            "securebits {:#x} effective {:#x} permitted {:#x} inheritable {:#x} bounding {:#x} \
             ambient {:#x}",
            self.securebits.bits(),
            self.effective.bits(),
            self.permitted.bits(),
            self.inheritable.bits(),
            self.bounding.bits(),
            self.ambient.bits()
        ))
    }
}
