// SPDX-License-Identifier: GPL-2.0

//! The securebits: how far user ID 0 is special, and what interpreters may run.
//!
//! Six pairs of bits. The even one of a pair is a setting; the odd one above it, once set, locks
//! both for good.
//!
//! C header: [`include/uapi/linux/securebits.h`](srctree/include/uapi/linux/securebits.h).

use super::{
    facts::{Credentials, Privileges},
    Denial,
};
use crate::capability::Capability;
use core::ops::{BitAnd, BitOr, BitXor, Not};

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
    /// A change of user IDs from or to 0 changes no capability.
    pub const NO_SETUID_FIXUP: Self = Self(0x004);
    /// Locks [`Self::NO_SETUID_FIXUP`].
    pub const NO_SETUID_FIXUP_LOCKED: Self = Self(0x008);
    /// Permitted capabilities outlive a change of all user IDs to others than 0, until `execve()`.
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
    /// Interpreters run no command that comes from no file.
    pub const EXEC_DENY_INTERACTIVE: Self = Self(0x400);
    /// Locks [`Self::EXEC_DENY_INTERACTIVE`].
    pub const EXEC_DENY_INTERACTIVE_LOCKED: Self = Self(0x800);

    /// No bit: `SECUREBITS_DEFAULT`.
    pub const DEFAULT: Self = Self(0);
    /// The six settings: `SECURE_ALL_BITS`.
    pub const ALL_BITS: Self = Self(0x555);
    /// Their six locks: `SECURE_ALL_LOCKS`.
    pub const ALL_LOCKS: Self = Self(Self::ALL_BITS.0 << 1);
    /// The settings that need no privilege: `SECURE_ALL_UNPRIVILEGED`.
    ///
    /// The kernel only keeps them: it is user space that they restrict.
    pub const ALL_UNPRIVILEGED: Self = Self(0x500);

    /// Makes securebits from a number, of which a set bit that means nothing is kept as it is.
    #[inline]
    pub const fn from_bits(bits: u32) -> Self {
        Self(bits)
    }

    /// Returns those bits of a request that are securebits, and leaves out all others.
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

    /// Returns whether a bit of `other` is set here.
    #[inline]
    pub const fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Returns the settings that locks among these bits lock.
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

/// Decides whether the securebits can be set to `bits`: `PR_SET_SECUREBITS`.
pub(super) fn set(
    old: &impl Credentials,
    held: &impl Privileges,
    bits: usize,
) -> Result<Securebits, Denial> {
    let from = old.securebits();

    // [1] and [2] look at none but the twelve bits; [3] is about all others.
    let to = Securebits::known(bits);

    // [1] no changing of bits that are locked
    if from.locked().intersects(from ^ to) {
        return Err(Denial::SecurebitsLocked);
    }
    // [2] no unlocking of locks
    if (from & Securebits::ALL_LOCKS).intersects(!to) {
        return Err(Denial::SecurebitsUnlock);
    }
    // [3] no setting of unsupported bits
    if bits != to.bits() as usize {
        return Err(Denial::SecurebitsUnsupported);
    }

    // Doing anything requires privilege (the "sendmail capabilities bug" came of doing without),
    // except for the bits by which only user space restricts itself.
    if !held.cap_capable(Capability::SETPCAP) {
        let changed = from ^ to;
        if changed.is_empty() {
            return Err(Denial::SecurebitsUnchanged);
        }
        if changed.intersects(!Securebits::ALL_UNPRIVILEGED.with_locks()) {
            return Err(Denial::SecurebitsPrivileged);
        }
    }

    Ok(to)
}

#[crate::kunit_tests(rust_commoncap_securebits)]
mod tests {
    use super::super::testing::{privileged, Lsms, TestCred, TestNs};
    use super::*;
    use crate::capability::CapabilitySet;

    /// The six settings; the lock of each is the bit above it.
    const SETTINGS: [usize; 6] = [0, 2, 4, 6, 8, 10];

