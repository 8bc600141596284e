// SPDX-License-Identifier: GPL-2.0

//! The ioctls of an open namespace: `linux/nsfs.h`.

use crate::error::Error;
use rustix::{
    fd::{AsFd, FromRawFd, OwnedFd},
    fs::fstat,
    io::{Errno, Result},
    ioctl::{ioctl, opcode, Getter, Ioctl, IoctlOutput, Opcode},
};
use std::{ffi::c_void, fs::File};

/// The number by which `/proc` names the initial user namespace: `USER_NS_INIT_INO`.
pub const INITIAL_USER_NS: u64 = 0xEFFF_FFFD;
/// The number by which `/proc` names the initial PID namespace: `PID_NS_INIT_INO`.
pub const INITIAL_PID_NS: u64 = 0xEFFF_FFFC;

const NS_GET_USERNS: Opcode = opcode::none(0xb7, 1);
const NS_GET_PARENT: Opcode = opcode::none(0xb7, 2);
const NS_GET_NSTYPE: Opcode = opcode::none(0xb7, 3);
const NS_GET_OWNER_UID: Opcode = opcode::none(0xb7, 4);

/// Returns the number by which `/proc` names a namespace, as in `user:[4026531837]`.
pub fn number(namespace: impl AsFd) -> Result<u64> {
    Ok(fstat(namespace)?.st_ino)
}

/// Returns the number of the namespace of a kind, as in `/proc/self/ns`, that the caller is in.
pub fn own(kind: &str) -> crate::error::Result<u64> {
    let path = format!("/proc/self/ns/{kind}");
    let file = File::open(&path).map_err(|_| {
        Error::new("/proc is not there, or has no namespaces: mount -t proc proc /proc")
    })?;
    number(file).map_err(|error| Error::of(path, error))
}

/// Returns the user namespace that owns a namespace; [`None`] if that is neither the caller's own
/// nor below it. That of a user namespace is its parent.
pub fn owner(namespace: impl AsFd) -> Result<Option<OwnedFd>> {
    // SAFETY: The request takes no argument and returns a new file descriptor.
    in_reach(unsafe { ioctl(namespace, Related::<NS_GET_USERNS>) })
}

/// Returns the parent of a PID namespace; [`None`] if that is neither the caller's own nor below
/// it.
pub fn parent(namespace: impl AsFd) -> Result<Option<OwnedFd>> {
    // SAFETY: The request takes no argument and returns a new file descriptor.
    in_reach(unsafe { ioctl(namespace, Related::<NS_GET_PARENT>) })
}

/// Returns the user ID of the owner of a user namespace, as the caller's user namespace maps it.
pub fn owner_uid(user_namespace: impl AsFd) -> Result<u32> {
    // SAFETY: The request writes a `uid_t`, which is 32 bits wide.
    unsafe { ioctl(user_namespace, Getter::<NS_GET_OWNER_UID, u32>::new()) }
}

/// Returns whether a namespace is a user namespace.
pub fn is_user_namespace(namespace: impl AsFd) -> Result<bool> {
    // SAFETY: The request takes no argument and returns a number.
    let kind = unsafe { ioctl(namespace, Kind)? };
    Ok(kind == libc::CLONE_NEWUSER)
}

fn in_reach(result: Result<OwnedFd>) -> Result<Option<OwnedFd>> {
    match result {
        Ok(namespace) => Ok(Some(namespace)),
        Err(Errno::PERM) => Ok(None),
        Err(error) => Err(error),
    }
}

/// A request that opens a namespace related to another.
struct Related<const REQUEST: Opcode>;

// SAFETY: The requests that this is used for take no argument and return a new file descriptor.
unsafe impl<const REQUEST: Opcode> Ioctl for Related<REQUEST> {
    type Output = OwnedFd;

    const IS_MUTATING: bool = false;

    fn opcode(&self) -> Opcode {
        REQUEST
    }

    fn as_ptr(&mut self) -> *mut c_void {
        std::ptr::null_mut()
    }

    unsafe fn output_from_ptr(output: IoctlOutput, _: *mut c_void) -> Result<OwnedFd> {
        // SAFETY: The kernel has just opened the descriptor for this call, and nothing else owns
        // it.
        Ok(unsafe { OwnedFd::from_raw_fd(output) })
    }
}

/// The request for the kind of a namespace, as the flag of `clone()` that makes one.
struct Kind;

// SAFETY: The request takes no argument and returns a number.
unsafe impl Ioctl for Kind {
    type Output = IoctlOutput;

    const IS_MUTATING: bool = false;

    fn opcode(&self) -> Opcode {
        NS_GET_NSTYPE
    }

    fn as_ptr(&mut self) -> *mut c_void {
        std::ptr::null_mut()
    }

    unsafe fn output_from_ptr(output: IoctlOutput, _: *mut c_void) -> Result<IoctlOutput> {
        Ok(output)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_owner_of_ones_own_namespaces_is_ones_own_or_out_of_reach() {
        let user = File::open("/proc/self/ns/user").unwrap();
        let pid = File::open("/proc/self/ns/pid").unwrap();
        if let Some(owner) = owner(&pid).unwrap() {
            assert_eq!(number(owner).unwrap(), number(&user).unwrap());
        }
    }

    #[test]
    fn a_user_namespace_is_distinct_from_others() {
        for (name, is) in [("user", true), ("net", false)] {
            let namespace = File::open(format!("/proc/self/ns/{name}")).unwrap();
            assert_eq!(is_user_namespace(&namespace), Ok(is), "{name}");
        }
    }

    #[test]
    fn the_namespaces_above_are_out_of_reach() {
        let user = File::open("/proc/self/ns/user").unwrap();
        let pid = File::open("/proc/self/ns/pid").unwrap();
        assert!(owner(&user).unwrap().is_none());
        assert!(parent(&pid).unwrap().is_none());
    }

    #[test]
    fn a_user_namespace_has_an_owner_and_no_other_file_has() {
        let user = File::open("/proc/self/ns/user").unwrap();
        assert!(owner_uid(&user).is_ok());
        let pid = File::open("/proc/self/ns/pid").unwrap();
        assert_eq!(owner_uid(&pid), Err(Errno::INVAL));
        let other = File::open("/proc/self/status").unwrap();
        assert_eq!(owner_uid(&other), Err(Errno::NOTTY));
    }
}
