// SPDX-License-Identifier: GPL-2.0

//! The system calls that only the matrix of changes takes, each as a safe function. Those on
//! credentials are system calls, since the functions of the C library change all threads.

use crate::sys::{check, path_of, Result, VERSION_3};
use libc::{c_int, c_long, c_uint, pid_t};
use std::{path::Path, ptr};

/// Makes a system call that takes numbers only.
macro_rules! numbers {
    ($call:ident $(, $argument:expr)*) => {
        // SAFETY: The call takes numbers.
        check(unsafe { libc::syscall(libc::$call $(, $argument as c_long)*) })
    };
}

pub fn setuid(id: u32) -> Result {
    numbers!(SYS_setuid, id).map(drop)
}

pub fn setgid(id: u32) -> Result {
    numbers!(SYS_setgid, id).map(drop)
}

/// Returns the user ID that was there before, also if it fails.
pub fn setfsuid(id: u32) -> c_long {
    numbers!(SYS_setfsuid, id).unwrap_or(-1)
}

pub fn setreuid([real, effective]: [u32; 2]) -> Result {
    numbers!(SYS_setreuid, real, effective).map(drop)
}

pub fn parent() -> pid_t {
    // SAFETY: It takes nothing and cannot fail.
    unsafe { libc::getppid() }
}

/// Returns the effective, permitted and inheritable set of a process.
pub fn capget_of(pid: pid_t) -> Result<[u64; 3]> {
    let header = [VERSION_3, pid];
    let mut words = [0_u32; 6];
    // SAFETY: Version 3 writes six words.
    check(unsafe { libc::syscall(libc::SYS_capget, header.as_ptr(), words.as_mut_ptr()) })?;
    Ok([0, 1, 2].map(|set| u64::from(words[set]) | (u64::from(words[set + 3]) << 32)))
}

/// Changes the owner and the group; -1 leaves one as it is.
pub fn chown(path: &Path, owner: u32, group: u32) -> Result {
    let path = path_of(path)?;
    // SAFETY: The path is a C string.
    check(unsafe { libc::chown(path.as_ptr(), owner, group) }.into()).map(drop)
}

/// Attaches to a task as its tracer, and detaches.
pub fn attach(pid: pid_t) -> Result {
    let unused = ptr::null_mut::<libc::c_void>();
    // SAFETY: The other arguments are not used.
    check(unsafe { libc::ptrace(libc::PTRACE_ATTACH, pid, unused, unused) })?;
    let mut status = 0;
    // SAFETY: `status` is valid for writes.
    check(unsafe { libc::waitpid(pid, &mut status, libc::__WALL) }.into())?;
    // SAFETY: The address is not used, and no signal is delivered.
    check(unsafe { libc::ptrace(libc::PTRACE_DETACH, pid, unused, unused) }).map(drop)
}

/// Sets the nice value of a process; 0 is this one.
pub fn set_priority(pid: pid_t, nice: c_int) -> Result {
    numbers!(SYS_setpriority, libc::PRIO_PROCESS, pid, nice).map(drop)
}

/// The first priority of the class of real-time input and output.
pub const IO_REAL_TIME: c_uint = 1 << 13;
/// The class of idle input and output.
pub const IO_IDLE: c_uint = 3 << 13;

/// Sets the priority of input and output of a process; 0 is this one.
pub fn set_io_priority(pid: pid_t, priority: c_uint) -> Result {
    const PROCESS: c_int = 1;
    numbers!(SYS_ioprio_set, PROCESS, pid, priority).map(drop)
}

/// Sets the scheduling policy of a process and its priority; 0 is this process.
pub fn set_scheduler(pid: pid_t, policy: c_int, priority: c_int) -> Result {
    let parameter = libc::sched_param {
        sched_priority: priority,
    };
    // SAFETY: The parameter is valid for reads.
    check(unsafe { libc::sched_setscheduler(pid, policy, &parameter) }.into()).map(drop)
}

/// Sets the clock to the time that it shows.
pub fn set_clock() -> Result {
    let mut now = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: `now` is valid for writes.
    check(unsafe { libc::clock_gettime(libc::CLOCK_REALTIME, &mut now) }.into())?;
    // SAFETY: `now` is valid for reads.
    check(unsafe { libc::clock_settime(libc::CLOCK_REALTIME, &now) }.into()).map(drop)
}

/// Maps a page at address 0, and unmaps it.
pub fn map_lowest() -> Result {
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_FIXED;
    // SAFETY: Nothing is mapped at that address, and nothing points there while a page is.
    unsafe {
        let page = libc::mmap(ptr::null_mut(), 4096, libc::PROT_NONE, flags, -1, 0);
        if page == libc::MAP_FAILED {
            return check(-1).map(drop);
        }
        check(libc::munmap(page, 4096).into()).map(drop)
    }
}
