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

/// The calls that all of these filters refuse with `EPERM` whatever the capabilities; Podman's
/// permits `pivot_root()`.
const REFUSED: &str = "kexec_file_load kexec_load pivot_root swapoff swapon userfaultfd";

/// Returns the capability that opens a call in these filters.
fn opening(call: &str) -> Option<&'static str> {
    let is = |calls: &str| calls.split_whitespace().any(|name| name == call);
    let (capability, _) = OPENED.iter().find(|(_, calls)| is(calls))?;
    Some(capability)
}

/// Returns a sentence on what these filters do with a call, for a reader whose process may be in a
/// container or not.
pub fn in_container(call: &str) -> Option<String> {
    if REFUSED.split(' ').any(|name| name == call) {
        return Some(format!(
            "In a container, the default seccomp filter of Docker or Kubernetes refuses {call}() \
             whatever the capabilities: permit it there (--security-opt seccomp=FILE)."
        ));
    }
    let capability = opening(call)?;
    Some(format!(
        "In a container, the default seccomp filter of Docker, Podman or Kubernetes can refuse it \
         first: --cap-add={capability} (capabilities.add) opens {call}() there, too."
    ))
}

/// Returns a sentence on the capability that opens a call in these filters.
pub fn opened_by(call: &str) -> Option<String> {
    if call == "socket" {
        return Some(
            "Of a unit of systemd, that is RestrictAddressFamilies=, which lists the families."
                .to_owned(),
        );
    }
    let capability = opening(call)?;
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
        for call in REFUSED.split(' ') {
            assert!(in_container(call).unwrap().contains("whatever"), "{call}");
            assert_eq!(opened_by(call), None);
        }
        assert!(in_container("mount")
            .unwrap()
            .contains("--cap-add=SYS_ADMIN"));
        assert_eq!(in_container("socket"), None);
        assert_eq!(opened_by("keyctl"), None);
        assert!(opened_by("socket")
            .unwrap()
            .contains("RestrictAddressFamilies="));
    }
}
