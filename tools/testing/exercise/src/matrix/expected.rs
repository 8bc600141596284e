// SPDX-License-Identifier: GPL-2.0

//! The answer that the core and its table of operations expect in a cell of the matrix.
//!
//! Two runs that agree could both be wrong. This predicts the answers of the checkpoint/restore
//! operations from the namespaces that [`crate::place`] makes.

use super::attempts::BELOW;
use crate::{place::Place, who::Who};
use capwhy::facts::plain::{Cred, Ns};
use commoncap::{
    capability::Capability,
    capable::capable,
    checkpoint_restore::ns_capable_noaudit,
    operations::{Check, Operation, Over, Refusal},
};

/// The user ID that a place has for one of its own, in the initial user namespace.
fn uid(place: Place, id: u32) -> u32 {
    place.first() + id
}

/// Returns the expected answer to a user for an attempt in a place; [`None`] if the core does not
/// predict it.
pub fn answer(name: &str, place: Place, who: Who) -> Option<String> {
    // User 0 of the initial user namespace owns the child, user 0 of the child owns the grandchild.
    let initial = Ns {
        parent: None,
        level: 0,
        owner: 0,
    };
    let child = Ns {
        parent: Some(&initial),
        level: 1,
        owner: 0,
    };
    let grandchild = Ns {
        parent: Some(&child),
        level: 2,
        owner: 100_000,
    };
    let own = [&initial, &child, &grandchild][place.depth];
    let cred = Cred {
        user_ns: own,
        euid: uid(place, if who == Who::Root { 0 } else { 1000 }),
        effective: who.held(),
    };

    if let Some((_, below)) = BELOW.iter().find(|(known, _)| *known == name) {
        let owner = uid(place, below.owner);
        let first = Ns {
            parent: Some(own),
            level: own.level + 1,
            owner,
        };
        let second = Ns {
            parent: Some(&first),
            level: own.level + 2,
            owner,
        };
        let target = if below.levels == 1 { &first } else { &second };
        let allowed = capable(&cred, target, Capability::SYS_ADMIN).is_ok();
        return Some(if allowed { "ok" } else { "EPERM" }.to_owned());
    }

    let operation = Operation::named(name)?;
    let owner = if place.owns { own } else { &initial };
    let target = match operation.over {
        Over::Initial => &initial,
        Over::Own => own,
        Over::PidNamespaceOwner | Over::EachPidNamespaceOwner | Over::IpcNamespaceOwner => owner,
    };
    let holds = |capability| capable(&cred, target, capability).is_ok();
    let allowed = match operation.check {
        Check::CheckpointRestore | Check::CheckpointRestoreNoAudit => {
            ns_capable_noaudit(holds).is_ok()
        }
        Check::SysResource => holds(Capability::SYS_RESOURCE),
    };
    Some(match operation.refusal {
        _ if allowed => "ok".to_owned(),
        Refusal::Fails(errno) => format!("{errno:?}"),
        // Every user here who owns a file of the namespaces holds the capability, too.
        Refusal::FileMode => "EACCES".to_owned(),
    })
}
