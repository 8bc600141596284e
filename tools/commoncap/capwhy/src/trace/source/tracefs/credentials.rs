// SPDX-License-Identifier: GPL-2.0

//! What a thread could do earlier: its sets after each change, and which call took what.

use super::{super::super::entry::Entry, prctl};
use crate::capabilities::names;
use commoncap::{
    capability::{Capability, CapabilitySet},
    Sets,
};
use std::collections::{BTreeMap, BTreeSet};
use syscalls::Sysno;

/// Reads the five sets from the fields whose names end so.
pub fn sets(entry: &Entry, suffix: &str) -> Option<Sets> {
    let set = |name: &str| {
        let bits = entry.number(&format!("{name}{suffix}"))?;
        Some(CapabilitySet::from_bits(bits) & CapabilitySet::FULL)
    };
    Some(Sets {
        effective: set("eff")?,
        permitted: set("perm")?,
        inheritable: set("inh")?,
        bounding: set("bset")?,
        ambient: set("amb")?,
    })
}

/// Returns the names of the sets that a capability is in.
pub fn holding(sets: &Sets, capability: Capability) -> Vec<&'static str> {
    let sets = [
        ("effective", sets.effective),
        ("permitted", sets.permitted),
        ("inheritable", sets.inheritable),
        ("bounding", sets.bounding),
        ("ambient", sets.ambient),
    ];
    sets.into_iter()
        .filter(|(_, set)| set.contains(capability))
        .map(|(name, _)| name)
        .collect()
}

/// The sets of a thread now, and the calls that took capabilities from it.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// The sets, if they are known.
    pub sets: Option<Sets>,
    /// The call that took each capability from the effective set, by its number.
    effective: BTreeMap<u8, String>,
    /// The call that took each capability from the permitted set.
    permitted: BTreeMap<u8, String>,
    /// The call that took each capability from the ambient set.
    ambient: BTreeMap<u8, String>,
    /// The capabilities that were taken from the permitted set before the last `execve()`, by their
    /// numbers.
    executed: BTreeSet<u8>,
    /// The `execve()` that is about to change the credentials.
    pub execve: Option<String>,
}

impl History {
    /// Takes a change of credentials.
    pub fn commit(&mut self, entry: &Entry) -> Option<()> {
        let execve = self.execve.take();
        let call = call(entry).or(execve);
        let call = call.unwrap_or_else(|| "a system call".to_owned());
        let new = sets(entry, "")?;
        let old = sets(entry, "_old").or(self.sets);
        if entry
            .number("ns_old")
            .is_some_and(|old: u64| entry.number("ns") != Some(old))
        {
            // What was held in another user namespace counts no more.
            (self.effective, self.permitted, self.ambient) = Default::default();
        } else if let Some(old) = old {
            if call.starts_with("execve(") {
                self.executed = self.permitted.keys().copied().collect();
            }
            note(&mut self.effective, old.effective, new.effective, &call);
            note(&mut self.permitted, old.permitted, new.permitted, &call);
            note(&mut self.ambient, old.ambient, new.ambient, &call);
        }
        self.sets = Some(new);
        Some(())
    }

    /// Returns whether a program was executed since a capability was taken.
    pub fn is_executed_since(&self, capability: Capability) -> bool {
        self.executed.contains(&capability.number())
    }

    /// Returns the call until which a capability was effective.
    pub fn effective_until(&self, capability: Capability) -> Option<&str> {
        self.effective.get(&capability.number()).map(String::as_str)
    }

    /// Returns the call until which a capability was permitted.
    pub fn permitted_until(&self, capability: Capability) -> Option<&str> {
        self.permitted.get(&capability.number()).map(String::as_str)
    }

    /// Returns the call until which a capability was ambient.
    pub fn ambient_until(&self, capability: Capability) -> Option<&str> {
        self.ambient.get(&capability.number()).map(String::as_str)
    }
}

/// Notes what a change takes, and forgets what it gives.
fn note(taken: &mut BTreeMap<u8, String>, old: CapabilitySet, new: CapabilitySet, call: &str) {
    taken.retain(|number, _| {
        !Capability::new(usize::from(*number)).is_some_and(|capability| new.contains(capability))
    });
    for capability in Capability::ALL {
        if old.contains(*capability) && !new.contains(*capability) {
            taken.insert(capability.number(), call.to_owned());
        }
    }
}

