// SPDX-License-Identifier: GPL-2.0

//! The process that calls `execve()`.

use crate::facts::ids::{Id, IdMap};
use crate::facts::Process;
use commoncap::{securebits::Securebits, setuid::Ids, Sets};

/// The tracer of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tracer {
    /// It is not traced.
    None,
    /// It is traced, by a process that held `CAP_SYS_PTRACE` over its user namespace when it
    /// attached, or did not.
    Known(bool),
    /// It is traced by this process. The credentials that it had when it attached are not shown.
    Unknown(i32),
}

/// The user namespace of the caller, as capwhy sees it.
#[derive(Clone, Debug)]
pub struct Place {
    /// The number by which `/proc` names it.
    pub number: u64,
    /// Whether it is the initial one.
    pub initial: bool,
    /// The numbers of it and of its ancestors, as far as capwhy sees them.
    pub chain: Vec<u64>,
    /// Whether it is capwhy's own or below it.
    pub in_reach: bool,
    /// Whether there is another one between it and capwhy's own.
    pub deep: bool,
    /// The users that it maps.
    pub users: IdMap,
    /// The groups that it maps.
    pub groups: IdMap,
}

/// The process that calls `execve()`.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Its ID and name, unless it is like capwhy itself.
    pub process: Option<(i32, String)>,
    /// Whether it differs from that process in more than the program.
    pub supposed: bool,
    /// The user IDs.
    pub uids: Ids<Id>,
    /// The group IDs.
    pub gids: Ids<Id>,
    /// The further groups.
    pub groups: Vec<Id>,
    /// The capability sets.
    pub sets: Sets,
    /// The securebits, if they are known.
    pub securebits: Option<Securebits>,
    /// Whether no `execve()` can give it privileges.
    pub no_new_privs: bool,
    /// Who traces it.
    pub tracer: Tracer,
    /// Whether it shares its root and current directories with another process: `CLONE_FS`.
    pub shares_fs: bool,
    /// Its user namespace.
    pub place: Place,
}

impl Caller {
    /// Makes it of a process; `itself` is whether that is capwhy.
    pub fn of(process: &Process, itself: bool) -> Self {
        let chain: Vec<u64> = ancestors(process).collect();
        let own = crate::facts::nsfs::own("user").unwrap_or_default();
        let [users, groups] = process.maps.clone();
        let (uids, gids, further) = &process.ids;
        let user = |id| users.shown(id);
        let group = |id| groups.shown(id);
        Self {
            process: (!itself).then(|| (process.pid, process.name.clone())),
            supposed: false,
            uids: each(uids, user),
            gids: each(gids, group),
            groups: further.iter().map(|id| group(*id)).collect(),
            sets: Sets {
                effective: process.effective,
                permitted: process.permitted,
                inheritable: process.inheritable,
                bounding: process.bounding,
                ambient: process.ambient,
            },
            securebits: process.securebits,
            no_new_privs: process.no_new_privs,
            tracer: process.tracer.map_or(Tracer::None, Tracer::Unknown),
            shares_fs: !itself && super::sharing::shares_fs(process.pid),
            place: Place {
                number: process.user_ns.number(),
                initial: process.is_in_initial(),
                in_reach: chain.contains(&own),
                deep: chain.iter().position(|number| *number == own) > Some(1),
                chain,
                users,
                groups,
            },
        }
    }

    /// Returns whether it is a member of a group: `in_group_p()`.
    pub fn is_member(&self, group: Id) -> bool {
        self.gids.file_system == group || self.groups.contains(&group)
    }
}

/// Returns the numbers of the user namespace of a process and of its ancestors.
fn ancestors(process: &Process) -> impl Iterator<Item = u64> + '_ {
    use commoncap::credentials::Namespace;
    let first = Some(&*process.user_ns);
    std::iter::successors(first, |namespace| namespace.parent()).map(|namespace| namespace.number())
}

/// Returns IDs, each one changed.
fn each(ids: &Ids<u32>, change: impl Fn(u32) -> Id) -> Ids<Id> {
    Ids {
        real: change(ids.real),
        effective: change(ids.effective),
        saved: change(ids.saved),
        file_system: change(ids.file_system),
    }
}
