// SPDX-License-Identifier: GPL-2.0

//! The system calls that the operations are made of, each behind a safe face.

use libc::{c_int, c_long, c_ulong, c_void, pid_t};
use std::{fmt, fs::File, io, os::fd::AsRawFd, ptr};

/// An error number.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Errno(pub c_int);

/// What a system call returns.
pub type Result<T = ()> = std::result::Result<T, Errno>;

impl Errno {
    /// Returns what the C library says that it means.
    pub fn words(self) -> String {
        let text = io::Error::from(self).to_string();
        let end = text.find(" (os error").unwrap_or(text.len());
        text[..end].to_owned()
    }
}

impl From<io::Error> for Errno {
    fn from(error: io::Error) -> Self {
        Errno(error.raw_os_error().unwrap_or(0))
    }
}

impl fmt::Display for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self.0 {
            libc::EPERM => "EPERM",
            libc::ENOENT => "ENOENT",
            libc::EAGAIN => "EAGAIN",
            libc::EBADF => "EBADF",
            libc::ENOMEM => "ENOMEM",
            libc::EACCES => "EACCES",
            libc::EFAULT => "EFAULT",
            libc::EBUSY => "EBUSY",
            libc::EEXIST => "EEXIST",
            libc::EINVAL => "EINVAL",
            libc::ENOTTY => "ENOTTY",
            libc::ENOSPC => "ENOSPC",
            libc::ENOSYS => "ENOSYS",
            libc::EUSERS => "EUSERS",
            other => return write!(f, "errno{other}"),
        };
        f.write_str(name)
    }
}

/// Returns what a system call returned, or the error that it set `errno` to.
pub fn check(ret: c_long) -> Result<c_long> {
    if ret == -1 {
        Err(io::Error::last_os_error().into())
    } else {
        Ok(ret)
    }
}

/// Calls `prctl()`. No option that takes a pointer may be given.
pub fn prctl(option: c_int, args: [usize; 4]) -> Result<c_long> {
    let [arg2, arg3, arg4, arg5] = args;
    // SAFETY: The options used here take numbers, or none that is ours.
    check(unsafe { libc::syscall(libc::SYS_prctl, option, arg2, arg3, arg4, arg5) })
}

/// Returns the capability sets of this task: inheritable, permitted, effective, bounding, ambient.
pub fn capability_sets() -> io::Result<[u64; 5]> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let mut sets = [0; 5];
    for (set, name) in sets.iter_mut().zip(["Inh", "Prm", "Eff", "Bnd", "Amb"]) {
        *set = status
            .lines()
            .find_map(|line| {
                line.strip_prefix("Cap")?
                    .strip_prefix(name)?
                    .strip_prefix(":\t")
            })
            .and_then(|text| u64::from_str_radix(text, 16).ok())
            .ok_or(io::ErrorKind::InvalidData)?;
    }
    Ok(sets)
}

/// A child process of this ID, which is to be waited for.
pub struct Child(pub pid_t);

impl Child {
    /// Waits for the end of the child. Returns its status, 0 if it ended as it should.
    pub fn wait(self) -> Result<c_int> {
        let mut status = 0;
        // SAFETY: `status` is valid for writes.
        check(unsafe { libc::waitpid(self.0, &mut status, 0) }.into())?;
        Ok(status)
    }
}

/// Ends this process at once, with nothing flushed or run.
pub fn exit() -> ! {
    // SAFETY: This takes a number.
    unsafe { libc::_exit(0) }
}

impl From<Errno> for io::Error {
    fn from(errno: Errno) -> Self {
        io::Error::from_raw_os_error(errno.0)
    }
}

/// The flags of `clone()` that make namespaces.
const NAMESPACES: c_int = libc::CLONE_NEWUSER
    | libc::CLONE_NEWPID
    | libc::CLONE_NEWIPC
    | libc::CLONE_NEWUTS
    | libc::CLONE_NEWNS
    | libc::CLONE_NEWNET
    | libc::CLONE_NEWCGROUP;

/// Starts a child process in new namespaces, of the given PIDs, innermost PID namespace first, that
/// runs a function and ends.
///
/// Of the flags of `clone()`, only those that make namespaces are heard.
pub fn clone3(flags: c_int, tids: &[pid_t], run: impl FnOnce()) -> Result<Child> {
    // `struct clone_args` up to `set_tid_size`. The kernel takes no pointer to no PID.
    let args: [u64; 10] = [
        (flags & NAMESPACES) as u64,
        0,
        0,
        0,
        libc::SIGCHLD as u64,
        0,
        0,
        0,
        if tids.is_empty() {
            0
        } else {
            tids.as_ptr() as u64
        },
        tids.len() as u64,
    ];
    // SAFETY: As `fork()`: no stack is given and no memory shared, so the child goes on with a copy
    // of this one.
    match check(unsafe { libc::syscall(libc::SYS_clone3, args.as_ptr(), size_of_val(&args)) })? {
        0 => {
            run();
            exit()
        }
        child => Ok(Child(child as pid_t)),
    }
}

/// Creates a process of the given PIDs that ends at once.
pub fn clone3_set_tid(tids: &[pid_t]) -> Result {
    clone3(0, tids, || {})?.wait().map(drop)
}

/// Locks no setting of a new pseudoterminal: `TIOCSLCKTRMIOS`.
pub fn lock_terminal_settings() -> Result {
    let terminal = File::options().read(true).write(true).open("/dev/ptmx")?;
    // As large as any `struct termios` of the kernel.
    let nothing = [0u8; 128];
    // SAFETY: `nothing` is valid for reads of what the request reads.
    let ret = unsafe { libc::ioctl(terminal.as_raw_fd(), libc::TIOCSLCKTRMIOS, &nothing) };
    check(ret.into()).map(drop)
}

