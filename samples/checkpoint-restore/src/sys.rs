// SPDX-License-Identifier: GPL-2.0

//! The system calls of the operations, each behind a safe function.

use libc::{c_int, c_long, c_ulong, c_void, pid_t};
use std::{fmt, fs::File, io, os::fd::AsRawFd, ptr};

/// An error number.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Errno(pub c_int);

/// The result of a system call.
pub type Result<T = ()> = std::result::Result<T, Errno>;

impl Errno {
    /// Returns the message of the C library.
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
            libc::ESRCH => "ESRCH",
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
            libc::ENODATA => "ENODATA",
            libc::EOVERFLOW => "EOVERFLOW",
            libc::EUSERS => "EUSERS",
            other => return write!(f, "errno{other}"),
        };
        f.write_str(name)
    }
}

/// Converts the return value of a system call: -1 becomes the error in `errno`.
pub fn check(ret: c_long) -> Result<c_long> {
    if ret == -1 {
        Err(io::Error::last_os_error().into())
    } else {
        Ok(ret)
    }
}

/// Calls `prctl()`. The option must not take a pointer.
pub fn prctl(option: c_int, args: [usize; 4]) -> Result<c_long> {
    let [arg2, arg3, arg4, arg5] = args;
    // SAFETY: The options used here take numbers.
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

/// A child process, by its PID. The caller must wait for it.
pub struct Child(pub pid_t);

impl Child {
    /// Waits for the end of the child. Returns its status, 0 for success.
    pub fn wait(self) -> Result<c_int> {
        let mut status = 0;
        // SAFETY: `status` is valid for writes.
        check(unsafe { libc::waitpid(self.0, &mut status, 0) }.into())?;
        Ok(status)
    }
}

/// Ends this process at once. It flushes nothing and runs no exit handler.
pub fn exit() -> ! {
    // SAFETY: This takes a number.
    unsafe { libc::_exit(0) }
}

impl From<Errno> for io::Error {
    fn from(errno: Errno) -> Self {
        io::Error::from_raw_os_error(errno.0)
    }
}

/// The flags of `clone()` that create namespaces.
const NAMESPACES: c_int = libc::CLONE_NEWUSER
    | libc::CLONE_NEWPID
    | libc::CLONE_NEWIPC
    | libc::CLONE_NEWUTS
    | libc::CLONE_NEWNS
    | libc::CLONE_NEWNET
    | libc::CLONE_NEWCGROUP;

/// Starts a child process that runs a function and exits. It gets new namespaces and the given
/// PIDs, innermost PID namespace first.
///
/// Ignores all flags of `clone()` except those that create namespaces.
pub fn clone3(flags: c_int, tids: &[pid_t], run: impl FnOnce()) -> Result<Child> {
    // `struct clone_args` up to `set_tid_size`. Without PIDs, the kernel requires a null pointer.
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
    // SAFETY: Like `fork()`: the call passes no stack and shares no memory, so the child continues
    // with a copy of this stack.
    match check(unsafe { libc::syscall(libc::SYS_clone3, args.as_ptr(), size_of_val(&args)) })? {
        0 => {
            run();
            exit()
        }
        child => Ok(Child(child as pid_t)),
    }
}

/// Creates a process with the given PIDs that exits at once.
pub fn clone3_set_tid(tids: &[pid_t]) -> Result {
    clone3(0, tids, || {})?.wait().map(drop)
}

/// Sets empty locks on a new pseudoterminal: `TIOCSLCKTRMIOS`.
pub fn lock_terminal_settings() -> Result {
    let terminal = File::options().read(true).write(true).open("/dev/ptmx")?;
    // As large as any `struct termios` of the kernel.
    let nothing = [0u8; 128];
    // SAFETY: `nothing` is valid for reads of a `struct termios`, which the request reads.
    let ret = unsafe { libc::ioctl(terminal.as_raw_fd(), libc::TIOCSLCKTRMIOS, &nothing) };
    check(ret.into()).map(drop)
}

/// The fields of `/proc/self/stat` that describe the layout of memory, in the order that
/// `struct prctl_mm_map` has them.
fn memory_layout() -> io::Result<[u64; 11]> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    // The name in parentheses may contain spaces. The field after it is the third.
    let fields: Vec<&str> = stat
        .rsplit(')')
        .next()
        .unwrap_or("")
        .split_whitespace()
        .collect();
    let field = |number: usize| fields.get(number - 3).and_then(|text| text.parse().ok());
    // SAFETY: This takes a number. 0 is invalid, so the call only returns the current break.
    let brk = unsafe { libc::syscall(libc::SYS_brk, 0) } as u64;
    let mut layout = [brk; 11];
    // All by the number of their field, except the break, which is the sixth.
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

/// Changes `/proc/self/exe` by `PR_SET_MM_MAP`, and leaves the layout of memory as it is.
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
    // SAFETY: `map` is a `struct prctl_mm_map` with the current layout.
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

/// Returns the mappings of the executed file, and the name of one of them.
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

/// Replaces the mappings of the executed file by anonymous memory.
///
/// The kernel refuses to change `/proc/self/exe` before that. A restorer does the same.
pub fn unmap_exe() -> Result {
    let (mappings, _) = exe_mappings()?;
    for mapping in mappings {
        // SAFETY: The copy is made at a free address. It is moved over its original when it has the
        // same contents and protection, so all accesses behave as before. No other thread writes
        // to the original meanwhile.
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
