// SPDX-License-Identifier: GPL-2.0

//! The processes that are watched: a tree, or those of a control group or a systemd unit.

use crate::error::{Error, Result};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Processes that are running, and all that they will start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// A process and its descendants, such as a container by its first process.
    Tree(i32),
    /// The processes of a control group and of those below it.
    Cgroup(PathBuf),
}

impl Scope {
    /// Finds the control group of a systemd unit.
    pub fn unit(name: &str) -> Result<Self> {
        let mut systemctl = Command::new("systemctl");
        systemctl.args(["show", "--property=ControlGroup", "--value", "--", name]);
        let output = systemctl
            .output()
            .map_err(|error| Error::of("systemctl cannot be run", error))?;
        let group = String::from_utf8_lossy(&output.stdout);
        let group = group.trim().trim_start_matches('/');
        if group.is_empty() {
            return Err(Error::new(format!(
                "systemd knows no control group of the unit '{name}': start the unit, and see \
                 systemctl status {name}"
            )));
        }
        Ok(Self::Cgroup(Path::new("/sys/fs/cgroup").join(group)))
    }

    /// Returns the IDs of all its threads now. Fails if there is none.
    pub fn threads(&self) -> Result<BTreeSet<i32>> {
        let processes = match self {
            Self::Tree(root) => tree(*root),
            Self::Cgroup(directory) => cgroup(directory)?,
        };
        let threads: BTreeSet<i32> = processes.into_iter().flat_map(threads).collect();
        if threads.is_empty() {
            return Err(Error::new(match self {
                Self::Tree(root) => format!("there is no process {root}: see ps -e"),
                Self::Cgroup(directory) => format!(
                    "no process is in the control group {}: see systemd-cgls",
                    directory.display()
                ),
            }));
        }
        Ok(threads)
    }
}

/// Returns the numbers that are names in a directory.
fn numbers(directory: &Path) -> Vec<i32> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    entries
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect()
}

/// Returns the threads of a process; none if it has ended.
fn threads(process: i32) -> Vec<i32> {
    numbers(Path::new(&format!("/proc/{process}/task")))
}

/// Returns the IDs of all threads that are running.
pub(super) fn all_threads() -> Vec<i32> {
    let processes = numbers(Path::new("/proc"));
    processes.into_iter().flat_map(threads).collect()
}

/// Returns the parent of a process.
fn parent(process: i32) -> Option<i32> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let parent = status.lines().find_map(|line| line.strip_prefix("PPid:"))?;
    parent.trim().parse().ok()
}

/// Returns a process and its descendants.
fn tree(root: i32) -> BTreeSet<i32> {
    let mut children: BTreeMap<i32, Vec<i32>> = BTreeMap::new();
    for process in numbers(Path::new("/proc")) {
        if let Some(parent) = parent(process) {
            children.entry(parent).or_default().push(process);
        }
    }
    let mut found = BTreeSet::new();
    let mut left = vec![root];
    while let Some(process) = left.pop() {
        if found.insert(process) {
            left.extend(children.remove(&process).unwrap_or_default());
        }
    }
    found
}

/// Returns the processes of a control group and of those below it.
fn cgroup(directory: &Path) -> Result<BTreeSet<i32>> {
    let file = directory.join("cgroup.procs");
    let text = fs::read_to_string(&file)
        .map_err(|error| Error::of(format!("{} cannot be read", file.display()), error))?;
    let mut found: BTreeSet<i32> = text.lines().filter_map(|line| line.parse().ok()).collect();
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            // A group can be removed meanwhile.
            found.extend(cgroup(&entry.path()).unwrap_or_default());
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::id;

    #[test]
    fn a_tree_has_its_root_and_the_descendants() {
        let mut child = Command::new("sleep").arg("1000").spawn().unwrap();
        let pid = child.id() as i32;
        let own = Scope::Tree(id() as i32).threads().unwrap();
        let of_child = Scope::Tree(pid).threads().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(own.contains(&(id() as i32)) && own.contains(&pid));
        assert_eq!(of_child, [pid].into());
    }

    #[test]
    fn a_control_group_has_the_processes_of_those_below() {
        let directory = crate::scratch::Directory::new();
        let below = directory.join("below");
        fs::create_dir(&below).unwrap();
        let own = id().to_string();
        fs::write(directory.join("cgroup.procs"), "").unwrap();
        let scope = Scope::Cgroup(directory.to_path_buf());
        assert!(scope
            .threads()
            .unwrap_err()
            .to_string()
            .contains("no process"));
        fs::write(below.join("cgroup.procs"), own + "\n").unwrap();
        assert!(scope.threads().unwrap().contains(&(id() as i32)));
    }

    #[test]
    fn a_process_or_a_group_that_is_not_there_is_an_error() {
        assert!(Scope::Tree(4_194_305).threads().is_err());
        assert!(Scope::Cgroup("/none".into()).threads().is_err());
    }
}
