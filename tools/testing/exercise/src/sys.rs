// SPDX-License-Identifier: GPL-2.0

//! The system calls that the exercises take, each as a safe function. The sample
//! `checkpoint-restore` has those that its operations take.

pub use checkpoint_restore::sys::*;
use libc::{c_int, c_long, c_void, pid_t};
use std::{
    ffi::CString,
    fs::File,
    io::{self, Read, Write},
    os::{
        fd::{AsRawFd, FromRawFd},
        unix::ffi::OsStrExt,
    },
    path::Path,
    ptr,
    sync::atomic::AtomicU64,
};

/// Returns the securebits of this task.
pub fn securebits() -> Result<c_long> {
    prctl(libc::PR_GET_SECUREBITS, [0; 4])
}

/// The sets of capabilities of a task, as bits.
#[derive(Clone, Copy, Default)]
pub struct Caps {
    /// The effective set.
    pub effective: u64,
    /// The permitted set.
    pub permitted: u64,
    /// The inheritable set.
    pub inheritable: u64,
}

/// The version of `capset()` and `capget()` whose sets have 64 bits.
pub const VERSION_3: pid_t = 0x2008_0522;

/// Sets the capabilities of this task.
pub fn capset(caps: Caps) -> Result {
    capset_of(0, caps)
}

/// Sets the capabilities of a process: `capset()`. 0 is this task.
pub fn capset_of(pid: pid_t, caps: Caps) -> Result {
    let header = [VERSION_3, pid];
    let half = |set: u64, high: bool| (if high { set >> 32 } else { set & 0xffff_ffff }) as u32;
    let data: [u32; 6] = [
        half(caps.effective, false),
        half(caps.permitted, false),
        half(caps.inheritable, false),
        half(caps.effective, true),
        half(caps.permitted, true),
        half(caps.inheritable, true),
    ];
    // SAFETY: Both are as `capset()` wants them for version 3.
    check(unsafe { libc::syscall(libc::SYS_capset, header.as_ptr(), data.as_ptr()) }).map(drop)
}

/// Sets all user and group IDs of this task, and no further groups.
pub fn set_ids(id: u32) -> Result {
    // SAFETY: These take numbers.
    unsafe {
        check(libc::setgroups(0, ptr::null()).into())?;
        check(libc::setresgid(id, id, id).into())?;
        check(libc::setresuid(id, id, id).into()).map(drop)
    }
}

/// Moves this task into new namespaces: `unshare()`.
pub fn unshare(flags: c_int) -> Result {
    // SAFETY: This takes a number.
    check(unsafe { libc::unshare(flags) }.into()).map(drop)
}

/// Moves this task into a user namespace: `setns()`.
pub fn enter_user_namespace(namespace: &File) -> Result {
    // SAFETY: This takes numbers.
    check(unsafe { libc::setns(namespace.as_raw_fd(), libc::CLONE_NEWUSER) }.into()).map(drop)
}

/// Starts a child process that runs a function and ends.
///
/// Of a thread among others, the function must not wait for what another has locked.
pub fn spawn(run: impl FnOnce()) -> Result<Child> {
    // SAFETY: The child has a copy of all memory, and the C library has its own locks, those of the
    // allocator among them, in order across `fork()`.
    match check(unsafe { libc::fork() }.into())? {
        0 => {
            run();
            exit()
        }
        child => Ok(Child(child as pid_t)),
    }
}

/// Runs a function in a child process. Returns what it wrote, or how the child died.
pub fn in_child(run: impl FnOnce(&mut File)) -> io::Result<Vec<u8>> {
    let (mut read, mut write) = pipe()?;
    let child = spawn(|| run(&mut write))?;
    drop(write);
    let mut output = Vec::new();
    read.read_to_end(&mut output)?;
    match child.wait()? {
        0 => Ok(output),
        status => Err(io::Error::other(format!("died of {status:#x}"))),
    }
}

/// A process that waits until this is dropped.
pub struct Waiting {
    /// Its ID.
    pub pid: pid_t,
    _keeper: File,
}

/// Starts a process that prepares itself, and then waits. Returns what it has returned, too.
pub fn start_waiting(
    prepare: impl FnOnce() -> io::Result<String>,
) -> io::Result<(Waiting, String)> {
    let (mut wait, keeper) = pipe()?;
    let (mut receive, mut send) = pipe()?;
    let child = spawn(|| {
        close(&keeper);
        let text = prepare().unwrap_or_else(|error| format!("?{error}"));
        let _ = send.write_all(text.as_bytes());
        close(&send);
        let _ = wait.read(&mut [0]);
    })?;
    drop(send);
    let mut text = String::new();
    receive.read_to_string(&mut text)?;
    if let Some(error) = text.strip_prefix('?') {
        return Err(io::Error::other(error.to_owned()));
    }
    let waiting = Waiting {
        pid: child.0,
        _keeper: keeper,
    };
    Ok((waiting, text))
}

