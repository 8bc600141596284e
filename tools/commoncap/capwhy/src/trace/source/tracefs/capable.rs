// SPDX-License-Identifier: GPL-2.0

//! A decision of `cap_capable()`, computed from its facts.

use super::super::super::entry::Entry;
use crate::facts::plain::{Cred, Ns};
use commoncap::{
    capability::CapabilitySet,
    capable::{capable, parse, Grant},
    Denial,
};

/// The result of the core.
#[derive(Debug, PartialEq, Eq)]
pub enum Predicted {
    /// Granted or denied, for this reason.
    Is(Result<Grant, Denial>),
    /// The facts do not reach far enough.
    Unknown,
}

/// Computes the decision. Returns [`None`] if the entry lacks a fact.
pub fn predict(entry: &Entry) -> Option<Predicted> {
    let number: i32 = entry.number("cap")?;
    let Ok(capability) = parse(number) else {
        // A capability of a later kernel.
        return Some(Predicted::Unknown);
    };
    // In the order of the entry, in which they are found at once.
    let effective = CapabilitySet::from_bits(entry.number("eff")?);
    let euid = entry.number("euid")?;
    let own: u64 = entry.number("ns")?;
    let level: i32 = entry.number("level")?;
    let over = entry.number::<u64>("over");
    let over_level: i32 = entry.number("over_level")?;
    let above = [
        ("owner0", "ns1"),
        ("owner1", "ns2"),
        ("owner2", "ns3"),
        ("owner3", "ns4"),
    ]
    .map(|(owner, ns)| (entry.number(owner), entry.number(ns)));
    // The oldest ancestor first. The owner of the last one was not read, and no decision needs it:
    // there, the walk has met the credentials' namespace, or goes on beyond the facts.
    let own_ns = Ns {
        parent: None,
        level,
        owner: u32::MAX,
    };
    let unread = Ns {
        parent: None,
        level: over_level.checked_sub(4)?,
        owner: u32::MAX,
    };
    let ns3 = below(above[3], &unread, 3, over_level)?;
    let ns2 = below(above[2], &ns3, 2, over_level)?;
    let ns1 = below(above[1], &ns2, 1, over_level)?;
    let target = below(above[0], &ns1, 0, over_level)?;
    let chain = [&target, &ns1, &ns2, &ns3, &unread];
    let mut addresses = [over].into_iter().chain(above.map(|(_, ns)| ns));
    let found = addresses.position(|address| address == Some(own));
    let cred = Cred {
        user_ns: found.map_or(&own_ns, |index| chain[index]),
        euid,
        effective,
    };
    Some(match capable(&cred, &target, capability) {
        Err(Denial::BrokenChain) => Predicted::Unknown,
        decided => Predicted::Is(decided),
    })
}

/// Makes the namespace of this owner and this address of its parent, which is so many levels above
/// the target.
fn below<'a>(
    (owner, parent_address): (Option<u32>, Option<u64>),
    parent: &'a Ns<'a>,
    above: i32,
    over_level: i32,
) -> Option<Ns<'a>> {
    Some(Ns {
        parent: (parent_address? != 0).then_some(parent),
        level: over_level.checked_sub(above)?,
        owner: owner?,
    })
}

#[cfg(test)]
mod tests {
    use super::{super::super::super::entry::fixtures::entry, *};

    /// Predicts for user 1000 in the namespace at 0xa of this level, over the chain that begins
    /// with these addresses and owners.
    fn predicted(effective: u64, level: i32, chain: &[(u64, u32)]) -> Predicted {
        let at = |index: usize| chain.get(index).copied().unwrap_or((0, 0));
        let over_level = level + chain.iter().position(|(ns, _)| *ns == 0xa).unwrap_or(0) as i32;
        let text =
            format!(
            "cap=21 opts=0 ret=0 eff={effective} euid=1000 ns=0xa inum=1 level={level} over={:#x} \
             over_inum=2 over_level={over_level} owner0={} ns1={:#x} owner1={} ns2={:#x} \
             owner2={} ns3={:#x} owner3={} ns4={:#x}",
            at(0).0, at(0).1, at(1).0, at(1).1, at(2).0, at(2).1, at(3).0, at(3).1, at(4).0
        );
        predict(&entry(7, "capwhy_capable", &text)).unwrap()
    }

    #[test]
    fn the_effective_set_decides_in_the_own_namespace() {
        let own = &[(0xa, 0)][..];
        assert_eq!(
            predicted(1 << 21, 0, own),
            Predicted::Is(Ok(Grant::Effective))
        );
        assert_eq!(
            predicted(0, 0, own),
            Predicted::Is(Err(Denial::NotEffective))
        );
    }

    #[test]
    fn the_owner_is_granted_from_the_parent_at_any_depth() {
        let chain = [(0xe, 5), (0xd, 6), (0xc, 7), (0xb, 1000), (0xa, 0)];
        for from in 0..4 {
            let chain = &chain[from..];
            assert_eq!(
                predicted(0, 3, chain),
                Predicted::Is(Ok(Grant::Owner)),
                "{chain:?}"
            );
        }
        let other = [(0xb, 7), (0xa, 0)];
        assert_eq!(
            predicted(0, 0, &other),
            Predicted::Is(Err(Denial::NotEffective))
        );
        assert_eq!(
            predicted(1 << 21, 0, &other),
            Predicted::Is(Ok(Grant::Effective))
        );
    }

    #[test]
    fn another_namespace_is_denied() {
        let denied = Predicted::Is(Err(Denial::TargetNotBelow));
        assert_eq!(predicted(u64::MAX, 3, &[(0xb, 1000), (0xc, 0)]), denied);
    }

    #[test]
    fn a_walk_beyond_the_facts_is_unknown() {
        let facts = "cap=21 opts=0 ret=0 eff=0 \
            euid=1 ns=0xa inum=1 level=0 over=0xf over_inum=2 over_level=5 owner0=2 ns1=0xe \
            owner1=2 ns2=0xd owner2=2 ns3=0xc owner3=2 ns4=0xb";
        let later = facts
            .replace("cap=21", "cap=41")
            .replace("over=0xf", "over=0xa");
        for facts in [facts, &later] {
            let entry = entry(7, "capwhy_capable", facts);
            assert_eq!(predict(&entry), Some(Predicted::Unknown));
        }
    }
}
