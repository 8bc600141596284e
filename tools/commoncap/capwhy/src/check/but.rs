// SPDX-License-Identifier: GPL-2.0

//! What else can refuse an operation that capabilities allow, as far as `/proc` shows it.

use crate::{facts::Process, printable::printable};
use rustix::fs::{statvfs, StatVfsMountFlags};
use serde::Serialize;
use std::fs;

/// Something that refuses an operation, or can refuse it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct But {
    /// What it is: `read-only`, `seccomp`, `lsm`, `lockdown`, `sysctl`, `setns`.
    pub what: &'static str,
    /// Whether the operation certainly fails.
    pub certain: bool,
    /// What it does, and what helps.
    pub sentence: String,
}

/// What can refuse operations of a process.
#[derive(Clone, Debug, Default)]
pub struct Obstacles {
    all: Vec<But>,
    /// The files of `/proc/sys/kernel` that cannot be written to, by their names.
    read_only: Vec<&'static str>,
    lockdown: Option<String>,
    ptrace_scope: Option<String>,
    modules_disabled: bool,
}

/// The operations that write a file of their name in `/proc/sys/kernel`.
const FILES: [&str; 4] = ["ns_last_pid", "sem_next_id", "msg_next_id", "shm_next_id"];

impl Obstacles {
    /// Looks for them.
    pub fn of(process: &Process) -> Self {
        let directory = format!("/proc/{}", process.pid);
        let text = |path: &str| {
            fs::read_to_string(path)
                .map(|text| text.trim().to_owned())
                .ok()
        };
        let mut all = Vec::new();
        if process.seccomp_filter {
            all.push(But {
                what: "seccomp",
                certain: false,
                sentence:
                    "a seccomp filter is in place, which can refuse the system call before a \
                           capability is checked: allow the call in its profile \
                           (--security-opt=seccomp=FILE, SystemCallFilter=)"
                        .to_owned(),
            });
        }
        let context = ["attr/apparmor/current", "attr/current"]
            .iter()
            .find_map(|name| text(&format!("{directory}/{name}")));
        all.extend(lsm(context, text("/sys/fs/selinux/enforce").as_deref()));
        let read_only = FILES.into_iter().filter(|name| {
            let file = format!("{directory}/root/proc/sys/kernel/{name}");
            statvfs(file).is_ok_and(|mount| mount.f_flag.contains(StatVfsMountFlags::RDONLY))
        });
        Self {
            all,
            read_only: read_only.collect(),
            lockdown: text("/sys/kernel/security/lockdown")
                .and_then(|text| Some(text.split_once('[')?.1.split_once(']')?.0.to_owned()))
                .filter(|level| level != "none"),
            ptrace_scope: text("/proc/sys/kernel/yama/ptrace_scope").filter(|scope| scope != "0"),
            modules_disabled: text("/proc/sys/kernel/modules_disabled").as_deref() == Some("1"),
        }
    }

    /// Returns what can refuse an operation or the use of a capability of this name.
    pub fn against(&self, operation: &str) -> Vec<But> {
        let mut list = Vec::new();
        let mut add = |what, certain, sentence: String| {
            list.push(But {
                what,
                certain,
                sentence,
            });
        };
        if self.read_only.contains(&operation) {
            let other = match operation {
                "ns_last_pid" => "use clone3() with set_tid, which takes no file, or ",
                _ => "",
            };
            add(
                "read-only",
                true,
                format!(
                    "/proc/sys is mounted read-only here, so to open \
                     /proc/sys/kernel/{operation} for writing fails with EROFS before a capability \
                     is checked, and no capability helps: {other}mount the file writable \
                     (-v /proc/sys/kernel/{operation}:/proc/sys/kernel/{operation})"
                ),
            );
        }
        if let Some(level) = &self.lockdown {
            if ["cap_sys_module", "cap_sys_rawio", "cap_bpf", "cap_perfmon"].contains(&operation) {
                add(
                    "lockdown",
                    false,
                    format!(
                        "the kernel is locked down ({level}), which refuses some of what this \
                         capability allows: boot without lockdown= and Secure Boot"
                    ),
                );
            }
        }
        match (&self.ptrace_scope, operation) {
            (Some(scope), "cap_sys_ptrace") if scope == "3" => add(
                "sysctl",
                true,
                "kernel.yama.ptrace_scope is 3, so no process can attach: reboot with another value"
                    .to_owned(),
            ),
            _ => {}
        }
        if self.modules_disabled && operation == "cap_sys_module" {
            add(
                "sysctl",
                true,
                "kernel.modules_disabled is 1, so no module can be loaded: reboot".to_owned(),
            );
        }
        // Most specific first.
        list.extend(self.all.iter().cloned());
        list
    }

    /// Returns ones that are made up.
    #[cfg(test)]
    pub fn fixture() -> Self {
        Self {
            all: lsm(Some("docker-default (enforce)".to_owned()), None)
                .into_iter()
                .collect(),
            read_only: FILES.to_vec(),
            lockdown: Some("integrity".to_owned()),
            ptrace_scope: Some("3".to_owned()),
            modules_disabled: true,
        }
    }
}

/// Returns what an LSM with labels can refuse to a process of this one.
fn lsm(context: Option<String>, selinux: Option<&str>) -> Option<But> {
    let context = context.filter(|context| !context.is_empty() && context != "unconfined")?;
    let context = printable(context.trim_end_matches('\0'));
    let sentence = match selinux {
        Some("1") => format!(
            "SELinux enforces its policy on it ({context}) and can refuse what capabilities allow: \
             ausearch -m avc shows its denials"
        ),
        Some(_) => return None,
        None if context.ends_with("(complain)") => return None,
        None => format!(
            "another LSM confines it ({context}) and can refuse what capabilities allow: see \
             apparmor=\"DENIED\" in the kernel's log"
        ),
    };
    Some(But {
        what: "lsm",
        certain: false,
        sentence,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_obstacle_is_named_for_what_it_can_refuse() {
        let obstacles = Obstacles::fixture();
        for (operation, what, certain) in [
            ("ns_last_pid", "read-only", true),
            ("cap_sys_module", "lockdown", false),
            ("cap_sys_ptrace", "sysctl", true),
            ("map_files", "lsm", false),
        ] {
            let first = &obstacles.against(operation)[0];
            assert_eq!((first.what, first.certain), (what, certain), "{operation}");
        }
        assert!(obstacles.against("ns_last_pid")[0]
            .sentence
            .contains("clone3()"));
        assert!(Obstacles::default().against("ns_last_pid").is_empty());
    }

    #[test]
    fn a_label_matters_if_its_lsm_enforces() {
        let context = |text: &str| Some(text.to_owned());
        assert_eq!(lsm(context("unconfined"), None), None);
        assert_eq!(lsm(context("x (complain)"), None), None);
        assert_eq!(lsm(context("system_u:object_r:x"), Some("0")), None);
        assert_eq!(lsm(None, Some("1")), None);
        let said = lsm(context("container_t"), Some("1")).unwrap().sentence;
        assert!(said.starts_with("SELinux enforces"), "{said}");
    }
}
