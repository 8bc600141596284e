// SPDX-License-Identifier: GPL-2.0

//! Capabilities and sets of them.
//!
//! A capability is one of the privileges that the superuser's rights are divided into. Credentials
//! have sets of them.
//!
//! Needs nothing but `core`, so user space can be built from this file too.
//!
//! C headers: [`include/linux/capability.h`](srctree/include/linux/capability.h),
//! [`include/uapi/linux/capability.h`](srctree/include/uapi/linux/capability.h).
//!
//! # Examples
//!
//! ```
//! use commoncap::capability::{Capability, CapabilitySet};
//!
//! let set = CapabilitySet::EMPTY.with(Capability::CHECKPOINT_RESTORE);
//! assert!(set.contains(Capability::CHECKPOINT_RESTORE));
//! assert!(!set.contains(Capability::SYS_ADMIN));
//! assert_eq!(set.bits(), 1 << 40);
//!
//! // A number may be invalid.
//! assert_eq!(Capability::new(40), Some(Capability::CHECKPOINT_RESTORE));
//! assert_eq!(Capability::new(64), None);
//! ```

use core::ops::{
    BitAnd,
    BitOr,
    Sub, //
};

macro_rules! capabilities {
    ($($(#[$doc:meta])* $variant:ident = $number:literal, $name:literal;)*) => {
        /// A capability: one privilege, `CAP_*` in C.
        ///
        /// Every value is a valid capability of this kernel.
        // This is not an enum, so that one comparison converts a number. For an enum, the compiler
        // emits a search by comparisons, since the kernel allows no jump tables, or an index into a
        // table, which an unprivileged caller's number can speculate out of bounds.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(transparent)]
        pub struct Capability(u8);

        impl Capability {
            $($(#[$doc])* pub const $variant: Self = Self($number);)*

            /// All capabilities of this kernel, in the order of their numbers.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Returns the name as `capsh`, `setpriv` and `systemd` write it, in lower case.
            pub const fn name(self) -> &'static str {
                match self.0 {
                    $($number => $name,)*
                    // No value of this type has another number.
                    _ => "",
                }
            }
        }
    };
}

capabilities! {
    /// Change the owner of files.
    CHOWN = 0, "cap_chown";
    /// Bypass permission checks on files.
    DAC_OVERRIDE = 1, "cap_dac_override";
    /// Bypass permission checks for reading files and searching directories.
    DAC_READ_SEARCH = 2, "cap_dac_read_search";
    /// Bypass checks that the caller owns the file.
    FOWNER = 3, "cap_fowner";
    /// Keep the set-id bits when a file changes.
    FSETID = 4, "cap_fsetid";
    /// Signal any process.
    KILL = 5, "cap_kill";
    /// Change group IDs at will.
    SETGID = 6, "cap_setgid";
    /// Change user IDs at will.
    SETUID = 7, "cap_setuid";
    /// Change the bounding set and the securebits, and add to the inheritable set.
    SETPCAP = 8, "cap_setpcap";
    /// Set the immutable and append-only attributes.
    LINUX_IMMUTABLE = 9, "cap_linux_immutable";
    /// Bind to ports below 1024.
    NET_BIND_SERVICE = 10, "cap_net_bind_service";
    /// Broadcast, listen to multicast.
    NET_BROADCAST = 11, "cap_net_broadcast";
    /// Administer the network.
    NET_ADMIN = 12, "cap_net_admin";
    /// Use raw and packet sockets.
    NET_RAW = 13, "cap_net_raw";
    /// Lock memory.
    IPC_LOCK = 14, "cap_ipc_lock";
    /// Bypass permission checks on System V IPC objects.
    IPC_OWNER = 15, "cap_ipc_owner";
    /// Load and unload modules.
    SYS_MODULE = 16, "cap_sys_module";
    /// Do port I/O and the like.
    SYS_RAWIO = 17, "cap_sys_rawio";
    /// Use `chroot()`.
    SYS_CHROOT = 18, "cap_sys_chroot";
    /// Trace any process.
    SYS_PTRACE = 19, "cap_sys_ptrace";
    /// Configure process accounting.
    SYS_PACCT = 20, "cap_sys_pacct";
    /// Administer the system: all that no other capability covers.
    SYS_ADMIN = 21, "cap_sys_admin";
    /// Reboot, and load a new kernel.
    SYS_BOOT = 22, "cap_sys_boot";
    /// Raise priorities.
    SYS_NICE = 23, "cap_sys_nice";
    /// Override resource limits.
    SYS_RESOURCE = 24, "cap_sys_resource";
    /// Set the clock.
    SYS_TIME = 25, "cap_sys_time";
    /// Configure terminals.
    SYS_TTY_CONFIG = 26, "cap_sys_tty_config";
    /// Create special files.
    MKNOD = 27, "cap_mknod";
    /// Take leases on files.
    LEASE = 28, "cap_lease";
    /// Write audit records.
    AUDIT_WRITE = 29, "cap_audit_write";
    /// Configure auditing.
    AUDIT_CONTROL = 30, "cap_audit_control";
    /// Set capabilities of files.
    SETFCAP = 31, "cap_setfcap";
    /// Override mandatory access control.
    MAC_OVERRIDE = 32, "cap_mac_override";
    /// Configure mandatory access control.
    MAC_ADMIN = 33, "cap_mac_admin";
    /// Configure and read the kernel's log.
    SYSLOG = 34, "cap_syslog";
    /// Set alarms that wake the system.
    WAKE_ALARM = 35, "cap_wake_alarm";
    /// Block system suspend.
    BLOCK_SUSPEND = 36, "cap_block_suspend";
    /// Read audit records.
    AUDIT_READ = 37, "cap_audit_read";
    /// Observe the system's performance.
    PERFMON = 38, "cap_perfmon";
    /// Use the privileged parts of BPF.
    BPF = 39, "cap_bpf";
    /// Checkpoint and restore: choose PIDs, follow `map_files`, change the `exe` link.
    CHECKPOINT_RESTORE = 40, "cap_checkpoint_restore";
}

impl Capability {
    /// Returns the capability of the given number; [`None`] where `cap_valid()` is false.
    #[inline]
    pub const fn new(number: usize) -> Option<Self> {
        if number < Self::ALL.len() {
            Some(Self(number as u8))
        } else {
            None
        }
    }

    /// Returns the number of the capability, its bit in a [`CapabilitySet`].
    #[inline]
    pub const fn number(self) -> u8 {
        self.0
    }

    /// Returns the bit of the capability in a [`CapabilitySet`].
    // The shift never wraps, but the compiler does not know that.
    #[inline]
    const fn bit(self) -> u64 {
        1u64.wrapping_shl(self.0 as u32)
    }
}

/// A set of capabilities: `kernel_cap_t`.
///
/// # Examples
///
/// ```
/// # use commoncap::capability::{Capability, CapabilitySet};
/// let set = CapabilitySet::EMPTY.with(Capability::CHECKPOINT_RESTORE);
/// assert_eq!(set.bits(), 1 << 40);
/// assert!(set.contains(Capability::CHECKPOINT_RESTORE));
/// assert!(!set.contains(Capability::SYS_ADMIN));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(transparent)]
pub struct CapabilitySet(u64);

impl CapabilitySet {
    /// The empty set: `CAP_EMPTY_SET`.
    pub const EMPTY: Self = Self(0);

    /// The set of all capabilities: `CAP_FULL_SET`.
    pub const FULL: Self = Self((1 << Capability::ALL.len()) - 1);

    /// The capabilities that a file system user ID of 0 stands for: `CAP_FS_SET`.
    pub const FS: Self = Self::EMPTY
        .with(Capability::CHOWN)
        .with(Capability::DAC_OVERRIDE)
        .with(Capability::DAC_READ_SEARCH)
        .with(Capability::FOWNER)
        .with(Capability::FSETID)
        .with(Capability::LINUX_IMMUTABLE)
        .with(Capability::MKNOD)
        .with(Capability::MAC_OVERRIDE);

    /// Creates a set from its bits. Bits that are not a capability are kept.
    #[inline]
    pub const fn from_bits(bits: u64) -> Self {
        Self(bits)
    }

    /// Returns the bits of the set: bit `n` is set if the capability of number `n` is in it.
    #[inline]
    pub const fn bits(self) -> u64 {
        self.0
    }

    /// Returns whether the capability is in the set: `cap_raised()`.
    #[inline]
    pub const fn contains(self, capability: Capability) -> bool {
        self.0 & capability.bit() != 0
    }

    /// Returns the set with the capability in it: `cap_raise()`.
    #[inline]
    #[must_use]
    pub const fn with(self, capability: Capability) -> Self {
        Self(self.0 | capability.bit())
    }

    /// Returns the set without the capability: `cap_lower()`.
    #[inline]
    #[must_use]
    pub const fn without(self, capability: Capability) -> Self {
        Self(self.0 & !capability.bit())
    }

    /// Returns whether no capability is in the set: `cap_isclear()`.
    #[inline]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Returns whether each capability of this set is in `other`, too: `cap_issubset()`.
    #[inline]
    pub const fn is_subset(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }
}

/// The capabilities that are in both sets: `cap_intersect()`.
impl BitAnd for CapabilitySet {
    type Output = Self;

    #[inline]
    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

/// The capabilities that are in one set or in both: `cap_combine()`.
impl BitOr for CapabilitySet {
    type Output = Self;

    #[inline]
    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// The capabilities of the first set that are not in the second: `cap_drop()`.
impl Sub for CapabilitySet {
    type Output = Self;

    #[inline]
    fn sub(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
}

/// The build fails if the capabilities differ from those of the kernel's header.
#[cfg(CONFIG_RUST)]
const _: () = {
    use kernel::bindings;

    let numbers = [
        (Capability::CHOWN, bindings::CAP_CHOWN),
        (Capability::DAC_OVERRIDE, bindings::CAP_DAC_OVERRIDE),
        (Capability::DAC_READ_SEARCH, bindings::CAP_DAC_READ_SEARCH),
        (Capability::FOWNER, bindings::CAP_FOWNER),
        (Capability::FSETID, bindings::CAP_FSETID),
        (Capability::KILL, bindings::CAP_KILL),
        (Capability::SETGID, bindings::CAP_SETGID),
        (Capability::SETUID, bindings::CAP_SETUID),
        (Capability::SETPCAP, bindings::CAP_SETPCAP),
        (Capability::LINUX_IMMUTABLE, bindings::CAP_LINUX_IMMUTABLE),
        (Capability::NET_BIND_SERVICE, bindings::CAP_NET_BIND_SERVICE),
        (Capability::NET_BROADCAST, bindings::CAP_NET_BROADCAST),
        (Capability::NET_ADMIN, bindings::CAP_NET_ADMIN),
        (Capability::NET_RAW, bindings::CAP_NET_RAW),
        (Capability::IPC_LOCK, bindings::CAP_IPC_LOCK),
        (Capability::IPC_OWNER, bindings::CAP_IPC_OWNER),
        (Capability::SYS_MODULE, bindings::CAP_SYS_MODULE),
        (Capability::SYS_RAWIO, bindings::CAP_SYS_RAWIO),
        (Capability::SYS_CHROOT, bindings::CAP_SYS_CHROOT),
        (Capability::SYS_PTRACE, bindings::CAP_SYS_PTRACE),
        (Capability::SYS_PACCT, bindings::CAP_SYS_PACCT),
        (Capability::SYS_ADMIN, bindings::CAP_SYS_ADMIN),
        (Capability::SYS_BOOT, bindings::CAP_SYS_BOOT),
        (Capability::SYS_NICE, bindings::CAP_SYS_NICE),
        (Capability::SYS_RESOURCE, bindings::CAP_SYS_RESOURCE),
        (Capability::SYS_TIME, bindings::CAP_SYS_TIME),
        (Capability::SYS_TTY_CONFIG, bindings::CAP_SYS_TTY_CONFIG),
        (Capability::MKNOD, bindings::CAP_MKNOD),
        (Capability::LEASE, bindings::CAP_LEASE),
        (Capability::AUDIT_WRITE, bindings::CAP_AUDIT_WRITE),
        (Capability::AUDIT_CONTROL, bindings::CAP_AUDIT_CONTROL),
        (Capability::SETFCAP, bindings::CAP_SETFCAP),
        (Capability::MAC_OVERRIDE, bindings::CAP_MAC_OVERRIDE),
        (Capability::MAC_ADMIN, bindings::CAP_MAC_ADMIN),
        (Capability::SYSLOG, bindings::CAP_SYSLOG),
        (Capability::WAKE_ALARM, bindings::CAP_WAKE_ALARM),
        (Capability::BLOCK_SUSPEND, bindings::CAP_BLOCK_SUSPEND),
        (Capability::AUDIT_READ, bindings::CAP_AUDIT_READ),
        (Capability::PERFMON, bindings::CAP_PERFMON),
        (Capability::BPF, bindings::CAP_BPF),
        (
            Capability::CHECKPOINT_RESTORE,
            bindings::CAP_CHECKPOINT_RESTORE,
        ),
    ];
    assert!(numbers.len() == Capability::ALL.len());
    assert!(numbers.len() == bindings::CAP_LAST_CAP as usize + 1);
    let mut rest = numbers.as_slice();
    while let [(capability, number), others @ ..] = rest {
        assert!(capability.number() as u32 == *number);
        rest = others;
    }
};

#[crate::kunit_tests(rust_capability)]
mod tests {
    use super::*;

    #[test]
    fn a_capability_is_found_by_its_number() {
        for (number, capability) in Capability::ALL.iter().enumerate() {
            assert_eq!(Capability::new(number), Some(*capability));
            assert_eq!(usize::from(capability.number()), number);
        }
        assert_eq!(Capability::new(40), Some(Capability::CHECKPOINT_RESTORE));
    }

    #[test]
    fn numbers_above_the_last_capability_are_invalid() {
        for number in [
            41,
            63,
            64,
            usize::MAX / 2 + 1,
            usize::MAX / 2 + 41,
            usize::MAX,
        ] {
            assert_eq!(Capability::new(number), None);
        }
    }

    #[test]
    fn names_are_those_of_libcap() {
        assert_eq!(Capability::CHOWN.name(), "cap_chown");
        assert_eq!(Capability::SYS_ADMIN.name(), "cap_sys_admin");
        assert_eq!(
            Capability::CHECKPOINT_RESTORE.name(),
            "cap_checkpoint_restore"
        );
        for capability in Capability::ALL {
            assert!(capability.name().starts_with("cap_"));
        }
        // A value that only this module can create.
        assert_eq!(Capability(Capability::ALL.len() as u8).name(), "");
    }

    #[test]
    fn with_and_without_change_one_capability() {
        for &capability in Capability::ALL {
            let one = CapabilitySet::EMPTY.with(capability);
            assert_eq!(one.bits(), 1 << capability.number());
            assert_eq!(one.with(capability), one);
            for &other in Capability::ALL {
                assert_eq!(one.contains(other), other == capability);
            }
            let rest = CapabilitySet::FULL.without(capability);
            assert_eq!(rest.bits() | one.bits(), CapabilitySet::FULL.bits());
            assert!(!rest.contains(capability));
            assert_eq!(rest.without(capability), rest);
            assert_eq!(rest.with(capability), CapabilitySet::FULL);
        }
    }

    #[test]
    fn the_full_set_has_forty_one_bits() {
        assert_eq!(CapabilitySet::FULL.bits(), 0x1ff_ffff_ffff);
        assert_eq!(CapabilitySet::from_bits(u64::MAX).bits(), u64::MAX);
        assert_eq!(CapabilitySet::default(), CapabilitySet::EMPTY);
    }

    #[test]
    fn sets_are_combined_bit_by_bit() {
        let (first, second) = (CapabilitySet::from_bits(3), CapabilitySet::from_bits(6));
        assert_eq!((first & second).bits(), 2);
        assert_eq!((first | second).bits(), 7);
        assert_eq!((first - second).bits(), 1);
        assert_eq!((second - first).bits(), 4);
        assert_eq!(first - CapabilitySet::FULL, CapabilitySet::EMPTY);
    }

    #[test]
    fn a_subset_holds_nothing_beyond_the_other_set() {
        for first in 0..8 {
            for second in 0..8 {
                let beyond = (0..3).any(|bit| (first >> bit) & 1 > (second >> bit) & 1);
                let (first, second) = (
                    CapabilitySet::from_bits(first),
                    CapabilitySet::from_bits(second),
                );
                assert_eq!(first.is_subset(second), !beyond);
            }
        }
        assert!(CapabilitySet::EMPTY.is_empty());
        assert!(!CapabilitySet::from_bits(1 << 63).is_empty());
    }

    #[test]
    fn the_set_of_file_system_capabilities_is_that_of_the_c() {
        assert_eq!(CapabilitySet::FS.bits(), 0x1_0800_021f);
    }
}