/// Returns the system call that changes the credentials, as a person writes it; none for
/// `execve()`, whose path is in another entry.
pub fn call(entry: &Entry) -> Option<String> {
    let number = entry.number("nr")?;
    let id = |name: &str| Some(i64::from(entry.number::<u64>(name)? as u32 as i32));
    let call = Sysno::new(number)?;
    let ids = match call {
        Sysno::execve | Sysno::execveat => return None,
        Sysno::setuid | Sysno::setfsuid => vec![id("a0")?],
        Sysno::setreuid => vec![id("a0")?, id("a1")?],
        Sysno::setresuid => vec![id("a0")?, id("a1")?, id("a2")?],
        Sysno::prctl => return Some(format!("prctl({})", prctl::name(id("a0")? as i32)?)),
        _ => return Some(format!("{}()", call.name())),
    };
    let all_same = ids.iter().all(|other| *other == ids[0]);
    let ids = if all_same { &ids[..1] } else { &ids[..] };
    let ids: Vec<String> = ids.iter().map(i64::to_string).collect();
    Some(format!("{}({})", call.name(), ids.join(", ")))
}

/// Returns a set as names, in a list.
pub fn list(set: CapabilitySet) -> Vec<String> {
    names(set).into_iter().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::{super::super::super::entry, *};

    fn entry(text: &str) -> Entry {
        entry::fixtures::entry(7, "capwhy_commit", text)
    }

    /// A change from effective and permitted sets to others, by a call.
    fn change(old: [u64; 2], new: [u64; 2], namespaces: [u64; 2], call: &str) -> Entry {
        entry(&format!(
            "{call} eff={} perm={} inh=0 bset=0 amb=0 ns={:#x} eff_old={} perm_old={} inh_old=0 \
             bset_old=0 amb_old=0 ns_old={:#x}",
            new[0], new[1], namespaces[1], old[0], old[1], namespaces[0]
        ))
    }

    const BOTH: u64 = 0x101;

    #[test]
    fn what_was_taken_before_an_execve_is_known() {
        let mut history = History::default();
        let setuid = format!("nr={} a0=0x1 a1=0x7", Sysno::setuid.id());
        let taken = change([BOTH; 2], [0, 0], [9, 9], &setuid);
        history.commit(&taken).unwrap();
        assert!(!history.is_executed_since(Capability::SETPCAP));
        history.execve = Some("execve(\"/x\")".to_owned());
        let execve = change(
            [0, 0],
            [0, 0],
            [9, 9],
            &format!("nr={}", Sysno::execve.id()),
        );
        history.commit(&execve).unwrap();
        assert!(history.is_executed_since(Capability::SETPCAP));
    }

    #[test]
    fn the_call_that_took_a_capability_is_known_until_it_is_given_back() {
        let mut history = History::default();
        let setuid = format!("nr={} a0=0x1 a1=0x7", Sysno::setuid.id());
        history
            .commit(&change([BOTH; 2], [1, BOTH], [9, 9], &setuid))
            .unwrap();
        assert_eq!(
            history.effective_until(Capability::SETPCAP),
            Some("setuid(1)")
        );
        assert_eq!(history.permitted_until(Capability::SETPCAP), None);
        assert_eq!(history.effective_until(Capability::CHOWN), None);
        history
            .commit(&change([1, BOTH], [BOTH; 2], [9, 9], ""))
            .unwrap();
        assert_eq!(history.effective_until(Capability::SETPCAP), None);
    }

    #[test]
    fn what_was_held_in_another_user_namespace_counts_no_more() {
        let mut history = History::default();
        history
            .commit(&change([BOTH; 2], [0; 2], [9, 9], ""))
            .unwrap();
        assert!(history.effective_until(Capability::CHOWN).is_some());
        history.commit(&change([0; 2], [0; 2], [9, 8], "")).unwrap();
        assert_eq!(history.effective_until(Capability::CHOWN), None);
    }

    #[test]
    fn a_call_is_shown_as_a_person_writes_it() {
        for (number, ids, expected) in [
            (Sysno::setresuid, [1000, 1000, 1000], "setresuid(1000)"),
            (Sysno::setresuid, [1, 2, u32::MAX], "setresuid(1, 2, -1)"),
            (Sysno::setreuid, [1, 2, 3], "setreuid(1, 2)"),
            (Sysno::setuid, [2, 7, 3], "setuid(2)"),
            (Sysno::capset, [1, 2, 3], "capset()"),
            (Sysno::prctl, [28, 2, 3], "prctl(PR_SET_SECUREBITS)"),
        ] {
            let [a0, a1, a2] = ids;
            let text = format!("nr={} a0={a0:#x} a1={a1:#x} a2={a2:#x}", number.id());
            assert_eq!(call(&entry(&text)).unwrap(), expected);
        }
        assert_eq!(call(&entry(&format!("nr={}", Sysno::execve.id()))), None);
    }
}
