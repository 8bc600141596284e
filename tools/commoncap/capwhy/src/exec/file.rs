// SPDX-License-Identifier: GPL-2.0

//! A program file, as far as `execve()` looks at it.

use super::{caller::Caller, mount::Mount, view::View};
use crate::facts::ids::{self, Id, UNMAPPED};
use commoncap::capability::{Capability, CapabilitySet};
use rustix::{
    fd::{AsRawFd, OwnedFd},
    fs::{accessat, fstat, getxattr, Access, AtFlags, FileType, Stat, CWD},
    io::Errno,
};
use std::{
    fs,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
};

/// The attribute `security.capability` of a file, as the kernel shows it to capwhy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attribute {
    /// There is none.
    None,
    /// Its value. If it is of revision 2, it counts in capwhy's user namespace.
    Value(Vec<u8>),
    /// It is for a root user that is not in capwhy's user namespace.
    Foreign,
    /// The kernel does not show it: its revision is 1, or it is malformed.
    Malformed,
}

/// A program file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// The path of the file that links lead to, as capwhy sees it.
    pub path: PathBuf,
    /// The mode.
    pub mode: u32,
    /// The owner, as the mount shows it: [`UNMAPPED`] if the mount does not map it.
    pub uid: Id,
    /// The group, as the mount shows it.
    pub gid: Id,
    /// Its capabilities.
    pub attribute: Attribute,
    /// Whether its file system holds no capabilities.
    pub holds_none: bool,
    /// Its mount.
    pub mount: Mount,
    /// Whether the mount may not map the owner or the group, so that set-user-ID does not count.
    pub maybe_unmapped: bool,
}

impl File {
    /// Reads what matters of an open file.
    pub fn of(file: &OwnedFd, view: &View, caller: &Caller) -> rustix::io::Result<Self> {
        let stat = fstat(file)?;
        let link = format!("/proc/self/fd/{}", file.as_raw_fd());
        let mut value = [0; 64];
        let read = getxattr(&link, "security.capability", &mut value);
        let attribute = match read {
            Ok(size) => Attribute::Value(value.get(..size).unwrap_or_default().to_vec()),
            Err(Errno::OVERFLOW) => Attribute::Foreign,
            Err(Errno::INVAL | Errno::RANGE) => Attribute::Malformed,
            Err(_) => Attribute::None,
        };
        let mount = Mount::of(file, view, &caller.place.chain)?;
        Ok(Self {
            path: View::path_of(file),
            mode: stat.st_mode,
            uid: caller.place.users.shown(stat.st_uid),
            gid: caller.place.groups.shown(stat.st_gid),
            attribute,
            holds_none: read == Err(Errno::OPNOTSUPP),
            // A user or group of this number, or one that the mount does not map.
            maybe_unmapped: mount.idmapped && ids::overflows(&[stat.st_uid, stat.st_gid]),
            mount,
        })
    }

    /// Returns whether it is a regular file.
    pub fn is_regular(&self) -> bool {
        FileType::from_raw_mode(self.mode) == FileType::RegularFile
    }

    /// Returns whether the caller's user namespace maps the owner and the group.
    pub fn is_mapped(&self, caller: &Caller) -> bool {
        caller.place.users.has(self.uid) && caller.place.groups.has(self.gid)
    }
}

/// Reads a part of an open file; [`None`] if capwhy may not.
pub fn read(file: &OwnedFd, at: u64, size: u64) -> Option<Vec<u8>> {
    let file = fs::File::open(format!("/proc/self/fd/{}", file.as_raw_fd())).ok()?;
    let mut bytes = vec![0; usize::try_from(size).ok()?];
    let mut length = 0;
    while length < bytes.len() {
        match file.read_at(&mut bytes[length..], at.checked_add(length as u64)?) {
            Ok(0) => break,
            Ok(count) => length += count,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(_) => return None,
        }
    }
    bytes.truncate(length);
    Some(bytes)
}

/// What a process wants to do with a file.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Want {
    /// Execute it, or search it if it is a directory: 1.
    Execute,
    /// Read it: 4.
    Read,
}

impl Want {
    fn bit(self) -> u32 {
        match self {
            Self::Execute => 1,
            Self::Read => 4,
        }
    }

    fn access(self) -> Access {
        match self {
            Self::Execute => Access::EXEC_OK,
            Self::Read => Access::READ_OK,
        }
    }
}

/// Returns whether the caller may do this with a file by its mode; [`None`] if that is unknown.
pub fn permitted(caller: &Caller, file: &OwnedFd, want: Want) -> Option<bool> {
    if caller.process.is_none() && !caller.supposed {
        // The kernel knows best.
        let link = format!("/proc/self/fd/{}", file.as_raw_fd());
        return Some(accessat(CWD, link, want.access(), AtFlags::EACCESS).is_ok());
    }
    let stat = fstat(file).ok()?;
    let link = format!("/proc/self/fd/{}", file.as_raw_fd());
    let has_acl = getxattr(link, "system.posix_acl_access", &mut [0_u8; 0][..]).is_ok();
    by_mode(caller, &stat, has_acl, want)
}

fn by_mode(caller: &Caller, stat: &Stat, has_acl: bool, want: Want) -> Option<bool> {
    let (users, groups) = (&caller.place.users, &caller.place.groups);
    let (uid, gid) = (users.shown(stat.st_uid), groups.shown(stat.st_gid));
    let is_directory = FileType::from_raw_mode(stat.st_mode) == FileType::Directory;
    let any_may_execute = is_directory || stat.st_mode & 0o111 != 0;
    let held = |capability: Capability| {
        let held = caller.sets.effective & CapabilitySet::EMPTY.with(capability);
        !held.is_empty() && users.has(uid) && groups.has(gid)
    };
    let overridden = match want {
        Want::Execute if !any_may_execute => false,
        Want::Execute if is_directory => {
            held(Capability::DAC_READ_SEARCH) || held(Capability::DAC_OVERRIDE)
        }
        Want::Execute => held(Capability::DAC_OVERRIDE),
        Want::Read => held(Capability::DAC_READ_SEARCH) || held(Capability::DAC_OVERRIDE),
    };
    if overridden {
        // A mount that does not map the owner or the group lets nobody override the mode.
        return (!ids::overflows(&[stat.st_uid, stat.st_gid])).then_some(true);
    }
    let owner = caller.uids.file_system;
    let shift = if owner == uid && owner < UNMAPPED {
        6
    } else if owner == UNMAPPED && uid == UNMAPPED || has_acl {
        return None;
    } else if caller.is_member(gid) {
        3
    } else {
        0
    };
    Some((stat.st_mode >> shift) & want.bit() != 0)
}

/// Returns the first directory on the way to a file that the caller may not search: with [`None`],
/// if it is unknown whether it may.
pub fn unsearchable(caller: &Caller, view: &View, path: &Path) -> Option<(PathBuf, Option<bool>)> {
    if view.is_its_own(path) || caller.process.is_none() && !caller.supposed {
        // capwhy has just found the file itself.
        return None;
    }
    let mut directories: Vec<&Path> = path.ancestors().skip(1).collect();
    directories.reverse();
    let named = directories
        .into_iter()
        .filter(|path| !path.as_os_str().is_empty());
    named
        .filter_map(|directory| {
            let found = view.find(directory).ok()?;
            let may = permitted(caller, &found, Want::Execute);
            (may != Some(true)).then(|| (directory.to_owned(), may))
        })
        .next()
}
