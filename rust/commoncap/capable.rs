// SPDX-License-Identifier: GPL-2.0

//! Whether credentials hold a capability over a user namespace: `cap_capable()`.

use super::{
    credentials::{
        Namespace,
        Subject, //
    },
    Denial, //
};
use crate::capability::Capability;

/// Why a capability is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grant {
    /// The capability is effective in the target namespace or in one of its ancestors.
    Effective,
    /// The effective user ID owns the target namespace, or one of its ancestors that was created in
    /// the credentials' namespace. The owner holds every capability there.
    Owner,
}

/// Returns the capability of a number that comes from C.
///
/// Invalid numbers are always denied. `commoncap.c` grants them to the owner of the target, but no
/// caller passes one: `ns_capable()` stops the kernel on it, and the others pass constants.
#[inline]
pub fn parse(number: i32) -> Result<Capability, Denial> {
    // A negative number becomes one that is greater than every capability.
    Capability::new(number as u32 as usize).ok_or(Denial::NoSuchCapability)
}

/// Decides whether `cred` holds `capability` over `target`.
///
/// Unlike `ns_capable()`, this checks with no other LSM, writes no audit record and does not note
/// the use of privilege.
#[inline]
pub fn capable<C: Subject>(
    cred: &C,
    target: &C::Namespace,
    capability: Capability,
) -> Result<Grant, Denial> {
    match walk_ancestors(cred, target)? {
        Grant::Effective if !cred.effective().contains(capability) => Err(Denial::NotEffective),
        grant => Ok(grant),
    }
}

