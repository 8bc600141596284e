// SPDX-License-Identifier: GPL-2.0

//! The question to the kernel: `execveat()` with `AT_EXECVE_CHECK`.

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

/// Only check whether execution would be allowed: of `include/uapi/linux/fcntl.h`, since Linux
/// 6.14.
const AT_EXECVE_CHECK: libc::c_int = 0x10000;

/// Asks whether the kernel would execute an open file, and executes nothing.
///
/// The file is checked as if it were executed under `name`, without arguments, with the environment
/// of this process, which is what LSMs and the audit log are told. Its content is not looked at: a
/// script need not begin with `#!`.
///
/// This only asks. [`Policy`](crate::Policy) says whether the answer is binding.
///
/// While the kernel checks, nothing else can open the file for writing (`ETXTBSY`), and no thread
/// of this process can start another (`EAGAIN`).
///
/// # Errors
///
/// `EACCES` mostly: no execute permission, a mount that is `noexec`, no regular file. `ETXTBSY` if
/// the file is open for writing somewhere. `EINVAL` from kernels that know no such check. LSMs may
/// answer anything.
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
    // Neither name nor value of a variable that the process has been given contains a zero.
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
    // SAFETY: The path is a C string, and both arrays are of C strings that outlive the call, and
    // end with a null pointer. The check does not replace this process, and a kernel that does not
    // know the flag refuses it.
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
    fn what_would_be_executed_is_not() {
        // If it were, nothing would come after it.
        let answer = would_execute(File::open("/bin/false").unwrap(), OsStr::new("false"));
        if let Err(error) = answer {
            assert_eq!(error.raw_os_error(), Some(libc::EINVAL), "{error}");
        }
    }

    #[test]
    fn a_name_that_no_file_can_have_is_no_argument() {
        let error = would_execute(File::open("/").unwrap(), OsStr::from_bytes(b"a\0b"));
        assert_eq!(error.unwrap_err().kind(), ErrorKind::InvalidInput);
    }
}
