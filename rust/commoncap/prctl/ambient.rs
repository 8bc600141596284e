// SPDX-License-Identifier: GPL-2.0

//! The ambient set, which is kept over `execve()` of ordinary programs: `PR_CAP_AMBIENT`.

use super::{
    super::{
        credentials::Credentials,
        Denial, //
    },
    option,
    truth,
    Change,
    Verdict, //
};
use crate::{
    capability::{
        Capability,
        CapabilitySet, //
    },
    securebits::Securebits, //
};

/// Decides on `PR_CAP_AMBIENT_CLEAR_ALL`. Returns the new ambient set.
#[inline]
pub(super) fn clear_all(rest: [usize; 3]) -> Result<CapabilitySet, Denial> {
    if !matches!(rest, [0, 0, 0]) {
        return Err(Denial::AmbientClearArguments);
    }
    Ok(CapabilitySet::EMPTY)
}

/// Decides on an operation on one capability.
///
/// Checks the arguments before the operation, as `cap_task_prctl()` does.
#[inline]
pub(super) fn operate(
    old: &impl Credentials,
    operation: usize,
    number: usize,
    rest: [usize; 2],
) -> Result<Verdict, Denial> {
    let capability = Capability::new(number).ok_or(Denial::AmbientNoCapability)?;
    if !matches!(rest, [0, 0]) {
        return Err(Denial::AmbientArguments);
    }
    match operation {
        option::CAP_AMBIENT_IS_SET => Ok(truth(old.ambient().contains(capability))),

        option::CAP_AMBIENT_RAISE => {
            if !old.permitted().contains(capability) {
                return Err(Denial::AmbientNotPermitted);
            }
            if !old.inheritable().contains(capability) {
                return Err(Denial::AmbientNotInheritable);
            }
            if old
                .securebits()
                .intersects(Securebits::NO_CAP_AMBIENT_RAISE)
            {
                return Err(Denial::AmbientRaiseForbidden);
            }
            Ok(Verdict::Change(Change::Ambient(
                old.ambient().with(capability),
            )))
        }

        option::CAP_AMBIENT_LOWER => Ok(Verdict::Change(Change::Ambient(
            old.ambient().without(capability),
        ))),

        _ => Err(Denial::AmbientOperation),
    }
}

#[crate::kunit_tests(rust_commoncap_ambient)]
mod tests {
    use super::{
        super::super::testing::{
            prctl,
            privileged,
            value,
            TestCred,
            TestNs,
            INVALID_CAPABILITIES,
            JUNK, //
        }, //
        *,
    };

    fn ambient_op(cred: &TestCred<'_>, operation: usize, number: usize) -> Result<Verdict, Denial> {
        prctl(cred, option::CAP_AMBIENT, [operation, number, 0, 0])
    }

    #[test]
    fn ambient_clear_all_empties_the_set() {
        let ns = TestNs::initial();
        let mut cred = TestCred::unprivileged(&ns);
        for set in [CapabilitySet::EMPTY, CapabilitySet::FULL] {
            cred.ambient = set;
            let answer = ambient_op(&cred, option::CAP_AMBIENT_CLEAR_ALL, 0);
            let empty = Change::Ambient(CapabilitySet::EMPTY);
            assert_eq!(answer, Ok(Verdict::Change(empty)));
        }
    }

    #[test]
    fn ambient_clear_all_denies_further_arguments() {
        let ns = TestNs::initial();
        let cred = TestCred::unprivileged(&ns);
        for junk in [1, 40, 1 << 63] {
            for args in [[4, junk, 0, 0], [4, 0, junk, 0], [4, 0, 0, junk]] {
                let answer = prctl(&cred, option::CAP_AMBIENT, args);
                assert_eq!(answer, Err(Denial::AmbientClearArguments));
            }
        }
    }

    #[test]
    fn ambient_is_set_returns_whether_each_capability_is_in_the_set() {
        let ns = TestNs::initial();
        let mut cred = TestCred::unprivileged(&ns);
        for &capability in Capability::ALL {
            cred.ambient = CapabilitySet::EMPTY.with(capability);
            for &other in Capability::ALL {
                let answer = ambient_op(&cred, 1, other.number().into());
                assert_eq!(answer, value((other == capability).into()));
            }
        }
    }