/// Closes a child process's copy of a file of its parent, which otherwise stays open until the
/// child ends. The child must not use the file any more.
pub fn close(file: &File) {
    // SAFETY: The child process uses it no more, and ends without closing what it has.
    unsafe { libc::close(file.as_raw_fd()) };
}

/// Returns a pipe: where to read, where to write.
pub fn pipe() -> io::Result<(File, File)> {
    let mut fds = [0; 2];
    // SAFETY: `fds` has room for two.
    check(unsafe { libc::pipe2(fds.as_mut_ptr(), libc::O_CLOEXEC) }.into())?;
    // SAFETY: Both are open and nobody else's.
    Ok(unsafe { (File::from_raw_fd(fds[0]), File::from_raw_fd(fds[1])) })
}

/// Calls `prctl()` with an option as wide as the register that it is passed in.
///
/// No option that takes a pointer may be given.
pub fn prctl_wide(option: usize, args: [usize; 4]) -> Result<c_long> {
    let [arg2, arg3, arg4, arg5] = args;
    // SAFETY: The options used here take numbers, or none that is ours.
    check(unsafe { libc::syscall(libc::SYS_prctl, option, arg2, arg3, arg4, arg5) })
}

/// Sets the real, effective and saved user ID of this thread; -1 leaves one as it is.
pub fn set_user_ids([real, effective, saved]: [u32; 3]) -> Result {
    // SAFETY: This takes numbers. It is the system call, since the function changes all threads.
    check(unsafe { libc::syscall(libc::SYS_setresuid, real, effective, saved) }).map(drop)
}

/// Sets the real, effective and saved group ID of this thread; -1 leaves one as it is.
pub fn set_group_ids([real, effective, saved]: [u32; 3]) -> Result {
    // SAFETY: As in `set_user_ids()`.
    check(unsafe { libc::syscall(libc::SYS_setresgid, real, effective, saved) }).map(drop)
}

/// Enters a namespace, of the kind that `CLONE_NEW*` names: `setns()`.
pub fn enter(namespace: &File, kind: c_int) -> Result {
    // SAFETY: This takes numbers.
    check(unsafe { libc::setns(namespace.as_raw_fd(), kind) }.into()).map(drop)
}

/// Sets the name of the host: `sethostname()`.
pub fn sethostname(name: &[u8]) -> Result {
    // SAFETY: `name` is valid for reads of its length.
    check(unsafe { libc::sethostname(name.as_ptr().cast(), name.len()) }.into()).map(drop)
}

/// Sets the name of the host to what it is: takes `CAP_SYS_ADMIN`, and changes nothing.
pub fn set_host_name() -> Result {
    let mut name = [0u8; 65];
    // SAFETY: `name` is valid for writes of as much.
    check(unsafe { libc::gethostname(name.as_mut_ptr().cast(), name.len()) }.into())?;
    let len = name.iter().position(|byte| *byte == 0).unwrap_or(0);
    sethostname(&name[..len])
}

/// Opens a netlink socket to audit, which receives the messages of these multicast groups.
pub fn audit_socket(groups: u32) -> io::Result<File> {
    // SAFETY: This takes numbers.
    let fd = unsafe {
        libc::socket(
            libc::AF_NETLINK,
            libc::SOCK_RAW | libc::SOCK_CLOEXEC,
            libc::NETLINK_AUDIT,
        )
    };
    check(fd.into())?;
    // SAFETY: It is open and nobody else's.
    let socket = unsafe { File::from_raw_fd(fd) };
    // SAFETY: All zeros are a valid address.
    let mut address: libc::sockaddr_nl = unsafe { std::mem::zeroed() };
    address.nl_family = libc::AF_NETLINK as u16;
    address.nl_groups = groups;
    let len = size_of_val(&address) as libc::socklen_t;
    // SAFETY: `address` is valid for reads of its length.
    check(unsafe { libc::bind(fd, (&raw const address).cast(), len) }.into())?;
    Ok(socket)
}

/// Makes a file the standard output of this process, which programs that it executes keep.
pub fn become_stdout(file: &File) -> Result {
    // SAFETY: This takes numbers, and nobody relies on what standard output was before.
    check(unsafe { libc::dup2(file.as_raw_fd(), libc::STDOUT_FILENO) }.into()).map(drop)
}

/// Returns a path as a C string.
pub fn path_of(path: &Path) -> io::Result<CString> {
    CString::new(path.as_os_str().as_bytes()).map_err(io::Error::other)
}

