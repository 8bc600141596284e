// SPDX-License-Identifier: GPL-2.0

//! The securebits: which privileges user ID 0 has, and what interpreters may run.
//!
//! There are six pairs of bits. The lower bit of a pair is a setting. The upper bit locks both for
//! good once it is set.
//!
//! Needs nothing but `core`, so user space can be built from this file too.
//!
//! C header: [`include/uapi/linux/securebits.h`](srctree/include/uapi/linux/securebits.h).

use core::ops::{
    BitAnd,
    BitOr,
    BitXor,
    Not, //
};

/// A set of securebits: `SECBIT_*`, `cred->securebits`.
///
/// # Examples
///
/// ```
/// use commoncap::securebits::Securebits;
///
/// let exec = (Securebits::EXEC_RESTRICT_FILE | Securebits::EXEC_DENY_INTERACTIVE).with_locks();
/// assert_eq!(exec.bits(), 0xf00);
/// assert_eq!(exec.locked(), Securebits::ALL_UNPRIVILEGED);
/// assert!(!exec.intersects(Securebits::NOROOT));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(transparent)]
pub struct Securebits(u32);

impl Securebits {
    /// User ID 0 gains no capability on `execve()`.
    pub const NOROOT: Self = Self(0x001);
    /// Locks [`Self::NOROOT`].
    pub const NOROOT_LOCKED: Self = Self(0x002);
    /// Changing user IDs from or to 0 changes no capability.
    pub const NO_SETUID_FIXUP: Self = Self(0x004);
    /// Locks [`Self::NO_SETUID_FIXUP`].
    pub const NO_SETUID_FIXUP_LOCKED: Self = Self(0x008);
    /// Changing all user IDs from 0 to others keeps the permitted set. `execve()` clears this bit.
    pub const KEEP_CAPS: Self = Self(0x010);
    /// Locks [`Self::KEEP_CAPS`].
    pub const KEEP_CAPS_LOCKED: Self = Self(0x020);
    /// No capability can be added to the ambient set.
    pub const NO_CAP_AMBIENT_RAISE: Self = Self(0x040);
    /// Locks [`Self::NO_CAP_AMBIENT_RAISE`].
    pub const NO_CAP_AMBIENT_RAISE_LOCKED: Self = Self(0x080);
    /// Interpreters run a file only if the kernel would: `execveat()` with `AT_EXECVE_CHECK`.
    pub const EXEC_RESTRICT_FILE: Self = Self(0x100);
    /// Locks [`Self::EXEC_RESTRICT_FILE`].
    pub const EXEC_RESTRICT_FILE_LOCKED: Self = Self(0x200);
    /// Interpreters run no commands from other sources than files.
    pub const EXEC_DENY_INTERACTIVE: Self = Self(0x400);
    /// Locks [`Self::EXEC_DENY_INTERACTIVE`].
    pub const EXEC_DENY_INTERACTIVE_LOCKED: Self = Self(0x800);

    /// No securebits: `SECUREBITS_DEFAULT`.
    pub const DEFAULT: Self = Self(0);
    /// The six settings: `SECURE_ALL_BITS`.
    pub const ALL_BITS: Self = Self(0x555);
    /// The six locks: `SECURE_ALL_LOCKS`.
    pub const ALL_LOCKS: Self = Self(Self::ALL_BITS.0 << 1);
    /// The settings that need no privilege: `SECURE_ALL_UNPRIVILEGED`.
    ///
    /// The kernel only stores them. User space enforces them.
    pub const ALL_UNPRIVILEGED: Self = Self(0x500);

    /// Creates securebits from a number. Bits that are not a securebit are kept.
    #[inline]
    pub const fn from_bits(bits: u32) -> Self {
        Self(bits)
    }

    /// Creates securebits from a number. Bits that are not a securebit are cleared.
    #[inline]
    pub const fn known(bits: usize) -> Self {
        let all = Self::ALL_BITS.with_locks().0;
        Self((bits & all as usize) as u32)
    }

    /// Returns the securebits as a number.
    #[inline]
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// Returns whether no bit is set.
    #[inline]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Returns whether a bit is set both here and in `other`.
    #[inline]
    pub const fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Returns the settings that are locked by the locks among these bits.
    #[inline]
    #[must_use]
    pub const fn locked(self) -> Self {
        Self((self.0 & Self::ALL_LOCKS.0) >> 1)
    }

    /// Returns these bits and the locks of the settings among them.
    #[inline]
    #[must_use]
    pub const fn with_locks(self) -> Self {
        Self(self.0 | ((self.0 & Self::ALL_BITS.0) << 1))
    }
}

impl BitAnd for Securebits {
    type Output = Self;

    #[inline]
    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

impl BitOr for Securebits {
    type Output = Self;

    #[inline]
    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitXor for Securebits {
    type Output = Self;

    #[inline]
    fn bitxor(self, other: Self) -> Self {
        Self(self.0 ^ other.0)
    }
}

impl Not for Securebits {
    type Output = Self;

    #[inline]
    fn not(self) -> Self {
        Self(!self.0)
    }
}

#[crate::kunit_tests(rust_securebits)]
mod tests {
    use super::*;

    #[test]
    fn every_lock_is_above_its_setting() {
        for (setting, lock) in [
            (Securebits::NOROOT, Securebits::NOROOT_LOCKED),
            (
                Securebits::NO_SETUID_FIXUP,
                Securebits::NO_SETUID_FIXUP_LOCKED,
            ),
            (Securebits::KEEP_CAPS, Securebits::KEEP_CAPS_LOCKED),
            (
                Securebits::NO_CAP_AMBIENT_RAISE,
                Securebits::NO_CAP_AMBIENT_RAISE_LOCKED,
            ),
            (
                Securebits::EXEC_RESTRICT_FILE,
                Securebits::EXEC_RESTRICT_FILE_LOCKED,
            ),
            (
                Securebits::EXEC_DENY_INTERACTIVE,
                Securebits::EXEC_DENY_INTERACTIVE_LOCKED,
            ),
        ] {
            assert_eq!(lock.locked(), setting);
            assert_eq!(setting.locked(), Securebits::DEFAULT);
            assert_eq!(setting.with_locks(), setting | lock);
            assert_eq!((setting | lock).with_locks(), setting | lock);
            assert!(Securebits::ALL_BITS.intersects(setting));
            assert!(Securebits::ALL_LOCKS.intersects(lock));
        }
        assert_eq!(Securebits::ALL_BITS.with_locks().bits(), 0xfff);
        assert_eq!(Securebits::ALL_UNPRIVILEGED.bits(), 0x500);
    }

    #[test]
    fn only_the_twelve_bits_are_known() {
        assert_eq!(Securebits::known(usize::MAX).bits(), 0xfff);
        for bit in 0..64 {
            let expected = if bit < 12 { 1 << bit } else { 0 };
            assert_eq!(Securebits::known(1 << bit).bits(), expected);
        }
    }
}
