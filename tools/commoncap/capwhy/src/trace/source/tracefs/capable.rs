// SPDX-License-Identifier: GPL-2.0

//! A decision of `cap_capable()`, computed from its facts.

use super::super::super::line::Line;
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

/// Computes the decision. Returns [`None`] if the line lacks a fact.
pub fn predict(line: &Line) -> Option<Predicted> {
    let number: i32 = line.get("cap")?.parse().ok()?;
    let Ok(capability) = parse(number) else {
        // A capability of a later kernel.
        return Some(Predicted::Unknown);
    };
    let own = line.number("ns")?;
    let level: i32 = line.get("level")?.parse().ok()?;
    let over_level: i32 = line.get("over_level")?.parse().ok()?;
    let addresses = ["over", "ns1", "ns2", "ns3", "ns4"].map(|name| line.number(name));
    let owners = ["owner0", "owner1", "owner2", "owner3"].map(|name| line.number(name));
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
    let ns3 = below(addresses[4], &unread, 3, over_level, owners[3])?;
    let ns2 = below(addresses[3], &ns3, 2, over_level, owners[2])?;
    let ns1 = below(addresses[2], &ns2, 1, over_level, owners[1])?;
    let target = below(addresses[1], &ns1, 0, over_level, owners[0])?;
    let chain = [&target, &ns1, &ns2, &ns3, &unread];
    let found = addresses.iter().position(|address| *address == Some(own));
    let cred = Cred {
        user_ns: found.map_or(&own_ns, |index| chain[index]),
        euid: u32::try_from(line.number("euid")?).ok()?,
        effective: CapabilitySet::from_bits(line.number("eff")?),
    };
    Some(match capable(&cred, &target, capability) {
        Err(Denial::BrokenChain) => Predicted::Unknown,
        decided => Predicted::Is(decided),
    })
}

/// Makes the namespace that is so many levels above the target.
fn below<'a>(
    parent_address: Option<u64>,
    parent: &'a Ns<'a>,
    above: i32,
    over_level: i32,
    owner: Option<u64>,
) -> Option<Ns<'a>> {
    Some(Ns {
        parent: (parent_address? != 0).then_some(parent),
        level: over_level.checked_sub(above)?,
        owner: u32::try_from(owner?).ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let line = format!(
            "{:>16}-7 [000] ..... 1.0: capwhy_capable: (a <- b) {text}",
            "prog"
        );
        predict(&Line::parse(line.as_bytes()).unwrap()).unwrap()
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
        let line = "x-7 [000] ..... 1.0: capwhy_capable: (a <- b) cap=21 opts=0 ret=0 eff=0 \
            euid=1 ns=0xa inum=1 level=0 over=0xf over_inum=2 over_level=5 owner0=2 ns1=0xe \
            owner1=2 ns2=0xd owner2=2 ns3=0xc owner3=2 ns4=0xb";
        let later = line
            .replace("cap=21", "cap=41")
            .replace("over=0xf", "over=0xa");
        for line in [line, &later] {
            let line = Line::parse(line.as_bytes()).unwrap();
            assert_eq!(predict(&line), Some(Predicted::Unknown));
        }
    }
}
