// SPDX-License-Identifier: GPL-2.0

//! Copies of this program that are executed with other credentials: set-uid, with capabilities.

use crate::{
    file_capabilities,
    state::State,
    sys::{self, Errno},
};
use commoncap::capability::{Capability, CapabilitySet};
use std::{
    fs::{self, Permissions},
    io,
    os::unix::fs::{chown, PermissionsExt},
    path::{Path, PathBuf},
    process::Command,
};

/// What executing a copy does to credentials.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Program {
    /// Nothing of its own.
    Plain,
    /// Set-uid of user ID 0.
    SetuidRoot,
    /// Set-uid of user ID 1000.
    SetuidUser,
    /// Has `CAP_SETPCAP` and `CAP_CHECKPOINT_RESTORE` permitted and effective, and
    /// `CAP_SYS_ADMIN` inheritable.
    Capable,
}

impl Program {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::Plain,
        Self::SetuidRoot,
        Self::SetuidUser,
        Self::Capable,
    ];

    /// Returns the name of the file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::SetuidRoot => "setuid-root",
            Self::SetuidUser => "setuid-user",
            Self::Capable => "capable",
        }
    }
}

/// What an executed copy has become, as its exit status.
pub mod became {
    /// It has an effective user ID of 0.
    pub const ROOT: i64 = 1;
    /// It has effective capabilities.
    pub const EFFECTIVE: i64 = 2;
    /// It has permitted capabilities.
    pub const PERMITTED: i64 = 4;
    /// It runs in secure mode.
    pub const SECURE: i64 = 8;
}

/// Returns what this process has become, of [`became()`].
pub fn became() -> io::Result<u8> {
    let state = State::now()?;
    let flags = [
        (state.user_ids()[1] == 0, became::ROOT),
        (!state.set("eff").is_empty(), became::EFFECTIVE),
        (!state.set("prm").is_empty(), became::PERMITTED),
        (sys::is_secure(), became::SECURE),
    ];
    let set = flags.iter().filter(|(is, _)| *is).map(|(_, flag)| flag);
    u8::try_from(set.sum::<i64>()).map_err(io::Error::other)
}

/// The directory with the copies.
pub struct Programs(PathBuf);

impl Programs {
    /// Returns the programs that are in a directory already.
    pub fn at(dir: &Path) -> Self {
        Self(dir.to_owned())
    }

    /// Puts the copies into a directory.
    pub fn install(dir: &Path) -> io::Result<Self> {
        let with_path =
            |error| io::Error::other(format!("put programs into {}: {error}", dir.display()));
        if !sys::honours_set_uid(dir).map_err(with_path)? {
            return Err(io::Error::other(format!(
                "{} is mounted nosuid or noexec: name a directory of a file system that is not, \
                 such as a tmpfs of its own",
                dir.display()
            )));
        }
        let programs = Self::at(dir);
        for program in Program::ALL {
            programs.copy(program).map_err(with_path)?;
        }
        Ok(programs)
    }

    fn copy(&self, program: Program) -> io::Result<()> {
        let path = self.path(program);
        fs::copy("/proc/self/exe", &path)?;
        // The owner first: changing it clears the mode bit and the capabilities.
        let owner = if program == Program::SetuidUser {
            1000
        } else {
            0
        };
        chown(&path, Some(owner), Some(owner))?;
        let set_uid = matches!(program, Program::SetuidRoot | Program::SetuidUser);
        let mode = if set_uid { 0o4755 } else { 0o755 };
        fs::set_permissions(&path, Permissions::from_mode(mode))?;
        if program == Program::Capable {
            let permitted = CapabilitySet::EMPTY
                .with(Capability::SETPCAP)
                .with(Capability::CHECKPOINT_RESTORE);
            let inheritable = CapabilitySet::EMPTY.with(Capability::SYS_ADMIN);
            let raised = (true, permitted.bits(), inheritable.bits(), None);
            file_capabilities::set(&path, &file_capabilities::value(raised))?;
        }
        Ok(())
    }

    /// Returns the directory.
    pub fn dir(&self) -> &Path {
        &self.0
    }

    /// Returns the path of a copy.
    pub fn path(&self, program: Program) -> PathBuf {
        self.0.join(program.name())
    }

    /// Executes a copy in a child process. Returns what it becomes, of [`became()`].
    pub fn execute(&self, program: Program) -> sys::Result<i64> {
        let status = Command::new(self.path(program)).arg("became").status()?;
        let code = status.code().ok_or(Errno(libc::ECHILD))?;
        Ok(code.into())
    }
}
