// SPDX-License-Identifier: GPL-2.0

//! The mount that a program file is on.

use super::view::View;
use crate::facts::nsfs;
use rustix::{
    fd::{AsFd, OwnedFd},
    fs::{fstatvfs, statx, AtFlags, StatVfsMountFlags, StatxFlags, CWD},
    io::Result,
};
use std::fs::File;

/// File systems that root of a user namespace can mount (`FS_USERNS_MOUNT`). Any other belongs to
/// the initial user namespace.
const USER_MOUNTABLE: [&str; 14] = [
    "tmpfs",
    "ramfs",
    "overlay",
    "fuse",
    "fuse.",
    "proc",
    "sysfs",
    "devpts",
    "mqueue",
    "cgroup",
    "cgroup2",
    "bpf",
    "binder",
    "rpc_pipefs",
];

/// The mount that a file is on, as `execve()` by a process sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mount {
    /// The directory that it is mounted on, if the process sees it.
    pub point: Option<String>,
    /// The type of the file system.
    pub kind: String,
    /// Whether it is mounted with `nosuid`.
    pub nosuid: bool,
    /// Whether it is mounted with `noexec`.
    pub noexec: bool,
    /// Whether the mount maps IDs.
    pub idmapped: bool,
    /// Whether it is in another mount namespace than the process; [`None`] if that is unknown.
    pub foreign: Option<bool>,
    /// Whether the file system belongs to a user namespace that is neither that of the process nor
    /// an ancestor of it; [`None`] if that is unknown.
    pub foreign_fs: Option<bool>,
}

impl Mount {
    /// Looks at the mount of an open file, for a process in these user namespaces, innermost first.
    pub fn of(file: &OwnedFd, view: &View, chain: &[u64]) -> Result<Self> {
        let flags = fstatvfs(file)?.f_flag;
        let id = mount_id(file, "", AtFlags::EMPTY_PATH)?;
        let mounts = view.text("mountinfo");
        let entry_of = |id: u64| mounts.lines().filter_map(Entry::parse).find(|e| e.id == id);
        let entry = id.and_then(entry_of);
        // The list leaves out what is outside of a chroot, and so the mount of its root directory,
        // unless that is a mount point.
        let root = mount_id(CWD, &view.root_directory(), AtFlags::empty()).unwrap_or(None);
        let is_whole = root.and_then(entry_of).is_some();
        let mut mount = Self {
            nosuid: flags.contains(StatVfsMountFlags::NOSUID),
            noexec: flags.contains(StatVfsMountFlags::NOEXEC),
            foreign: (id.is_some() && is_whole).then_some(true),
            ..Self::default()
        };
        if let Some(entry) = entry {
            mount.point = Some(entry.point.to_owned());
            mount.kind = entry.kind.to_owned();
            mount.idmapped = entry.options.split(',').any(|option| option == "idmapped");
            mount.foreign = Some(false);
            let user_mountable = USER_MOUNTABLE.iter().any(|kind| {
                *kind == entry.kind || kind.ends_with('.') && entry.kind.starts_with(kind)
            });
            // The file systems of a mount namespace are those of its owner and of ancestors of it,
            // unless a process has moved one in.
            let above = owner(view).map(|owner| owner.is_none_or(|owner| chain.contains(&owner)));
            mount.foreign_fs = match above {
                Some(true) => Some(false),
                _ if !user_mountable => Some(false),
                _ => None,
            };
        }
        Ok(mount)
    }
}

impl Mount {
    /// Returns the directory that it is mounted on, as text.
    pub fn place(&self) -> String {
        match &self.point {
            Some(point) => point.clone(),
            None => "a mount that the caller does not see".to_owned(),
        }
    }
}

/// Returns the number of the mount that a file is on, as `mountinfo` has it.
fn mount_id(directory: impl AsFd, path: &str, flags: AtFlags) -> Result<Option<u64>> {
    let file = statx(directory, path, flags, StatxFlags::MNT_ID)?;
    let known = file.stx_mask & StatxFlags::MNT_ID.bits() != 0;
    Ok(known.then_some(file.stx_mnt_id))
}

/// Returns the number of the user namespace that owns the mount namespace: none if it is above
/// capwhy's own, nothing if it cannot be known.
fn owner(view: &View) -> Option<Option<u64>> {
    let namespace = File::open(view.namespace("mnt")).ok()?;
    match nsfs::owner(&namespace).ok()? {
        Some(owner) => Some(Some(nsfs::number(owner).ok()?)),
        None => Some(None),
    }
}

/// A line of `/proc/PID/mountinfo`.
struct Entry<'a> {
    id: u64,
    point: &'a str,
    options: &'a str,
    kind: &'a str,
}

impl<'a> Entry<'a> {
    fn parse(line: &'a str) -> Option<Self> {
        let mut words = line.split(' ');
        let id = words.next()?.parse().ok()?;
        let point = words.nth(3)?;
        let options = words.next()?;
        let kind = words.skip_while(|word| *word != "-").nth(1)?;
        Some(Self {
            id,
            point,
            options,
            kind,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn a_line_of_mountinfo_is_read() {
        let line = "36 35 98:0 /a /b\\040c rw,nosuid,idmapped master:1 shared:2 - ext3 /dev/sda rw";
        let entry = Entry::parse(line).unwrap();
        assert_eq!(
            (entry.id, entry.point, entry.kind),
            (36, "/b\\040c", "ext3")
        );
        assert_eq!(entry.options, "rw,nosuid,idmapped");
        assert!(Entry::parse("36 35 98:0 /a /b rw").is_none());
    }

    #[test]
    fn the_mount_of_a_file_is_ones_own_and_that_of_a_pipe_is_not() {
        let view = View::own();
        let initial = nsfs::own("user").unwrap();
        let shell = view.find(Path::new("/bin/sh")).unwrap();
        let mount = Mount::of(&shell, &view, &[initial]).unwrap();
        // In a chroot, the mount may be one that mountinfo leaves out.
        let seen = mount.point.is_some();
        assert_eq!(mount.foreign, seen.then_some(false));
        assert_eq!(mount.foreign_fs, seen.then_some(false));
        // A namespace file is on a mount of the kernel's own.
        let namespace = OwnedFd::from(File::open("/proc/self/ns/user").unwrap());
        let mount = Mount::of(&namespace, &view, &[initial]).unwrap();
        assert_ne!(mount.foreign, Some(false));
    }
}
