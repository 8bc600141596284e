// SPDX-License-Identifier: GPL-2.0

//! The files that a process sees: its root directory, its current directory, its mounts.

use crate::error::{Error, Result};
use rustix::{
    fd::{AsRawFd, OwnedFd},
    fs::{open, openat2, Mode, OFlags, ResolveFlags},
    io::Errno,
};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Where a process looks files up.
pub struct View {
    /// Its directory in `/proc`.
    process: String,
    /// Its root directory, unless it sees the same files as capwhy.
    root: Option<OwnedFd>,
    /// Its current directory, unless that is capwhy's own.
    current: Option<PathBuf>,
}

impl View {
    /// Returns the view of capwhy itself.
    pub fn own() -> Self {
        Self {
            process: "/proc/self".to_owned(),
            root: None,
            current: None,
        }
    }

    /// Returns the view of a process.
    pub fn of(pid: i32) -> Result<Self> {
        let process = format!("/proc/{pid}");
        let link = |name: &str| {
            fs::read_link(format!("{process}/{name}")).map_err(|error| {
                Error::of(
                    format!(
                        "the files that process {pid} sees may not be looked at: run capwhy as its \
                         user or as root ({name})"
                    ),
                    error,
                )
            })
        };
        let current = link("cwd")?;
        let same_mounts = link("ns/mnt")? == fs::read_link("/proc/self/ns/mnt").unwrap_or_default();
        let root = if same_mounts && link("root")? == Path::new("/") {
            None
        } else {
            let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
            let path = format!("{process}/root");
            let root = open(&path, flags, Mode::empty()).map_err(|error| Error::of(path, error))?;
            Some(root)
        };
        Ok(Self {
            process,
            root,
            current: Some(current),
        })
    }

    /// Opens a file without an access to its contents.
    pub fn find(&self, path: &Path) -> rustix::io::Result<OwnedFd> {
        let flags = OFlags::PATH | OFlags::CLOEXEC;
        let path = match &self.current {
            Some(current) => &current.join(self.as_its_own(path)),
            None => path,
        };
        match &self.root {
            None => open(path, flags, Mode::empty()),
            Some(root) => loop {
                match openat2(root, path, flags, Mode::empty(), ResolveFlags::IN_ROOT) {
                    // A rename at the same time.
                    Err(Errno::AGAIN) => {}
                    found => return found,
                }
            },
        }
    }

    /// Returns a path that means to capwhy what this one means to the process.
    fn as_its_own(&self, path: &Path) -> PathBuf {
        match path.strip_prefix("/proc/self") {
            Ok(rest) => Path::new(&self.process).join(rest),
            Err(_) => path.to_owned(),
        }
    }

    /// Returns whether a path leads to a file that the process has open, by a link of the kernel
    /// that asks for no permission on the way.
    pub fn is_its_own(&self, path: &Path) -> bool {
        self.as_its_own(path).starts_with(&self.process)
    }

    /// Returns the path of an open file, as capwhy sees it.
    pub fn path_of(file: &OwnedFd) -> PathBuf {
        let link = format!("/proc/self/fd/{}", file.as_raw_fd());
        fs::read_link(link).unwrap_or_default()
    }

    /// Returns the text of a file of the process in `/proc`.
    pub fn text(&self, name: &str) -> String {
        fs::read_to_string(format!("{}/{name}", self.process)).unwrap_or_default()
    }

    /// Returns the path of a namespace of the process in `/proc`.
    pub fn namespace(&self, name: &str) -> String {
        format!("{}/ns/{name}", self.process)
    }

    /// Returns the path of its root directory.
    pub fn root_directory(&self) -> String {
        format!("{}/root", self.process)
    }
}
