// SPDX-License-Identifier: GPL-2.0

//! Callers and files for tests, with all their facts known.

use super::{
    caller::{Caller, Place, Tracer},
    chain::{Chain, Link},
    file::{Attribute, File},
    mount::Mount,
    report::Report,
    view::View,
    Prediction,
};
use crate::facts::ids::{Id, IdMap, UNMAPPED};
use crate::facts::nsfs::INITIAL_USER_NS;
use commoncap::{
    capability::{Capability, CapabilitySet},
    securebits::Securebits,
    setuid::Ids,
    Sets,
};
use std::path::Path;

/// The capability that files and callers have.
pub const RAW: CapabilitySet = CapabilitySet::EMPTY.with(Capability::NET_RAW);

/// Returns IDs that are all the same.
pub fn ids(id: Id) -> Ids<Id> {
    Ids {
        real: id,
        effective: id,
        saved: id,
        file_system: id,
    }
}

/// Returns a user of the initial user namespace, without capabilities but in the bounding set.
pub fn user(id: Id) -> Caller {
    let all = "0 0 4294967295\n";
    Caller {
        process: None,
        supposed: true,
        uids: ids(id),
        gids: ids(id),
        groups: Vec::new(),
        sets: Sets {
            bounding: CapabilitySet::FULL,
            ..Sets::default()
        },
        securebits: Some(Securebits::DEFAULT),
        no_new_privs: false,
        tracer: Tracer::None,
        shares_fs: false,
        place: Place {
            number: INITIAL_USER_NS,
            initial: true,
            chain: vec![INITIAL_USER_NS],
            in_reach: true,
            deep: false,
            users: IdMap::read("uid_map", all, true),
            groups: IdMap::read("gid_map", all, true),
        },
    }
}

/// Returns a value of `security.capability` that permits `cap_net_raw`: of revision 1 with no root
/// ID and `old`, of revision 3 with one, else of revision 2.
pub fn value(effective: bool, root: Option<u32>, old: bool) -> Vec<u8> {
    let raw: u32 = 1 << Capability::NET_RAW.number();
    let revision = match (root, old) {
        (Some(_), _) => 3,
        (None, true) => 1,
        (None, false) => 2,
    };
    let words = [(revision << 24) | u32::from(effective), raw, 0, 0, 0];
    let words = words.into_iter().take(if old { 3 } else { 5 }).chain(root);
    words.flat_map(u32::to_le_bytes).collect()
}

/// Returns a program of root with this attribute, on an ordinary mount.
pub fn program(attribute: Attribute) -> File {
    File {
        path: "/usr/bin/prog".into(),
        mode: 0o100_755,
        uid: 0,
        gid: 0,
        attribute,
        holds_none: false,
        mount: Mount {
            point: Some("/".to_owned()),
            kind: "ext4".to_owned(),
            foreign: Some(false),
            foreign_fs: Some(false),
            ..Mount::default()
        },
        maybe_unmapped: false,
    }
}

/// Returns the prediction for a file.
pub fn predict(caller: Caller, file: File) -> Prediction {
    let chain = Chain {
        links: vec![Link {
            given: file.path.clone(),
            file,
            interpreted: false,
            credentials: false,
        }],
        stop: None,
        readable: Some(true),
    };
    Prediction::by(caller, chain)
}

/// Returns reports in which each field has all types that it can have.
pub fn reports() -> Vec<Report> {
    let report = |prediction: &Prediction| {
        Report::wanting(Path::new("prog"), prediction, CapabilitySet::FULL, None)
    };
    let granted = predict(
        user(1000),
        program(Attribute::Value(value(true, None, false))),
    );
    let mut other = user(0);
    other.process = Some((42, "example".to_owned()));
    other.securebits = None;
    other.uids.saved = UNMAPPED;
    other.gids.saved = UNMAPPED;
    let mut file = program(Attribute::None);
    (file.uid, file.gid, file.mount.point) = (UNMAPPED, UNMAPPED, None);
    let mut doubtful = predict(other.clone(), file);
    doubtful.chain.readable = None;
    let doubtful = Prediction::by(other, doubtful.chain);
    // The IDs after that depend on the securebits and on whether the mount maps the owner.
    let mut set_id = program(Attribute::None);
    (set_id.mode, set_id.maybe_unmapped, set_id.uid, set_id.gid) = (0o106_755, true, 7, 8);
    let mut caller = user(1000);
    let sets = &mut caller.sets;
    (sets.ambient, sets.permitted, sets.inheritable) = (RAW, RAW, RAW);
    sets.effective = RAW;
    caller.securebits = Some(Securebits::NOROOT);
    let set_id = predict(caller, set_id);
    let mut unbound = user(1000);
    unbound.sets.bounding = CapabilitySet::EMPTY;
    let refused = predict(unbound, program(Attribute::Value(value(true, None, false))));
    [granted, doubtful, set_id, refused]
        .iter()
        .map(report)
        .collect()
}

/// Returns the prediction for a program of this path, by a user.
pub fn of_path(caller: Caller, path: &Path) -> Prediction {
    Prediction::of(caller, path, &View::own())
}
