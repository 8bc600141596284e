// SPDX-License-Identifier: GPL-2.0

//! Changes of the securebits: `PR_SET_SECUREBITS`.

use super::super::{
    credentials::Privileges,
    Denial, //
};
use crate::{
    capability::Capability,
    securebits::Securebits, //
};

/// Decides whether the caller may change the securebits from `from` to `bits`.
///
/// Returns the first error, in the order of `cap_task_prctl()`.
#[inline]
pub fn set(
    from: Securebits,
    privileges: &impl Privileges,
    bits: usize,
) -> Result<Securebits, Denial> {
    // [1] and [2] concern the twelve securebits only; [3] concerns all other bits.
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

    // Changes require privilege (the "sendmail-capabilities bug" was that they did not), except for
    // the bits that only user space enforces.
    if !privileges.cap_capable(Capability::SETPCAP) {
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
    use super::{
        super::super::testing::{
            privileged,
            Lsms,
            TestCred,
            TestNs, //
        }, //
        *,
    };
    use crate::capability::CapabilitySet;

    /// The bit numbers of the six settings. The lock of each is the next bit.
    const SETTINGS: [usize; 6] = [0, 2, 4, 6, 8, 10];

    /// Decides on new securebits, where another LSM denies every capability.
    fn decide(cred: &TestCred<'_>, bits: usize) -> Result<Securebits, Denial> {
        set(cred.securebits, &Lsms::of(cred, false), bits)
    }

    fn securebits(bits: usize) -> Result<Securebits, Denial> {
        Ok(Securebits::from_bits(bits as u32))
    }

    #[test]
    fn set_securebits_checks_setpcap_once_and_only_after_the_first_three_rules() {
        let ns = TestNs::initial();
        let mut cred = privileged(&ns);
        cred.securebits = Securebits::from_bits(0xe00);
        for (to, calls) in [(0xf00, 0), (0x600, 0), (0x1e00, 0), (0xe00, 1), (0xe01, 1)] {
            let lsms = Lsms::of(&cred, false);
            let answer = set(cred.securebits, &lsms, to);
            assert_eq!(answer.is_ok(), calls == 1);
            assert_eq!(lsms.cap_capable_calls.get(), calls);
            assert_eq!(lsms.ns_capable_calls.get(), 0);
        }
    }

    #[test]
    fn privileged_task_may_set_and_clear_every_unlocked_bit() {
        let ns = TestNs::initial();
        let mut cred = privileged(&ns);
        for bits in 0..=0xfff {
            cred.securebits = Securebits::DEFAULT;
            assert_eq!(decide(&cred, bits), securebits(bits));
            // Without the locks, back again.
            cred.securebits = Securebits::from_bits(bits as u32) & Securebits::ALL_BITS;
            assert_eq!(decide(&cred, 0), securebits(0));
        }
    }

    #[test]
    fn privileged_task_may_set_the_securebits_that_are_set() {
        let ns = TestNs::initial();
        let mut cred = privileged(&ns);
        for bits in 0..=0xfff {
            cred.securebits = Securebits::from_bits(bits as u32);
            assert_eq!(decide(&cred, bits), securebits(bits));
        }
    }

    #[test]
    fn locked_bit_cannot_change_while_its_lock_stays() {
        let ns = TestNs::initial();
        for mut cred in [TestCred::unprivileged(&ns), privileged(&ns)] {
            for setting in SETTINGS {
                let lock = 2 << setting;
                for (from, to) in [(lock, lock | (1 << setting)), (lock | (1 << setting), lock)] {
                    cred.securebits = Securebits::from_bits(from as u32);
                    assert_eq!(decide(&cred, to), Err(Denial::SecurebitsLocked));
                }
            }
        }
    }

    #[test]
    fn lock_cannot_be_cleared_whatever_its_setting() {
        let ns = TestNs::initial();
        for mut cred in [TestCred::unprivileged(&ns), privileged(&ns)] {
            for setting in SETTINGS {
                for kept in [0, 1 << setting] {
                    cred.securebits = Securebits::from_bits(((2 << setting) | kept) as u32);
                    assert_eq!(decide(&cred, kept), Err(Denial::SecurebitsUnlock));
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
                        assert_eq!(decide(&cred, to), securebits(to));
                    }
                }
            }
        }
    }

    #[test]
    fn unknown_bits_are_denied_from_the_13th_to_the_64th() {
        let ns = TestNs::initial();
        for cred in [TestCred::unprivileged(&ns), privileged(&ns)] {
            for bit in 12..64 {
                // Alone, and with a bit that may change.
                for rest in [0, 0x100] {
                    let answer = decide(&cred, (1 << bit) | rest);
                    assert_eq!(answer, Err(Denial::SecurebitsUnsupported));
                }
            }
            assert_eq!(
                decide(&cred, usize::MAX),
                Err(Denial::SecurebitsUnsupported)
            );
        }
    }

    #[test]
    fn the_first_error_is_returned_in_the_order_of_commoncap_c() {
        let ns = TestNs::initial();
        for mut cred in [TestCred::unprivileged(&ns), privileged(&ns)] {
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
                assert_eq!(decide(&cred, to), Err(denial));
            }
        }
        // The rules for callers without CAP_SETPCAP come last.
        let mut cred = TestCred::unprivileged(&ns);
        cred.securebits = Securebits::from_bits(0xe00);
        assert_eq!(decide(&cred, 0xe00), Err(Denial::SecurebitsUnchanged));
        assert_eq!(decide(&cred, 0xe01), Err(Denial::SecurebitsPrivileged));
    }

    #[test]
    fn unprivileged_task_may_set_and_lock_exec_bits() {
        let ns = TestNs::initial();
        let mut cred = TestCred::unprivileged(&ns);
        // An unprivileged task keeps the bits that only a privileged one can set.
        for inherited in [0, 0x0ff] {
            cred.securebits = Securebits::from_bits(inherited as u32);
            for exec in 1..16 {
                let to = inherited | (exec << 8);
                assert_eq!(decide(&cred, to), securebits(to));
            }
        }
    }

    #[test]
    fn unprivileged_task_may_clear_unlocked_exec_bits() {
        let ns = TestNs::initial();
        let mut cred = TestCred::unprivileged(&ns);
        for (from, to) in [(0x500, 0), (0x500, 0x100), (0x500, 0x400), (0xd00, 0xc00)] {
            cred.securebits = Securebits::from_bits(from);
            assert_eq!(decide(&cred, to), securebits(to));
        }
    }

    #[test]
    fn unprivileged_task_may_change_no_other_bit() {
        let ns = TestNs::initial();
        let mut cred = TestCred::unprivileged(&ns);
        for bit in 0..8 {
            for exec in [0, 0x100] {
                cred.securebits = Securebits::DEFAULT;
                let set_it = decide(&cred, (1 << bit) | exec);
                assert_eq!(set_it, Err(Denial::SecurebitsPrivileged));
            }
            if bit % 2 == 0 {
                cred.securebits = Securebits::from_bits(1 << bit);
                assert_eq!(decide(&cred, 0), Err(Denial::SecurebitsPrivileged));
                assert_eq!(decide(&cred, 0x100), Err(Denial::SecurebitsPrivileged));
            }
        }
    }

    #[test]
    fn unprivileged_task_may_not_set_the_securebits_that_are_set() {
        let ns = TestNs::initial();
        let mut cred = TestCred::unprivileged(&ns);
        for bits in 0..=0xfff {
            cred.securebits = Securebits::from_bits(bits as u32);
            assert_eq!(decide(&cred, bits), Err(Denial::SecurebitsUnchanged));
        }
    }

    #[test]
    fn set_securebits_needs_setpcap_over_the_callers_own_namespace() {
        let initial = TestNs::initial();
        let child = TestNs::child(&initial, 1000);
        let mut cred = privileged(&child);
        assert_eq!(decide(&cred, 1), securebits(1));

        // Owning the namespace is not enough: the owner is granted only in the parent.
        cred = TestCred::unprivileged(&child);
        cred.euid = 1000;
        assert_eq!(decide(&cred, 1), Err(Denial::SecurebitsPrivileged));

        // No other capability is enough.
        cred.effective = CapabilitySet::FULL.without(Capability::SETPCAP);
        assert_eq!(decide(&cred, 1), Err(Denial::SecurebitsPrivileged));
    }
}
