// SPDX-License-Identifier: GPL-2.0

//! The settings of `/proc/sys` that decide whether a call takes a capability, or fails at all.

use super::{shares, Called, NEWUSER};
use std::fs;

/// A setting.
#[derive(Debug)]
pub struct Sysctl {
    /// Its name, as `sysctl` takes it.
    pub name: &'static str,
    /// The calls that it makes fail.
    calls: &'static str,
    /// The errors that they return.
    errors: &'static str,
    /// The capabilities that permit the same nevertheless; none if none does.
    pub capabilities: &'static [&'static str],
    /// From which value on it refuses, or up to which one.
    refuses: Refuses,
    /// What it does.
    pub what: &'static str,
    /// What to do, a line, and what helps if the capability counts.
    remedy: &'static str,
}

#[derive(Clone, Copy, Debug)]
enum Refuses {
    Min(i64),
    Max(i64),
    /// A range that does not have all groups.
    NotAllGroups,
    /// A value that reads as no number, or any.
    Always,
}

use Refuses::{Always, Max, Min, NotAllGroups};

/// All of them.
pub const SYSCTLS: &[Sysctl] = &[
    Sysctl {
        name: "kernel.perf_event_paranoid",
        calls: "perf_event_open",
        errors: "EACCES EPERM",
        capabilities: &["cap_perfmon", "cap_sys_admin"],
        refuses: Min(0),
        what: "limits perf events of processes without cap_perfmon: from 0 on raw tracepoints, \
               from 1 on events of a whole CPU, from 2 on kernel profiling, and from 3 on (Debian, \
               Ubuntu) all events, which then take cap_sys_admin there",
        remedy: "lower it: sysctl kernel.perf_event_paranoid=1|use that capability",
    },
    Sysctl {
        name: "kernel.unprivileged_bpf_disabled",
        calls: "bpf",
        errors: "EPERM",
        capabilities: &["cap_bpf"],
        refuses: Min(1),
        what: "reserves bpf() for processes with cap_bpf, and 1 cannot be changed until reboot",
        remedy: "lower it from 2: sysctl kernel.unprivileged_bpf_disabled=0|use cap_bpf, with \
                 cap_perfmon or cap_net_admin for programs of these kinds",
    },
    Sysctl {
        name: "kernel.yama.ptrace_scope",
        // The calls are those of the module ptrace, which looks at the target, too.
        calls: "",
        errors: "EPERM EACCES",
        capabilities: &["cap_sys_ptrace"],
        refuses: Min(1),
        what:
            "restricts ptrace() beyond user IDs: 1 to descendants and to processes that name the \
               tracer (PR_SET_PTRACER), 2 to cap_sys_ptrace, 3 to nobody until reboot",
        remedy: "start the target under the tracer (strace COMMAND, gdb --args), or lower it: \
                 sysctl kernel.yama.ptrace_scope=0|use cap_sys_ptrace over its user namespace",
    },
    Sysctl {
        name: "net.ipv4.ip_unprivileged_port_start",
        calls: "bind",
        errors: "EACCES",
        capabilities: &["cap_net_bind_service"],
        refuses: Min(1),
        what: "reserves the ports below it for cap_net_bind_service over the owner of the network \
               namespace",
        remedy: "choose another port, lower it in that network namespace (sysctl \
                 net.ipv4.ip_unprivileged_port_start=80; --sysctl of Docker and Podman)|use that \
                 capability",
    },
    Sysctl {
        name: "net.ipv4.ping_group_range",
        calls: "socket",
        errors: "EACCES",
        capabilities: &["cap_net_raw"],
        refuses: NotAllGroups,
        what: "lists the groups that may open a ping socket (SOCK_DGRAM, IPPROTO_ICMP), in each \
               network namespace",
        remedy: "include the group: sysctl net.ipv4.ping_group_range=\"0 2147483647\" in that \
                 network namespace|use a raw socket with cap_net_raw",
    },
    Sysctl {
        name: "kernel.dmesg_restrict",
        calls: "syslog openat:/dev/kmsg open:/dev/kmsg",
        errors: "EPERM",
        capabilities: &["cap_syslog"],
        refuses: Min(1),
        what: "reserves the kernel's log for cap_syslog over the initial user namespace",
        remedy: "read the log with journalctl -k, or lower it: sysctl \
                 kernel.dmesg_restrict=0|use that capability",
    },
    Sysctl {
        name: "kernel.kptr_restrict",
        calls: "",
        errors: "",
        capabilities: &["cap_syslog"],
        refuses: Min(1),
        what: "shows addresses of the kernel as 0: 1 to readers without cap_syslog, 2 to all; \
               /proc/kallsyms shows them to readers without it only if kernel.perf_event_paranoid \
               is at most 1, too",
        remedy: "lower both: sysctl kernel.kptr_restrict=0 \
                 kernel.perf_event_paranoid=1|use cap_syslog while it is not 2",
    },
    Sysctl {
        name: "kernel.unprivileged_userns_clone",
        calls: "unshare:user clone:user clone3:user",
        errors: "EPERM",
        capabilities: &["cap_sys_admin"],
        refuses: Max(0),
        what: "permits user namespaces to processes without cap_sys_admin (Debian's kernels)",
        remedy: "permit them: sysctl kernel.unprivileged_userns_clone=1",
    },
    Sysctl {
        name: "kernel.apparmor_restrict_unprivileged_userns",
        calls: "unshare:user clone:user clone3:user",
        errors: "EPERM EACCES",
        capabilities: &["cap_sys_admin"],
        refuses: Min(1),
        what: "lets AppArmor refuse user namespaces, or capabilities in them, to programs without \
               a profile (Ubuntu)",
        remedy: "load a profile with the rule userns, or clear it: sysctl \
                 kernel.apparmor_restrict_unprivileged_userns=0",
    },
    Sysctl {
        name: "user.max_user_namespaces",
        calls: "unshare:user clone:user clone3:user",
        errors: "ENOSPC",
        capabilities: &[],
        refuses: Always,
        what: "limits the user namespaces of each user, with the same file in each user namespace \
               above; 0 forbids them",
        remedy: "raise it: sysctl user.max_user_namespaces=15000",
    },
    Sysctl {
        name: "kernel.io_uring_disabled",
        calls: "io_uring_setup",
        errors: "EPERM",
        capabilities: &["cap_sys_admin"],
        refuses: Min(1),
        what: "forbids io_uring: 1 to processes without cap_sys_admin that are not in \
               kernel.io_uring_group, 2 to all, and no capability helps",
        remedy: "lower it: sysctl kernel.io_uring_disabled=0",
    },
    Sysctl {
        name: "vm.unprivileged_userfaultfd",
        calls: "userfaultfd",
        errors: "EPERM",
        capabilities: &["cap_sys_ptrace"],
        refuses: Max(0),
        what: "permits userfaultfd() for faults of the kernel without cap_sys_ptrace",
        remedy: "pass UFFD_USER_MODE_ONLY, or permit it: sysctl vm.unprivileged_userfaultfd=1",
    },
    Sysctl {
        name: "kernel.modules_disabled",
        calls: "init_module finit_module delete_module",
        errors: "EPERM",
        capabilities: &[],
        refuses: Min(1),
        what: "forbids modules to all until reboot, whatever their capabilities",
        remedy: "load the module before it is set, after a reboot",
    },
    Sysctl {
        name: "kernel.kexec_load_disabled",
        calls: "kexec_load kexec_file_load",
        errors: "EPERM",
        capabilities: &[],
        refuses: Min(1),
        what: "forbids kexec to all until reboot, whatever their capabilities",
        remedy: "load the kernel before it is set, after a reboot",
    },
    Sysctl {
        name: "vm.memfd_noexec",
        calls: "memfd_create",
        errors: "EACCES",
        capabilities: &[],
        refuses: Min(2),
        what: "forbids executable memfds",
        remedy: "pass MFD_NOEXEC_SEAL, or lower it: sysctl vm.memfd_noexec=1",
    },
    Sysctl {
        name: "vm.hugetlb_shm_group",
        calls: "shmget",
        errors: "EPERM",
        capabilities: &["cap_ipc_lock"],
        refuses: Always,
        what: "is the group that may use SHM_HUGETLB without cap_ipc_lock",
        remedy: "set it to a group of the process|use that capability",
    },
];

