// SPDX-License-Identifier: GPL-2.0

//! Whether credentials hold a capability over a user namespace: `cap_capable()`.

use super::{
    facts::{Credentials, Namespace},
    Denial,
};
use crate::capability::{Capability, CapabilitySet};

/// Why a capability is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grant {
    /// It is effective, in the target namespace itself or in an ancestor of it.
    Effective,
    /// The credentials are those of the maker of the target namespace, or of an ancestor of it:
    /// whoever makes a namespace holds every capability over it.
    Owner,
}

/// Returns the capability of a number that came from C.
///
/// A number that is none is denied, even to the owner of the target, to whom the C would grant it.
/// No caller passes one: `ns_capable()` stops the kernel on it, and the others pass constants.
#[inline]
pub fn parse(number: i32) -> Result<Capability, Denial> {
    // A number below 0 is beyond all capabilities here.
    Capability::new(number as u32 as usize).ok_or(Denial::NoSuchCapability)
}

/// Decides whether `cred` holds `capability` over `target`.
///
/// Unlike `ns_capable()` it asks no other LSM, writes no audit record and does not note the use of
/// privilege.
#[inline]
pub fn capable<C: Credentials>(
    cred: &C,
    target: &C::Namespace,
    capability: Capability,
) -> Result<Grant, Denial> {
    match climb(cred, target)? {
        Grant::Effective if !cred.effective().contains(capability) => Err(Denial::NotEffective),
        grant => Ok(grant),
    }
}

/// Returns the capabilities that `cred` holds over `target`: those that [`capable`] grants.
#[inline]
pub fn held<C: Credentials>(cred: &C, target: &C::Namespace) -> CapabilitySet {
    match climb(cred, target) {
        Ok(Grant::Effective) => cred.effective(),
        Ok(Grant::Owner) => CapabilitySet::FULL,
        Err(_) => CapabilitySet::EMPTY,
    }
}

/// Climbs from `target` towards the initial namespace until it meets the credentials' own, as
/// `cap_capable_helper()` does, and returns why a capability would be held.
#[inline]
fn climb<C: Credentials>(cred: &C, target: &C::Namespace) -> Result<Grant, Denial> {
    let home = cred.user_ns();
    if core::ptr::eq(target, home) {
        return Ok(Grant::Effective);
    }

    // No ancestor of the target can be home.
    if target.level() <= home.level() {
        return Err(Denial::TargetNotBelow);
    }

    // A capability over a namespace is one over all its descendants. Of the steps up to the level
    // of home, none but the last can arrive there.
    let mut ns = target;
    let mut steps = target.level().abs_diff(home.level());
    loop {
        // Only the initial namespace has no parent, and its level is not above another's.
        let parent = ns.parent().ok_or(Denial::BrokenChain)?;
        steps = steps.wrapping_sub(1);
        if steps == 0 {
            return if !core::ptr::eq(parent, home) {
                Err(Denial::TargetNotBelow)
            } else if ns.owner() == cred.euid() {
                Ok(Grant::Owner)
            } else {
                Ok(Grant::Effective)
            };
        }
        ns = parent;
    }
}

#[crate::kunit_tests(rust_commoncap_capable)]
mod tests {
    use super::super::testing::{chain, link, maker, TestCred, TestNs, DEPTH};
    use super::*;
    use core::cmp::Ordering;

    /// The capability asked for where any will do.
    const ASKED: Capability = Capability::CHECKPOINT_RESTORE;

    #[test]
    fn an_effective_capability_is_held_in_its_own_namespace() {
        let ns = TestNs::initial();
        for &capability in Capability::ALL {
            let mut cred = TestCred::nobody(&ns);
            cred.effective = CapabilitySet::EMPTY.with(capability);
            for &asked in Capability::ALL {
                let expected = if asked == capability {
                    Ok(Grant::Effective)
                } else {
                    Err(Denial::NotEffective)
                };
                assert_eq!(capable(&cred, &ns, asked), expected);
            }
        }
    }

    #[test]
    fn only_the_effective_set_counts() {
        let ns = TestNs::initial();
        let mut cred = TestCred::nobody(&ns);
        cred.permitted = CapabilitySet::FULL;
        cred.inheritable = CapabilitySet::FULL;
        cred.ambient = CapabilitySet::FULL;
        assert_eq!(capable(&cred, &ns, ASKED), Err(Denial::NotEffective));

        cred = TestCred::nobody(&ns);
        cred.effective = CapabilitySet::FULL;
        cred.bounding = CapabilitySet::EMPTY;
        assert_eq!(capable(&cred, &ns, ASKED), Ok(Grant::Effective));
    }

    #[test]
    fn user_id_0_holds_nothing_by_its_number() {
        let ns = TestNs::initial();
        let mut cred = TestCred::nobody(&ns);
        cred.euid = 0;
        assert_eq!(capable(&cred, &ns, ASKED), Err(Denial::NotEffective));
    }