/// Returns whether set-uid programs in a directory would be executed as such.
pub fn honours_set_uid(path: &Path) -> io::Result<bool> {
    let path = path_of(path)?;
    // SAFETY: All zeros are valid, and about to be overwritten.
    let mut about: libc::statvfs = unsafe { std::mem::zeroed() };
    // SAFETY: `path` is a C string, and `about` valid for writes.
    check(unsafe { libc::statvfs(path.as_ptr(), &mut about) }.into())?;
    Ok(about.f_flag & (libc::ST_NOSUID | libc::ST_NOEXEC) == 0)
}

/// Returns numbers, all 0, that child processes share with this one for as long as they live.
pub fn shared() -> io::Result<&'static [AtomicU64; 8]> {
    // SAFETY: It is new memory, of no file, at an address that the kernel chooses.
    let memory = unsafe {
        libc::mmap(
            ptr::null_mut(),
            size_of::<[AtomicU64; 8]>(),
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_SHARED | libc::MAP_ANONYMOUS,
            -1,
            0,
        )
    };
    if memory == libc::MAP_FAILED {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: The memory is a page of zeros that is never unmapped, and each use of it is atomic.
    Ok(unsafe { &*memory.cast::<[AtomicU64; 8]>() })
}

/// Loads a module: `finit_module()`.
pub fn load_module(module: &File, arguments: &str) -> io::Result<()> {
    let arguments = CString::new(arguments).map_err(io::Error::other)?;
    let (fd, flags): (c_int, c_int) = (module.as_raw_fd(), 0);
    // SAFETY: `arguments` is a C string.
    let ret = unsafe { libc::syscall(libc::SYS_finit_module, fd, arguments.as_ptr(), flags) };
    Ok(check(ret).map(drop)?)
}

/// Unloads a module: `delete_module()`.
pub fn unload_module(name: &str) -> io::Result<()> {
    let name = CString::new(name).map_err(io::Error::other)?;
    // SAFETY: `name` is a C string.
    let ret = unsafe { libc::syscall(libc::SYS_delete_module, name.as_ptr(), libc::O_NONBLOCK) };
    Ok(check(ret).map(drop)?)
}

/// Writes to `/proc/…`, where what was written was heard if and only if nothing is wrong.
pub fn write(path: impl AsRef<Path>, text: impl AsRef<[u8]>) -> Result {
    let file = File::options().write(true).open(path)?;
    let text = text.as_ref();
    // SAFETY: `text` is valid for reads of its length.
    let written =
        unsafe { libc::write(file.as_raw_fd(), text.as_ptr().cast::<c_void>(), text.len()) };
    check(written as c_long).map(drop)
}

/// Sets the further groups of this thread.
pub fn set_groups(groups: &[u32]) -> Result {
    // SAFETY: `groups` is valid for reads of its length. It is the system call, since the function
    // changes all threads.
    check(unsafe { libc::syscall(libc::SYS_setgroups, groups.len(), groups.as_ptr()) }).map(drop)
}

/// Lets the parent process trace this one.
pub fn trace_me() -> Result {
    let unused = ptr::null_mut::<c_void>();
    // SAFETY: The other arguments are not used.
    check(unsafe { libc::ptrace(libc::PTRACE_TRACEME, 0, unused, unused) }).map(drop)
}

/// Waits until a child process has ended, and lets it go on wherever it stops.
pub fn wait_traced(pid: pid_t) -> Result {
    loop {
        let mut status = 0;
        // SAFETY: `status` is valid for writes.
        check(unsafe { libc::waitpid(pid, &mut status, 0) }.into())?;
        if !libc::WIFSTOPPED(status) {
            return Ok(());
        }
        let unused = ptr::null_mut::<c_void>();
        // SAFETY: The address is not used, and no signal is delivered.
        check(unsafe { libc::ptrace(libc::PTRACE_CONT, pid, unused, unused) })?;
    }
}

/// Starts a process that shares the root and current directories of this one until this one
/// executes a program or ends.
pub fn share_fs() -> io::Result<()> {
    let (mut wait, keeper) = pipe()?;
    let flags = libc::CLONE_FS | libc::SIGCHLD;
    // SAFETY: Without a stack of its own, the child has a copy of this one's memory, as of fork().
    match check(unsafe { libc::syscall(libc::SYS_clone, flags, 0, 0, 0, 0) })? {
        0 => {
            let kept = wait.as_raw_fd() as libc::c_uint;
            // SAFETY: These take numbers, and this process uses no other descriptor.
            unsafe {
                libc::syscall(libc::SYS_close_range, 0, kept - 1, 0);
                libc::syscall(libc::SYS_close_range, kept + 1, libc::c_uint::MAX, 0);
            }
            let _ = wait.read(&mut [0]);
            exit()
        }
        _ => {
            // Closed by the execve() or the end of this process.
            std::mem::forget(keeper);
            Ok(())
        }
    }
}

