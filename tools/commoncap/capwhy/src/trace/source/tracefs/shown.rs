// SPDX-License-Identifier: GPL-2.0

//! System calls as a person writes them.

use super::{super::super::entry::Entry, text::socket_address};
use crate::likely::ioctl;
use syscalls::Sysno;

/// A call as a person writes it, and the path among its arguments.
pub struct Shown<'a> {
    /// The name of the call.
    pub name: String,
    /// The name and the arguments.
    pub call: String,
    /// The path.
    pub path: Option<&'a str>,
}

impl<'a> Shown<'a> {
    /// Takes the end of a call, and the texts that its first two arguments point to.
    pub fn of(entry: &Entry, first: Option<&'a str>, second: Option<&'a str>) -> Option<Self> {
        let number = entry.number("nr")?;
        let name = match Sysno::new(number) {
            Some(call) => call.name().to_owned(),
            None => format!("system call {number}"),
        };
        let known = ARGUMENTS
            .iter()
            .find(|(names, _)| names.split(' ').any(|one| one == name));
        let kinds = known.map_or("xxx", |(_, kinds)| kinds);
        let arguments: Vec<String> = kinds
            .chars()
            .enumerate()
            .filter_map(|(index, kind)| {
                let value: u64 = entry.number(&format!("a{index}"))?;
                let text = if index == 0 { first } else { second };
                Some(match (kind, text) {
                    ('d', Some(text)) => data(text, entry.number("a2")?),
                    ('d', None) => "...".to_owned(),
                    ('s', Some(text)) => format!("{text:?}"),
                    ('i', _) => (value as u32 as i32).to_string(),
                    ('f', _) if value as u32 as i32 == libc::AT_FDCWD => "AT_FDCWD".to_owned(),
                    ('f', _) => descriptor(entry.tid, value),
                    ('r', _) => {
                        ioctl::name(value).map_or_else(|| format!("{value:#x}"), str::to_owned)
                    }
                    ('s', None) if value == 0 => "NULL".to_owned(),
                    ('u', _) => socket_address(entry, "q").unwrap_or_else(|| "...".to_owned()),
                    ('p', _) => "...".to_owned(),
                    _ => format!("{value:#x}"),
                })
            })
            .collect();
        let path = match kinds.find('s') {
            Some(0) => first,
            Some(1) => second,
            _ => None,
        };
        Some(Self {
            call: format!("{name}({})", arguments.join(", ")),
            name,
            path,
        })
    }
}

/// Returns the beginning of data of this size.
fn data(text: &str, size: u64) -> String {
    const MOST: usize = 24;
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    // Escaped, such as a line break: more may follow that is not of the call.
    let line = text.split("\\u{").next().unwrap_or_default();
    let shown: String = line.chars().take(size.min(MOST)).collect();
    let more = if size > MOST { "..." } else { "" };
    format!("\"{shown}\"{more}")
}

/// Returns a descriptor, with the path of its file if the thread still has it open. A shell puts
/// the standard ones back at once.
fn descriptor(tid: i32, value: u64) -> String {
    let number = value as u32 as i32;
    if (0..=2).contains(&number) {
        return number.to_string();
    }
    match std::fs::read_link(format!("/proc/{tid}/fd/{number}")) {
        Ok(path) => format!(
            "{number}<{}>",
            crate::printable::printable(&path.to_string_lossy())
        ),
        Err(_) => number.to_string(),
    }
}

