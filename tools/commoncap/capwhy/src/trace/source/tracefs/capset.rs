// SPDX-License-Identifier: GPL-2.0

//! A decision of `cap_capset()`, computed from the old sets and the request.

use super::{
    super::super::{entry::Entry, event::Verdict, refusal::Capset},
    credentials::{list, sets, History},
};
use commoncap::{
    capability::{Capability, CapabilitySet},
    capset::{capset, Data},
    Denial,
};

/// Computes the decision. Returns it, and whether the kernel's answer is another one.
pub fn decide(entry: &Entry, history: &History) -> Option<(Capset, bool)> {
    let old = sets(entry, "_old")?;
    let set = |name| Some(CapabilitySet::from_bits(entry.number(name)?) & CapabilitySet::FULL);
    let request = Data {
        effective: set("eff")?,
        inheritable: set("inh")?,
        permitted: set("perm")?,
    };
    let granted = entry.number::<i128>("ret")? == 0;
    let setpcap = old.effective.contains(Capability::SETPCAP);
    let decide = |setpcap| capset(&old, &old, setpcap, request);
    let decided = decide(setpcap);
    let refused = match decided {
        Err(Denial::CapsetInheritableUnprivileged) => {
            request.inheritable - (old.inheritable | old.permitted)
        }
        Err(Denial::CapsetInheritableUnbounded) => {
            request.inheritable - (old.inheritable | old.bounding)
        }
        Err(Denial::CapsetPermittedGained) => request.permitted - old.permitted,
        Err(Denial::CapsetEffectiveNotPermitted) => request.effective - request.permitted,
        _ => CapabilitySet::EMPTY,
    };
    let mut refused_ones = Capability::ALL.iter().filter(|one| refused.contains(**one));
    let decision = Capset {
        verdict: match granted {
            true => Verdict::Granted,
            false => Verdict::Denied,
        },
        reason: match decided {
            Ok(_) => "Change",
            Err(denial) => denial.name(),
        }
        .to_owned(),
        until: refused_ones
            .find_map(|one| history.permitted_until(*one))
            .map(str::to_owned),
        refused: list(refused),
        needs_setpcap: granted && decide(false).is_err(),
    };
    Some((decision, decided.is_ok() != granted))
}

#[cfg(test)]
mod tests {
    use super::{super::super::super::entry::fixtures::entry, *};

    const CHOWN: u64 = 1;
    const SETPCAP: u64 = 1 << 8;
    const BOOT: u64 = 1 << 22;

    /// Decides on a request of these effective, permitted and inheritable sets.
    fn decided(old: [u64; 4], request: [u64; 3], ret: i32) -> (Capset, bool) {
        let text = format!(
            "ret={ret} eff={} perm={} inh={} \
             eff_old={} perm_old={} inh_old={} bset_old={} amb_old=0",
            request[0], request[1], request[2], old[0], old[1], old[2], old[3]
        );
        decide(&entry(7, "capwhy_capset", &text), &History::default()).unwrap()
    }

    #[test]
    fn each_rule_names_what_it_refuses() {
        let held = SETPCAP | CHOWN;
        for (old, request, rule, refused) in [
            (
                [held, held, 0, held],
                [held, held | BOOT, 0],
                "CapsetPermittedGained",
                "cap_sys_boot",
            ),
            (
                [held, held, 0, held],
                [held | BOOT, held, 0],
                "CapsetEffectiveNotPermitted",
                "cap_sys_boot",
            ),
            (
                [held, held, 0, held],
                [0, 0, BOOT],
                "CapsetInheritableUnbounded",
                "cap_sys_boot",
            ),
            (
                [0, 0, 0, CHOWN],
                [0, 0, CHOWN],
                "CapsetInheritableUnprivileged",
                "cap_chown",
            ),
        ] {
            let (decision, differs) = decided(old, request, -1);
            assert_eq!(decision.reason, rule);
            assert_eq!(decision.refused, [refused]);
            assert!(!differs && decision.verdict == Verdict::Denied);
            assert!(decided(old, request, 0).1, "a grant by the kernel differs");
        }
    }

    #[test]
    fn only_what_becomes_inheritable_needs_setpcap() {
        let held = SETPCAP | CHOWN;
        let old = [held, held, 0, BOOT];
        for (request, needs) in [
            ([0, 0, 0], false),
            ([CHOWN, held, 0], false),
            ([0, CHOWN, BOOT], true),
        ] {
            let (decision, differs) = decided(old, request, 0);
            assert_eq!(
                (decision.needs_setpcap, differs),
                (needs, false),
                "{request:?}"
            );
        }
    }
}
