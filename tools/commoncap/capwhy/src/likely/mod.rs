// SPDX-License-Identifier: GPL-2.0

//! What makes a system call fail besides a capability, as far as the system shows it afterwards.
//!
//! The kernel does not record such a reason. Each sentence here is a state of the system under
//! which the call fails as it did; a report calls it likely.

mod file;
pub mod ioctl;
pub mod limit;
mod lockdown;
mod mode;
mod namespace;
mod option;
mod prctl;
mod process;
pub mod ptrace;
pub mod seccomp;
mod socket;
mod storage;
pub mod sysctl;

use crate::failures;
use commoncap::capability::CapabilitySet;
use rustix::{
    fs::{open, Mode, OFlags},
    process::getpid,
};
use std::{
    fs,
    ops::Deref,
    os::fd::{AsRawFd, OwnedFd},
    path::{Path, PathBuf},
};

/// `O_CREAT`.
const CREAT: u64 = 0o100;
/// `CLONE_NEWUSER`.
const NEWUSER: u64 = 0x1000_0000;

/// A system call that failed.
#[derive(Clone, Debug, Default)]
pub struct Called<'a> {
    /// Its name.
    pub name: &'a str,
    /// The name of the error number.
    pub errno: &'a str,
    /// Its arguments.
    pub args: [u64; 5],
    /// The text that its first argument points to, and that of its second one.
    pub texts: [Option<&'a str>; 2],
    /// The address family of a socket, if the call is about one.
    pub family: Option<i32>,
    /// The thread.
    pub tid: i32,
    /// Its effective user ID in the initial user namespace, if it is known.
    pub euid: Option<u32>,
    /// Its permitted set, if it is known.
    pub permitted: Option<CapabilitySet>,
    /// Whether its credentials are of another user namespace than the initial one.
    pub in_container: bool,
    /// The capabilities that were refused in the call.
    pub refused: &'a [String],
    /// Those that were refused without audit.
    pub optional: &'a [String],
    /// Whether the last one was checked over a user namespace that the thread is not above and not
    /// in.
    pub outside: bool,
    /// The owner and the group of a file, if the thread's user namespace does not map both, and
    /// its capabilities would have counted otherwise.
    pub unmapped: Option<[u32; 2]>,
}

/// Where capwhy finds a path of a thread, also after the thread has ended.
struct Found {
    path: PathBuf,
    /// The directory where the path starts, which the path names by this descriptor.
    _base: Option<OwnedFd>,
}

impl Deref for Found {
    type Target = Path;

    fn deref(&self) -> &Path {
        &self.path
    }
}

/// Returns the option of `setsockopt()` or `prctl()`, or the request of `ioctl()`, of this name in
/// any case, and what it takes, a colon, and what to do.
pub fn named(name: &str) -> Option<(&'static str, String)> {
    let known = option::named(name).or_else(|| prctl::named(name));
    known.or_else(|| ioctl::named(name))
}

/// Returns whether the kernel makes a file up.
fn is_kernels(path: &str) -> bool {
    path.starts_with("/proc/") || path.starts_with("/sys/")
}

