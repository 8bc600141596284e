// SPDX-License-Identifier: GPL-2.0

//! The errors of system calls for which capabilities are a cause, or look like one.

mod list;

use commoncap::Denial;
use list::FAILURES;
use syscalls::Sysno;

/// An error of a call, and what leads to it.
#[derive(Debug)]
pub struct Failure {
    /// The names of the call.
    pub calls: &'static [&'static str],
    /// The name of the error.
    pub errno: &'static str,
    /// The capabilities that help.
    pub capabilities: &'static [&'static str],
    /// The rules of the capability LSM that return it.
    pub rules: &'static [Denial],
    /// What leads to it besides, and what to do.
    pub sentence: &'static str,
}

/// Functions of the C library and other names, and the call that fails.
const OTHER_NAMES: &[(&str, &str)] = &[
    ("adjtime", "adjtimex"),
    ("cap_set_proc", "capset"),
    ("exec", "execve"),
    ("execl", "execve"),
    ("execlp", "execve"),
    ("execv", "execve"),
    ("execvp", "execve"),
    ("execvpe", "execve"),
    ("initgroups", "setgroups"),
    ("io_uring_queue_init", "io_uring_setup"),
    ("klogctl", "syslog"),
    ("ntp_adjtime", "adjtimex"),
    ("posix_spawn", "execve"),
    ("pthread_setschedparam", "sched_setscheduler"),
    ("send", "sendto"),
    ("setegid", "setgid"),
    ("seteuid", "setuid"),
    ("ulimit", "setrlimit"),
];

/// Returns the name by which the table has a call, such as `prlimit` for `prlimit64`.
fn plain(call: &str) -> &str {
    if let Some((_, name)) = OTHER_NAMES.iter().find(|(other, _)| *other == call) {
        return name;
    }
    let is_known = |name: &str| FAILURES.iter().any(|failure| failure.calls.contains(&name));
    let short = ["32", "64"].iter().find_map(|bits| call.strip_suffix(bits));
    short
        .filter(|short| !is_known(call) && is_known(short))
        .unwrap_or(call)
}

/// Returns whether this is the name of a system call, also of one that is not in the table.
pub fn is_call(name: &str) -> bool {
    name.parse::<Sysno>().is_ok()
}

/// What the table has besides calls: the files that they are about.
const FILES: &[&str] = &[
    "uid_map",
    "gid_map",
    "oom_score_adj",
    "loginuid",
    "cgroup.procs",
    "/dev/NAME",
    "netlink",
    "sysctl",
];

/// Returns the file of this name that the table has.
pub fn file(name: &str) -> Option<&'static str> {
    FILES
        .iter()
        .copied()
        .find(|file| *file == name && !["netlink", "sysctl"].contains(&name))
}

/// Returns a call, or what it is about, as a person writes it.
pub fn shown(name: &str) -> String {
    format!("{name}{}", if FILES.contains(&name) { "" } else { "()" })
}

/// Returns the errors of a call, or of this one alone.
pub fn find(call: &str, errno: Option<&str>) -> Vec<&'static Failure> {
    let call = plain(call);
    FAILURES
        .iter()
        .filter(|failure| failure.calls.contains(&call))
        .filter(|failure| errno.is_none_or(|errno| failure.errno == errno))
        .collect()
}

/// Returns the names of all errors in the table.
pub fn errnos() -> impl Iterator<Item = &'static str> {
    FAILURES.iter().map(|failure| failure.errno)
}

/// Returns the sentence about an error of a call, if there is one.
pub fn of_call(call: &str, errno: &str) -> Option<String> {
    let failure = find(call, Some(errno)).into_iter().next()?;
    Some(failure.sentence.to_owned())
}

/// Returns the calls that return an error by a rule.
pub fn of_rule(rule: Denial) -> Vec<&'static str> {
    let failures = FAILURES
        .iter()
        .filter(|failure| failure.rules.contains(&rule));
    failures
        .flat_map(|failure| failure.calls.iter().copied())
        .collect()
}

/// Returns the calls that a capability helps.
pub fn of_capability(name: &str) -> Vec<(&'static str, &'static str)> {
    let failures = FAILURES
        .iter()
        .filter(|failure| failure.capabilities.contains(&name));
    failures
        .map(|failure| (failure.calls[0], failure.errno))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capabilities;

    #[test]
    fn each_failure_names_capabilities_and_what_to_do() {
        for failure in FAILURES {
            for name in failure.capabilities {
                assert!(capabilities::known(name).is_some(), "{failure:?}");
            }
            assert!(failure.sentence.contains(": "), "{failure:?}");
            // The capability LSM refuses the memory with EPERM, and its caller returns ENOMEM.
            let rules = failure
                .rules
                .iter()
                .filter(|rule| **rule != Denial::VmEnoughMemory);
            for rule in rules {
                assert_eq!(format!("{:?}", rule.errno()), failure.errno, "{failure:?}");
            }
            // Of several for an error, the capability that was refused decides.
            let same = find(failure.calls[0], Some(failure.errno));
            for (index, one) in same.iter().enumerate() {
                let others = &same[index + 1..];
                let is_in = |name| others.iter().any(|other| other.capabilities.contains(name));
                assert!(!one.capabilities.iter().any(is_in), "{one:?}");
            }
            let without = same.iter().filter(|one| one.capabilities.is_empty());
            assert!(without.count() <= 1, "{failure:?}");
        }
    }

    #[test]
    fn rules_and_capabilities_lead_to_calls() {
        assert!(of_rule(Denial::ExecFileCapsUnavailable).contains(&"execve"));
        assert!(of_rule(Denial::NotEffective).is_empty());
        assert!(of_capability("cap_net_raw").contains(&("socket", "EPERM")));
        assert!(find("nothing", None).is_empty());
    }

    #[test]
    fn a_call_is_found_by_its_other_names() {
        for (name, errno) in [
            ("prlimit64", "EPERM"),
            ("pthread_create", "EPERM"),
            ("ntp_adjtime", "EPERM"),
            ("execvp", "EPERM"),
            ("setresuid32", "EPERM"),
        ] {
            assert_eq!(find(name, Some(errno)).len(), 1, "{name}");
        }
        for (other, name) in OTHER_NAMES {
            assert!(!find(name, None).is_empty(), "{other}");
        }
        assert!(is_call("personality") && !is_call("nothing"));
    }
}
