// SPDX-License-Identifier: GPL-2.0

//! What a capability is checked over: `--over`.

use crate::{
    error::{Error, Result},
    facts::{nsfs, Owner, Process, Reader},
};
use commoncap::capability::Capability;
use rustix::fs::{fstat, fstatfs, open, Mode, OFlags};
use std::{fs::File, path::Path};

/// `NSFS_MAGIC`: the file system of the files that stand for namespaces.
const NSFS_MAGIC: i64 = 0x6e73_6673;

/// What a capability is checked over.
#[derive(Clone, Debug)]
pub enum Over {
    /// The initial user namespace.
    Initial,
    /// The user namespace of the process.
    Own,
    /// The owner of a namespace of the process, by its name in `/proc`.
    Kind(&'static str),
    /// The owner of this namespace.
    Namespace(Owner),
    /// This user namespace.
    UserNamespace(Owner),
    /// The user namespace of the process, if it maps the owner and the group of this file.
    File {
        /// The owner.
        uid: u32,
        /// The group.
        gid: u32,
    },
}

impl Over {
    /// Finds what a text means: a kind of namespace, or a path.
    pub fn find(text: &str, reader: &Reader) -> Result<Self> {
        Ok(match text {
            "initial" => Self::Initial,
            "user" => Self::Own,
            text => match crate::facts::KINDS.iter().find(|kind| **kind == text) {
                Some(kind) => Self::Kind(kind),
                None => Self::path(Path::new(text), reader)?,
            },
        })
    }

    fn path(path: &Path, reader: &Reader) -> Result<Self> {
        let failed = |error| {
            let path = path.display();
            Error::of(
                format!(
                    "--over {path} is neither a kind of namespace (net, mnt, uts, ipc, pid, user, \
                     cgroup, time, initial) nor a file that can be looked at"
                ),
                error,
            )
        };
        let flags = OFlags::PATH | OFlags::CLOEXEC;
        let found = open(path, flags, Mode::empty()).map_err(failed)?;
        if fstatfs(&found).map_err(failed)?.f_type != NSFS_MAGIC {
            let stat = fstat(&found).map_err(failed)?;
            return Ok(Self::File {
                uid: stat.st_uid,
                gid: stat.st_gid,
            });
        }
        let namespace = File::open(path).map_err(|error| {
            let tried = format!(
                "{} may not be looked at: run capwhy as the user of that process, or as root with \
                 cap_sys_ptrace",
                path.display()
            );
            Error::of(tried, error)
        })?;
        let unknown = Owner::Unknown("its owner is not in reach of capwhy's user namespace");
        if nsfs::is_user_namespace(&namespace).map_err(failed)? {
            let found = reader.user_ns(&namespace)?;
            return Ok(Self::UserNamespace(found.map_or(unknown, Owner::Is)));
        }
        let owner = match nsfs::owner(&namespace).map_err(failed)? {
            Some(owner) => reader.user_ns(&owner)?,
            None => None,
        };
        Ok(Self::Namespace(owner.map_or(unknown, Owner::Is)))
    }

    /// Returns what the kernel mostly checks a capability over.
    pub fn usual(capability: Capability) -> Self {
        match capability.name() {
            "cap_net_admin" | "cap_net_raw" | "cap_net_bind_service" | "cap_net_broadcast" => {
                Self::Kind("net")
            }
            "cap_ipc_owner" => Self::Kind("ipc"),
            "cap_sys_boot" => Self::Kind("pid"),
            "cap_chown"
            | "cap_dac_override"
            | "cap_dac_read_search"
            | "cap_fowner"
            | "cap_fsetid"
            | "cap_kill"
            | "cap_setgid"
            | "cap_setuid"
            | "cap_setpcap"
            | "cap_sys_chroot"
            | "cap_sys_ptrace"
            | "cap_sys_admin"
            | "cap_setfcap"
            | "cap_checkpoint_restore" => Self::Own,
            _ => Self::Initial,
        }
    }

    /// Returns its relation to a process, and the user namespace, if that is known.
    pub fn of(&self, process: &Process) -> (&'static str, Owner) {
        match self {
            Self::Initial => ("initial", Owner::Is(process.initial.clone())),
            Self::Own => ("own", Owner::Is(process.user_ns.clone())),
            Self::File { .. } => ("file", Owner::Is(process.user_ns.clone())),
            Self::Namespace(owner) | Self::UserNamespace(owner) => ("namespace", owner.clone()),
            Self::Kind(kind) => {
                let unknown = Owner::Unknown("the kernel does not show that namespace");
                let owner = process.owners.get(kind).cloned().unwrap_or(unknown);
                let what = match *kind {
                    "cgroup" => "cgroup-namespace-owner",
                    "ipc" => "ipc-namespace-owner",
                    "mnt" => "mnt-namespace-owner",
                    "net" => "net-namespace-owner",
                    "pid" => "pid-namespace-owner",
                    "time" => "time-namespace-owner",
                    _ => "uts-namespace-owner",
                };
                (what, owner)
            }
        }
    }

    /// Returns whether the user namespace of a process maps the owner and the group, if it must.
    pub fn is_mapped(&self, process: &Process) -> bool {
        match self {
            Self::File { uid, gid } => {
                let [users, groups] = &process.maps;
                users.has(users.shown(*uid)) && groups.has(groups.shown(*gid))
            }
            _ => true,
        }
    }

    /// Returns it in words.
    pub fn text(&self) -> String {
        match self {
            Self::Initial => "the initial user namespace".to_owned(),
            Self::Own => "its own user namespace".to_owned(),
            Self::File { .. } => "that file".to_owned(),
            Self::Namespace(_) | Self::UserNamespace(_) => "that namespace".to_owned(),
            Self::Kind(kind) => format!("the owner of its {kind} namespace"),
        }
    }
}