    #[test]
    fn a_capability_reaches_down_to_the_depth_limit_and_never_up() {
        let chain = chain();
        link(&chain);
        for (home_level, home) in chain.iter().enumerate() {
            for (target_level, target) in chain.iter().enumerate() {
                let mut cred = TestCred::nobody(home);
                cred.effective = CapabilitySet::EMPTY.with(ASKED);
                let held = capable(&cred, target, ASKED);
                let other = capable(&cred, target, Capability::SYS_ADMIN);
                if target_level >= home_level {
                    assert_eq!(held, Ok(Grant::Effective));
                    assert_eq!(other, Err(Denial::NotEffective));
                } else {
                    assert_eq!(held, Err(Denial::TargetNotBelow));
                    assert_eq!(other, Err(Denial::TargetNotBelow));
                }
            }
        }
    }

    #[test]
    fn the_maker_of_a_namespace_holds_all_over_it_and_its_descendants() {
        let chain = chain();
        link(&chain);
        for (home_level, home) in chain.iter().enumerate().take(DEPTH) {
            let mut cred = TestCred::nobody(home);
            cred.euid = maker(home_level + 1);
            for (target_level, target) in chain.iter().enumerate() {
                for &capability in [Capability::CHOWN, ASKED].iter() {
                    let expected = match target_level.cmp(&home_level) {
                        Ordering::Greater => Ok(Grant::Owner),
                        Ordering::Equal => Err(Denial::NotEffective),
                        Ordering::Less => Err(Denial::TargetNotBelow),
                    };
                    assert_eq!(capable(&cred, target, capability), expected);
                }
            }
        }
    }

    #[test]
    fn the_maker_counts_only_from_the_namespace_it_was_made_in() {
        let chain = chain();
        link(&chain);
        let [initial, child, grandchild, ..] = &chain;

        // The maker of the grandchild, but seen from the initial namespace.
        let mut cred = TestCred::nobody(initial);
        cred.euid = grandchild.owner;
        assert_eq!(capable(&cred, grandchild, ASKED), Err(Denial::NotEffective));

        // The same user in the child made it indeed.
        cred.user_ns = child;
        assert_eq!(capable(&cred, grandchild, ASKED), Ok(Grant::Owner));
    }

    #[test]
    fn the_maker_is_known_by_the_effective_user_id() {
        let initial = TestNs::initial();
        let child = TestNs::child(&initial, 1000);
        let mut cred = TestCred::nobody(&initial);
        for (euid, expected) in [
            (999, Err(Denial::NotEffective)),
            (1000, Ok(Grant::Owner)),
            (1001, Err(Denial::NotEffective)),
        ] {
            cred.euid = euid;
            assert_eq!(capable(&cred, &child, ASKED), expected);
        }
    }

    #[test]
    fn a_sibling_namespace_is_out_of_reach() {
        let initial = TestNs::initial();
        let here = TestNs::child(&initial, 1000);
        let there = TestNs::child(&initial, 1000);
        let below_there = TestNs::child(&there, 1000);
        let mut cred = TestCred::nobody(&here);
        cred.euid = 1000;
        cred.effective = CapabilitySet::FULL;
        assert_eq!(capable(&cred, &here, ASKED), Ok(Grant::Effective));
        assert_eq!(capable(&cred, &there, ASKED), Err(Denial::TargetNotBelow));
        assert_eq!(
            capable(&cred, &below_there, ASKED),
            Err(Denial::TargetNotBelow)
        );
        assert_eq!(capable(&cred, &initial, ASKED), Err(Denial::TargetNotBelow));
    }

    #[test]
    fn a_chain_that_ends_early_is_denied() {
        let initial = TestNs::initial();
        let mut orphan = TestNs::child(&initial, 1000);
        orphan.level = 5;
        orphan.parent.set(None);
        let below = TestNs::child(&orphan, 1000);
        let mut cred = TestCred::nobody(&initial);
        cred.euid = 1000;
        cred.effective = CapabilitySet::FULL;
        assert_eq!(capable(&cred, &orphan, ASKED), Err(Denial::BrokenChain));
        assert_eq!(capable(&cred, &below, ASKED), Err(Denial::BrokenChain));
    }

    #[test]
    fn a_number_from_c_that_is_no_capability_is_denied() {
        for number in [-1, 41, 63, 64, 104, i32::MIN, i32::MAX] {
            assert_eq!(parse(number), Err(Denial::NoSuchCapability));
        }
        for &capability in Capability::ALL {
            assert_eq!(parse(i32::from(capability.number())), Ok(capability));
        }
    }

    #[test]
    fn the_capabilities_held_are_those_of_which_each_is_granted() {
        let chain = chain();
        link(&chain);
        for (level, home) in chain.iter().enumerate() {
            for euid in [65534, maker(level + 1)] {
                let mut cred = TestCred::nobody(home);
                cred.euid = euid;
                cred.effective = CapabilitySet::FULL.without(ASKED);
                for target in &chain {
                    let held = held(&cred, target);
                    for &capability in Capability::ALL {
                        let granted = capable(&cred, target, capability).is_ok();
                        assert_eq!(held.contains(capability), granted);
                    }
                }
            }
        }
    }
}
