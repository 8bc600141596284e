// SPDX-License-Identifier: GPL-2.0

//! Namespaces that belong to a user namespace further down, for a process that stays in its own.

use crate::{place::Below, sys};
use libc::{CLONE_NEWPID, CLONE_NEWUTS};
use std::{
    fs::File,
    io::{self, Read, Write},
};

/// A UTS and a PID namespace of one owner, for as long as this is kept.
pub struct Owned {
    uts: File,
    pid: File,
    _keeper: File,
}

impl Owned {
    /// Makes them in a user namespace so many below that of this process.
    pub fn below(levels: usize) -> io::Result<Self> {
        let owner = Below {
            levels,
            owner: 1234, // no caller
        };
        let owner = owner.make()?;
        let (mut wait, keeper) = sys::pipe()?;
        let (mut receive, mut send) = sys::pipe()?;
        sys::spawn(|| {
            sys::close(&keeper);
            // The first process of the PID namespace, which lasts as long as that process.
            let first = sys::enter_user_namespace(&owner.namespace)
                .and_then(|()| sys::unshare(CLONE_NEWUTS | CLONE_NEWPID))
                .and_then(|()| {
                    sys::spawn(|| {
                        sys::close(&send);
                        let _ = wait.read(&mut [0]);
                    })
                });
            if let Ok(first) = first {
                let _ = write!(send, "{}", first.0);
            }
        })?;
        drop(send);
        let mut first = String::new();
        receive.read_to_string(&mut first)?;
        let open = |name| File::open(format!("/proc/{first}/ns/{name}"));
        Ok(Self {
            uts: open("uts")?,
            pid: open("pid")?,
            _keeper: keeper,
        })
    }

    /// Moves this process into the UTS namespace, and children of it into the PID namespace.
    pub fn enter(&self) -> io::Result<()> {
        sys::enter(&self.uts, CLONE_NEWUTS)?;
        Ok(sys::enter(&self.pid, CLONE_NEWPID)?)
    }
}
