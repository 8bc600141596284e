// SPDX-License-Identifier: GPL-2.0

//! The calls that sequences of calls are made of: what they are called, and how they are made.

use crate::{
    changes::calls::{attach, chown, parent},
    file_capabilities::{self, Capabilities},
    programs::Program,
    sys::{self, Caps, Errno, Result},
    who::make_dumpable,
};
use commoncap::prctl::option;
use libc::{c_int, pid_t};
use std::{
    fmt,
    fs::File,
    io::{self, Read, Write},
    path::Path,
};

/// A call about a file.
#[derive(Clone)]
pub enum FileCall {
    /// `setxattr()` of capabilities.
    SetCapabilities(Capabilities),
    /// `getxattr()` of capabilities. Returns the length of the value, the low bits of its permitted
    /// set, and its root ID.
    Capabilities,
    /// `removexattr()` of capabilities.
    RemoveCapabilities,
    /// `chown()`, which removes capabilities.
    Chown(u32, u32),
    /// `write()`, which removes capabilities.
    Write,
}

impl FileCall {
    /// Returns the name of the kind of call.
    fn name(&self) -> &'static str {
        match self {
            Self::SetCapabilities(_) => "setxattr",
            Self::Capabilities => "getxattr",
            Self::RemoveCapabilities => "removexattr",
            Self::Chown(..) => "chown",
            Self::Write => "write",
        }
    }

    /// Makes the call.
    pub fn make(&self, path: &Path) -> Result<i64> {
        let done = |()| 0;
        match self {
            Self::SetCapabilities(capabilities) => {
                file_capabilities::set(path, &file_capabilities::value(*capabilities)).map(done)
            }
            Self::Capabilities => {
                let value = file_capabilities::get(path)?;
                let word = |number: usize| {
                    let word = value.get(4 * number..4 * number + 4);
                    word.and_then(|word| word.try_into().ok())
                        .map_or(0, |word| i64::from(u32::from_le_bytes(word)))
                };
                Ok(value.len() as i64 + ((word(1) & 0xffff) << 8) + (word(5) << 24))
            }
            Self::RemoveCapabilities => file_capabilities::remove(path).map(done),
            Self::Chown(owner, group) => chown(path, *owner, *group).map(done),
            Self::Write => {
                File::options().write(true).open(path)?.write_all(b".")?;
                Ok(0)
            }
        }
    }
}

/// A call.
#[derive(Clone)]
pub enum Call {
    /// `prctl()`, of the capability LSM or of others.
    Prctl(c_int, [usize; 4]),
    /// `capset()`.
    Capset(Caps),
    /// `setresuid()`.
    UserIds([u32; 3]),
    /// `setresgid()`.
    GroupIds([u32; 3]),
    /// `unshare()`.
    Unshare(c_int),
    /// Maps one ID of the new user namespace to what was the effective one: user, group.
    MapByItself(u32, u32),
    /// Has a process that stayed outside map IDs: the first inside, the first outside, how many.
    MapFromOutside(u32, u32, u32),
    /// `fork()`, to go on in the child.
    Fork,
    /// `execve()` of a copy of this program, to go on in it.
    Execute(Program),
    /// `clone3()` with `set_tid`.
    SetTid(Vec<pid_t>),
    /// Writes `ns_last_pid`.
    LastPid(u64),
    /// Follows a link in `map_files`.
    MapFiles,
    /// Writes `sem_next_id`.
    NextId,
    /// Changes `/proc/self/exe`, which fails with `EBUSY` if it is allowed.
    SetExe,
    /// Locks settings of a terminal.
    LockTerminal,
    /// Sets the name of the host to what it is.
    HostName,
    /// Makes this process dumpable, which `/proc/self` depends on.
    Dumpable,
    /// Attaches to the parent as its tracer, and detaches.
    TraceParent,
    /// A call about the file of the sequence.
    OnFile(FileCall),
}

/// The names of the options of `prctl()` and of what is done with the ambient set.
fn prctl_name(number: c_int, arg2: usize) -> &'static str {
    match (number, arg2) {
        (option::GET_KEEPCAPS, _) => "get_keepcaps",
        (option::SET_KEEPCAPS, _) => "set_keepcaps",
        (option::CAPBSET_READ, _) => "capbset_read",
        (option::CAPBSET_DROP, _) => "capbset_drop",
        (option::GET_SECUREBITS, _) => "get_securebits",
        (option::SET_SECUREBITS, _) => "set_securebits",
        (option::CAP_AMBIENT, option::CAP_AMBIENT_IS_SET) => "ambient_is_set",
        (option::CAP_AMBIENT, option::CAP_AMBIENT_RAISE) => "ambient_raise",
        (option::CAP_AMBIENT, option::CAP_AMBIENT_LOWER) => "ambient_lower",
        (option::CAP_AMBIENT, option::CAP_AMBIENT_CLEAR_ALL) => "ambient_clear_all",
        (option::CAP_AMBIENT, _) => "ambient_unknown",
        (libc::PR_SET_NO_NEW_PRIVS, _) => "set_no_new_privs",
        (libc::PR_GET_DUMPABLE | libc::PR_GET_TIMERSLACK | libc::PR_GET_NO_NEW_PRIVS, _) => {
            "of_others"
        }
        _ => "of_nobody",
    }
}

