// SPDX-License-Identifier: GPL-2.0

//! System calls that fail, and why.

use super::{
    super::super::{
        line::Line,
        mounts,
        refusal::{Failed, Why},
    },
    text::text,
};
use syscalls::Sysno;

/// A system call as probes see it: its number and first two arguments.
pub type Id = (u64, u64, u64);

/// A check of a capability in a call.
#[derive(Clone, Debug)]
struct Check {
    capability: String,
    optional: bool,
}

/// What is known of the call that a thread is in.
#[derive(Clone, Debug, Default)]
pub struct Call {
    id: Option<Id>,
    /// The checks that were refused.
    refused: Vec<Check>,
    /// The LSMs that refused what the capability LSM granted.
    pub others: Vec<String>,
    /// The hook of another LSM that refused.
    pub hook: Option<String>,
    /// Whether a seccomp filter refused the call.
    pub seccomp: bool,
}

impl Call {
    /// Takes a line of another call of the thread than the last one as the start of that call.
    pub fn enter(&mut self, line: &Line) {
        let id = id(line);
        if id.is_some() && id != self.id {
            *self = Self::default();
            self.id = id;
        }
    }

    /// Takes a check that was refused.
    pub fn refused(&mut self, capability: String, optional: bool) {
        let check = Check {
            capability,
            optional,
        };
        self.refused.push(check);
    }

    /// Takes the end of a call that failed. A rule that refused without a check comes with the
    /// calls that it is about.
    pub fn failed(&mut self, line: &Line, rule: Option<Rule>) -> Option<Failed> {
        if self.id.is_some() {
            self.enter(line);
        }
        let rule = rule
            .filter(|rule| Some(rule.of) == of_number(line))
            .map(|rule| rule.name);
        let call = std::mem::take(self);
        let (errno, read_only) = match line.get("ret")? {
            "-1" => ("EPERM", false),
            "-13" => ("EACCES", false),
            "-30" => ("EROFS", true),
            _ => return None,
        };
        let [path, other] = ["p", "q"].map(|name| text(line, name));
        let named = |optional| {
            let mut names = Vec::new();
            for check in call
                .refused
                .iter()
                .filter(|check| check.optional == optional)
            {
                if !names.contains(&check.capability) {
                    names.push(check.capability.clone());
                }
            }
            names
        };
        let (needed, optional) = (named(false), named(true));
        let shown = Shown::of(line, path.as_deref(), other.as_deref())?;
        let why = match call {
            _ if call.seccomp => Why::Seccomp,
            _ if read_only => Why::ReadOnly {
                mount: shown.path.and_then(|path| mounts::of(line.tid, path)),
            },
            Self { others, hook, .. } if !others.is_empty() => Why::OtherLsm {
                lsms: others,
                lsm_hook: hook,
                capabilities: needed,
            },
            _ if !needed.is_empty() => Why::Capability {
                capabilities: needed,
            },
            _ => match rule {
                Some(rule) => Why::Rule { rule },
                None if !optional.is_empty() => Why::Optional {
                    capabilities: optional,
                },
                None => Why::Other,
            },
        };
        Some(Failed {
            call: shown.call,
            errno,
            why,
        })
    }
}

/// A rule of the capability LSM that refused the call that a thread is in.
#[derive(Clone, Debug)]
pub struct Rule {
    /// The call.
    pub of: Calls,
    /// The name of the rule.
    pub name: String,
}

/// The calls that rules without a check refuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Calls {
    /// `capset()`.
    Capset,
    /// `execve()` and `execveat()`.
    Exec,
    /// `prctl()`.
    Prctl,
}

/// Returns which of them a thread is in.
pub fn of_number(line: &Line) -> Option<Calls> {
    let number = usize::try_from(line.number("nr")?).ok()?;
    match Sysno::new(number)? {
        Sysno::capset => Some(Calls::Capset),
        Sysno::execve | Sysno::execveat => Some(Calls::Exec),
        Sysno::prctl => Some(Calls::Prctl),
        _ => None,
    }
}

/// Returns the call that a thread is in, if the line has it.
pub fn id(line: &Line) -> Option<Id> {
    Some((line.number("nr")?, line.number("a0")?, line.number("a1")?))
}

/// A call as a person writes it, and the path among its arguments.
struct Shown<'a> {
    call: String,
    path: Option<&'a str>,
}

impl<'a> Shown<'a> {
    fn of(line: &Line, first: Option<&'a str>, second: Option<&'a str>) -> Option<Self> {
        let number = usize::try_from(line.number("nr")?).ok()?;
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
                let value = line.number(&format!("a{index}"))?;
                let text = if index == 0 { first } else { second };
                Some(match (kind, text) {
                    ('s', Some(text)) => format!("{text:?}"),
                    ('i', _) => (value as u32 as i32).to_string(),
                    ('f', _) if value as u32 as i32 == libc::AT_FDCWD => "AT_FDCWD".to_owned(),
                    ('f', _) => descriptor(line.tid, value),
                    ('s', None) if value == 0 => "NULL".to_owned(),
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
            path,
        })
    }
}

