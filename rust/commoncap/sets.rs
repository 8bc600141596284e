// SPDX-License-Identifier: GPL-2.0

//! The capability sets that credentials hold, as one value.

use super::credentials::Credentials;
use crate::capability::CapabilitySet;

/// The five capability sets of credentials: the fields `cap_*` of `struct cred`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sets {
    /// The capabilities that can be used now: `cap_effective`.
    pub effective: CapabilitySet,
    /// The capabilities that may become effective: `cap_permitted`.
    pub permitted: CapabilitySet,
    /// The capabilities that a file may grant on `execve()`: `cap_inheritable`.
    pub inheritable: CapabilitySet,
    /// The capabilities that can still be gained on `execve()`: `cap_bset`.
    pub bounding: CapabilitySet,
    /// The capabilities kept over `execve()` of an ordinary program: `cap_ambient`.
    pub ambient: CapabilitySet,
}

impl Sets {
    /// Returns the sets of credentials.
    #[inline]
    pub fn of(cred: &impl Credentials) -> Self {
        Self {
            effective: cred.effective(),
            permitted: cred.permitted(),
            inheritable: cred.inheritable(),
            bounding: cred.bounding(),
            ambient: cred.ambient(),
        }
    }

    /// Returns whether each ambient capability is permitted and inheritable:
    /// `cap_ambient_invariant_ok()`.
    #[inline]
    pub fn ambient_invariant_ok(&self) -> bool {
        self.ambient.is_subset(self.permitted & self.inheritable)
    }
}

#[crate::kunit_tests(rust_commoncap_sets)]
mod tests {
    use super::super::testing::{
        TestCred,
        TestNs, //
    };
    use super::*;

    #[test]
    fn the_sets_of_credentials_are_told_apart() {
        let ns = TestNs::initial();
        let mut cred = TestCred::unprivileged(&ns);
        let sets = Sets {
            effective: CapabilitySet::from_bits(1),
            permitted: CapabilitySet::from_bits(2),
            inheritable: CapabilitySet::from_bits(3),
            bounding: CapabilitySet::from_bits(4),
            ambient: CapabilitySet::from_bits(5),
        };
        cred.effective = sets.effective;
        cred.permitted = sets.permitted;
        cred.inheritable = sets.inheritable;
        cred.bounding = sets.bounding;
        cred.ambient = sets.ambient;
        assert_eq!(Sets::of(&cred), sets);
    }

    #[test]
    fn an_ambient_capability_must_be_permitted_and_inheritable() {
        for bits in 0..8 {
            let bit = |number: u32| CapabilitySet::from_bits((bits >> number) & 1);
            let sets = Sets {
                ambient: bit(0),
                permitted: bit(1),
                inheritable: bit(2),
                effective: CapabilitySet::FULL,
                bounding: CapabilitySet::FULL,
            };
            assert_eq!(
                sets.ambient_invariant_ok(),
                matches!(bits, 0 | 2 | 4 | 6 | 7)
            );
        }
    }
}
