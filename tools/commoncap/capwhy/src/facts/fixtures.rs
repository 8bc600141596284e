// SPDX-License-Identifier: GPL-2.0

//! Processes for tests, with all their facts known.

use super::{ids::IdMap, proc::KINDS, Owner, PidNamespaces, Process, Program, Uid, UserNs};
use commoncap::{
    capability::{Capability, CapabilitySet},
    securebits::Securebits,
    setuid::Ids,
};
use std::rc::Rc;

/// The number of the namespace that [`in_child`] is in.
pub const CHILD: u64 = 4_026_532_201;

/// Returns a set of these capabilities.
pub fn set(capabilities: &[Capability]) -> CapabilitySet {
    capabilities
        .iter()
        .fold(CapabilitySet::EMPTY, |set, &capability| {
            set.with(capability)
        })
}

/// Returns IDs that are all the same.
pub fn ids(id: u32) -> Ids<u32> {
    Ids {
        real: id,
        effective: id,
        saved: id,
        file_system: id,
    }
}

/// Returns a process of user ID 1000 in the initial user namespace, with these capabilities.
pub fn in_initial(held: &[Capability]) -> Process {
    let initial = UserNs::initial();
    let owner = Owner::Is(initial.clone());
    Process {
        pid: 42,
        name: "example".to_owned(),
        euid: Uid::Is(1000),
        ids: (ids(1000), ids(1000), Vec::new()),
        tracer: None,
        seccomp_filter: false,
        user_ns: initial.clone(),
        initial,
        pid_ns_owner: owner.clone(),
        pid_namespaces: PidNamespaces {
            owners: vec![owner.clone()],
            complete: true,
        },
        owners: KINDS.map(|kind| (kind, owner.clone())).into(),
        maps: [(); 2].map(|()| IdMap::read("uid_map", "0 0 4294967295\n", true)),
        program: Program::default(),
        threads: None,
        ipc_ns_owner: owner,
        securebits: Some(Securebits::DEFAULT),
        inheritable: CapabilitySet::EMPTY,
        permitted: set(held),
        effective: set(held),
        bounding: CapabilitySet::FULL,
        ambient: CapabilitySet::EMPTY,
        no_new_privs: false,
        has_exec_bits: true,
    }
}

/// Returns the same process in a child user namespace, whose PID and IPC namespaces are the initial
/// ones.
pub fn in_child(held: &[Capability]) -> Process {
    let mut process = in_initial(held);
    process.user_ns = UserNs::below(&process.initial, CHILD, Uid::Is(1000));
    process.threads = Some("1 of 2 threads holds other capabilities.".to_owned());
    process
}

/// Returns the same process in PID and IPC namespaces that belong to its user namespace.
pub fn in_child_with_its_own(held: &[Capability]) -> Process {
    let mut process = in_child(held);
    let own = Owner::Is(process.user_ns.clone());
    process.pid_ns_owner = own.clone();
    process.pid_namespaces.owners = vec![own.clone(), Owner::Is(process.initial.clone())];
    process.owners = KINDS.map(|kind| (kind, own.clone())).into();
    process.ipc_ns_owner = own;
    process
}

/// Returns a user namespace below another, made by a user.
pub fn below(parent: &Rc<UserNs>, owner: u32) -> Rc<UserNs> {
    UserNs::below(parent, CHILD + 1, Uid::Is(owner))
}
