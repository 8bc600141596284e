// SPDX-License-Identifier: GPL-2.0

//! What is to be different about the caller: `--user`, `--caps` and so on.

use super::{caller::Tracer, Caller, Id};
use crate::{
    capabilities,
    error::{Error, Result},
    run::User,
    securebits::names,
};
use commoncap::{
    capability::{Capability, CapabilitySet},
    securebits::Securebits,
    setuid::Ids,
};

/// What is to be different about the caller.
#[derive(Clone, Debug, Default)]
pub struct Supposed {
    /// The user, who then has no capabilities.
    pub user: Option<User>,
    /// Changes of the permitted and the effective set.
    pub caps: Option<String>,
    /// Changes of the inheritable set.
    pub inheritable: Option<String>,
    /// Changes of the bounding set.
    pub bounding: Option<String>,
    /// Changes of the ambient set, whose members are permitted and inheritable, too.
    pub ambient: Option<String>,
    /// The securebits, or changes of them.
    pub securebits: Option<String>,
    /// Whether no_new_privs is set.
    pub no_new_privs: bool,
}

impl Supposed {
    /// Changes a caller.
    pub fn apply(&self, caller: &mut Caller) -> Result {
        let mut same = true;
        if let Some(user) = &self.user {
            same = false;
            let (uid, gid, groups) = user.ids();
            caller.uids = all(uid.into());
            caller.gids = all(gid.into());
            caller.groups = groups.iter().map(|id| Id::from(*id)).collect();
            let bounding = caller.sets.bounding;
            caller.sets = commoncap::Sets {
                bounding,
                ..Default::default()
            };
            caller.tracer = Tracer::None;
        }
        let sets = &mut caller.sets;
        if let Some(changes) = &self.caps {
            sets.permitted = change(sets.permitted, changes)?;
            sets.effective = sets.permitted;
        }
        if let Some(changes) = &self.inheritable {
            sets.inheritable = change(sets.inheritable, changes)?;
        }
        if let Some(changes) = &self.bounding {
            sets.bounding = change(sets.bounding, changes)?;
        }
        if let Some(changes) = &self.ambient {
            sets.ambient = change(sets.ambient, changes)?;
            sets.permitted = sets.permitted | sets.ambient;
            sets.effective = sets.effective | sets.ambient;
            sets.inheritable = sets.inheritable | sets.ambient;
        } else {
            sets.ambient = sets.ambient & sets.permitted & sets.inheritable;
        }
        if let Some(text) = &self.securebits {
            let now = caller.securebits.unwrap_or(Securebits::DEFAULT);
            let bits = names::parse(text, Some(now.bits().into()))?;
            caller.securebits = Some(Securebits::known(bits as usize));
        }
        caller.no_new_privs |= self.no_new_privs;
        let lists = [
            &self.caps,
            &self.inheritable,
            &self.bounding,
            &self.ambient,
            &self.securebits,
        ];
        same &= lists.iter().all(|list| list.is_none()) && !self.no_new_privs;
        caller.supposed |= !same;
        Ok(())
    }
}

fn all(id: Id) -> Ids<Id> {
    Ids {
        real: id,
        effective: id,
        saved: id,
        file_system: id,
    }
}

/// Reads a set as [`Supposed`] has it, such as `cap_net_raw,cap_bpf`.
pub fn set(text: &str) -> Result<CapabilitySet> {
    change(CapabilitySet::EMPTY, text)
}

/// Changes a set as setpriv does: `+net_raw`, `-all`, with commas between. A name without a sign
/// begins an empty set.
fn change(set: CapabilitySet, changes: &str) -> Result<CapabilitySet> {
    let mut set = set;
    for (index, word) in changes.split(',').map(str::trim).enumerate() {
        let (add, name) = match word.split_at_checked(1) {
            Some(("+", name)) => (true, name),
            Some(("-", name)) => (false, name),
            _ => {
                if index == 0 {
                    set = CapabilitySet::EMPTY;
                }
                (true, word)
            }
        };
        let named = match name {
            "all" => CapabilitySet::FULL,
            "none" => CapabilitySet::EMPTY,
            "" => {
                return Err(Error::new(format!(
                    "'{changes}' names no capability: write a list such as -all,+net_raw"
                )))
            }
            name => CapabilitySet::EMPTY.with(capability(name)?),
        };
        set = if add { set | named } else { set - named };
    }
    Ok(set & CapabilitySet::FULL)
}

fn capability(name: &str) -> Result<Capability> {
    capabilities::parse(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_changed_as_setpriv_changes_them() {
        let bpf = CapabilitySet::EMPTY.with(Capability::BPF);
        let both = bpf.with(Capability::NET_RAW);
        for (changes, result) in [
            ("+net_raw", both),
            ("net_raw,bpf", both),
            ("-all,+CAP_NET_RAW", both - bpf),
            ("-bpf", CapabilitySet::EMPTY),
            ("all", CapabilitySet::FULL),
            ("none", CapabilitySet::EMPTY),
            ("all,-bpf", CapabilitySet::FULL - bpf),
        ] {
            assert_eq!(change(bpf, changes).unwrap(), result, "{changes}");
        }
        for wrong in ["", "+", "net_raw,", "+nothing", "é"] {
            assert!(change(bpf, wrong).is_err(), "{wrong}");
        }
    }
}
