// SPDX-License-Identifier: GPL-2.0

//! The command that is run: held before its first instruction until somebody watches.
//!
//! The child is this program again. It becomes the user that the command is to run as, reports so
//! through a socket, and executes the command when the parent answers. Signals cannot serve for
//! this: the user may send those.

use super::{
    only::{self, Only},
    user::User,
};
use crate::{
    error::{Error, Result},
    signals::Signals,
    wait,
};
use rustix::{
    fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd},
    io::{fcntl_setfd, FdFlags},
    process::{
        kill_process, pidfd_open, waitpid, Pid, PidfdFlags, Signal, WaitOptions, WaitStatus,
    },
};
use std::{
    ffi::OsString,
    fs,
    io::{ErrorKind, Read, Write},
    os::unix::{net::UnixStream, process::CommandExt},
    path::PathBuf,
    process::{Command, ExitCode},
};

/// The name of the hidden subcommand by which this program runs itself.
pub const SUBCOMMAND: &str = "exec-held";

/// The status for a command that could not be executed, as shells have it.
pub const NOT_FOUND: u8 = 127;
const NOT_EXECUTABLE: u8 = 126;

/// A child process, killed when this value is dropped.
pub struct Child {
    pid: Pid,
    pidfd: OwnedFd,
    socket: UnixStream,
    ended: bool,
}

impl Child {
    /// Starts the child and waits until it is ready. Returns its status instead if it has already
    /// ended, after it has printed why.
    pub fn start(
        program: &PathBuf,
        command: &[OsString],
        user: Option<&User>,
        only: Option<Only>,
        signals: &Signals,
    ) -> Result<std::result::Result<Self, WaitStatus>> {
        let failed =
            |error: std::io::Error| Error::of("the child process cannot be started", error);
        let mut helper = Command::new("/proc/self/exe");
        let (socket, of_child) = UnixStream::pair().map_err(failed)?;
        // Inherited by the child, the only one.
        fcntl_setfd(&of_child, FdFlags::empty()).map_err(|error| failed(error.into()))?;
        helper.arg(SUBCOMMAND);
        helper
            .arg("--held-by")
            .arg(of_child.as_raw_fd().to_string());
        if let Some(user) = user {
            helper.arg("--user").arg(user.to_argument());
            helper.envs(user.environment());
        }
        if let Some(only) = only {
            helper.arg("--caps").arg(only.to_argument());
        }
        helper.arg("--").arg(program).args(command);
        let pid = helper.spawn().map_err(failed)?.id();
        drop(of_child);
        let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
        let pid = pid.ok_or_else(|| Error::new("the child process has no ID"))?;
        let pidfd =
            pidfd_open(pid, PidfdFlags::empty()).map_err(|error| Error::of("pidfd_open", error))?;
        let mut child = Self {
            pid,
            pidfd,
            socket,
            ended: false,
        };
        if child.is_ready(signals)? {
            return Ok(Ok(child));
        }
        loop {
            if let Some(status) = child.status(WaitOptions::empty())? {
                return Ok(Err(status));
            }
        }
    }

    /// Waits until the child is ready. Returns whether it is: it can have ended. Fails if a signal
    /// arrives, since the user can have stopped the child.
    fn is_ready(&mut self, signals: &Signals) -> Result<bool> {
        let failed = |error| Error::of("the child process", error);
        self.socket.set_nonblocking(true).map_err(failed)?;
        loop {
            match self.socket.read(&mut [0]) {
                Ok(count) => return Ok(count > 0),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return Ok(false),
            }
            if signals.any() {
                return Err(Error::new(
                    "a signal arrived before the command was executed: start capwhy again",
                ));
            }
            wait::readable(&[self.socket.as_fd()], wait::MOMENT)?;
        }
    }