/// Returns the value of the setting of this name now, if this kernel has it.
pub fn value(name: &str) -> Option<String> {
    let path = format!("/proc/sys/{}", name.replace('.', "/"));
    let text = fs::read_to_string(path).ok()?;
    Some(text.split_whitespace().collect::<Vec<_>>().join(" "))
}

impl Sysctl {
    /// Returns its value now, if this kernel has it.
    pub fn value(&self) -> Option<String> {
        value(self.name)
    }

    /// Returns its value now, if that refuses.
    fn refusing(&self) -> Option<String> {
        self.value().filter(|value| self.refuses(value))
    }

    fn refuses(&self, value: &str) -> bool {
        let number = value.parse::<i64>();
        match self.refuses {
            Min(least) => number.is_ok_and(|value| value >= least),
            Max(most) => number.is_ok_and(|value| value <= most),
            NotAllGroups => value != "0 2147483647",
            Always => true,
        }
    }

    fn is_about(&self, called: &Called<'_>) -> bool {
        let is = |call: &str| match call.split_once(':') {
            // In the flags of clone3(), which are in memory, it is likely.
            Some((name, "user")) => {
                called.name == name && (name == "clone3" || called.args[0] & NEWUSER != 0)
            }
            Some((name, path)) => called.name == name && called.path() == Some(path),
            None => called.name == call,
        };
        // SOCK_DGRAM, for ICMP or ICMPv6.
        let is_ping = called.int(1) & 0xf == 2 && [1, 58].contains(&called.int(2));
        // Ports of other families have other rules.
        let has_ports = matches!(called.family, None | Some(libc::AF_INET | libc::AF_INET6));
        // SHM_HUGETLB.
        let is_huge = called.args[2] & 0o4000 != 0;
        // Where another capability was refused, the call passed this setting, or did not reach it.
        let is_own = |name: &&String| self.capabilities.contains(&name.as_str());
        let (own, others): (Vec<_>, Vec<_>) = called.refused.iter().partition(is_own);
        let is_instead = |name: &&String| *name == "cap_sys_admin";
        let lacks_it = others.iter().all(is_instead) && (!own.is_empty() || others.is_empty());
        self.calls.split(' ').any(is)
            && (lacks_it || self.capabilities.is_empty())
            && self.errors.split(' ').any(|error| error == called.errno)
            && (called.name != "socket" || is_ping)
            && (called.name != "bind" || has_ports)
            && (called.name != "shmget" || is_huge)
    }