    /// Asks for the securebits to be set, where some LSM but this one denies every capability.
    fn ask(cred: &TestCred<'_>, bits: usize) -> Result<Securebits, Denial> {
        set(cred, &Lsms::of(cred, false), bits)
    }

    fn securebits(bits: usize) -> Result<Securebits, Denial> {
        Ok(Securebits::from_bits(bits as u32))
    }

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

    #[test]
    fn set_securebits_asks_cap_capable_once_and_only_past_the_first_three_rules() {
        let ns = TestNs::initial();
        let mut cred = privileged(&ns);
        cred.securebits = Securebits::from_bits(0xe00);
        for (to, asked) in [(0xf00, 0), (0x600, 0), (0x1e00, 0), (0xe00, 1), (0xe01, 1)] {
            let lsms = Lsms::of(&cred, false);
            let answer = set(&cred, &lsms, to);
            assert_eq!(answer.is_ok(), asked == 1);
            assert_eq!(lsms.asked_cap_capable.get(), asked);
            assert_eq!(lsms.asked_ns_capable.get(), 0);
        }
    }

    #[test]
    fn privileged_task_may_set_and_clear_every_unlocked_bit() {
        let ns = TestNs::initial();
        let mut cred = privileged(&ns);
        for bits in 0..=0xfff {
            cred.securebits = Securebits::DEFAULT;
            assert_eq!(ask(&cred, bits), securebits(bits));
            // No lock among them: back again.
            cred.securebits = Securebits::from_bits(bits as u32) & Securebits::ALL_BITS;
            assert_eq!(ask(&cred, 0), securebits(0));
        }
    }

    #[test]
    fn privileged_task_may_set_what_is_set() {
        let ns = TestNs::initial();
        let mut cred = privileged(&ns);
        for bits in 0..=0xfff {
            cred.securebits = Securebits::from_bits(bits as u32);
            assert_eq!(ask(&cred, bits), securebits(bits));
        }
    }

    #[test]
    fn locked_bit_cannot_change_while_its_lock_stays() {
        let ns = TestNs::initial();
        for mut cred in [TestCred::nobody(&ns), privileged(&ns)] {
            for setting in SETTINGS {
                let lock = 2 << setting;
                for (from, to) in [(lock, lock | (1 << setting)), (lock | (1 << setting), lock)] {
                    cred.securebits = Securebits::from_bits(from as u32);
                    assert_eq!(ask(&cred, to), Err(Denial::SecurebitsLocked));
                }
            }
        }
    }

    #[test]
    fn lock_cannot_be_cleared_whatever_its_setting() {
        let ns = TestNs::initial();
        for mut cred in [TestCred::nobody(&ns), privileged(&ns)] {
            for setting in SETTINGS {
                for kept in [0, 1 << setting] {
                    cred.securebits = Securebits::from_bits(((2 << setting) | kept) as u32);
                    assert_eq!(ask(&cred, kept), Err(Denial::SecurebitsUnlock));
                }
            }
        }
    }

    #[test]
    fn lock_holds_its_own_setting_only() {
        let ns = TestNs::initial();
        let mut cred = privileged(&ns);
        for locked in SETTINGS {
            cred.securebits = Securebits::from_bits(2 << locked);
            for other in SETTINGS {
                for change in [1 << other, 2 << other] {
                    if other != locked {
                        let to = (2 << locked) | change;
                        assert_eq!(ask(&cred, to), securebits(to));
                    }
                }
            }
        }
    }

    #[test]
    fn bits_beyond_the_twelve_are_refused_up_to_the_64th() {
        let ns = TestNs::initial();
        for cred in [TestCred::nobody(&ns), privileged(&ns)] {
            for bit in 12..64 {
                // Alone, with what is set already, and with a bit that may change.
                for rest in [0, 0x100] {
                    let answer = ask(&cred, (1 << bit) | rest);
                    assert_eq!(answer, Err(Denial::SecurebitsUnsupported));
                }
            }
            assert_eq!(ask(&cred, usize::MAX), Err(Denial::SecurebitsUnsupported));
        }
    }