    fn status(&mut self, options: WaitOptions) -> Result<Option<WaitStatus>> {
        match waitpid(Some(self.pid), options) {
            Ok(Some((_, status))) => {
                self.ended = true;
                Ok(Some(status))
            }
            Ok(None) | Err(rustix::io::Errno::INTR) => Ok(None),
            Err(error) => Err(Error::of("waitpid", error)),
        }
    }

    /// Returns its ID.
    pub fn pid(&self) -> i32 {
        self.pid.as_raw_pid()
    }

    /// Lets it execute the command.
    pub fn go_on(&mut self) -> Result {
        match self.socket.write_all(&[0]) {
            // It has been killed: see its status.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
            result => result.map_err(|error| Error::of("the child process", error)),
        }
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) -> Result {
        kill_process(self.pid, signal).map_err(|error| Error::of("the child process", error))
    }

    /// Returns how it ended, if it has.
    pub fn ended(&mut self) -> Result<Option<WaitStatus>> {
        self.status(WaitOptions::NOHANG)
    }
}

/// Readable once it has ended.
impl AsFd for Child {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.pidfd.as_fd()
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        if !self.ended {
            let _ = kill_process(self.pid, Signal::KILL);
            let _ = waitpid(Some(self.pid), WaitOptions::empty());
        }
    }
}

/// Runs the child: takes on the user, waits at the socket, and executes the command. Returns only
/// if that fails.
pub fn exec_held(
    held_by: RawFd,
    program: &PathBuf,
    command: &[OsString],
    user: Option<&User>,
    only: Option<Only>,
) -> Result<ExitCode> {
    let failed =
        |error: std::io::Error| Error::of("the socket of capwhy run cannot be used", error);
    // SAFETY: The parent opened it for this process alone, and nothing here has touched it yet.
    let mut socket = unsafe { UnixStream::from_raw_fd(held_by) };
    fcntl_setfd(&socket, FdFlags::CLOEXEC).map_err(|error| failed(error.into()))?;
    if user.is_some() {
        keep_descriptors()?;
    }
    only::become_with(user, only)?;
    socket.write_all(&[0]).map_err(failed)?;
    socket.read_exact(&mut [0]).map_err(failed)?;
    let (name, arguments) = match command {
        [name, arguments @ ..] => (name.clone(), arguments),
        [] => (program.clone().into(), command),
    };
    let error = Command::new(program).arg0(&name).args(arguments).exec();
    eprintln!("capwhy: {}: {error}", program.display());
    Ok(ExitCode::from(match error.kind() {
        ErrorKind::NotFound => NOT_FOUND,
        _ => NOT_EXECUTABLE,
    }))
}

/// Lets the command inherit the standard input and outputs, and no other descriptor.
fn keep_descriptors() -> Result {
    let failed = |error| Error::of("/proc/self/fd cannot be read", error);
    for entry in fs::read_dir("/proc/self/fd").map_err(failed)? {
        let name = entry.map_err(failed)?.file_name();
        match name.to_str().and_then(|name| name.parse().ok()) {
            None | Some(0..=2) => {}
            Some(number) => {
                // SAFETY: The descriptor is open: this process has one thread, which closes nothing
                // here.
                let descriptor = unsafe { BorrowedFd::borrow_raw(number) };
                fcntl_setfd(descriptor, FdFlags::CLOEXEC)
                    .map_err(|error| Error::of("fcntl", error))?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signals::fixtures::terminated;

    #[test]
    fn a_signal_ends_the_wait_for_a_stopped_child() {
        let mut started = Command::new("sleep").arg("1000").spawn().unwrap();
        let pid = Pid::from_child(&started);
        kill_process(pid, Signal::STOP).unwrap();
        let (socket, _of_child) = UnixStream::pair().unwrap();
        let mut child = Child {
            pid,
            pidfd: pidfd_open(pid, PidfdFlags::empty()).unwrap(),
            socket,
            ended: false,
        };
        assert!(child.is_ready(&terminated()).is_err());
        drop(child);
        assert!(
            started.wait().is_err(),
            "the child has been killed and waited for"
        );
    }
}