    /// Returns a sentence about its value, where the capability counts or not.
    pub fn sentence(&self, value: &str, counts: bool) -> String {
        let Self { name, what, .. } = self;
        format!("{name} is {value}. It {what}: {}", self.remedy(counts))
    }

    /// Returns what to do, where the capability counts or not.
    pub fn remedy(&self, counts: bool) -> String {
        match self.remedy.split_once('|') {
            Some((without, with)) if counts => format!("{without}; or {with}"),
            Some((without, _)) => without.to_owned(),
            None => self.remedy.to_owned(),
        }
    }
}

/// Returns the settings that make a call fail as they are now.
pub fn of(called: &Called<'_>) -> Vec<String> {
    let all = SYSCTLS.iter().filter(|sysctl| sysctl.is_about(called));
    all.filter_map(|sysctl| {
        // Those of the network are of capwhy's own network namespace.
        let other =
            sysctl.name.starts_with("net.") && called.is_there() && !shares(called.tid, "net");
        let value = match other {
            true => "not known in that network namespace".to_owned(),
            false => sysctl.refusing()?,
        };
        Some(sysctl.sentence(&value, !called.outside))
    })
    .collect()
}

/// Returns what permits the use of a capability without it, as the settings are now, where the
/// capability counts or not.
pub fn instead_of(capability: &str, counts: bool) -> Vec<String> {
    let all = SYSCTLS
        .iter()
        .filter(|sysctl| sysctl.capabilities.first() == Some(&capability));
    all.filter_map(|sysctl| Some(sysctl.sentence(&sysctl.refusing()?, counts)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn about(name: &'static str, errno: &'static str, args: [u64; 5]) -> Vec<&'static str> {
        let called = Called {
            name,
            errno,
            args,
            ..Called::default()
        };
        let about = SYSCTLS.iter().filter(|sysctl| sysctl.is_about(&called));
        about.map(|sysctl| sysctl.name).collect()
    }

    #[test]
    fn a_setting_is_named_for_the_calls_that_it_refuses() {
        let ping = [2, 0o2000002, 1, 0, 0];
        assert_eq!(
            about("socket", "EACCES", ping),
            ["net.ipv4.ping_group_range"]
        );
        assert!(about("socket", "EPERM", [2, 3, 1, 0, 0]).is_empty());
        assert_eq!(
            about("unshare", "ENOSPC", [NEWUSER, 0, 0, 0, 0]),
            ["user.max_user_namespaces"]
        );
        assert!(about("unshare", "EPERM", [0x0400_0000, 0, 0, 0, 0]).is_empty());
        assert_eq!(
            about("bpf", "EPERM", [0; 5]),
            ["kernel.unprivileged_bpf_disabled"]
        );
    }

    #[test]
    fn a_setting_is_not_named_for_another_capability() {
        let of = |name: &str| SYSCTLS.iter().find(|sysctl| sysctl.name == name).unwrap();
        let is = |sysctl: &str, call: &'static str, errno: &'static str, capability: &str| {
            let refused = [capability.to_owned()];
            let called = Called {
                name: call,
                errno,
                refused: &refused,
                ..Called::default()
            };
            of(sysctl).is_about(&called)
        };
        let bpf = "kernel.unprivileged_bpf_disabled";
        assert!(is(bpf, "bpf", "EPERM", "cap_bpf"));
        assert!(!is(bpf, "bpf", "EPERM", "cap_perfmon"));
        assert!(!is(bpf, "bpf", "EPERM", "cap_sys_admin"));
        let ports = "net.ipv4.ip_unprivileged_port_start";
        assert!(is(ports, "bind", "EACCES", "cap_net_bind_service"));
        assert!(!is(ports, "bind", "EACCES", "cap_dac_override"));
        let remedy = of(ports).remedy(false);
        assert!(!remedy.contains("that capability"), "{remedy}");
    }

    #[test]
    fn a_value_refuses_from_a_limit_on() {
        let of = |name: &str| SYSCTLS.iter().find(|sysctl| sysctl.name == name).unwrap();
        let bpf = of("kernel.unprivileged_bpf_disabled");
        assert!(!bpf.refuses("0") && bpf.refuses("1") && bpf.refuses("2"));
        let clone = of("kernel.unprivileged_userns_clone");
        assert!(clone.refuses("0") && !clone.refuses("1"));
        let ping = of("net.ipv4.ping_group_range");
        assert!(ping.refuses("1 0") && !ping.refuses("0 2147483647"));
    }

    #[test]
    fn every_setting_names_known_capabilities() {
        for sysctl in SYSCTLS {
            for name in sysctl.capabilities {
                assert!(crate::capabilities::known(name).is_some(), "{sysctl:?}");
            }
            assert!(!sysctl.what.is_empty() && !sysctl.remedy.is_empty());
            assert!(!sysctl.remedy(true).contains('|'));
        }
    }
}
