// SPDX-License-Identifier: GPL-2.0

//! The places in which an operation is tried: user namespaces, with or without others that these
//! own.

use crate::{sys, who::make_dumpable};
use libc::{CLONE_NEWIPC, CLONE_NEWPID, CLONE_NEWUSER};
use std::{
    fs::{self, File},
    io::{self, Read, Write},
};

/// The namespaces of a process.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// How many user namespaces below the initial one.
    pub depth: usize,
    /// Whether each of those owns a PID and an IPC namespace that the process is in, too.
    pub owns: bool,
}

/// All places.
pub const PLACES: [Place; 5] = [
    Place {
        depth: 0,
        owns: false,
    },
    Place {
        depth: 1,
        owns: false,
    },
    Place {
        depth: 1,
        owns: true,
    },
    Place {
        depth: 2,
        owns: false,
    },
    Place {
        depth: 2,
        owns: true,
    },
];

impl Place {
    /// Returns the name of the place.
    pub fn name(self) -> &'static str {
        match (self.depth, self.owns) {
            (0, _) => "initial",
            (1, false) => "child",
            (1, true) => "child+ns",
            (_, false) => "grandchild",
            (_, true) => "grandchild+ns",
        }
    }

    /// Returns the user ID in the initial user namespace that is 0 here.
    pub fn first(self) -> u32 {
        [0, 100_000, 101_000][self.depth]
    }

    /// Runs a function as the root of this place, in a child process. Returns what it wrote.
    pub fn enter(self, run: impl FnOnce(&mut File)) -> io::Result<Vec<u8>> {
        sys::in_child(|out| {
            if let Err(error) = self.descend(0, out, run) {
                let _ = writeln!(out, "no {}: {error}", self.name());
            }
        })
    }

    /// Makes the namespaces of the depths from `depth` on, and runs the function in the last.
    fn descend(self, depth: usize, out: &mut File, run: impl FnOnce(&mut File)) -> io::Result<()> {
        if depth == self.depth {
            run(out);
            return Ok(());
        }

        // Only a process outside the new user namespace can map a range of its IDs.
        let process = fs::read_link("/proc/self")?;
        let (mut wait, mut go) = sys::pipe()?;
        let mapper = sys::spawn(|| {
            // No ID maps to user 0 of a place above, which makes the namespaces.
            let map = ["0 100000 65536", "0 1000 30000"][depth];
            let _ = wait.read_exact(&mut [0]);
            for file in ["uid_map", "gid_map"] {
                let _ = fs::write(format!("/proc/{}/{file}", process.display()), map);
            }
        })?;
        let owned = if self.owns {
            CLONE_NEWPID | CLONE_NEWIPC
        } else {
            0
        };
        sys::unshare(CLONE_NEWUSER | owned)?;
        go.write_all(b".")?;
        mapper.wait()?;
        sys::set_ids(0)?;
        make_dumpable()?;

        // The first process in the new PID namespace.
        let inner = sys::in_child(|out| {
            if let Err(error) = self.descend(depth + 1, out, run) {
                let _ = writeln!(out, "no {}: {error}", self.name());
            }
        })?;
        out.write_all(&inner)
    }
}

/// User namespaces below that of this process, and their owner.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Below {
    /// How many, each the child of the one before.
    pub levels: usize,
    /// The user ID of the owner, in the user namespace of this process.
    pub owner: u32,
}

/// A user namespace, for as long as this is kept.
pub struct Kept {
    /// The namespace, the last one of [`Below`].
    pub namespace: File,
    _waiting: sys::Waiting,
}

impl Below {
    /// Makes the namespaces. Takes the privilege to become the owner.
    pub fn make(self) -> io::Result<Kept> {
        // It stays in the last namespace.
        let (waiting, process) = sys::start_waiting(|| self.descend())?;
        Ok(Kept {
            namespace: File::open(format!("/proc/{process}/ns/user"))?,
            _waiting: waiting,
        })
    }

    /// Makes this process the owner, and moves it into the last namespace. Returns its ID.
    fn descend(self) -> io::Result<String> {
        sys::set_ids(self.owner)?;
        for level in 0..self.levels {
            let id = if level == 0 { self.owner } else { 0 };
            sys::unshare(CLONE_NEWUSER)?;
            make_dumpable()?;
            // Without a mapping, no process here could make another one.
            fs::write("/proc/self/setgroups", "deny")?;
            fs::write("/proc/self/uid_map", format!("0 {id} 1"))?;
            fs::write("/proc/self/gid_map", format!("0 {id} 1"))?;
        }
        Ok(fs::read_link("/proc/self")?.to_string_lossy().into_owned())
    }
}
