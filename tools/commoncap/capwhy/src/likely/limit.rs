// SPDX-License-Identifier: GPL-2.0

//! The limits of a process (`RLIMIT_*`) that a capability would exceed.

use super::{sysctl, Called};

/// Returns the reason, if a limit of the thread is one.
pub fn of(called: &Called<'_>) -> Vec<String> {
    if let Some(alone) = open_files(called).or_else(|| deadline(called)) {
        return vec![alone];
    }
    let Some((name, short, remedy)) = limit(called) else {
        return Vec::new();
    };
    let value = called.own("limits").and_then(|text| soft(&text, name));
    let value = value.map_or_else(|| "too low".to_owned(), |value| format!("{value} here"));
    let or = match called.outside {
        true => "",
        false => ", or use that capability",
    };
    vec![format!(
        "{short} is {value}, and only {remedy}: raise that limit (ulimit, systemd's settings, \
         --ulimit of Docker and Podman){or}"
    )]
}

/// The limit of open files that no capability exceeds. The kernel compares with it first.
fn open_files(called: &Called<'_>) -> Option<String> {
    const NOFILE: u64 = 7;
    let resource = match called.name {
        "setrlimit" => called.args[0],
        "prlimit64" => called.args[1],
        _ => return None,
    };
    let exceeds = resource == NOFILE && called.errno == "EPERM" && called.refused.is_empty();
    let most = sysctl::value("fs.nr_open").filter(|_| exceeds)?;
    Some(format!(
        "fs.nr_open is {most}, and no capability raises RLIMIT_NOFILE beyond it: raise that first \
         (sysctl fs.nr_open=), or set a lower limit"
    ))
}

/// Returns the limit of a process within which what a capability permits needs no capability.
pub fn instead_of(pid: i32, capability: &str) -> Option<String> {
    let (name, short, what) = match capability {
        "cap_ipc_lock" => (
            "Max locked memory",
            "RLIMIT_MEMLOCK (LimitMEMLOCK=, ulimit -l, --ulimit memlock=)",
            "locks as many bytes without it",
        ),
        "cap_sys_nice" => (
            "Max realtime priority",
            "RLIMIT_RTPRIO (LimitRTPRIO=, ulimit -r, --ulimit rtprio=)",
            "uses real-time priorities up to it without the capability",
        ),
        _ => return None,
    };
    let limits = std::fs::read_to_string(format!("/proc/{pid}/limits")).ok()?;
    let value = soft(&limits, name)?;
    Some(format!(
        "{short} is {value}, and a process {what}: raise it"
    ))
}

const FIFO: u32 = 1;
const RR: u32 = 2;
const DEADLINE: u32 = 6;

/// Returns the scheduling policy that a call sets.
fn policy(called: &Called<'_>) -> Option<u32> {
    const RESET_ON_FORK: u32 = 0x4000_0000;
    match called.name {
        "sched_setscheduler" => Some(called.args[1] as u32 & !RESET_ON_FORK),
        // It follows the size of the structure.
        "sched_setattr" => Some((called.args[1] >> 32) as u32),
        _ => None,
    }
}

/// Returns that no limit permits `SCHED_DEADLINE`.
fn deadline(called: &Called<'_>) -> Option<String> {
    let is = called.lacks("cap_sys_nice") && policy(called) == Some(DEADLINE);
    is.then(|| {
        "SCHED_DEADLINE takes cap_sys_nice over the initial user namespace, whatever RLIMIT_RTPRIO \
         is: use that capability, or SCHED_FIFO or SCHED_RR within that limit"
            .to_owned()
    })
}

/// Returns the name of the limit in `/proc/PID/limits`, that of the constant, and what exceeds it.
fn limit(called: &Called<'_>) -> Option<(&'static str, &'static str, &'static str)> {
    let lock = (
        "Max locked memory",
        "RLIMIT_MEMLOCK (LimitMEMLOCK=, ulimit -l)",
        "cap_ipc_lock locks more",
    );
    let nice = (
        "Max nice priority",
        "RLIMIT_NICE (LimitNICE=, ulimit -e; 20 minus the nice value)",
        "cap_sys_nice raises a priority beyond it",
    );
    match (called.name, called.errno) {
        ("mlock" | "mlock2" | "mlockall", "EPERM" | "ENOMEM")
        | ("mmap" | "mremap", "EAGAIN")
        | ("shmctl" | "io_uring_register", "ENOMEM") => Some(lock),
        ("nice" | "setpriority", "EACCES") => Some(nice),
        ("sched_setscheduler" | "sched_setparam" | "sched_setattr", "EPERM")
            if called.refused.iter().any(|name| name == "cap_sys_nice") =>
        {
            match policy(called) {
                Some(DEADLINE) => None,
                Some(FIFO | RR) | None => Some((
                    "Max realtime priority",
                    "RLIMIT_RTPRIO (LimitRTPRIO=, ulimit -r)",
                    "cap_sys_nice sets a real-time policy beyond it",
                )),
                // From SCHED_IDLE.
                Some(_) => Some(nice),
            }
        }
        _ => None,
    }
}

/// Returns the soft limit of this name.
fn soft(limits: &str, name: &str) -> Option<String> {
    let line = limits.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_capability_exceeds_the_limit_of_open_files() {
        let mut called = Called {
            name: "prlimit64",
            errno: "EPERM",
            args: [0, 7, 0, 0, 0],
            ..Called::default()
        };
        assert!(of(&called).join("").contains("fs.nr_open is "));
        called.args[1] = 8;
        assert!(of(&called).is_empty());
        let lacks = ["cap_sys_resource".to_owned()];
        (called.args[1], called.refused) = (7, &lacks);
        assert!(of(&called).is_empty());
    }

    #[test]
    fn the_policy_decides_which_limit_counts() {
        let lacks = ["cap_sys_nice".to_owned()];
        let said = |name: &'static str, second: u64| {
            let called = Called {
                name,
                errno: "EPERM",
                args: [0, second, 0, 0, 0],
                refused: &lacks,
                tid: -1,
                ..Called::default()
            };
            of(&called).join("")
        };
        for (name, second, words) in [
            ("sched_setscheduler", 1, "RLIMIT_RTPRIO (LimitRTPRIO="),
            (
                "sched_setattr",
                (2 << 32) | 48,
                "RLIMIT_RTPRIO (LimitRTPRIO=",
            ),
            ("sched_setattr", (6 << 32) | 48, "whatever RLIMIT_RTPRIO is"),
            ("sched_setscheduler", 0x4000_0000, "RLIMIT_NICE"),
        ] {
            let said = said(name, second);
            assert!(said.contains(words), "{name}: {said}");
        }
    }

    #[test]
    fn the_limit_is_read_from_the_thread() {
        let called = Called {
            name: "mlock",
            errno: "ENOMEM",
            tid: std::process::id() as i32,
            ..Called::default()
        };
        let said = of(&called).join("");
        assert!(said.contains(" here, and only cap_ipc_lock"), "{said}");
        let gone = Called { tid: -1, ..called };
        assert!(of(&gone)[0].contains("too low"));
        let own = std::process::id() as i32;
        let instead = instead_of(own, "cap_ipc_lock").unwrap();
        assert!(instead.contains("RLIMIT_MEMLOCK"), "{instead}");
        assert_eq!(instead_of(own, "cap_chown"), None);
        let text = "Max locked memory         65536                65536                bytes\n";
        assert_eq!(soft(text, "Max locked memory").as_deref(), Some("65536"));
    }
}
