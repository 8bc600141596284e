// SPDX-License-Identifier: GPL-2.0

//! The decision of the core about an `execve()`, for each value that an unknown fact can have.

use super::{
    caller::{Caller, Tracer},
    file::{Attribute, File},
};
use crate::facts::ids::{Id, UNMAPPED};
use commoncap::{
    capability::{Capability, CapabilitySet},
    credentials::Namespace,
    exec::{creds_from_file, Bprm, Context, Cred, CredOf, Unsafe},
    file_capabilities::{FileCapabilities, Mount, Source, MAX_SIZE},
    privileges::NsCapable,
    securebits::Securebits,
    setuid::Ids,
    Denial, Failure, Loss, Observer, UidMap,
};

const S_ISUID: u32 = 0o4000;
const S_ISGID_AND_EXECUTABLE: u32 = 0o2010;

/// Stands for the root user of a namespace in which the file's capabilities count.
const COUNTS: Id = UNMAPPED + 1;
/// Stands for a root user elsewhere.
const FOREIGN: Id = UNMAPPED + 2;
/// Stands for the root user of a namespace that has none.
const NOBODY: Id = UNMAPPED + 3;
/// Stands for the real user ID that is not mapped, and the next ones for the three others.
const DISTINCT: Id = UNMAPPED + 4;

/// A value for each fact that can be unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Case {
    securebits: Securebits,
    tracer_capable: bool,
    /// Whether the file's capabilities are for a root user who counts.
    counts: bool,
    foreign_mount: bool,
    foreign_fs: bool,
    /// Whether the mount maps the owner and the group of the file.
    owner_mapped: bool,
    /// Whether IDs that are not mapped all differ from each other.
    distinct: bool,
}

/// What a decision depends on that is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// The securebits of another process.
    Securebits,
    /// The privileges of the tracer.
    Tracer,
    /// Whether a root ID is that of an ancestor.
    RootId,
    /// Whether the mount is in the caller's mount namespace.
    Mount,
    /// The user namespace of the file system.
    FileSystem,
    /// Whether the mount maps the owner and the group.
    Owner,
    /// Which IDs are the same.
    Ids,
}

/// What an `execve()` makes of the credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct After {
    /// The credentials.
    pub cred: Cred<Id, Id>,
    /// `AT_SECURE`.
    pub secure: bool,
    /// Whether it has become more than a program of the same user: `/proc/PID` is not its own.
    pub dumpable: bool,
}

/// A decision, and what has been lost on the way to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The credentials, or why there are none.
    pub after: Result<After, Denial>,
    /// Each step that has taken capabilities.
    pub lost: Vec<(Loss, CapabilitySet)>,
    /// Each step that had no effect.
    pub skipped: Vec<Loss>,
    /// Whether the mode of the file is to change an ID: `bprm_fill_uid()`.
    pub set_id: bool,
}

/// Returns all values that the facts can have, and which are unknown.
pub fn cases(caller: &Caller, file: &File) -> (Vec<Case>, Vec<Doubt>) {
    let mut doubts = Vec::new();
    let mut cases = vec![Case {
        securebits: caller.securebits.unwrap_or(Securebits::DEFAULT),
        tracer_capable: caller.tracer != Tracer::Known(false),
        counts: counts(caller, file).unwrap_or(true),
        foreign_mount: file.mount.foreign.unwrap_or(false),
        foreign_fs: file.mount.foreign_fs.unwrap_or(false),
        owner_mapped: true,
        distinct: false,
    }];
    let mut both = |doubt, unknown: bool, other: fn(&mut Case)| {
        if unknown {
            doubts.push(doubt);
            let mut others = cases.clone();
            others.iter_mut().for_each(other);
            cases.append(&mut others);
        }
    };
    both(Doubt::Securebits, caller.securebits.is_none(), |case| {
        case.securebits = Securebits::NOROOT;
    });
    both(
        Doubt::Tracer,
        matches!(caller.tracer, Tracer::Unknown(_)),
        |case| {
            case.tracer_capable = false;
        },
    );
    both(Doubt::RootId, counts(caller, file).is_none(), |case| {
        case.counts = false
    });
    both(Doubt::Mount, file.mount.foreign.is_none(), |case| {
        case.foreign_mount = true
    });
    both(Doubt::FileSystem, file.mount.foreign_fs.is_none(), |case| {
        case.foreign_fs = true
    });
    both(Doubt::Owner, file.maybe_unmapped, |case| {
        case.owner_mapped = false
    });
    let uids = &caller.uids;
    let unmapped = [uids.real, uids.effective, uids.saved, uids.file_system]
        .into_iter()
        .filter(|id| *id == UNMAPPED);
    both(Doubt::Ids, unmapped.count() > 1, |case| {
        case.distinct = true
    });
    (cases, doubts)
}