/// Returns a descriptor, with the path of its file if the thread still has it open.
fn descriptor(tid: i32, value: u64) -> String {
    let number = value as u32 as i32;
    match std::fs::read_link(format!("/proc/{tid}/fd/{number}")) {
        Ok(path) => format!(
            "{number}<{}>",
            crate::printable::printable(&path.to_string_lossy())
        ),
        Err(_) => number.to_string(),
    }
}

/// The arguments of calls: `s` a text, `i` a number, `f` a descriptor, `p` a pointer, `x` a bit
/// set. Calls that are not here are shown with three numbers.
const ARGUMENTS: &[(&str, &str)] = &[
    ("fork vfork getppid sync munlockall vhangup setsid", ""),
    ("close fsync fchdir", "f"),
    ("unshare mlockall personality iopl", "x"),
    ("setuid setgid setfsuid setfsgid", "i"),
    ("open creat access chmod mkdir umount2 swapon", "sx"),
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
        "openat mkdirat unlinkat faccessat faccessat2 fchmodat mknodat name_to_handle_at",
        "fsx",
    ),
    (
        "openat2 newfstatat readlinkat utimensat statx execveat renameat renameat2 linkat",
        "fs",
    ),
    ("fchownat", "fsii"),
    ("fchown", "fii"),
    ("fchmod", "fx"),
    (
        "read write readv writev sendto sendmsg recvmsg getdents64",
        "f",
    ),
    ("bind connect setns fanotify_mark flock", "fp"),
    ("ioctl fcntl", "fx"),
    ("setsockopt getsockopt", "fii"),
    ("socket socketpair", "iii"),
    ("setreuid setregid", "ii"),
    ("setresuid setresgid", "iii"),
    ("setgroups sethostname setdomainname", "pi"),
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
    ("landlock_restrict_self", "fx"),
    ("io_uring_setup", "ip"),
    ("shmget semget", "xi"),
    ("shmctl semctl msgctl", "ii"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> Line {
        let line = format!(
            "{:>16}-0 [000] ..... 1.0: capwhy_failed: (a) {text}",
            "prog"
        );
        Line::parse(line.as_bytes()).unwrap()
    }

    fn end(call: &mut Call, number: Sysno, more: &str) -> Failed {
        let text = format!("nr={} {more}", number.id());
        call.failed(&line(&text), None).unwrap()
    }

    const RAW: &str = "a0=0x2 a1=0x3 a2=0x1 ret=-1";

    #[test]
    fn a_call_is_shown_with_its_arguments() {
        let path = "p0=0x0 q0=0x6f64616873 ret=-13 a0=0xffffff9c a1=0x7 a2=0x0";
        let failed = end(&mut Call::default(), Sysno::openat, path);
        assert_eq!(
            (&*failed.call, failed.errno),
            ("openat(AT_FDCWD, \"shado\", 0x0)", "EACCES")
        );
        let failed = end(&mut Call::default(), Sysno::socket, RAW);
        assert_eq!((&*failed.call, failed.errno), ("socket(2, 3, 1)", "EPERM"));
        assert_eq!(failed.why, Why::Other);
    }

    #[test]
    fn a_call_fails_for_the_checks_that_were_refused_in_it() {
        let mut call = Call::default();
        let entered = line(&format!("nr={} {RAW}", Sysno::socket.id()));
        call.enter(&entered);
        call.refused("cap_sys_admin".to_owned(), true);
        call.enter(&entered);
        call.refused("cap_net_raw".to_owned(), false);
        let capabilities = vec!["cap_net_raw".to_owned()];
        let failed = end(&mut call, Sysno::socket, RAW);
        assert_eq!(failed.why, Why::Capability { capabilities });
        assert_eq!(
            end(&mut call, Sysno::socket, RAW).why,
            Why::Other,
            "of the next call"
        );
        call.enter(&entered);
        call.refused("cap_sys_admin".to_owned(), true);
        assert_eq!(
            end(&mut call, Sysno::bind, RAW).why,
            Why::Other,
            "of another call"
        );
    }

    #[test]
    fn a_call_fails_for_what_refuses_without_a_capability() {
        let mut call = Call {
            seccomp: true,
            ..Call::default()
        };
        assert_eq!(end(&mut call, Sysno::socket, RAW).why, Why::Seccomp);
        let read_only = RAW.replace("-1", "-30");
        let why = end(&mut Call::default(), Sysno::socket, &read_only).why;
        assert_eq!(why, Why::ReadOnly { mount: None });
        let name = "CapsetPermittedGained".to_owned();
        let rule = Some(Rule {
            of: Calls::Capset,
            name: name.clone(),
        });
        for (call, why) in [
            (Sysno::capset, Why::Rule { rule: name }),
            (Sysno::chroot, Why::Other),
        ] {
            let line = line(&format!("nr={} {RAW}", call.id()));
            let failed = Call::default().failed(&line, rule.clone()).unwrap();
            assert_eq!(failed.why, why);
        }
    }

    #[test]
    fn each_call_with_known_arguments_exists() {
        let all: Vec<&str> = Sysno::iter().map(|call| call.name()).collect();
        for name in ARGUMENTS.iter().flat_map(|(names, _)| names.split(' ')) {
            let elsewhere = cfg!(not(target_arch = "x86_64"));
            assert!(elsewhere || all.contains(&name), "{name}");
        }
    }
}
