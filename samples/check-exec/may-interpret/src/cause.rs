// SPDX-License-Identifier: GPL-2.0

//! The cause for which the kernel would not execute a file.

use rustix::{
    fs::{fstat, fstatvfs, FileType, StatVfsMountFlags},
    io::Errno,
};
use std::{fmt, fs::File, io};

/// The likely cause for which the kernel would not execute a file.
///
/// The kernel returns only an error number. The cause comes from the file's attributes after that.
/// [`Display`](fmt::Display) writes the end of a sentence: the cause and the remedy.
#[derive(Debug)]
#[non_exhaustive]
pub enum Cause {
    /// There is no file to check.
    NoFile,
    /// The file is not a regular one, but this: a directory, a pipe, a terminal.
    NotRegular(&'static str),
    /// The file has no execute permission for any user.
    NotExecutable,
    /// The file is on a file system that is mounted `noexec`.
    NoExecMount,
    /// Some process has the file open for writing.
    OpenForWriting,
    /// Something else denies execution to this user.
    NotPermitted,
    /// The kernel does not support the check.
    NoCheck,
    /// The kernel returned another error.
    Other(io::Error),
}

impl Cause {
    /// Finds the cause from the error and the attributes of the file.
    pub(crate) fn of(file: &File, error: io::Error) -> Self {
        let mode = fstat(file).map_or(0, |stat| stat.st_mode);
        let no_exec =
            || fstatvfs(file).is_ok_and(|mount| mount.f_flag.contains(StatVfsMountFlags::NOEXEC));
        match Errno::from_io_error(&error) {
            Some(Errno::INVAL | Errno::NOSYS) => Self::NoCheck,
            Some(Errno::TXTBSY) => Self::OpenForWriting,
            Some(Errno::ACCESS) => match FileType::from_raw_mode(mode) {
                FileType::RegularFile if no_exec() => Self::NoExecMount,
                FileType::RegularFile if mode & 0o111 == 0 => Self::NotExecutable,
                FileType::RegularFile => Self::NotPermitted,
                FileType::Directory => Self::NotRegular("a directory"),
                FileType::Fifo => Self::NotRegular("a pipe"),
                FileType::Socket => Self::NotRegular("a socket"),
                _ => Self::NotRegular("a terminal or another device"),
            },
            Some(Errno::PERM) => Self::NotPermitted,
            _ => Self::Other(error),
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoFile => "put them into an executable file, and name it",
            Self::NotRegular(kind) => {
                return write!(f, "it is {kind}: put the script into an executable file")
            }
            Self::NotExecutable => {
                "it is not executable: if you trust it, run \"chmod +x\" as its owner"
            }
            Self::NoExecMount => "its file system is mounted noexec: move it to one that is not",
            Self::OpenForWriting => "it is open for writing: close it first",
            Self::NotPermitted => {
                "this user may not execute it: check its mode, its access control list and the \
                 policies of the LSMs"
            }
            Self::NoCheck => {
                "the kernel does not support AT_EXECVE_CHECK: use Linux 6.14 or later, and check \
                 for seccomp filters"
            }
            Self::Other(error) => return error.fmt(f),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cause(path: &str, errno: Errno) -> String {
        let file = File::open(path).unwrap();
        Cause::of(&file, errno.into()).to_string()
    }

    #[test]
    fn each_error_gets_its_cause() {
        for (path, errno, expected) in [
            ("/", Errno::ACCESS, "it is a directory"),
            (
                "/dev/null",
                Errno::ACCESS,
                "it is a terminal or another device",
            ),
            ("/proc/self/status", Errno::TXTBSY, "it is open for writing"),
            (
                "/proc/self/status",
                Errno::INVAL,
                "does not support AT_EXECVE_CHECK",
            ),
            (
                "/proc/self/status",
                Errno::NOSYS,
                "does not support AT_EXECVE_CHECK",
            ),
            (
                "/proc/self/status",
                Errno::PERM,
                "this user may not execute it",
            ),
            ("/proc/self/status", Errno::TOOBIG, "Argument list too long"),
            // An executable file: something else must have refused it.
            ("/bin/sh", Errno::ACCESS, "this user may not execute it"),
        ] {
            let said = cause(path, errno);
            assert!(said.contains(expected), "{path}, {errno}: {said}");
        }
    }

    #[test]
    fn a_socket_is_named_as_one() {
        let (socket, _) = std::os::unix::net::UnixStream::pair().unwrap();
        let file = File::from(std::os::fd::OwnedFd::from(socket));
        let cause = Cause::of(&file, Errno::ACCESS.into());
        assert!(matches!(cause, Cause::NotRegular("a socket")), "{cause}");
    }
}