/// The fields of `/proc/self/stat` that describe the layout of memory, in the order that
/// `struct prctl_mm_map` wants them.
fn memory_layout() -> io::Result<[u64; 11]> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    // The name in parentheses may have blanks; the field after it is the third.
    let fields: Vec<&str> = stat
        .rsplit(')')
        .next()
        .unwrap_or("")
        .split_whitespace()
        .collect();
    let field = |number: usize| fields.get(number - 3).and_then(|text| text.parse().ok());
    // SAFETY: This takes a number, of which 0 is invalid: it returns where the break is.
    let brk = unsafe { libc::syscall(libc::SYS_brk, 0) } as u64;
    let mut layout = [brk; 11];
    // All but the break, which is the sixth, by the number of the field.
    let numbers = [26, 27, 45, 46, 47, 0, 28, 48, 49, 50, 51];
    for (to, number) in layout
        .iter_mut()
        .zip(numbers)
        .filter(|(_, number)| *number != 0)
    {
        *to = field(number).ok_or(io::ErrorKind::InvalidData)?;
    }
    Ok(layout)
}

/// Changes `/proc/self/exe` by `PR_SET_MM_MAP`, and nothing else of the layout of memory.
pub fn set_exe_by_map(exe: &File) -> Result {
    const PR_SET_MM_MAP: c_ulong = 14;

    #[repr(C)]
    struct PrctlMmMap {
        layout: [u64; 11],
        auxv: *const u64,
        auxv_size: u32,
        exe_fd: u32,
    }

    let map = PrctlMmMap {
        layout: memory_layout()?,
        auxv: ptr::null(),
        auxv_size: 0,
        exe_fd: exe.as_raw_fd() as u32,
    };
    // SAFETY: `map` is a `struct prctl_mm_map`, and says what is so already.
    let ret = unsafe {
        libc::prctl(
            libc::PR_SET_MM,
            PR_SET_MM_MAP,
            &raw const map,
            size_of::<PrctlMmMap>(),
            0usize,
        )
    };
    check(ret.into()).map(drop)
}

/// Changes `/proc/self/exe` by `PR_SET_MM_EXE_FILE`.
pub fn set_exe_file(exe: &File) -> Result {
    let fd = exe.as_raw_fd() as usize;
    prctl(
        libc::PR_SET_MM,
        [libc::PR_SET_MM_EXE_FILE as usize, fd, 0, 0],
    )
    .map(drop)
}

/// A mapping of this process, from `/proc/self/maps`.
struct Mapping {
    start: usize,
    len: usize,
    protection: c_int,
}

/// Returns the mappings of the file that this process executes, and the name of one of them.
fn exe_mappings() -> io::Result<(Vec<Mapping>, String)> {
    let exe = std::fs::read_link("/proc/self/exe")?;
    let maps = std::fs::read_to_string("/proc/self/maps")?;
    let mut mappings = Vec::new();
    let mut name = String::new();
    for line in maps
        .lines()
        .filter(|line| line.ends_with(&*exe.to_string_lossy()))
    {
        let mut fields = line.split_whitespace();
        let (range, flags) = (fields.next().unwrap_or(""), fields.next().unwrap_or(""));
        let Some((start, end)) = range.split_once('-') else {
            continue;
        };
        let number = |text| usize::from_str_radix(text, 16).map_err(io::Error::other);
        let (start, end) = (number(start)?, number(end)?);
        let protection = [
            ('r', libc::PROT_READ),
            ('w', libc::PROT_WRITE),
            ('x', libc::PROT_EXEC),
        ];
        mappings.push(Mapping {
            start,
            len: end - start,
            protection: protection
                .iter()
                .filter(|(flag, _)| flags.contains(*flag))
                .fold(0, |bits, (_, bit)| bits | bit),
        });
        name = range.to_owned();
    }
    Ok((mappings, name))
}

/// Follows a link in `/proc/self/map_files`.
pub fn follow_map_files() -> Result {
    let (_, name) = exe_mappings()?;
    File::open(format!("/proc/self/map_files/{name}"))?;
    Ok(())
}

/// Puts memory that belongs to no file in place of what is mapped of the file that is executed.
///
/// Only then does the kernel let `/proc/self/exe` be changed. It is what a restorer does.
pub fn unmap_exe() -> Result {
    let (mappings, _) = exe_mappings()?;
    for mapping in mappings {
        // SAFETY: The copy is made where there is nothing, and is moved over its original only when
        // it is the same to whoever reads, writes or executes it; no other thread is there, or
        // writes to any of it meanwhile.
        unsafe {
            let copy = libc::mmap(
                ptr::null_mut(),
                mapping.len,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_PRIVATE | libc::MAP_ANONYMOUS,
                -1,
                0,
            );
            if copy == libc::MAP_FAILED {
                return Err(io::Error::last_os_error().into());
            }
            let original = mapping.start as *mut c_void;
            if mapping.protection & libc::PROT_READ != 0 {
                ptr::copy_nonoverlapping(original.cast::<u8>(), copy.cast(), mapping.len);
            }
            check(libc::mprotect(copy, mapping.len, mapping.protection).into())?;
            let flags = libc::MREMAP_MAYMOVE | libc::MREMAP_FIXED;
            if libc::mremap(copy, mapping.len, mapping.len, flags, original) == libc::MAP_FAILED {
                return Err(io::Error::last_os_error().into());
            }
        }
    }
    Ok(())
}

/// Returns the effective user ID.
pub fn geteuid() -> u32 {
    // SAFETY: Always safe to call.
    unsafe { libc::geteuid() }
}