/// Returns whether the capabilities of the file are for the root user of the caller's namespace or
/// of an ancestor; [`None`] if that is unknown.
fn counts(caller: &Caller, file: &File) -> Option<bool> {
    let place = &caller.place;
    let root = match &file.attribute {
        Attribute::Value(value) => FileCapabilities::parse(value).map_or(0, |file| file.root_id),
        Attribute::Foreign => return place.in_reach.then_some(false),
        Attribute::None | Attribute::Malformed => return Some(true),
    };
    if root == 0 {
        // For the root user of capwhy's own namespace, or of an ancestor of that.
        return place.in_reach.then_some(true);
    }
    match place.users.root() == Some(root.into()) {
        true => Some(true),
        false => (place.in_reach && !place.deep).then_some(false),
    }
}

/// Decides about an `execve()`.
pub fn decide(caller: &Caller, file: &File, case: Case, readable: bool) -> Outcome {
    let old = credentials(caller, case);
    let context = Facts {
        caller,
        file,
        case,
        roots: Roots(vec![caller.place.users.root().unwrap_or(NOBODY), COUNTS]),
    };
    let mut bprm = Bprm {
        cred: old,
        unsafety: unsafety(caller),
        per_clear: false,
        secureexec: false,
    };
    let set_id = fill_uid(&context, &mut bprm.cred);
    let mut seen = Seen::default();
    let after = match creds_from_file(&context, &old, &mut bprm, &mut seen) {
        Ok(()) => {
            let dumpable = readable && dumpable(&old, &bprm.cred);
            let mut cred = bprm.cred;
            let uids = &mut cred.uids;
            for id in [
                &mut uids.real,
                &mut uids.effective,
                &mut uids.saved,
                &mut uids.file_system,
            ] {
                *id = (*id).min(UNMAPPED);
            }
            // What is unknown before is unknown after that.
            if caller.securebits.is_none() {
                cred.securebits = Securebits::DEFAULT;
            }
            Ok(After {
                cred,
                secure: bprm.secureexec,
                dumpable,
            })
        }
        Err(Failure::Denied(denial) | Failure::Other(denial)) => Err(denial),
    };
    Outcome {
        after,
        lost: seen.lost,
        skipped: seen.skipped,
        set_id,
    }
}

/// Returns the caller's credentials.
fn credentials(caller: &Caller, case: Case) -> Cred<Id, Id> {
    let distinct = |id: Id, index: Id| match id {
        UNMAPPED if case.distinct => DISTINCT + index,
        id => id,
    };
    let uids = &caller.uids;
    Cred {
        uids: Ids {
            real: distinct(uids.real, 0),
            effective: distinct(uids.effective, 1),
            saved: distinct(uids.saved, 2),
            file_system: distinct(uids.file_system, 3),
        },
        gids: caller.gids,
        sets: caller.sets,
        securebits: case.securebits,
    }
}

/// `check_unsafe_exec()`.
fn unsafety(caller: &Caller) -> Unsafe {
    let bit = |set: bool, bit: u32| if set { bit } else { 0 };
    Unsafe::from_bits(
        bit(caller.shares_fs, 1)
            | bit(caller.tracer != Tracer::None, 2)
            | bit(caller.no_new_privs, 4),
    )
}

/// Gives the new credentials the IDs of a set-user-ID or set-group-ID file: `bprm_fill_uid()`.
/// Returns whether the file is such a one.
fn fill_uid(context: &Facts<'_>, cred: &mut Cred<Id, Id>) -> bool {
    let (caller, file) = (context.caller, context.file);
    let (user, group) = (
        file.mode & S_ISUID != 0,
        file.mode & S_ISGID_AND_EXECUTABLE == S_ISGID_AND_EXECUTABLE,
    );
    let counts = context.mnt_may_suid().is_ok()
        && !caller.no_new_privs
        && file.is_mapped(caller)
        && context.case.owner_mapped;
    if user && counts {
        cred.uids.effective = file.uid;
    }
    if group && counts {
        cred.gids.effective = file.gid;
    }
    user || group
}

