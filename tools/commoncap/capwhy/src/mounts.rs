// SPDX-License-Identifier: GPL-2.0

//! The mount that a path is on.

use crate::printable::printable;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// A mount.
#[derive(Debug, PartialEq, Eq)]
pub struct Mounted {
    /// Where it is.
    pub point: String,
    /// The type of its file system.
    pub kind: String,
    /// The options of its file system.
    pub options: String,
}

impl Mounted {
    /// Returns the value of an option, which is empty for an option without one.
    pub fn option(&self, name: &str) -> Option<&str> {
        self.options.split(',').find_map(|option| {
            let (key, value) = option.split_once('=').unwrap_or((option, ""));
            (key == name).then_some(value)
        })
    }
}

/// Returns where the mount of a path is, as a thread sees it if it is still there.
pub fn of(tid: i32, path: &str) -> Option<String> {
    find(tid, path).map(|mount| printable(&mount.point))
}

/// Returns the mount of `/proc` that capwhy sees.
pub fn of_processes() -> Option<Mounted> {
    let mounts = fs::read_to_string("/proc/self/mountinfo").ok()?;
    mount_of(&mounts, Path::new("/proc"))
}

/// Returns the mount of a path, as a thread sees it if it is still there.
pub fn find(tid: i32, path: &str) -> Option<Mounted> {
    let (directory, mounts) = [format!("/proc/{tid}"), "/proc/self".to_owned()]
        .into_iter()
        .find_map(|process| {
            let mounts = fs::read_to_string(format!("{process}/mountinfo")).ok()?;
            Some((fs::read_link(format!("{process}/cwd")).ok(), mounts))
        })?;
    let path = match (path.starts_with('/'), directory) {
        (true, _) => PathBuf::from(path),
        (false, Some(directory)) => directory.join(path),
        (false, None) => return None,
    };
    let path = fs::canonicalize(&path).unwrap_or(path);
    mount_of(&mounts, &path)
}

/// Returns the mount of a path by the lines of `mountinfo`: the one with the longest mount point
/// that the path begins with, and of those the last.
fn mount_of(mounts: &str, path: &Path) -> Option<Mounted> {
    let all = mounts.lines().filter_map(|line| {
        let (mount, file_system) = line.split_once(" - ")?;
        let point = mount.split(' ').nth(4)?.replace("\\040", " ");
        let mut fields = file_system.split(' ');
        path.starts_with(&point).then(|| Mounted {
            point,
            kind: fields.next().unwrap_or_default().to_owned(),
            options: fields.nth(1).unwrap_or_default().to_owned(),
        })
    });
    all.max_by_key(|mount| mount.point.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOUNTS: &str = "20 1 0:5 / / rw - ext4 x rw\n21 20 0:6 / /proc rw - proc proc rw\n\
        22 21 0:6 /sys /proc/sys ro - proc proc rw\n23 20 0:7 / /a\\040b rw - tmpfs x rw\n";

    #[test]
    fn the_mount_of_a_path_is_the_longest_that_it_begins_with() {
        for (path, point) in [
            ("/proc/sys/kernel/ns_last_pid", "/proc/sys"),
            ("/proc/system", "/proc"),
            ("/a b/c", "/a b"),
            ("/x", "/"),
        ] {
            let found = mount_of(MOUNTS, Path::new(path)).unwrap();
            assert_eq!(found.point, point);
        }
        let fuse = "9 1 0:9 / /f rw - fuse.sshfs x:/ rw,user_id=7,allow_other\n";
        let found = mount_of(fuse, Path::new("/f/x")).unwrap();
        assert_eq!(found.kind, "fuse.sshfs");
        assert_eq!(found.option("user_id"), Some("7"));
        assert_eq!(found.option("allow_other"), Some(""));
        assert_eq!(found.option("group_id"), None);
    }

    #[test]
    fn the_mount_of_a_relative_path_is_that_of_the_directory() {
        assert!(of(std::process::id() as i32, ".").is_some());
        assert!(of(-1, "/proc/self").is_some());
    }
}
