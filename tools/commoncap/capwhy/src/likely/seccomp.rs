// SPDX-License-Identifier: GPL-2.0

//! The calls that the default seccomp filters of Docker, Podman and containerd open with a
//! capability of the container.

/// The capability, and the calls that it opens.
const OPENED: &[(&str, &str)] = &[
    ("DAC_READ_SEARCH", "open_by_handle_at"),
    ("BPF", "bpf"),
    ("PERFMON", "perf_event_open"),
    ("SYS_BOOT", "reboot"),
    ("SYS_CHROOT", "chroot"),
    ("SYS_MODULE", "delete_module init_module finit_module"),
    (
        "SYS_NICE",
        "get_mempolicy mbind set_mempolicy set_mempolicy_home_node",
    ),
    ("SYS_PACCT", "acct"),
    (
        "SYS_PTRACE",
        "kcmp pidfd_getfd process_madvise process_vm_readv process_vm_writev ptrace",
    ),
    ("SYS_RAWIO", "iopl ioperm"),
    (
        "SYS_TIME",
        "settimeofday stime clock_settime clock_settime64",
    ),
    ("SYS_TTY_CONFIG", "vhangup"),
    ("SYSLOG", "syslog"),
    (
        "SYS_ADMIN",
        "clone clone3 fanotify_init fsconfig fsmount fsopen fspick lookup_dcookie mount \
         mount_setattr move_mount open_tree quotactl quotactl_fd setdomainname sethostname setns \
         umount umount2 unshare",
    ),
];

/// Returns a sentence on the capability that opens a call in these filters.
pub fn opened_by(call: &str) -> Option<String> {
    if call == "socket" {
        return Some(
            "Of a unit of systemd, that is RestrictAddressFamilies=, which lists the families."
                .to_owned(),
        );
    }
    let (capability, _) = OPENED
        .iter()
        .find(|(_, calls)| calls.split_whitespace().any(|name| name == call))?;
    Some(format!(
        "If it is the default filter of Docker, Podman or Kubernetes, --cap-add={capability} \
         (capabilities.add) also opens {call}() in it."
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_capability_is_one_and_opens_its_calls() {
        for (capability, calls) in OPENED {
            assert!(
                crate::capabilities::known(&format!("cap_{}", capability.to_lowercase())).is_some()
            );
            for call in calls.split_whitespace() {
                assert!(opened_by(call).unwrap().contains(capability), "{call}");
            }
        }
        assert_eq!(opened_by("keyctl"), None);
        assert!(opened_by("socket")
            .unwrap()
            .contains("RestrictAddressFamilies="));
    }
}