/// The arguments of calls: `s` a text, `d` data, `i` a number, `f` a descriptor, `p` a pointer, `r`
/// a request of `ioctl()`, `u` the address of a socket, `x` a bit set. Calls that are not here are
/// shown with three numbers.
const ARGUMENTS: &[(&str, &str)] = &[
    (
        "fork vfork getppid sync munlockall vhangup setsid inotify_init",
        "",
    ),
    ("close fsync fchdir", "f"),
    ("unshare mlockall personality iopl", "x"),
    ("setuid setgid setfsuid setfsgid", "i"),
    ("open creat access chmod mkdir umount2 swapon mq_open", "sx"),
    ("chdir rmdir unlink chroot acct swapoff", "s"),
    ("stat lstat statfs execve utime utimes readlink", "sp"),
    ("chown lchown", "sii"),
    ("mknod", "sxx"),
    ("truncate", "si"),
    ("setxattr lsetxattr", "ssp"),
    (
        "getxattr lgetxattr removexattr lremovexattr rename link symlink pivot_root",
        "ss",
    ),
    ("mount", "sspx"),
    (
        "openat mkdirat unlinkat faccessat faccessat2 fchmodat mknodat name_to_handle_at \
         inotify_add_watch",
        "fsx",
    ),
    (
        "openat2 newfstatat readlinkat utimensat statx execveat renameat renameat2 linkat",
        "fs",
    ),
    ("fchownat", "fsii"),
    ("fchown", "fii"),
    ("fchmod", "fx"),
    ("write", "fd"),
    ("read readv writev sendto sendmsg recvmsg getdents64", "f"),
    ("bind connect", "fu"),
    ("setns fanotify_mark flock", "fp"),
    ("ioctl", "fr"),
    ("fcntl", "fix"),
    ("epoll_ctl", "fif"),
    ("setpgid", "ii"),
    ("timerfd_create inotify_init1", "ix"),
    ("fsetxattr fremovexattr", "fs"),
    ("fallocate ftruncate", "fi"),
    ("setsockopt getsockopt", "fii"),
    ("socket socketpair", "iii"),
    ("setreuid setregid", "ii"),
    ("setresuid setresgid", "iii"),
    ("sethostname setdomainname", "pi"),
    ("setgroups", "ip"),
    ("userfaultfd", "x"),
    ("mlock mlock2", "xi"),
    ("kill tkill getpriority pidfd_open capget", "ii"),
    ("tgkill setpriority ioprio_set", "iii"),
    ("pidfd_getfd pidfd_send_signal", "fi"),
    ("ptrace", "xi"),
    ("process_vm_readv process_vm_writev kcmp", "i"),
    ("prctl", "ixx"),
    ("capset seccomp", "pp"),
    ("setrlimit prlimit64", "ii"),
    ("bpf", "i"),
    ("perf_event_open", "pi"),
    ("syslog", "i"),
    ("reboot", "xx"),
    ("settimeofday clock_adjtime clock_settime adjtimex", "p"),
    (
        "sched_setscheduler sched_setparam sched_setaffinity sched_setattr",
        "i",
    ),
    ("init_module", "p"),
    ("finit_module", "fp"),
    ("delete_module", "sx"),
    ("clone", "x"),
    ("clone3", "p"),
    ("keyctl", "ixx"),
    ("quotactl", "xs"),
    ("ioperm", "xii"),
    ("open_by_handle_at", "fp"),
    ("fanotify_init", "xx"),
    ("fsopen", "sx"),
    ("fsmount fsconfig move_mount open_tree mount_setattr", "f"),
    ("landlock_restrict_self io_uring_register", "fx"),
    ("io_uring_setup", "ip"),
    ("shmget semget", "xi"),
    ("shmctl semctl msgctl", "ii"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_call_with_known_arguments_exists() {
        let all: Vec<&str> = Sysno::iter().map(|call| call.name()).collect();
        for name in ARGUMENTS.iter().flat_map(|(names, _)| names.split(' ')) {
            let elsewhere = cfg!(not(target_arch = "x86_64"));
            assert!(elsewhere || all.contains(&name), "{name}");
        }
    }

    #[test]
    fn data_is_shown_up_to_its_size() {
        assert_eq!(data("-500\\u{a}rest", 5), "\"-500\"");
        assert_eq!(
            data(&"x".repeat(40), 40),
            format!("\"{}\"...", "x".repeat(24))
        );
    }
}
