// SPDX-License-Identifier: GPL-2.0

//! The other LSMs: which are active, and their functions that refuse.

use std::fs;

const ACTIVE: &str = "/sys/kernel/security/lsm";

/// The LSMs that decide on capabilities too.
const OF_CAPABILITIES: [&str; 3] = ["apparmor", "selinux", "bpf"];

/// The hooks that are probed, without the prefix of an LSM.
const HOOKS: &[&str] = &[
    "capable",
    "file_open",
    "file_permission",
    "inode_permission",
    "inode_create",
    "inode_unlink",
    "path_mkdir",
    "path_unlink",
    "path_rename",
    "path_link",
    "path_mknod",
    "path_truncate",
    "path_chmod",
    "path_chown",
    "ptrace_access_check",
    "ptrace_traceme",
    "task_kill",
    "task_prctl",
    "task_setrlimit",
    "sb_mount",
    "sb_umount",
    "move_mount",
    "socket_create",
    "socket_bind",
    "socket_connect",
    "userns_create",
    "bprm_creds_for_exec",
    "bprm_check_security",
    "is_locked_down",
];

/// The prefixes of the functions of an LSM.
fn prefix(lsm: &str) -> Option<&'static str> {
    Some(match lsm {
        "apparmor" => "apparmor",
        "selinux" => "selinux",
        "landlock" => "hook",
        "yama" => "yama",
        "tomoyo" => "tomoyo",
        "lockdown" => "lockdown",
        _ => return None,
    })
}

/// Returns the active LSMs; none if securityfs is not mounted.
fn active() -> Vec<String> {
    let list = fs::read_to_string(ACTIVE).unwrap_or_default();
    list.trim()
        .split(',')
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Returns the active LSMs that can refuse a capability.
pub fn of_capabilities() -> Vec<String> {
    let mut active = active();
    active.retain(|name| OF_CAPABILITIES.contains(&name.as_str()));
    active
}

/// A function of an LSM that can refuse.
pub struct Function {
    /// The LSM and the hook, as the name of an event without `capwhy_`.
    pub event: String,
    /// The name of the function.
    pub name: String,
}

/// Returns the functions of active LSMs that the kernel can probe.
pub fn functions(available: &str) -> Vec<Function> {
    functions_of(&active(), available)
}

fn functions_of(active: &[String], available: &str) -> Vec<Function> {
    let available: std::collections::HashSet<&str> = available
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    let named = active.iter().filter_map(|lsm| Some((lsm, prefix(lsm)?)));
    named
        .flat_map(|(lsm, prefix)| {
            HOOKS.iter().map(move |hook| Function {
                event: format!("{EVENT}{lsm}__{hook}"),
                name: format!("{prefix}_{hook}"),
            })
        })
        .filter(|function| available.contains(function.name.as_str()))
        .collect()
}

/// The beginning of the names of their events.
const EVENT: &str = "lsm_";

/// Returns the LSM and the hook of an event.
pub fn of_event(event: &str) -> Option<(&str, &str)> {
    event
        .strip_prefix("capwhy_")?
        .strip_prefix(EVENT)?
        .split_once("__")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_of_active_lsms_are_probed_if_they_can_be() {
        let active = ["yama", "landlock", "capability"].map(str::to_owned);
        let available = "yama_ptrace_access_check\nhook_file_open\napparmor_file_open\n\
            yama_task_free\nhook_capable [other]\n";
        let functions = functions_of(&active, available);
        let names: Vec<&str> = functions
            .iter()
            .map(|function| function.name.as_str())
            .collect();
        let expected = ["yama_ptrace_access_check", "hook_capable", "hook_file_open"];
        assert_eq!(names, expected);
        let event = format!("capwhy_{}", functions[0].event);
        assert_eq!(of_event(&event), Some(("yama", "ptrace_access_check")));
    }
}
