// SPDX-License-Identifier: GPL-2.0

//! What is the matter with a file that the kernel would not execute.

use rustix::{
    fs::{fstat, fstatvfs, FileType, StatVfsMountFlags},
    io::Errno,
};
use std::{fmt, fs::File, io};

/// Why the kernel would not execute something, as far as can be told from outside.
///
/// The kernel says yes or no; this is what the file looks like after a "no". Displayed, it is the
/// end of a sentence: what is the matter, and what would help.
#[derive(Debug)]
#[non_exhaustive]
pub enum Cause {
    /// There is no file that the kernel could be asked about.
    NoFile,
    /// It is no regular file but this: a directory, a pipe, a terminal.
    NotRegular(&'static str),
    /// Nobody has execute permission.
    NotExecutable,
    /// It is on a file system that is mounted `noexec`.
    NoExecMount,
    /// Somebody has it open for writing.
    OpenForWriting,
    /// Something else keeps this user from it.
    NotPermitted,
    /// The kernel cannot be asked.
    NoCheck,
    /// The kernel said something else.
    Other(io::Error),
}

impl Cause {
    /// Looks at a file for why the kernel would not execute it.
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
            Self::NoFile => "put them into an executable file, and name that",
            Self::NotRegular(kind) => {
                return write!(f, "it is {kind}: put the script into an executable file")
            }
            Self::NotExecutable => {
                "nobody may execute it: \"chmod +x\" by its owner says that it is to be trusted"
            }
            Self::NoExecMount => {
                "its file system is mounted noexec: have it where programs are installed"
            }
            Self::OpenForWriting => "it is open for writing: have it closed first",
            Self::NotPermitted => {
                "this user may not execute it: see its mode, its access control list and the \
                 policies of the LSMs"
            }
            Self::NoCheck => {
                "the kernel does not answer AT_EXECVE_CHECK, as Linux does from 6.14 on if no \
                 seccomp filter is in the way"
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
    fn a_file_tells_why_it_is_not_executed() {
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
                "does not answer AT_EXECVE_CHECK",
            ),
            (
                "/proc/self/status",
                Errno::NOSYS,
                "does not answer AT_EXECVE_CHECK",
            ),
            (
                "/proc/self/status",
                Errno::PERM,
                "this user may not execute it",
            ),
            ("/proc/self/status", Errno::TOOBIG, "Argument list too long"),
            // An executable file, which something else must have refused.
            ("/bin/sh", Errno::ACCESS, "this user may not execute it"),
        ] {
            let said = cause(path, errno);
            assert!(said.contains(expected), "{path}, {errno}: {said}");
        }
    }

    #[test]
    fn a_socket_is_called_one() {
        let (socket, _) = std::os::unix::net::UnixStream::pair().unwrap();
        let file = File::from(std::os::fd::OwnedFd::from(socket));
        let cause = Cause::of(&file, Errno::ACCESS.into());
        assert!(matches!(cause, Cause::NotRegular("a socket")), "{cause}");
    }
}