/// Returns whether the process stays dumpable: `begin_new_exec()`, `commit_creds()`.
fn dumpable(old: &Cred<Id, Id>, new: &Cred<Id, Id>) -> bool {
    let same = |one: &Ids<Id>, other: &Ids<Id>| {
        one.effective == other.effective && one.file_system == other.file_system
    };
    old.uids.effective == old.uids.real
        && old.gids.effective == old.gids.real
        && same(&old.uids, &new.uids)
        && same(&old.gids, &new.gids)
        && new.sets.permitted.is_subset(old.sets.permitted)
}

/// A user namespace by its root user, and that of an ancestor.
struct Roots(Vec<Id>);

impl Namespace for Roots {
    type Uid = Id;

    fn parent(&self) -> Option<&Self> {
        None
    }

    fn level(&self) -> i32 {
        0
    }

    fn owner(&self) -> Id {
        NOBODY
    }
}

impl UidMap for Roots {
    fn id_of(&self, uid: Id) -> Option<u32> {
        self.0.contains(&uid).then_some(0)
    }
}

/// What the core asks.
struct Facts<'a> {
    caller: &'a Caller,
    file: &'a File,
    case: Case,
    roots: Roots,
}

impl Mount for Facts<'_> {
    type Namespace = Roots;

    fn mapped_user(&self, _id: u32) -> Option<Id> {
        Some(if self.case.counts { COUNTS } else { FOREIGN })
    }

    fn current_user_ns(&self) -> &Roots {
        &self.roots
    }
}

impl Source for Facts<'_> {
    type Error = Denial;

    fn read(&self, value: &mut [u8; MAX_SIZE]) -> Result<Option<usize>, Denial> {
        // Of revision 3 and without a capability: it counts nowhere.
        const FOREIGN_VALUE: [u8; MAX_SIZE] = {
            let mut value = [0; MAX_SIZE];
            value[3] = 3;
            value
        };
        let stored: &[u8] = match &self.file.attribute {
            Attribute::None => return Ok(None),
            Attribute::Value(stored) => stored,
            Attribute::Foreign => &FOREIGN_VALUE,
            Attribute::Malformed => return Err(Denial::FileCapsSize),
        };
        let room = value.get_mut(..stored.len()).ok_or(Denial::FileCapsSize)?;
        room.copy_from_slice(stored);
        Ok(Some(stored.len()))
    }
}

impl NsCapable for Facts<'_> {
    fn ns_capable(&self, capability: Capability) -> bool {
        self.caller.sets.effective.contains(capability)
    }
}

impl Context for Facts<'_> {
    type Gid = Id;

    fn file_caps_enabled(&self) -> bool {
        let command_line = std::fs::read_to_string("/proc/cmdline").unwrap_or_default();
        !command_line
            .split_whitespace()
            .any(|word| word == "no_file_caps")
    }

    fn mnt_may_suid(&self) -> Result<(), Loss> {
        if self.file.mount.nosuid {
            Err(Loss::Nosuid)
        } else if self.case.foreign_mount {
            Err(Loss::ForeignMount)
        } else if self.case.foreign_fs {
            Err(Loss::ForeignFileSystem)
        } else {
            Ok(())
        }
    }

    fn current_in_userns(&self) -> bool {
        !self.case.foreign_fs
    }

    fn root_uid(&self) -> Id {
        self.caller.place.users.root().unwrap_or(NOBODY)
    }

    fn in_group_p(&self, group: Id) -> bool {
        self.caller.is_member(group)
    }

    fn ptracer_capable(&self) -> bool {
        self.case.tracer_capable
    }

    fn warn_setuid_and_fcaps_mixed(&self) {}

    fn audit_log_bprm_fcaps(&self, _cred: &CredOf<Self>) -> Result<(), Denial> {
        Ok(())
    }
}

/// What the core has reported.
#[derive(Default)]
struct Seen {
    lost: Vec<(Loss, CapabilitySet)>,
    skipped: Vec<Loss>,
}

impl Observer for Seen {
    fn lost(&mut self, loss: Loss, capabilities: CapabilitySet) {
        self.lost.push((loss, capabilities));
    }

    fn skipped(&mut self, loss: Loss) {
        self.skipped.push(loss);
    }
}
