// SPDX-License-Identifier: GPL-2.0

//! Why a process may not look at another one: `__ptrace_may_access()`, `ptrace_attach()` and Yama.

use super::{
    sysctl::{self, Sysctl, SYSCTLS},
    Called,
};
use crate::{capabilities, printable::printable};
use commoncap::capability::CapabilitySet;
use std::{
    fs,
    os::unix::fs::{FileTypeExt as _, MetadataExt as _},
    path::Path,
};

/// `PTRACE_ATTACH` and `PTRACE_SEIZE`.
const ATTACH: [u64; 2] = [16, 0x4206];

/// The files of `/proc/PID` that take access as for `ptrace()`.
pub const FILES: &str =
    "mem environ maps smaps smaps_rollup numa_maps pagemap auxv exe cwd root fd \
    fdinfo ns io stack syscall personality map_files wchan mountinfo clear_refs";

/// What is known of the process that a call is about.
#[derive(Debug, Default)]
pub struct Target {
    /// The name of its program, printable.
    pub name: String,
    /// Whether it is the caller itself.
    itself: bool,
    /// The real, effective and saved user ID.
    pub uids: Vec<u32>,
    /// The real, effective and saved group ID.
    gids: Vec<u32>,
    permitted: CapabilitySet,
    tracer: i32,
    /// Whether its files belong to root, though its user is another one.
    undumpable: bool,
    kernel_thread: bool,
}

impl Target {
    /// Looks at a process, if it is still there.
    pub fn of(pid: i32, itself: bool) -> Option<Self> {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
        let value = |key: &str| {
            let mut lines = status.lines();
            Some(
                lines
                    .find_map(|line| line.strip_prefix(key)?.strip_prefix(':'))?
                    .trim(),
            )
        };
        let ids = |key: &str| -> Option<Vec<u32>> {
            let ids = value(key)?.split_whitespace().take(3);
            Some(ids.filter_map(|id| id.parse().ok()).collect())
        };
        let uids = ids("Uid")?;
        let permitted = u64::from_str_radix(value("CapPrm")?, 16).ok()?;
        let owner = fs::metadata(format!("/proc/{pid}/environ")).ok()?.uid();
        Some(Self {
            name: printable(value("Name")?),
            itself,
            undumpable: uids.get(1).is_some_and(|euid| *euid != owner),
            uids,
            gids: ids("Gid")?,
            permitted: CapabilitySet::from_bits(permitted) & CapabilitySet::FULL,
            tracer: value("TracerPid")?.parse().ok()?,
            kernel_thread: value("Kthread") == Some("1"),
        })
    }
}

/// The access that a call wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Access {
    /// `ptrace()`: no other process may trace the target.
    Attach,
    /// `PTRACE_MODE_ATTACH`: to its memory.
    Memory,
    /// `PTRACE_MODE_READ`.
    Read,
}

/// Returns the process that a call wants to look at, and how.
fn wanted(called: &Called<'_>) -> Option<(i32, Access)> {
    let pid = |index| Some(called.int(index)).filter(|pid| *pid > 0);
    match called.name {
        "ptrace" if ATTACH.contains(&called.args[0]) => Some((pid(1)?, Access::Attach)),
        "process_vm_readv" | "process_vm_writev" => Some((pid(0)?, Access::Memory)),
        "kcmp" => Some((pid(0)?, Access::Read)),
        "perf_event_open" if called.lacks("cap_sys_ptrace") => Some((pid(1)?, Access::Read)),
        "get_robust_list" | "move_pages" | "migrate_pages" => Some((pid(0)?, Access::Read)),
        "pidfd_getfd" | "process_madvise" | "process_mrelease" => {
            let access = match called.name {
                "pidfd_getfd" => Access::Memory,
                _ => Access::Read,
            };
            let info = called.own(&format!("fdinfo/{}", called.int(0)))?;
            let pid = info.lines().find_map(|line| line.strip_prefix("Pid:"))?;
            Some((pid.trim().parse().ok()?, access))
        }
        _ => of_path(called),
    }
}

