// SPDX-License-Identifier: GPL-2.0

//! Capabilities and sets of them.
//!
//! C headers: [`include/linux/capability.h`](srctree/include/linux/capability.h),
//! [`include/uapi/linux/capability.h`](srctree/include/uapi/linux/capability.h).

use crate::{
    bindings,
    macros::paste,
    prelude::*, //
};

/// A capability: `CAP_*` in C.
///
/// # Invariants
///
/// The number is at most `CAP_LAST_CAP`.
///
/// # Examples
///
/// ```
/// use kernel::capability::Capability;
///
/// assert_eq!(Capability::from_raw(0), Some(Capability::CHOWN));
/// assert_eq!(Capability::CHOWN.into_raw(), 0);
/// assert_eq!(Capability::from_raw(-1), None);
/// assert_eq!(Capability::from_raw(64), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(transparent)]
pub struct Capability(u32);

macro_rules! capabilities {
    ($($name:ident)*) => { paste! {
        impl Capability {
            $(
                #[doc = concat!("`CAP_", stringify!($name), "`.")]
                // INVARIANT: No capability has a number above `CAP_LAST_CAP`.
                pub const $name: Self = Self(bindings::[<CAP_ $name>]);
            )*
        }
    } };
}

// Code that needs a newer capability adds it here.
capabilities! {
    CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE
    NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO
    SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG
    MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM
    BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE
}

impl Capability {
    /// Returns the capability with the given number, or [`None`] if there is none:
    /// `cap_valid()`.
    #[inline]
    pub const fn from_raw(number: c_int) -> Option<Self> {
        if number >= 0 && number as u32 <= bindings::CAP_LAST_CAP {
            // INVARIANT: Checked above.
            Some(Self(number as u32))
        } else {
            None
        }
    }

    /// Returns the number of the capability.
    #[inline]
    pub const fn into_raw(self) -> c_int {
        self.0 as c_int
    }

    /// Returns all capabilities of this kernel, in the order of their numbers.
    #[inline]
    pub fn all() -> impl Iterator<Item = Self> {
        // INVARIANT: The range ends with `CAP_LAST_CAP`.
        (0..=bindings::CAP_LAST_CAP).map(Self)
    }

    /// Returns the bit of the capability in a set: `CAP_TO_MASK()`.
    #[inline]
    const fn mask(self) -> u64 {
        1 << self.0
    }
}

/// A set of capabilities: `kernel_cap_t`.
///
/// # Examples
///
/// ```
/// use kernel::capability::{Capability, CapabilitySet};
///
/// let set = CapabilitySet::EMPTY.with(Capability::CHOWN);
/// assert!(set.contains(Capability::CHOWN));
/// assert!(!set.contains(Capability::SYS_ADMIN));
/// assert_eq!(set.without(Capability::CHOWN), CapabilitySet::EMPTY);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(transparent)]
pub struct CapabilitySet(u64);

impl CapabilitySet {
    /// The set without capabilities: `CAP_EMPTY_SET`.
    pub const EMPTY: Self = Self(0);

    /// The set of all capabilities: `CAP_FULL_SET`.
    pub const FULL: Self = Self(u64::MAX >> (u64::BITS - 1 - bindings::CAP_LAST_CAP));

    /// Creates a set from its representation in C.
    #[inline]
    pub const fn from_raw(set: bindings::kernel_cap_t) -> Self {
        Self(set.val)
    }

    /// Returns the representation of the set in C.
    #[inline]
    pub const fn into_raw(self) -> bindings::kernel_cap_t {
        bindings::kernel_cap_t { val: self.0 }
    }

    /// Returns whether the capability is in the set: `cap_raised()`.
    #[inline]
    pub const fn contains(self, cap: Capability) -> bool {
        self.0 & cap.mask() != 0
    }

    /// Returns the set with the capability added: `cap_raise()`.
    #[inline]
    #[must_use]
    pub const fn with(self, cap: Capability) -> Self {
        Self(self.0 | cap.mask())
    }

    /// Returns the set with the capability removed: `cap_lower()`.
    #[inline]
    #[must_use]
    pub const fn without(self, cap: Capability) -> Self {
        Self(self.0 & !cap.mask())
    }
}
