// SPDX-License-Identifier: GPL-2.0

//! What each capability is for, in few words.

/// Returns what a capability allows, and what else it amounts to.
pub fn purpose(name: &str) -> Option<(&'static str, &'static str)> {
    let found = PURPOSES.iter().find(|(known, ..)| *known == name)?;
    Some((found.1, found.2))
}

/// What a capability gives in the end, beyond its purpose.
const ROOT: &str = "who holds it can become root in the same user namespace";
const NONE: &str = "";

/// Name, purpose, and what it amounts to.
const PURPOSES: [(&str, &str, &str); 41] = [
    (
        "cap_chown",
        "change the owner and the group of any file",
        ROOT,
    ),
    (
        "cap_dac_override",
        "read, write and execute files whatever their mode",
        ROOT,
    ),
    (
        "cap_dac_read_search",
        "read files and search directories whatever their mode",
        NONE,
    ),
    (
        "cap_fowner",
        "do what only the owner of a file may: chmod, utimes, remove from sticky directories",
        ROOT,
    ),
    (
        "cap_fsetid",
        "keep the set-user-ID and set-group-ID bits of a file that it changes",
        NONE,
    ),
    ("cap_kill", "send signals to processes of other users", NONE),
    (
        "cap_setgid",
        "change its group IDs at will, and map them in user namespaces",
        ROOT,
    ),
    (
        "cap_setuid",
        "change its user IDs at will, and map them in user namespaces",
        ROOT,
    ),
    (
        "cap_setpcap",
        "drop capabilities from the bounding set, add those in it to the inheritable set, change \
         securebits",
        NONE,
    ),
    (
        "cap_linux_immutable",
        "change the flags immutable and append-only of files",
        NONE,
    ),
    (
        "cap_net_bind_service",
        "bind to ports below net.ipv4.ip_unprivileged_port_start (1024)",
        NONE,
    ),
    (
        "cap_net_broadcast",
        "nothing: no code of the kernel checks it",
        NONE,
    ),
    (
        "cap_net_admin",
        "configure interfaces, routes, the firewall and tunnels",
        NONE,
    ),
    (
        "cap_net_raw",
        "open raw and packet sockets, and bind to any address (IP_TRANSPARENT)",
        NONE,
    ),
    ("cap_ipc_lock", "lock memory beyond RLIMIT_MEMLOCK", NONE),
    (
        "cap_ipc_owner",
        "use System V IPC objects whatever their mode",
        NONE,
    ),
    ("cap_sys_module", "load and unload kernel modules", ROOT),
    (
        "cap_sys_rawio",
        "use I/O ports and raw device commands, and map address 0",
        ROOT,
    ),
    (
        "cap_sys_chroot",
        "call chroot(), and enter mount namespaces together with cap_sys_admin",
        ROOT,
    ),
    (
        "cap_sys_ptrace",
        "trace and inspect processes of other users, and those with more capabilities",
        ROOT,
    ),
    (
        "cap_sys_pacct",
        "switch process accounting on and off",
        NONE,
    ),
    (
        "cap_sys_admin",
        "mount, enter namespaces, set the host name, and much that has no capability of its \
         own",
        ROOT,
    ),
    (
        "cap_sys_boot",
        "reboot, and load another kernel by kexec",
        ROOT,
    ),
    (
        "cap_sys_nice",
        "raise priorities and change the scheduling of other processes",
        NONE,
    ),
    (
        "cap_sys_resource",
        "exceed quotas and limits, and raise hard limits",
        NONE,
    ),
    ("cap_sys_time", "set the clock and the hardware clock", NONE),
    (
        "cap_sys_tty_config",
        "hang up terminals, and configure virtual ones",
        NONE,
    ),
    ("cap_mknod", "make device files", ROOT),
    ("cap_lease", "set leases on files of other users", NONE),
    ("cap_audit_write", "write records to the audit log", NONE),
    ("cap_audit_control", "configure auditing", NONE),
    (
        "cap_setfcap",
        "set file capabilities, and map user ID 0 in a new user namespace",
        ROOT,
    ),
    (
        "cap_mac_override",
        "override a mandatory policy (Smack)",
        NONE,
    ),
    (
        "cap_mac_admin",
        "configure a mandatory policy (Smack, and labels of others)",
        NONE,
    ),
    ("cap_syslog", "read the kernel's log and addresses", NONE),
    ("cap_wake_alarm", "set timers that wake the system up", NONE),
    (
        "cap_block_suspend",
        "keep the system from suspending (EPOLLWAKEUP)",
        NONE,
    ),
    (
        "cap_audit_read",
        "read the audit log by a netlink socket",
        NONE,
    ),
    (
        "cap_perfmon",
        "use perf events of the whole system, and tracing programs of BPF",
        NONE,
    ),
    (
        "cap_bpf",
        "load BPF programs and make maps; many kinds also take cap_net_admin or cap_perfmon",
        NONE,
    ),
    (
        "cap_checkpoint_restore",
        "choose PIDs, write ns_last_pid, follow /proc/PID/map_files, change /proc/self/exe",
        NONE,
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use commoncap::capability::Capability;

    #[test]
    fn every_capability_has_a_purpose() {
        for (capability, (name, ..)) in Capability::ALL.iter().zip(PURPOSES) {
            assert_eq!(capability.name(), name);
            assert!(purpose(name).is_some());
        }
        assert_eq!(Capability::ALL.len(), PURPOSES.len());
        assert_eq!(purpose("cap_root"), None);
    }
}