/// Walks from `target` to its ancestors until it meets the credentials' namespace, as
/// `cap_capable_helper()` does. Returns why `cred` would hold a capability over `target`.
#[inline]
fn walk_ancestors<C: Subject>(cred: &C, target: &C::Namespace) -> Result<Grant, Denial> {
    let cred_ns = cred.user_ns();
    if core::ptr::eq(target, cred_ns) {
        return Ok(Grant::Effective);
    }

    // The credentials' namespace is not among the ancestors of the target.
    if target.level() <= cred_ns.level() {
        return Err(Denial::TargetNotBelow);
    }

    // A capability over a namespace is one over all its descendants. Only the ancestor at the level
    // of the credentials' namespace can be that namespace.
    let mut ns = target;
    let mut steps = target.level().abs_diff(cred_ns.level());
    loop {
        // Only the initial namespace has no parent, and the walk ends before it needs one.
        let parent = ns.parent().ok_or(Denial::BrokenChain)?;
        steps = steps.wrapping_sub(1);
        if steps == 0 {
            return if !core::ptr::eq(parent, cred_ns) {
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
    use super::{
        super::testing::{
            chain,
            link,
            owner,
            TestCred,
            TestNs,
            DEPTH, //
        }, //
        *,
    };
    use crate::capability::CapabilitySet;
    use core::cmp::Ordering;

    /// A capability, for tests that hold for any.
    const CAPABILITY: Capability = Capability::CHECKPOINT_RESTORE;

    #[test]
    fn an_effective_capability_is_held_in_its_own_namespace() {
        let ns = TestNs::initial();
        for &capability in Capability::ALL {
            let mut cred = TestCred::unprivileged(&ns);
            cred.effective = CapabilitySet::EMPTY.with(capability);
            for &other in Capability::ALL {
                let expected = if other == capability {
                    Ok(Grant::Effective)
                } else {
                    Err(Denial::NotEffective)
                };
                assert_eq!(capable(&cred, &ns, other), expected);
            }
        }
    }

    #[test]
    fn only_the_effective_set_counts() {
        let ns = TestNs::initial();
        let mut cred = TestCred::unprivileged(&ns);
        cred.permitted = CapabilitySet::FULL;
        cred.inheritable = CapabilitySet::FULL;
        cred.ambient = CapabilitySet::FULL;
        assert_eq!(capable(&cred, &ns, CAPABILITY), Err(Denial::NotEffective));

        cred = TestCred::unprivileged(&ns);
        cred.effective = CapabilitySet::FULL;
        cred.bounding = CapabilitySet::EMPTY;
        assert_eq!(capable(&cred, &ns, CAPABILITY), Ok(Grant::Effective));
    }

    #[test]
    fn user_id_0_without_effective_capabilities_is_denied() {
        let ns = TestNs::initial();
        let mut cred = TestCred::unprivileged(&ns);
        cred.euid = 0;
        assert_eq!(capable(&cred, &ns, CAPABILITY), Err(Denial::NotEffective));
    }

    #[test]
    fn a_capability_is_granted_over_all_descendants_and_no_ancestor() {
        let chain = chain();
        link(&chain);
        for (cred_level, cred_ns) in chain.iter().enumerate() {
            for (target_level, target) in chain.iter().enumerate() {
                let mut cred = TestCred::unprivileged(cred_ns);
                cred.effective = CapabilitySet::EMPTY.with(CAPABILITY);
                let held = capable(&cred, target, CAPABILITY);
                let other = capable(&cred, target, Capability::SYS_ADMIN);
                if target_level >= cred_level {
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
    fn the_owner_of_a_namespace_holds_every_capability_over_it_and_its_descendants() {
        let chain = chain();
        link(&chain);
        for (cred_level, cred_ns) in chain.iter().enumerate().take(DEPTH) {
            let mut cred = TestCred::unprivileged(cred_ns);
            cred.euid = owner(cred_level + 1);
            for (target_level, target) in chain.iter().enumerate() {
                for &capability in [Capability::CHOWN, CAPABILITY].iter() {
                    let expected = match target_level.cmp(&cred_level) {
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
    fn the_owner_is_granted_only_from_the_parent_namespace() {
        let chain = chain();
        link(&chain);
        let [initial, child, grandchild, ..] = &chain;

        // The owner of the grandchild, in the initial namespace.
        let mut cred = TestCred::unprivileged(initial);
        cred.euid = grandchild.owner;
        assert_eq!(
            capable(&cred, grandchild, CAPABILITY),
            Err(Denial::NotEffective)
        );

        // The owner of the grandchild, in its parent.
        cred.user_ns = child;
        assert_eq!(capable(&cred, grandchild, CAPABILITY), Ok(Grant::Owner));
    }

    #[test]
    fn the_owner_is_identified_by_the_effective_user_id() {
        let initial = TestNs::initial();
        let child = TestNs::child(&initial, 1000);
        let mut cred = TestCred::unprivileged(&initial);
        for (euid, expected) in [
            (999, Err(Denial::NotEffective)),
            (1000, Ok(Grant::Owner)),
            (1001, Err(Denial::NotEffective)),
        ] {
            cred.euid = euid;
            assert_eq!(capable(&cred, &child, CAPABILITY), expected);
        }
    }

    #[test]
    fn a_capability_is_denied_over_a_sibling_namespace() {
        let initial = TestNs::initial();
        let here = TestNs::child(&initial, 1000);
        let there = TestNs::child(&initial, 1000);
        let below_there = TestNs::child(&there, 1000);
        let mut cred = TestCred::unprivileged(&here);
        cred.euid = 1000;
        cred.effective = CapabilitySet::FULL;
        assert_eq!(capable(&cred, &here, CAPABILITY), Ok(Grant::Effective));
        assert_eq!(
            capable(&cred, &there, CAPABILITY),
            Err(Denial::TargetNotBelow)
        );
        assert_eq!(
            capable(&cred, &below_there, CAPABILITY),
            Err(Denial::TargetNotBelow)
        );
        assert_eq!(
            capable(&cred, &initial, CAPABILITY),
            Err(Denial::TargetNotBelow)
        );
    }

    #[test]
    fn ancestors_that_end_before_the_credentials_namespace_are_denied() {
        let initial = TestNs::initial();
        let mut orphan = TestNs::child(&initial, 1000);
        orphan.level = 5;
        orphan.parent.set(None);
        let below = TestNs::child(&orphan, 1000);
        let mut cred = TestCred::unprivileged(&initial);
        cred.euid = 1000;
        cred.effective = CapabilitySet::FULL;
        assert_eq!(
            capable(&cred, &orphan, CAPABILITY),
            Err(Denial::BrokenChain)
        );
        assert_eq!(capable(&cred, &below, CAPABILITY), Err(Denial::BrokenChain));
    }

    #[test]
    fn an_invalid_number_from_c_is_denied() {
        for number in [-1, 41, 63, 64, 104, i32::MIN, i32::MAX] {
            assert_eq!(parse(number), Err(Denial::NoSuchCapability));
        }
        for &capability in Capability::ALL {
            assert_eq!(parse(i32::from(capability.number())), Ok(capability));
        }
    }
}
