// SPDX-License-Identifier: GPL-2.0

//! The names of capabilities, as `capsh`, `setpriv` and `systemd` write them.

use crate::error::{Error, Result};
use commoncap::capability::{Capability, CapabilitySet};

/// Returns the names of a set, by their numbers.
pub fn names(set: CapabilitySet) -> Vec<&'static str> {
    let all = Capability::ALL.iter();
    all.filter(|capability| set.contains(**capability))
        .map(|capability| capability.name())
        .collect()
}

/// Returns a set as short text.
pub fn list(set: CapabilitySet) -> String {
    let missing = CapabilitySet::from_bits(CapabilitySet::FULL.bits() & !set.bits());
    let (held, missing) = (names(set), names(missing));
    match (held.len(), missing.len()) {
        (0, _) => "none".to_owned(),
        (_, 0) => "all".to_owned(),
        (held, missing_count) if missing_count < held / 2 => {
            format!("all but {}", missing.join(","))
        }
        _ => held.join(","),
    }
}

/// Returns the capability of exactly this name.
pub fn known(name: &str) -> Option<Capability> {
    Capability::ALL
        .iter()
        .copied()
        .find(|known| known.name() == name)
}

/// Reads a name as people write it: `cap_sys_admin`, `SYS_ADMIN`, `CAP_SYS_ADMIN`.
pub fn parse(text: &str) -> Result<Capability> {
    let name = text.to_ascii_lowercase();
    known(&name)
        .or_else(|| known(&format!("cap_{name}")))
        .ok_or_else(|| {
            Error::new(format!(
            "'{text}' is not a capability: see capabilities(7) or capsh --print for their names"
        ))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_capability_is_found_however_it_is_written() {
        for &capability in Capability::ALL {
            let name = capability.name();
            let short = name.trim_start_matches("cap_");
            for text in [name, short, &name.to_uppercase(), &short.to_uppercase()] {
                assert_eq!(parse(text).unwrap(), capability);
            }
        }
        assert!(parse("cap_root")
            .unwrap_err()
            .to_string()
            .contains("'cap_root'"));
        assert_eq!(known("SYS_ADMIN"), None);
    }

    #[test]
    fn a_set_is_shown_in_few_words() {
        assert_eq!(list(CapabilitySet::EMPTY), "none");
        assert_eq!(list(CapabilitySet::FULL), "all");
        assert_eq!(list(CapabilitySet::from_bits(u64::MAX)), "all");
        let but_one = CapabilitySet::FULL.without(Capability::SYS_ADMIN);
        assert_eq!(list(but_one), "all but cap_sys_admin");
        let two = CapabilitySet::EMPTY
            .with(Capability::BPF)
            .with(Capability::CHOWN);
        assert_eq!(list(two), "cap_chown,cap_bpf");
    }
}
