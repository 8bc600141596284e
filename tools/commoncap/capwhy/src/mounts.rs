// SPDX-License-Identifier: GPL-2.0

//! The mount that a path is on.

use crate::printable::printable;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Returns where the mount of a path is, as a thread sees it if it is still there.
pub fn of(tid: i32, path: &str) -> Option<String> {
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

/// Returns the mount point of a path by the lines of `mountinfo`: the longest one that it begins
/// with, and of those the last.
fn mount_of(mounts: &str, path: &Path) -> Option<String> {
    let points = mounts.lines().filter_map(|line| line.split(' ').nth(4));
    let point = points
        .map(|point| point.replace("\\040", " "))
        .filter(|point| path.starts_with(point))
        .max_by_key(String::len)?;
    Some(printable(&point))
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
            assert_eq!(mount_of(MOUNTS, Path::new(path)).as_deref(), Some(point));
        }
    }

    #[test]
    fn the_mount_of_a_relative_path_is_that_of_the_directory() {
        assert!(of(std::process::id() as i32, ".").is_some());
        assert!(of(-1, "/proc/self").is_some());
    }
}