impl Call {
    /// Returns the name of the kind of call.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Prctl(option, [arg2, ..]) => prctl_name(*option, *arg2),
            Self::Capset(_) => "capset",
            Self::UserIds(_) => "setresuid",
            Self::GroupIds(_) => "setresgid",
            Self::Unshare(_) => "unshare",
            Self::MapByItself(..) => "map_by_itself",
            Self::MapFromOutside(..) => "map_from_outside",
            Self::Fork => "fork",
            Self::Execute(Program::Plain) => "execute",
            Self::Execute(Program::SetuidRoot) => "execute_setuid_root",
            Self::Execute(Program::SetuidUser) => "execute_setuid_user",
            Self::Execute(Program::Capable) => "execute_capable",
            Self::SetTid(_) => "clone3_set_tid",
            Self::LastPid(_) => "ns_last_pid",
            Self::MapFiles => "map_files",
            Self::NextId => "sem_next_id",
            Self::SetExe => "set_mm_map_exe",
            Self::LockTerminal => "tiocslcktrmios",
            Self::HostName => "sethostname",
            Self::Dumpable => "set_dumpable",
            Self::TraceParent => "ptrace",
            Self::OnFile(call) => call.name(),
        }
    }

    /// Makes the call, if it is one that this process goes on from as it is.
    ///
    /// `mapping` is the name in `map_files` of something that is mapped.
    pub fn make(&self, mapping: &str) -> Result<i64> {
        let done = |()| 0;
        match self {
            Self::Prctl(option, args) => sys::prctl(*option, *args),
            Self::Capset(caps) => sys::capset(*caps).map(done),
            Self::UserIds(ids) => sys::set_user_ids(*ids).map(done),
            Self::GroupIds(ids) => sys::set_group_ids(*ids).map(done),
            Self::Unshare(flags) => sys::unshare(*flags).map(done),
            Self::MapByItself(user, group) => {
                sys::write("/proc/self/setgroups", "deny")?;
                sys::write("/proc/self/uid_map", format!("0 {user} 1"))?;
                sys::write("/proc/self/gid_map", format!("0 {group} 1")).map(done)
            }
            Self::SetTid(tids) => sys::clone3_set_tid(tids).map(done),
            Self::LastPid(pid) => {
                sys::write("/proc/sys/kernel/ns_last_pid", pid.to_string()).map(done)
            }
            Self::MapFiles => {
                File::open(format!("/proc/self/map_files/{mapping}"))?;
                Ok(0)
            }
            Self::NextId => sys::write("/proc/sys/kernel/sem_next_id", "7").map(done),
            Self::SetExe => sys::set_exe_by_map(&File::open("/proc/self/exe")?).map(done),
            Self::LockTerminal => sys::lock_terminal_settings().map(done),
            Self::HostName => sys::set_host_name().map(done),
            Self::Dumpable => make_dumpable().map(done),
            Self::TraceParent => attach(parent()).map(done),
            Self::MapFromOutside(..) | Self::Fork | Self::Execute(_) | Self::OnFile(_) => {
                Err(Errno(libc::ENOSYS))
            }
        }
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        match self {
            Self::Prctl(option, [arg2, arg3, arg4, arg5]) => {
                write!(f, " {option} {arg2:#x} {arg3:#x} {arg4:#x} {arg5:#x}")
            }
            Self::Capset(caps) => write!(
                f,
                " {:x} {:x} {:x}",
                caps.effective, caps.permitted, caps.inheritable
            ),
            Self::UserIds(ids) | Self::GroupIds(ids) => {
                ids.iter().try_for_each(|id| write!(f, " {}", *id as i32))
            }
            Self::Unshare(flags) => write!(f, " {flags:#x}"),
            Self::MapByItself(user, group) => write!(f, " {user} {group}"),
            Self::MapFromOutside(inside, outside, count) => {
                write!(f, " {inside} {outside} {count}")
            }
            Self::SetTid(tids) => tids.iter().try_for_each(|tid| write!(f, " {tid}")),
            Self::LastPid(pid) => write!(f, " {pid}"),
            Self::OnFile(FileCall::SetCapabilities((effective, permitted, inheritable, root))) => {
                write!(f, " {effective} {permitted:x} {inheritable:x} {root:?}")
            }
            Self::OnFile(FileCall::Chown(owner, group)) => {
                write!(f, " {} {}", *owner as i32, *group as i32)
            }
            _ => Ok(()),
        }
    }
}

/// Returns the name in `map_files` of a file that is mapped.
///
/// Memory without a file would not do: the kernel merges it with what is mapped beside it later.
pub fn mapping() -> io::Result<String> {
    let mut maps = String::new();
    File::open("/proc/self/maps")?.read_to_string(&mut maps)?;
    let mapped = maps.lines().find(|line| line.contains('/'));
    let range = mapped.and_then(|line| line.split_whitespace().next());
    Ok(range.unwrap_or_default().to_owned())
}