fn of_path(called: &Called<'_>) -> Option<(i32, Access)> {
    let mut parts = called.path()?.strip_prefix("/proc/")?.split('/');
    let pid = match parts.next()? {
        "self" | "thread-self" => called.tid,
        pid => pid.parse().ok()?,
    };
    let mut name = parts.next()?;
    if name == "task" {
        parts.next()?;
        name = parts.next()?;
    }
    let known = FILES.split_whitespace().any(|file| file == name);
    let access = if name == "mem" {
        Access::Memory
    } else {
        Access::Read
    };
    known.then_some((pid, access))
}

/// Returns the reasons that apply.
pub fn of(called: &Called<'_>) -> Vec<String> {
    if !["EPERM", "EACCES"].contains(&called.errno) {
        return Vec::new();
    }
    let wanted = wanted(called);
    if wanted.is_none() && called.name != "ptrace" {
        return Vec::new();
    }
    let scope = sysctl::value("kernel.yama.ptrace_scope").unwrap_or_default();
    if let Some(forbidden) = forbidden(called, &scope) {
        return vec![forbidden];
    }
    let Some((pid, access)) = wanted else {
        return Vec::new();
    };
    let itself = pid == called.tid;
    match Target::of(pid, itself) {
        Some(target) => reasons(called, pid, access, &target, &scope),
        None => vec![format!(
            "process {pid} is gone, so it is unknown why: it was of another user, held \
             capabilities that the caller lacked, or was not dumpable (a program with \
             file capabilities or set-user-ID, or one that its user may not read)"
        )],
    }
}

fn yama() -> Option<&'static Sysctl> {
    let mut all = SYSCTLS.iter();
    all.find(|sysctl| sysctl.name == "kernel.yama.ptrace_scope")
}

/// Returns that Yama forbids `ptrace()` whatever the target: to all, or `PTRACE_TRACEME` without
/// privileges of the parent.
fn forbidden(called: &Called<'_>, scope: &str) -> Option<String> {
    let is_attach = ATTACH.contains(&called.args[0]);
    let is_traceme = called.args[0] == 0;
    let forbids = match scope {
        "3" => is_attach || is_traceme,
        "2" => is_traceme,
        _ => false,
    };
    let is = called.name == "ptrace" && forbids && called.refused.is_empty();
    Some(yama()?.sentence(scope, false)).filter(|_| is)
}

fn reasons(
    called: &Called<'_>,
    pid: i32,
    access: Access,
    target: &Target,
    scope: &str,
) -> Vec<String> {
    let mut list = Vec::new();
    let who = match target.itself {
        true => "the process itself".to_owned(),
        false => format!("process {pid} ({})", target.name),
    };
    if access == Access::Attach && target.kernel_thread {
        list.push(format!("{who} is a kernel thread, which nothing can trace"));
    }
    if access == Access::Attach && target.tracer > 0 {
        list.push(format!(
            "process {} traces {who} already, and only one can: end that one, or detach it",
            target.tracer
        ));
    }
    let other = called
        .euid
        .filter(|euid| !target.itself && target.uids.iter().any(|id| id != euid));
    if let Some(euid) = other {
        let users: Vec<String> = target.uids.iter().map(u32::to_string).collect();
        let root = match euid {
            0 => ", and root without cap_sys_ptrace is like any other user here",
            _ => "",
        };
        list.push(format!(
            "{who} has the user IDs {} and the caller has {euid}{root}: act as that user, or use \
             cap_sys_ptrace over its user namespace",
            users.join(", ")
        ));
    }
    if target.undumpable {
        let own = match target.itself {
            true => {
                "open /proc/self files before it gains privileges, or use ambient \
                     capabilities in place of file capabilities"
            }
            false => {
                "let it call prctl(PR_SET_DUMPABLE, 1), or give it ambient capabilities in \
                      place of file capabilities; or use cap_sys_ptrace"
            }
        };
        list.push(format!(
            "{who} is not dumpable, so its files in /proc belong to root: it got privileges by \
             execve() (file capabilities, set-user-ID), changed its user ID, or its user may not \
             read its program: {own}"
        ));
    }
    let more = called
        .permitted
        .filter(|_| !target.itself)
        .map_or(CapabilitySet::EMPTY, |own| target.permitted - own);
    if !more.is_empty() {
        list.push(format!(
            "{who} holds capabilities that the caller lacks ({}): drop them there, or use \
             cap_sys_ptrace",
            capabilities::list(more)
        ));
    }
    let restricts = !target.itself && access != Access::Read && !["", "0"].contains(&scope);
    // What __ptrace_may_access() compares besides.
    if list.is_empty()
        && !restricts
        && !target.itself
        && called.permitted.is_some()
        && called.euid.is_some()
        && called.lacks("cap_sys_ptrace")
    {
        let groups: Vec<String> = target.gids.iter().map(u32::to_string).collect();
        list.push(format!(
            "{who} has the group IDs {}, and the caller not just these as its own: start the \
             caller with them (setpriv --regid), or use cap_sys_ptrace over its user namespace",
            groups.join(", ")
        ));
    }
    let yama = yama();
    // Yama is asked last.
    list.extend(
        yama.filter(|_| restricts && list.is_empty())
            .map(|yama| yama.sentence(scope, !called.outside)),
    );
    let is_namespace = called.path().is_some_and(|path| path.contains("/ns/"));
    if let Some(last) = list.last_mut().filter(|_| is_namespace) {
        last.push_str(
            ". After that, setns() takes cap_sys_admin over the owner of the namespace and over \
             the caller's own user namespace, and for a mount namespace cap_sys_chroot",
        );
    }
    list
}

