// SPDX-License-Identifier: GPL-2.0

//! Reading and changing capability sets: `cap_capget()`, `cap_capset()`.

use super::{
    sets::Sets,
    Denial, //
};
use crate::capability::CapabilitySet;

/// The three sets that `capget()` returns and `capset()` takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Data {
    /// The effective set.
    pub effective: CapabilitySet,
    /// The inheritable set.
    pub inheritable: CapabilitySet,
    /// The permitted set.
    pub permitted: CapabilitySet,
}

/// Returns the sets of a task that `capget()` shows. Every caller may see them.
#[inline]
pub fn capget(target: &Sets) -> Data {
    Data {
        effective: target.effective,
        inheritable: target.inheritable,
        permitted: target.permitted,
    }
}

/// Decides whether a task may give itself the capability sets `request`.
///
/// `old` are the sets that the task acts with, and `new` those of its new credentials. All sets of
/// `new` but the ambient set are replaced. The ambient set keeps what stays permitted and
/// inheritable. `setpcap` is whether `cap_capable()` grants the task `CAP_SETPCAP` over its own
/// user namespace. The caller checks that first, for every request, as `cap_inh_is_capped()` does.
///
/// Returns the sets of the new credentials.
#[inline]
pub fn capset(old: &Sets, new: &Sets, setpcap: bool, request: Data) -> Result<Sets, Denial> {
    let Data {
        effective,
        inheritable,
        permitted,
    } = request;

    if !setpcap && !inheritable.is_subset(old.inheritable | old.permitted) {
        return Err(Denial::CapsetInheritableUnprivileged);
    }
    // No new inheritable capability outside the bounding set, with CAP_SETPCAP neither.
    if !inheritable.is_subset(old.inheritable | old.bounding) {
        return Err(Denial::CapsetInheritableUnbounded);
    }
    if !permitted.is_subset(old.permitted) {
        return Err(Denial::CapsetPermittedGained);
    }
    if !effective.is_subset(permitted) {
        return Err(Denial::CapsetEffectiveNotPermitted);
    }

    Ok(Sets {
        effective,
        inheritable,
        permitted,
        ambient: new.ambient & permitted & inheritable,
        ..*new
    })
}

#[crate::kunit_tests(rust_commoncap_capset)]
mod tests {
    use super::*;

    fn ask(old: &Sets, setpcap: bool, request: Data) -> Result<Sets, Denial> {
        capset(old, old, setpcap, request)
    }

    /// The set that is one bit or none.
    fn bit(present: bool) -> CapabilitySet {
        CapabilitySet::from_bits(u64::from(present) << 12)
    }

    const NOTHING: Data = Data {
        effective: CapabilitySet::EMPTY,
        inheritable: CapabilitySet::EMPTY,
        permitted: CapabilitySet::EMPTY,
    };

    #[test]
    fn capget_returns_three_of_the_five_sets() {
        let set = CapabilitySet::from_bits;
        let sets = Sets {
            effective: set(1),
            permitted: set(2),
            inheritable: set(3),
            bounding: set(4),
            ambient: set(5),
        };
        let expected = Data {
            effective: set(1),
            permitted: set(2),
            inheritable: set(3),
        };
        assert_eq!(capget(&sets), expected);
    }

    #[test]
    fn a_new_inheritable_capability_must_be_permitted_or_take_setpcap() {
        for bits in 0..16 {
            let is = |number: u32| (bits >> number) & 1 == 1;
            let (inheritable, permitted, bounding, setpcap) = (is(0), is(1), is(2), is(3));
            let old = Sets {
                inheritable: bit(inheritable),
                permitted: bit(permitted),
                bounding: bit(bounding),
                ..Sets::default()
            };
            let request = Data {
                inheritable: bit(true),
                ..NOTHING
            };
            let expected = if !setpcap && !inheritable && !permitted {
                Err(Denial::CapsetInheritableUnprivileged)
            } else if !inheritable && !bounding {
                Err(Denial::CapsetInheritableUnbounded)
            } else {
                Ok(bit(true))
            };
            let answer = ask(&old, setpcap, request).map(|new| new.inheritable);
            assert_eq!(answer, expected);
        }
    }

    #[test]
    fn the_permitted_set_never_grows_and_the_effective_set_stays_within_the_new_one() {
        for bits in 0..16 {
            let is = |number: u32| (bits >> number) & 1 == 1;
            let old = Sets {
                permitted: bit(is(0)),
                effective: bit(is(1)),
                inheritable: CapabilitySet::FULL,
                bounding: CapabilitySet::FULL,
                ..Sets::default()
            };
            let request = Data {
                permitted: bit(is(2)),
                effective: bit(is(3)),
                ..NOTHING
            };
            let expected = if is(2) && !is(0) {
                Err(Denial::CapsetPermittedGained)
            } else if is(3) && !is(2) {
                Err(Denial::CapsetEffectiveNotPermitted)
            } else {
                Ok((bit(is(2)), bit(is(3))))
            };
            for setpcap in [false, true] {
                let answer = ask(&old, setpcap, request).map(|new| (new.permitted, new.effective));
                assert_eq!(answer, expected);
            }
        }
    }

    #[test]
    fn the_first_of_several_faults_is_returned() {
        let everything = Data {
            effective: CapabilitySet::FULL,
            inheritable: CapabilitySet::FULL,
            permitted: CapabilitySet::FULL,
        };
        let mut old = Sets::default();
        let first = ask(&old, false, everything);
        assert_eq!(first, Err(Denial::CapsetInheritableUnprivileged));
        let second = ask(&old, true, everything);
        assert_eq!(second, Err(Denial::CapsetInheritableUnbounded));
        old.bounding = CapabilitySet::FULL;
        let third = ask(&old, true, everything);
        assert_eq!(third, Err(Denial::CapsetPermittedGained));
    }

    #[test]
    fn ambient_capabilities_go_with_permitted_or_inheritable_ones() {
        for bits in 0..8 {
            let is = |number: u32| (bits >> number) & 1 == 1;
            let old = Sets {
                permitted: CapabilitySet::FULL,
                inheritable: CapabilitySet::FULL,
                bounding: CapabilitySet::from_bits(5),
                ambient: bit(is(0)),
                ..Sets::default()
            };
            let request = Data {
                permitted: bit(is(1)),
                inheritable: bit(is(2)),
                effective: CapabilitySet::EMPTY,
            };
            let expected = Sets {
                effective: CapabilitySet::EMPTY,
                permitted: bit(is(1)),
                inheritable: bit(is(2)),
                bounding: CapabilitySet::from_bits(5),
                ambient: bit(is(0) && is(1) && is(2)),
            };
            assert_eq!(ask(&old, false, request), Ok(expected));
        }
    }

    #[test]
    fn the_ambient_set_is_that_of_the_new_credentials() {
        let old = Sets {
            permitted: CapabilitySet::FULL,
            inheritable: CapabilitySet::FULL,
            ..Sets::default()
        };
        let new = Sets {
            ambient: bit(true),
            bounding: CapabilitySet::from_bits(7),
            ..old
        };
        let request = Data {
            effective: CapabilitySet::FULL,
            permitted: CapabilitySet::FULL,
            inheritable: CapabilitySet::FULL,
        };
        let expected = Sets {
            effective: CapabilitySet::FULL,
            ..new
        };
        assert_eq!(capset(&old, &new, false, request), Ok(expected));
    }
}
