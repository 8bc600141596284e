// SPDX-License-Identifier: GPL-2.0

//! Namespaces that another process made, which scenarios enter. Their owners decide.

use crate::{sys, who::make_dumpable};
use libc::{CLONE_NEWIPC, CLONE_NEWPID, CLONE_NEWUSER};
use std::{
    fs::{self, File},
    io::{self, Read, Write},
};

/// How a user namespace is made.
#[derive(Clone, Copy)]
pub struct Level {
    /// The user ID of its owner, in the namespace that it is made in.
    pub owner: u32,
    /// Whether many IDs are mapped, from 100000 on, or that of the owner alone. Many take privilege
    /// over the parent namespace.
    pub wide: bool,
}

/// A user namespace with a PID and an IPC namespace that it owns, and a process to keep them.
pub struct Made {
    user: File,
    pid: File,
    ipc: File,
    /// Closed, it ends the process.
    _keeper: File,
}

impl Made {
    /// Makes user namespaces, each in the one before. The last one owns the other namespaces.
    pub fn by(levels: &[Level]) -> io::Result<Self> {
        let (mut wait, keeper) = sys::pipe()?;
        let (mut receive, mut send) = sys::pipe()?;
        sys::spawn(|| {
            sys::close(&keeper);
            let kept = descend(levels).and_then(|()| {
                Ok(sys::spawn(|| {
                    sys::close(&send);
                    let _ = wait.read(&mut [0]);
                })?)
            });
            let said = kept.map(|child| child.0.to_string());
            let said = said.unwrap_or_else(|error| format!("?{error}"));
            let _ = send.write_all(said.as_bytes());
        })?;
        drop(send);
        let mut process = String::new();
        receive.read_to_string(&mut process)?;
        if let Some(error) = process.strip_prefix('?') {
            return Err(io::Error::other(error.to_owned()));
        }
        let namespace = |kind: &str| File::open(format!("/proc/{process}/ns/{kind}"));
        Ok(Self {
            user: namespace("user")?,
            pid: namespace("pid")?,
            ipc: namespace("ipc")?,
            _keeper: keeper,
        })
    }

    /// Moves this process into the IPC namespace, and its children to come into the PID namespace.
    pub fn visit(&self) -> io::Result<()> {
        sys::enter(&self.pid, CLONE_NEWPID)?;
        sys::enter(&self.ipc, CLONE_NEWIPC)?;
        Ok(())
    }

    /// Moves this process into the user namespace, as user ID 0 of it.
    pub fn join(&self) -> io::Result<()> {
        sys::enter(&self.user, CLONE_NEWUSER)?;
        sys::set_group_ids([0; 3])?;
        sys::set_user_ids([0; 3])?;
        Ok(make_dumpable()?)
    }
}

/// Makes this process the owner of each namespace in turn. Its children are in the last.
fn descend(levels: &[Level]) -> io::Result<()> {
    for (index, level) in levels.iter().enumerate() {
        let owned = if index + 1 == levels.len() {
            CLONE_NEWPID | CLONE_NEWIPC
        } else {
            0
        };
        let process = fs::read_link("/proc/self")?;
        let (mut ready, mut go) = sys::pipe()?;
        let mapper = sys::spawn(|| {
            if ready.read_exact(&mut [0]).is_ok() && level.wide {
                for file in ["uid_map", "gid_map"] {
                    let _ = fs::write(
                        format!("/proc/{}/{file}", process.display()),
                        "0 100000 65536",
                    );
                }
            }
        })?;
        if level.owner != sys::geteuid() {
            sys::set_ids(level.owner)?;
        }
        sys::unshare(CLONE_NEWUSER | owned)?;
        make_dumpable()?;
        go.write_all(b".")?;
        mapper.wait()?;
        if level.wide {
            sys::set_ids(0)?;
            make_dumpable()?;
        } else {
            fs::write("/proc/self/setgroups", "deny")?;
            for file in ["uid_map", "gid_map"] {
                fs::write(format!("/proc/self/{file}"), format!("0 {} 1", level.owner))?;
            }
        }
    }
    Ok(())
}