    #[test]
    fn faults_are_told_in_the_order_of_the_c() {
        let ns = TestNs::initial();
        for mut cred in [TestCred::nobody(&ns), privileged(&ns)] {
            // EXEC_RESTRICT_FILE locked off, EXEC_DENY_INTERACTIVE locked on.
            cred.securebits = Securebits::from_bits(0xe00);
            for (to, denial) in [
                (0x100 | (1 << 40), Denial::SecurebitsLocked),
                (0x100, Denial::SecurebitsLocked),
                (0x1_0000_0600, Denial::SecurebitsUnlock),
                (0x600, Denial::SecurebitsUnlock),
                (0x1_0000_0e00, Denial::SecurebitsUnsupported),
                (0x1e01, Denial::SecurebitsUnsupported),
            ] {
                assert_eq!(ask(&cred, to), Err(denial));
            }
        }
        // The rules of the unprivileged come last.
        let mut cred = TestCred::nobody(&ns);
        cred.securebits = Securebits::from_bits(0xe00);
        assert_eq!(ask(&cred, 0xe00), Err(Denial::SecurebitsUnchanged));
        assert_eq!(ask(&cred, 0xe01), Err(Denial::SecurebitsPrivileged));
    }

    #[test]
    fn unprivileged_task_may_set_and_lock_exec_bits() {
        let ns = TestNs::initial();
        let mut cred = TestCred::nobody(&ns);
        // Bits that only the privileged set stay with the unprivileged.
        for inherited in [0, 0x0ff] {
            cred.securebits = Securebits::from_bits(inherited as u32);
            for exec in 1..16 {
                let to = inherited | (exec << 8);
                assert_eq!(ask(&cred, to), securebits(to));
            }
        }
    }

    #[test]
    fn unprivileged_task_may_clear_unlocked_exec_bits() {
        let ns = TestNs::initial();
        let mut cred = TestCred::nobody(&ns);
        for (from, to) in [(0x500, 0), (0x500, 0x100), (0x500, 0x400), (0xd00, 0xc00)] {
            cred.securebits = Securebits::from_bits(from);
            assert_eq!(ask(&cred, to), securebits(to));
        }
    }

    #[test]
    fn unprivileged_task_may_change_no_other_bit() {
        let ns = TestNs::initial();
        let mut cred = TestCred::nobody(&ns);
        for bit in 0..8 {
            for exec in [0, 0x100] {
                cred.securebits = Securebits::DEFAULT;
                let set_it = ask(&cred, (1 << bit) | exec);
                assert_eq!(set_it, Err(Denial::SecurebitsPrivileged));
            }
            if bit % 2 == 0 {
                cred.securebits = Securebits::from_bits(1 << bit);
                assert_eq!(ask(&cred, 0), Err(Denial::SecurebitsPrivileged));
                assert_eq!(ask(&cred, 0x100), Err(Denial::SecurebitsPrivileged));
            }
        }
    }

    #[test]
    fn unprivileged_task_may_not_set_what_is_set() {
        let ns = TestNs::initial();
        let mut cred = TestCred::nobody(&ns);
        for bits in 0..=0xfff {
            cred.securebits = Securebits::from_bits(bits as u32);
            assert_eq!(ask(&cred, bits), Err(Denial::SecurebitsUnchanged));
        }
    }

    #[test]
    fn setpcap_over_the_callers_own_namespace_is_what_counts() {
        let initial = TestNs::initial();
        let child = TestNs::child(&initial, 1000);
        let mut cred = privileged(&child);
        assert_eq!(ask(&cred, 1), securebits(1));

        // Having made one's own namespace is not enough: that counts in its parent.
        cred = TestCred::nobody(&child);
        cred.euid = 1000;
        assert_eq!(ask(&cred, 1), Err(Denial::SecurebitsPrivileged));

        // Nor is any other capability.
        cred.effective = CapabilitySet::FULL.without(Capability::SETPCAP);
        assert_eq!(ask(&cred, 1), Err(Denial::SecurebitsPrivileged));
    }
}
