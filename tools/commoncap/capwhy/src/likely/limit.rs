// SPDX-License-Identifier: GPL-2.0

//! The limits of a process (`RLIMIT_*`) that a capability would exceed.

use super::{sysctl, Called};

/// Returns the reason, if a limit of the thread is one.
pub fn of(called: &Called<'_>) -> Vec<String> {
    if let Some(open_files) = open_files(called) {
        return vec![open_files];
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

/// Returns the name of the limit in `/proc/PID/limits`, that of the constant, and what exceeds it.
fn limit(called: &Called<'_>) -> Option<(&'static str, &'static str, &'static str)> {
    let lock = (
        "Max locked memory",
        "RLIMIT_MEMLOCK (LimitMEMLOCK=, ulimit -l)",
        "cap_ipc_lock locks more",
    );
    match (called.name, called.errno) {
        ("mlock" | "mlock2" | "mlockall", "EPERM" | "ENOMEM") => Some(lock),
        ("nice" | "setpriority", "EACCES") => Some((
            "Max nice priority",
            "RLIMIT_NICE (LimitNICE=, ulimit -e; 20 minus the nice value)",
            "cap_sys_nice raises a priority beyond it",
        )),
        ("sched_setscheduler" | "sched_setparam" | "sched_setattr", "EPERM")
            if called.refused.iter().any(|name| name == "cap_sys_nice") =>
        {
            Some((
                "Max realtime priority",
                "RLIMIT_RTPRIO (LimitRTPRIO=, ulimit -r)",
                "cap_sys_nice sets a real-time policy beyond it",
            ))
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