    #[test]
    fn ambient_operations_check_their_arguments_before_the_operation() {
        let ns = TestNs::initial();
        let cred = TestCred::unprivileged(&ns);
        for operation in [0, 1, 2, 3, 5, 1 << 32, (1 << 32) | 2, usize::MAX] {
            for number in INVALID_CAPABILITIES {
                let answer = prctl(&cred, option::CAP_AMBIENT, [operation, number, JUNK[0], 0]);
                assert_eq!(answer, Err(Denial::AmbientNoCapability));
            }
            for (arg4, arg5) in [(1, 0), (0, 1), (1 << 63, 0), (0, 1 << 32)] {
                let answer = prctl(&cred, option::CAP_AMBIENT, [operation, 8, arg4, arg5]);
                assert_eq!(answer, Err(Denial::AmbientArguments));
            }
        }
    }

    #[test]
    fn unknown_ambient_operations_are_denied() {
        let ns = TestNs::initial();
        let mut cred = privileged(&ns);
        cred.permitted = CapabilitySet::FULL;
        cred.inheritable = CapabilitySet::FULL;
        for operation in [0, 5, 1 << 32, (1 << 32) | 2, (1 << 32) | 4, usize::MAX] {
            let answer = ambient_op(&cred, operation, 8);
            assert_eq!(answer, Err(Denial::AmbientOperation));
        }
    }

    #[test]
    fn ambient_raise_needs_the_capability_permitted_and_inheritable() {
        let ns = TestNs::initial();
        let mut cred = TestCred::unprivileged(&ns);
        for &capability in Capability::ALL {
            let only = CapabilitySet::EMPTY.with(capability);
            let others = CapabilitySet::FULL.without(capability);
            for (permitted, inheritable, expected) in [
                (only, only, Ok(only)),
                (only, others, Err(Denial::AmbientNotInheritable)),
                (others, only, Err(Denial::AmbientNotPermitted)),
                (others, others, Err(Denial::AmbientNotPermitted)),
            ] {
                cred.permitted = permitted;
                cred.inheritable = inheritable;
                let answer = ambient_op(&cred, 2, capability.number().into());
                assert_eq!(
                    answer,
                    expected.map(|set| Verdict::Change(Change::Ambient(set)))
                );
            }
        }
    }

    #[test]
    fn ambient_raise_keeps_the_other_capabilities() {
        let ns = TestNs::initial();
        let mut cred = TestCred::unprivileged(&ns);
        cred.permitted = CapabilitySet::FULL;
        cred.inheritable = CapabilitySet::FULL;
        cred.ambient = CapabilitySet::EMPTY.with(Capability::CHOWN);
        let both = Change::Ambient(cred.ambient.with(Capability::BPF));
        assert_eq!(ambient_op(&cred, 2, 39), Ok(Verdict::Change(both)));
    }

    #[test]
    fn ambient_raise_is_denied_by_its_securebit_alone() {
        let ns = TestNs::initial();
        let mut cred = TestCred::unprivileged(&ns);
        cred.permitted = CapabilitySet::FULL;
        cred.inheritable = CapabilitySet::FULL;
        for bits in 0..=0xfff {
            cred.securebits = Securebits::from_bits(bits);
            let forbidden = ambient_op(&cred, 2, 8) == Err(Denial::AmbientRaiseForbidden);
            assert_eq!(forbidden, bits & 0x40 != 0);
        }
        cred.permitted = CapabilitySet::EMPTY;
        assert_eq!(ambient_op(&cred, 2, 8), Err(Denial::AmbientNotPermitted));
    }

    #[test]
    fn ambient_lower_needs_no_privilege() {
        let ns = TestNs::initial();
        let mut cred = TestCred::unprivileged(&ns);
        cred.securebits = Securebits::NO_CAP_AMBIENT_RAISE;
        for &capability in Capability::ALL {
            for set in [CapabilitySet::EMPTY, CapabilitySet::FULL] {
                cred.ambient = set;
                let answer = ambient_op(&cred, 3, capability.number().into());
                let expected = Change::Ambient(set.without(capability));
                assert_eq!(answer, Ok(Verdict::Change(expected)));
            }
        }
    }
}
