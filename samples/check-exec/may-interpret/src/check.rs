// SPDX-License-Identifier: GPL-2.0

//! The check by the kernel: `execveat()` with `AT_EXECVE_CHECK`.

use std::{
    env,
    ffi::{CString, OsStr, OsString},
    io,
    os::{
        fd::{AsFd, AsRawFd},
        unix::ffi::{OsStrExt, OsStringExt},
    },
    ptr,
};

/// Only checks whether execution would be allowed. From `include/uapi/linux/fcntl.h`, since Linux
/// 6.14.
const AT_EXECVE_CHECK: libc::c_int = 0x10000;

/// Checks whether the kernel would execute an open file, and executes nothing.
///
/// LSMs and audit see an execution under `name`, without arguments, with the environment of this
/// process. The kernel ignores the contents of the file: a script need not begin with `#!`.
///
/// The result is only information. [`Policy`](crate::Policy) decides whether it is binding.
///
/// During the check, no process can open the file for writing (`ETXTBSY`), and no thread of this
/// process can start another (`EAGAIN`).
///
/// # Errors
///
/// `EACCES` if the file has no execute permission, is on a `noexec` mount, or is not a regular
/// file. `ETXTBSY` if some process has it open for writing. `EINVAL` if the kernel does not support
/// the check. LSMs may return any error.
///
/// # Examples
///
/// ```
/// use std::{ffi::OsStr, fs::File};
///
/// let directory = File::open("/")?;
/// assert!(may_interpret::would_execute(&directory, OsStr::new("/")).is_err());
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn would_execute(file: impl AsFd, name: &OsStr) -> io::Result<()> {
    let name = CString::new(name.as_bytes())?;
    // The kernel passes the environment as C strings, so no name or value contains a zero.
    let variables: Vec<CString> = env::vars_os()
        .filter_map(|(name, value)| {
            let variable = [name, OsString::from("="), value].map(OsString::into_vec);
            CString::new(variable.concat()).ok()
        })
        .collect();
    let environment: Vec<_> = variables
        .iter()
        .map(|variable| variable.as_ptr())
        .chain([ptr::null()])
        .collect();
    let arguments = [name.as_ptr(), ptr::null()];
    // SAFETY: The path is a C string. Both arrays hold pointers to C strings that outlive the call,
    // and end with a null pointer. The check does not replace this process, and a kernel that does
    // not know the flag returns an error.
    let ret = unsafe {
        libc::syscall(
            libc::SYS_execveat,
            file.as_fd().as_raw_fd(),
            c"".as_ptr(),
            arguments.as_ptr(),
            environment.as_ptr(),
            libc::AT_EMPTY_PATH | AT_EXECVE_CHECK,
        )
    };
    if ret == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{fs::File, io::ErrorKind};

    #[test]
    fn the_check_executes_nothing() {
        // If it did, this test would end here.
        let answer = would_execute(File::open("/bin/false").unwrap(), OsStr::new("false"));
        if let Err(error) = answer {
            assert_eq!(error.raw_os_error(), Some(libc::EINVAL), "{error}");
        }
    }

    #[test]
    fn a_name_with_a_zero_is_invalid_input() {
        let error = would_execute(File::open("/").unwrap(), OsStr::from_bytes(b"a\0b"));
        assert_eq!(error.unwrap_err().kind(), ErrorKind::InvalidInput);
    }
}
