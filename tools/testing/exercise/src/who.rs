// SPDX-License-Identifier: GPL-2.0

//! The users who try an operation, by user ID and capabilities.

use crate::sys::{self, Caps, Result};
use commoncap::{
    capability::{Capability, CapabilitySet},
    prctl::option,
};

/// What else a user starts with.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Start {
    /// The securebits.
    pub securebits: usize,
    /// Whether what is held is inheritable, too.
    pub inheritable: bool,
    /// Whether what is held is permitted only, and not effective.
    pub dormant: bool,
}

/// The user and capabilities of a process, within its user namespace.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// User ID 0 with all capabilities.
    Root,
    /// Another user with one capability.
    Only(Capability),
    /// Another user with no capability.
    Nobody,
}

/// All users.
pub const EVERYONE: [Who; 5] = [
    Who::Root,
    Who::Only(Capability::CHECKPOINT_RESTORE),
    Who::Only(Capability::SYS_ADMIN),
    Who::Only(Capability::SETPCAP),
    Who::Nobody,
];

impl Who {
    /// Returns the name, for a capability without "cap_".
    pub fn name(self) -> &'static str {
        match self {
            Self::Root => "root",
            Self::Only(capability) => capability.name().trim_start_matches("cap_"),
            Self::Nobody => "nobody",
        }
    }

    /// Returns the capabilities held.
    pub fn held(self) -> CapabilitySet {
        match self {
            Self::Root => CapabilitySet::FULL,
            Self::Only(capability) => CapabilitySet::EMPTY.with(capability),
            Self::Nobody => CapabilitySet::EMPTY,
        }
    }

    /// Makes this process, root of its user namespace, the one described.
    pub fn become_with(self, start: Start) -> Result {
        let all = CapabilitySet::FULL.bits();
        let held = self.held().bits();
        if self != Self::Root {
            sys::prctl(option::SET_KEEPCAPS, [1, 0, 0, 0])?;
            sys::set_ids(1000)?;
            sys::prctl(option::SET_KEEPCAPS, [0; 4])?;
        }
        // While that is still allowed.
        if start.securebits != 0 {
            sys::capset(Caps {
                effective: all,
                permitted: all,
                inheritable: 0,
            })?;
            sys::prctl(option::SET_SECUREBITS, [start.securebits, 0, 0, 0])?;
        }
        sys::capset(Caps {
            effective: if start.dormant { 0 } else { held },
            permitted: held,
            inheritable: if start.inheritable { held } else { 0 },
        })?;
        make_dumpable()
    }
}

/// Makes this process the owner of its files in `/proc` again, after a change of its user.
pub fn make_dumpable() -> Result {
    sys::prctl(libc::PR_SET_DUMPABLE, [1, 0, 0, 0]).map(drop)
}
