// SPDX-License-Identifier: GPL-2.0

//! The files that measured calls are about.

use crate::{
    file_capabilities::{self, value},
    sys::{self, check, path_of, Errno, Result},
};
use commoncap::{capability::Capability, prctl::option};
use std::{
    ffi::CString,
    fs::{self, Permissions},
    io,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    ptr,
    sync::OnceLock,
};

/// The capability that [`Files::denied`] would get, which [`lower_bounding_set`] takes from all.
const CAPABILITY: Capability = Capability::MKNOD;

static FILES: OnceLock<Files> = OnceLock::new();

/// The files.
struct Files {
    /// A file with capabilities.
    capable: PathBuf,
    /// A program that is set-user-ID of user 0, and does nothing.
    granted: CString,
    /// A program whose capabilities are beyond the bounding set, so that `execve()` fails.
    denied: CString,
}

/// Makes the files, in a directory of a file system with set-user-ID bits and file capabilities.
pub fn prepare(directory: &Path) -> io::Result<()> {
    let path = |name: &str| directory.join(name);
    let capable = path("capable");
    fs::write(&capable, "")?;
    // BusyBox does what the name says.
    let (granted, denied) = (path("true"), path("denied"));
    for (program, mode) in [(&granted, 0o4755), (&denied, 0o755)] {
        fs::copy("/bin/busybox", program)?;
        fs::set_permissions(program, Permissions::from_mode(mode))?;
    }
    let bit = 1 << CAPABILITY.number();
    file_capabilities::set(&denied, &value((true, bit, 0, None)))?;
    let files = Files {
        capable,
        granted: path_of(&granted)?,
        denied: path_of(&denied)?,
    };
    FILES.get_or_init(|| files);
    Ok(set_capabilities()?)
}

/// Returns the files, or `ENOENT` where they have not been prepared.
fn files() -> Result<&'static Files> {
    FILES.get().ok_or(Errno(libc::ENOENT))
}

/// Takes a capability of a file from the bounding set of this task, if there are files. The task
/// cannot make that capability inheritable any more.
pub fn lower_bounding_set() -> Result {
    if FILES.get().is_none() {
        return Ok(());
    }
    sys::prctl(option::CAPBSET_DROP, [CAPABILITY.number().into(), 0, 0, 0]).map(drop)
}

/// Reads the capabilities of a file.
pub fn capabilities() -> Result {
    file_capabilities::get(&files()?.capable).map(drop)
}

/// Sets the capabilities of a file.
pub fn set_capabilities() -> Result {
    file_capabilities::set(&files()?.capable, &value((true, 1 << 13, 0, None)))
}

/// Executes a set-user-ID program in a child process that shares the memory until then, and waits
/// for its end.
pub fn execute_granted() -> Result {
    let path = &files()?.granted;
    let arguments = [path.as_ptr().cast_mut(), ptr::null_mut()];
    let environment = [ptr::null_mut()];
    let (mut child, mut status) = (0, 0);
    // SAFETY: `child` is valid for writes, the path is a C string, and both arrays end with a null
    // pointer. The strings are not written to.
    let errno = unsafe {
        libc::posix_spawn(
            &mut child,
            path.as_ptr(),
            ptr::null(),
            ptr::null(),
            arguments.as_ptr(),
            environment.as_ptr(),
        )
    };
    if errno != 0 {
        return Err(Errno(errno));
    }
    // SAFETY: `status` is valid for writes.
    check(unsafe { libc::waitpid(child, &mut status, 0) }.into())?;
    match status {
        0 => Ok(()),
        _ => Err(Errno(libc::ECHILD)),
    }
}

/// Executes a program that the capability LSM denies: `EPERM`.
pub fn execute_denied() -> Result {
    let path = &files()?.denied;
    let arguments = [path.as_ptr(), ptr::null()];
    let environment = [ptr::null()];
    // SAFETY: The path is a C string, and both arrays end with a null pointer.
    let ret = unsafe { libc::execve(path.as_ptr(), arguments.as_ptr(), environment.as_ptr()) };
    check(ret.into()).map(drop)
}