/// Returns a pipe whose end for writing a program keeps that is executed.
pub fn inheritable_pipe() -> io::Result<(File, File)> {
    let (read, write) = pipe()?;
    // SAFETY: This takes numbers.
    check(unsafe { libc::fcntl(write.as_raw_fd(), libc::F_SETFD, 0) }.into())?;
    Ok((read, write))
}

/// Executes a program with one variable in its environment: a descriptor. Returns if it fails.
pub fn execute(path: &Path, variable: &str, descriptor: &File) -> Errno {
    let Ok(path) = path_of(path) else {
        return Errno(libc::EINVAL);
    };
    let Ok(variable) = CString::new(format!("{variable}={}", descriptor.as_raw_fd())) else {
        return Errno(libc::EINVAL);
    };
    let arguments = [path.as_ptr(), ptr::null()];
    let environment = [variable.as_ptr(), ptr::null()];
    // SAFETY: All are C strings, and both arrays end with a null pointer.
    let ret = unsafe { libc::execve(path.as_ptr(), arguments.as_ptr(), environment.as_ptr()) };
    check(ret.into()).err().unwrap_or(Errno(0))
}

/// Returns whether this program runs in secure mode: `AT_SECURE`.
pub fn is_secure() -> bool {
    // SAFETY: This takes a number.
    unsafe { libc::getauxval(libc::AT_SECURE) != 0 }
}

/// Mounts a file system in memory.
pub fn mount_tmpfs(directory: &Path, options: &str) -> io::Result<()> {
    let (directory, options) = (path_of(directory)?, CString::new(options)?);
    let kind = c"tmpfs".as_ptr();
    // SAFETY: All are C strings.
    let ret = unsafe { libc::mount(kind, directory.as_ptr(), kind, 0, options.as_ptr().cast()) };
    Ok(check(ret.into()).map(drop)?)
}

/// Gives a mount other flags.
pub fn remount(directory: &Path, flags: libc::c_ulong) -> io::Result<()> {
    let directory = path_of(directory)?;
    let flags = flags | libc::MS_REMOUNT | libc::MS_BIND;
    let none = ptr::null();
    // SAFETY: The path is a C string, and the null pointers stand for none.
    let ret = unsafe { libc::mount(none, directory.as_ptr(), none, flags, none.cast()) };
    Ok(check(ret.into()).map(drop)?)
}

/// Unmounts all that is mounted on a directory.
pub fn unmount(directory: &Path) {
    if let Ok(directory) = path_of(directory) {
        // SAFETY: The path is a C string.
        while unsafe { libc::umount2(directory.as_ptr(), libc::MNT_DETACH) } == 0 {}
    }
}

/// Mounts what is mounted on a directory on another one, with IDs mapped as by a user namespace.
pub fn idmap(from: &Path, to: &Path, namespace: &File) -> io::Result<()> {
    let (directory, target) = (path_of(from)?, path_of(to)?);
    let clone = libc::OPEN_TREE_CLONE | libc::OPEN_TREE_CLOEXEC;
    // SAFETY: The path is a C string.
    let tree = unsafe {
        libc::syscall(
            libc::SYS_open_tree,
            libc::AT_FDCWD,
            directory.as_ptr(),
            clone,
        )
    };
    let tree = check(tree)? as c_int;
    // SAFETY: It is open and nobody else's.
    let tree = unsafe { File::from_raw_fd(tree) };
    let attributes = libc::mount_attr {
        attr_set: libc::MOUNT_ATTR_IDMAP,
        attr_clr: 0,
        propagation: 0,
        userns_fd: namespace.as_raw_fd() as u64,
    };
    let (empty, size) = (c"".as_ptr(), size_of_val(&attributes));
    let at = libc::AT_EMPTY_PATH;
    // SAFETY: The path is a C string, and `attributes` valid for reads of its size.
    check(unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            tree.as_raw_fd(),
            empty,
            at,
            &raw const attributes,
            size,
        )
    })?;
    const MOVE_MOUNT_F_EMPTY_PATH: c_int = 4;
    let (from, to) = (tree.as_raw_fd(), libc::AT_FDCWD);
    // SAFETY: Both paths are C strings.
    let ret = unsafe {
        libc::syscall(
            libc::SYS_move_mount,
            from,
            empty,
            to,
            target.as_ptr(),
            MOVE_MOUNT_F_EMPTY_PATH,
        )
    };
    Ok(check(ret).map(drop)?)
}
