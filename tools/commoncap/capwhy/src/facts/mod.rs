// SPDX-License-Identifier: GPL-2.0

//! What is known of a process, and what is not, for [`commoncap`] to decide on.
//!
//! A fact that `/proc` does not show has more than one possible value. The core then decides for
//! each of them, and the decision is known only if all agree.

mod credentials;
#[cfg(test)]
pub mod fixtures;
pub mod ids;
pub mod nsfs;
pub mod plain;
mod proc;
mod status;
mod threads;
mod user_ns;

pub use credentials::{Credentials, Uid};
pub use proc::{Of, Reader, HIDDEN, KINDS};
pub use user_ns::UserNs;

use commoncap::{capability::CapabilitySet, securebits::Securebits, setuid::Ids};
use ids::IdMap;
use std::{collections::BTreeMap, path::PathBuf, rc::Rc};

/// The user namespace that something belongs to.
#[derive(Clone, Debug)]
pub enum Owner {
    /// This one.
    Is(Rc<UserNs>),
    /// One that is neither that of the process nor below it. The kernel does not say which.
    NotBelow,
    /// It is unknown, for the reason in this clause.
    Unknown(&'static str),
}

impl Owner {
    /// Returns the namespace to check, if enough is known of it.
    pub fn target(&self) -> Option<Rc<UserNs>> {
        match self {
            Self::Is(namespace) => Some(namespace.clone()),
            // Every walk from a namespace that is not below ends alike, so any of them will do.
            Self::NotBelow => Some(UserNs::initial()),
            Self::Unknown(_) => None,
        }
    }

    /// Returns all namespaces that it can be for the checks of a process, as far as they can give
    /// different answers; none if too little is known.
    pub fn targets(&self, process: &Process) -> Vec<Rc<UserNs>> {
        match self.target() {
            Some(target) => vec![target],
            // Each is the initial one or below it, and the process made it or did not.
            None if process.is_in_initial() => {
                let other = Uid::Unmapped { same: false };
                let below =
                    [process.euid, other].map(|owner| UserNs::below(&process.initial, 0, owner));
                [process.initial.clone()].into_iter().chain(below).collect()
            }
            None => Vec::new(),
        }
    }

    /// Returns the number by which `/proc` names it.
    pub fn number(&self) -> Option<u64> {
        match self {
            Self::Is(namespace) => Some(namespace.number()),
            Self::NotBelow | Self::Unknown(_) => None,
        }
    }
}

/// The PID namespaces that a new child of a process would be in, innermost first.
#[derive(Clone, Debug)]
pub struct PidNamespaces {
    /// The owner of each.
    pub owners: Vec<Owner>,
    /// Whether these are all of them. The reader sees none above its own.
    pub complete: bool,
}

/// The program that a process runs.
#[derive(Clone, Debug, Default)]
pub struct Program {
    /// The file, if capwhy may know.
    pub file: Option<PathBuf>,
    /// The script, if the program interprets one.
    pub script: Option<PathBuf>,
    /// Whether the file is on a mount with `nosuid`, as far as capwhy sees.
    pub nosuid: bool,
}

/// What is known of a process.
#[derive(Clone, Debug)]
pub struct Process {
    /// Its ID, as the reader's `/proc` has it.
    pub pid: i32,
    /// The name of its program.
    pub name: String,
    /// The effective user ID.
    pub euid: Uid,
    /// The user IDs and those of groups, further groups last, as the reader's user namespace maps
    /// them.
    pub ids: (Ids<u32>, Ids<u32>, Vec<u32>),
    /// The process that traces it.
    pub tracer: Option<i32>,
    /// Whether a seccomp filter is in place.
    pub seccomp_filter: bool,
    /// The user namespace that it is in.
    pub user_ns: Rc<UserNs>,
    /// The initial user namespace.
    pub initial: Rc<UserNs>,
    /// The owner of the PID namespace that it is in.
    pub pid_ns_owner: Owner,
    /// The PID namespaces of its children to be.
    pub pid_namespaces: PidNamespaces,
    /// The owner of the IPC namespace that it is in.
    pub ipc_ns_owner: Owner,
    /// The owner of each namespace that it is in, by the name that the namespace has in `/proc`.
    pub owners: BTreeMap<&'static str, Owner>,
    /// The users and groups that its user namespace maps.
    pub maps: [IdMap; 2],
    /// The program that it runs.
    pub program: Program,
    /// A sentence on threads with other capabilities, if it has such.
    pub threads: Option<String>,
    /// The securebits. `/proc` does not show them, so they are known only of the reader itself.
    pub securebits: Option<Securebits>,
    /// The inheritable set.
    pub inheritable: CapabilitySet,
    /// The permitted set.
    pub permitted: CapabilitySet,
    /// The effective set.
    pub effective: CapabilitySet,
    /// The bounding set.
    pub bounding: CapabilitySet,
    /// The ambient set.
    pub ambient: CapabilitySet,
    /// Whether no `execve()` can give it privileges.
    pub no_new_privs: bool,
    /// Whether the running kernel supports the exec securebits.
    pub has_exec_bits: bool,
}

impl Process {
    /// Returns its credentials as far as they matter to the check of a capability: two values if it
    /// is not known whether it owns a namespace.
    pub fn possible_credentials(&self) -> impl Iterator<Item = Credentials<'_>> {
        let securebits = self.securebits.unwrap_or(Securebits::DEFAULT);
        self.euid.possible().map(move |euid| Credentials {
            process: self,
            euid,
            securebits,
        })
    }

    /// Returns its credentials as far as they matter to a change of its securebits: one for each
    /// value that the securebits can have.
    pub fn possible_securebits(&self) -> impl Iterator<Item = Credentials<'_>> {
        let values = match self.securebits {
            Some(known) => known.bits()..=known.bits(),
            None => 0..=Securebits::ALL_BITS.with_locks().bits(),
        };
        values.map(|bits| Credentials {
            process: self,
            euid: self.euid,
            securebits: Securebits::from_bits(bits),
        })
    }

    /// Returns whether it is in the initial user namespace.
    pub fn is_in_initial(&self) -> bool {
        Rc::ptr_eq(&self.user_ns, &self.initial)
    }
}