impl Called<'_> {
    /// Returns the reasons that apply, in the order in which the kernel checks them.
    pub fn likely(&self) -> Vec<String> {
        if let Some(locked) = lockdown::of(self) {
            return vec![locked];
        }
        let mut reasons = ptrace::of(self);
        reasons.extend(namespace::of(self));
        reasons.extend(sysctl::of(self));
        let other = process::of(self);
        if other.is_none() {
            reasons.extend(limit::of(self));
        }
        reasons.extend(other);
        reasons.extend(file::of(self));
        reasons.extend(ioctl::of(self));
        reasons.extend(option::of(self));
        reasons.extend(socket::of(self));
        reasons.extend(prctl::of(self));
        let file = self.file_written();
        reasons.extend(file.and_then(|file| match &*file {
            "uid_map" | "gid_map" => Some(namespace::id_map(self)),
            file => failures::of_call(file, self.errno),
        }));
        reasons
    }

    /// Returns an argument as an `int`.
    fn int(&self, index: usize) -> i32 {
        self.args[index] as u32 as i32
    }

    /// Returns the flags of `open()`, `openat()`, or `F_SETFL` of `fcntl()`.
    fn file_flags(&self) -> u64 {
        self.args[if self.name == "open" { 1 } else { 2 }]
    }

    /// Returns whether a capability was refused, with audit or without.
    fn lacks(&self, name: &str) -> bool {
        self.refused
            .iter()
            .chain(self.optional)
            .any(|one| one == name)
    }

    fn is(&self, names: &str) -> bool {
        names.split(' ').any(|name| name == self.name)
    }

    /// Returns whether the thread can still be looked at.
    fn is_there(&self) -> bool {
        Path::new(&format!("/proc/{}/root/.", self.tid)).exists()
    }

    /// Reads a file of the thread's directory in `/proc`, if the thread is still there.
    fn own(&self, name: &str) -> Option<String> {
        fs::read_to_string(format!("/proc/{}/{name}", self.tid)).ok()
    }

    /// Returns the path that the call names, as the thread wrote it.
    fn path(&self) -> Option<&str> {
        let second = self.is(
            "openat openat2 mkdirat unlinkat faccessat faccessat2 fchmodat fchmodat2 mknodat \
             newfstatat readlinkat utimensat statx execveat renameat renameat2 linkat fchownat \
             inotify_add_watch connect bind",
        );
        self.texts[usize::from(second)]
    }

    /// Returns where capwhy finds a path of the thread.
    fn find(&self, path: &str) -> Found {
        let (base, rest) = match path.strip_prefix('/') {
            Some(rest) => ("root".to_owned(), rest),
            None if self.texts[1] == Some(path) && self.int(0) >= 0 => {
                (format!("fd/{}", self.int(0)), path)
            }
            None => ("cwd".to_owned(), path),
        };
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let base = format!("/proc/{}/{base}", self.tid);
        // A thread that has ended has no root directory any more.
        let base = open(base, flags, Mode::empty()).ok();
        let held = base.and_then(|base| {
            let path = PathBuf::from(format!("/proc/self/fd/{}/{rest}", base.as_raw_fd()));
            path.symlink_metadata().ok()?;
            Some(Found {
                path,
                _base: Some(base),
            })
        });
        held.unwrap_or_else(|| Found {
            path: PathBuf::from(path),
            _base: None,
        })
    }

    /// Returns the name of the file that `write()` was for, if it has rules of its own. Its
    /// descriptor may be another file by now: the data of an ID map speak for themselves.
    fn file_written(&self) -> Option<String> {
        if !self.is("write") {
            return None;
        }
        let size = usize::try_from(self.args[2]).unwrap_or(usize::MAX);
        let data: String = self.texts[1]
            .unwrap_or_default()
            .chars()
            .take(size)
            .collect();
        // The offsets of a time namespace look alike.
        if is_id_map(&data) && !self.lacks("cap_sys_time") {
            return Some("uid_map".to_owned());
        }
        if self.errno == "EACCES" && self.refused.iter().any(|name| name == "cap_sys_resource") {
            return Some("oom_score_adj".to_owned());
        }
        // write() itself checks no mode.
        if self.errno == "EACCES" && self.lacks("cap_dac_override") {
            return Some("cgroup.procs".to_owned());
        }
        let link = fs::read_link(format!("/proc/{}/fd/{}", self.tid, self.int(0))).ok()?;
        if link.starts_with("/proc/sys") {
            return Some("sysctl".to_owned());
        }
        let name = link.file_name()?.to_str()?.to_owned();
        let is_known = failures::of_call(&name, self.errno).is_some();
        (link.starts_with("/proc") && is_known).then_some(name)
    }
}

/// Returns whether a text is written to an ID map: lines of three numbers.
fn is_id_map(text: &str) -> bool {
    let line = text.split(['\n', '\\']).next().unwrap_or_default();
    let words: Vec<&str> = line.split_whitespace().collect();
    words.len() == 3 && words.iter().all(|word| word.parse::<u32>().is_ok())
}

/// Returns whether a process is in the same namespace of this kind as capwhy.
fn shares(tid: i32, kind: &str) -> bool {
    let link = |pid: i32| fs::read_link(format!("/proc/{pid}/ns/{kind}")).ok();
    link(tid).is_some_and(|theirs| link(getpid().as_raw_nonzero().get()) == Some(theirs))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_found_after_its_thread_has_ended() {
        let directory = crate::scratch::Directory::new();
        std::fs::write(directory.join("file"), "").unwrap();
        let mut child = std::process::Command::new("sleep")
            .arg("1000")
            .current_dir(directory.join(""))
            .spawn()
            .unwrap();
        let called = Called {
            tid: i32::try_from(child.id()).unwrap(),
            ..Called::default()
        };
        let found = called.find("file");
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(found.is_file(), "{:?}", found.path);
        assert!(!called.find("file").is_file());
    }

    #[test]
    fn an_id_map_is_known_by_its_data() {
        assert!(is_id_map("0 1000 1"));
        assert!(is_id_map("0 1000 1\n1 100000 65536\n"));
        assert!(is_id_map("0 1000 1\\u{a}1 10 6"));
        assert!(!is_id_map("-500"));
        assert!(!is_id_map("0 1000"));
        let called = Called {
            name: "write",
            errno: "EPERM",
            texts: [None, Some("0 1000 1 and what follows")],
            args: [3, 0, 8, 0, 0],
            ..Called::default()
        };
        assert!(called.likely()[0].contains("once"), "{:?}", called.likely());
        let lacks = ["cap_dac_override".to_owned()];
        let moves = Called {
            errno: "EACCES",
            texts: [None, Some("77")],
            refused: &lacks,
            ..called
        };
        assert!(moves.likely()[0].contains("cgroup.procs"));
    }
}
