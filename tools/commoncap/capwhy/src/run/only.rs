// SPDX-License-Identifier: GPL-2.0

//! A run with a set of capabilities and no others.

use super::User;
use crate::{
    capabilities,
    error::{Error, Result},
};
use commoncap::capability::{self, Capability};
use rustix::thread::{
    configure_capability_in_ambient_set, remove_capability_from_bounding_set, set_capabilities,
    CapabilitySet, CapabilitySets,
};

/// A set of capabilities, all that a command and its descendants can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Only(capability::CapabilitySet);

impl Only {
    /// Reads names with commas between; `none` for no capability.
    pub fn find(text: &str) -> Result<Self> {
        let names = text.split(',').filter(|name| *name != "none");
        let set = names
            .map(capabilities::parse)
            .try_fold(capability::CapabilitySet::EMPTY, |set, capability| {
                Ok::<_, Error>(set.with(capability?))
            })?;
        Ok(Self(set))
    }

    /// Makes it of the names in a report; those that this program does not know are left out.
    pub fn of(names: &[String]) -> Self {
        let known = names.iter().filter_map(|name| capabilities::known(name));
        Self(known.fold(
            capability::CapabilitySet::EMPTY,
            capability::CapabilitySet::with,
        ))
    }

    /// Returns the names, for [`Only::find`].
    pub fn to_argument(self) -> String {
        match self.0.is_empty() {
            true => "none".to_owned(),
            false => capabilities::names(self.0).join(","),
        }
    }

    /// Returns the names, by their numbers.
    pub fn names(self) -> Vec<String> {
        let names = capabilities::names(self.0).into_iter();
        names.map(str::to_owned).collect()
    }

    /// Limits the bounding set of this process to it, so that root gets no other capability.
    pub fn limit(self) -> Result {
        for capability in Capability::ALL.iter().filter(|one| !self.0.contains(**one)) {
            let one = capability::CapabilitySet::EMPTY.with(*capability);
            match remove_capability_from_bounding_set(raw(one)) {
                // A kernel with fewer capabilities.
                Ok(()) | Err(rustix::io::Errno::INVAL) => {}
                Err(error) => {
                    return Err(Error::of(
                        format!("{} cannot be dropped, which takes root", capability.name()),
                        error,
                    ))
                }
            }
        }
        Ok(())
    }

    /// Makes it the permitted, inheritable and ambient set of this process, which has become
    /// another user and kept its permitted set. A command without capabilities of its own then has
    /// just these.
    pub fn make_ambient(self) -> Result {
        let failed = |error| {
            let set = self.to_argument();
            Error::of(
                format!("{set} cannot be made ambient, which takes root"),
                error,
            )
        };
        let all = raw(self.0);
        let sets = CapabilitySets {
            effective: all,
            permitted: all,
            inheritable: all,
        };
        set_capabilities(None, sets).map_err(failed)?;
        for capability in Capability::ALL.iter().filter(|one| self.0.contains(**one)) {
            let one = capability::CapabilitySet::EMPTY.with(*capability);
            configure_capability_in_ambient_set(raw(one), true).map_err(failed)?;
        }
        Ok(())
    }
}

/// Takes on a user and a set, each if there is one.
pub fn become_with(user: Option<&User>, only: Option<Only>) -> Result {
    if let Some(only) = only {
        only.limit()?;
    }
    match (user, only) {
        (Some(user), Some(only)) => {
            rustix::thread::set_keep_capabilities(true)
                .map_err(|error| Error::of("prctl(PR_SET_KEEPCAPS)", error))?;
            user.become_it_with(|| only.make_ambient())
        }
        (Some(user), None) => user.become_it(),
        (None, _) => Ok(()),
    }
}

fn raw(set: capability::CapabilitySet) -> CapabilitySet {
    CapabilitySet::from_bits_retain(set.bits())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_read_as_it_is_written() {
        for (text, written) in [("none", "none"), ("NET_RAW,cap_bpf", "cap_net_raw,cap_bpf")] {
            let only = Only::find(text).unwrap();
            assert_eq!(only.to_argument(), written);
            assert_eq!(Only::find(written).unwrap(), only);
        }
        assert!(Only::find("cap_root").is_err());
        assert!(Only::find("").is_err());
        let names = ["cap_bpf".to_owned(), "cap_new".to_owned()];
        assert_eq!(Only::of(&names).to_argument(), "cap_bpf");
    }
}
