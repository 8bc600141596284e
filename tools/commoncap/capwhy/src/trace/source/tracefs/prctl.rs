// SPDX-License-Identifier: GPL-2.0

//! A decision of `cap_task_prctl()`, computed from the caller's credentials before it.

use super::{super::super::entry::Entry, credentials::sets};
use crate::{facts::plain::Ns, securebits::supported};
use commoncap::{
    capability::{Capability, CapabilitySet},
    credentials::{self, Subject},
    prctl::{decide, option, Request, Verdict},
    securebits::Securebits,
    Denial, Sets,
};

/// The caller's credentials before the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Before {
    pub securebits: u64,
    sets: Sets,
}

impl Before {
    /// Reads them from the fields whose names end so. Returns [`None`] if the entry lacks one.
    pub fn of(entry: &Entry, suffix: &str) -> Option<Self> {
        Some(Self {
            securebits: entry.number(&format!("bits{suffix}"))?,
            sets: sets(entry, suffix)?,
        })
    }

    /// Returns the securebits, without bits that no name is known of.
    pub fn known_securebits(&self) -> Securebits {
        Securebits::known(usize::try_from(self.securebits).unwrap_or_default())
    }

    /// Computes the decision: the value to return, a change, or a denial. `setpcap` is whether all
    /// LSMs granted `CAP_SETPCAP`, none if they were not asked.
    pub fn decide(
        &self,
        option: i32,
        args: [u64; 4],
        setpcap: Option<bool>,
    ) -> Result<Verdict, Denial> {
        let ns = Ns {
            parent: None,
            level: 0,
            owner: 0,
        };
        let caller = Caller {
            before: self,
            ns: &ns,
            setpcap,
        };
        let mut args = args.map(|arg| usize::try_from(arg).unwrap_or(usize::MAX));
        if option == option::SET_SECUREBITS {
            args[0] = supported::requested(args[0], supported::has_exec_bits());
        }
        decide(&caller, &caller, Request::parse(option, args)?)
    }
}

/// Returns the name of an option that the capability LSM handles.
pub fn name(number: i32) -> Option<&'static str> {
    Some(match number {
        option::GET_KEEPCAPS => "PR_GET_KEEPCAPS",
        option::SET_KEEPCAPS => "PR_SET_KEEPCAPS",
        option::CAPBSET_READ => "PR_CAPBSET_READ",
        option::CAPBSET_DROP => "PR_CAPBSET_DROP",
        option::GET_SECUREBITS => "PR_GET_SECUREBITS",
        option::SET_SECUREBITS => "PR_SET_SECUREBITS",
        option::CAP_AMBIENT => "PR_CAP_AMBIENT",
        _ => return None,
    })
}

/// Returns whether such a call changes credentials if it succeeds.
pub fn changes(number: i32, arg2: u64) -> bool {
    match number {
        option::SET_KEEPCAPS | option::CAPBSET_DROP | option::SET_SECUREBITS => true,
        option::CAP_AMBIENT => arg2 != option::CAP_AMBIENT_IS_SET as u64,
        _ => false,
    }
}

struct Caller<'a> {
    before: &'a Before,
    ns: &'a Ns<'a>,
    setpcap: Option<bool>,
}

impl<'a> Subject for Caller<'a> {
    type Namespace = Ns<'a>;

    fn user_ns(&self) -> &Ns<'a> {
        self.ns
    }

    fn euid(&self) -> u32 {
        0
    }

    fn effective(&self) -> CapabilitySet {
        self.before.sets.effective
    }
}

impl credentials::Credentials for Caller<'_> {
    fn securebits(&self) -> Securebits {
        self.before.known_securebits()
    }

    fn permitted(&self) -> CapabilitySet {
        self.before.sets.permitted
    }

    fn inheritable(&self) -> CapabilitySet {
        self.before.sets.inheritable
    }

    fn bounding(&self) -> CapabilitySet {
        self.before.sets.bounding
    }

    fn ambient(&self) -> CapabilitySet {
        self.before.sets.ambient
    }
}

impl credentials::Privileges for Caller<'_> {
    fn cap_capable(&self, capability: Capability) -> bool {
        self.effective().contains(capability)
    }

    fn ns_capable(&self, capability: Capability) -> bool {
        self.setpcap.unwrap_or_else(|| self.cap_capable(capability))
    }
}