/// Returns whether a path is a device file.
pub fn is_device(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|file| {
        let kind = file.file_type();
        kind.is_char_device() || kind.is_block_device()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn called(name: &'static str, args: [u64; 5]) -> Called<'static> {
        Called {
            name,
            errno: "EPERM",
            args,
            euid: Some(1000),
            permitted: Some(CapabilitySet::EMPTY),
            ..Called::default()
        }
    }

    fn target() -> Target {
        Target {
            name: "sleep".to_owned(),
            uids: vec![1000; 3],
            ..Target::default()
        }
    }

    fn said(access: Access, target: &Target, scope: &str) -> String {
        reasons(
            &called("ptrace", [16, 7, 0, 0, 0]),
            7,
            access,
            target,
            scope,
        )
        .join("; ")
    }

    #[test]
    fn each_check_of_the_kernel_has_its_sentence() {
        let cases = [
            (
                Target {
                    undumpable: true,
                    ..target()
                },
                "0",
                "not dumpable",
            ),
            (
                Target {
                    uids: vec![0; 3],
                    ..target()
                },
                "0",
                "has the user IDs 0, 0, 0",
            ),
            (
                Target {
                    permitted: CapabilitySet::from_bits(1 << 13),
                    ..target()
                },
                "0",
                "lacks (cap_net_raw)",
            ),
            (
                Target {
                    tracer: 9,
                    ..target()
                },
                "0",
                "process 9 traces process 7 (sleep) already",
            ),
            (target(), "1", "kernel.yama.ptrace_scope is 1"),
        ];
        for (target, scope, words) in cases {
            let text = said(Access::Attach, &target, scope);
            assert!(text.contains(words), "{text}");
        }
        assert_eq!(said(Access::Attach, &target(), "0"), "");
        assert_eq!(
            said(Access::Read, &target(), "2"),
            "",
            "Yama restricts attaching alone"
        );
    }

    #[test]
    fn the_target_is_in_the_arguments_or_in_the_path() {
        let path = |path: &'static str| {
            let called = Called {
                name: "openat",
                texts: [None, Some(path)],
                tid: 5,
                ..Called::default()
            };
            wanted(&called)
        };
        assert_eq!(path("/proc/self/environ"), Some((5, Access::Read)));
        assert_eq!(path("/proc/7/mem"), Some((7, Access::Memory)));
        assert_eq!(path("/proc/7/task/8/maps"), Some((7, Access::Read)));
        assert_eq!(path("/proc/7/status"), None);
        assert_eq!(path("/etc/passwd"), None);
        let attach = called("ptrace", [0x4206, 7, 0, 0, 0]);
        assert_eq!(wanted(&attach), Some((7, Access::Attach)));
        assert_eq!(wanted(&called("ptrace", [0, 0, 0, 0, 0])), None);
    }

    #[test]
    fn a_process_is_read_from_proc() {
        let own = std::process::id() as i32;
        let target = Target::of(own, true).unwrap();
        assert!(!target.undumpable && !target.kernel_thread);
        assert_eq!(target.uids.len(), 3);
        assert!(is_device(Path::new("/dev/null")));
    }
}
