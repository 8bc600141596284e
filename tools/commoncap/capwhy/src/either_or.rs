// SPDX-License-Identifier: GPL-2.0

//! The places where the kernel accepts either of two capabilities.
//!
//! The kernel checks one capability and, if that is denied, the other. The caller made one request,
//! and either capability is enough. [`crate::trace::request`] joins the two decisions.

/// A check that either of two capabilities passes.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct EitherOr {
    /// The check as a person names it.
    pub name: &'static str,
    /// The capability that the kernel checks first.
    pub first: &'static str,
    /// The capability that the kernel checks if the first one is denied.
    pub second: &'static str,
    /// The smaller one of the two, which is enough.
    pub least: &'static str,
    /// Whether the kernel checks the first one nowhere without the second.
    pub always: bool,
    /// The places in Linux 7.3 that make the check, as `file:line function()`.
    pub source: &'static [&'static str],
}

/// All of them, those that the kernel always makes first. `CAP_SYSLOG` is in none: since Linux 5.9,
/// `kernel/printk/printk.c` and `lib/vsprintf.c` accept no other capability.
pub const EITHER_OR: &[EitherOr] = &[
    EitherOr {
        name: "checkpoint/restore",
        first: "cap_checkpoint_restore",
        second: "cap_sys_admin",
        least: "cap_checkpoint_restore",
        always: true,
        source: &[
            "include/linux/capability.h:205 checkpoint_restore_ns_capable()",
            "include/linux/capability.h:211 checkpoint_restore_ns_capable_noaudit()",
            "drivers/gpu/drm/amd/amdkfd/kfd_chardev.c:3691 kfd_ioctl()",
        ],
    },
    EitherOr {
        name: "cap_bpf or cap_sys_admin",
        first: "cap_bpf",
        second: "cap_sys_admin",
        least: "cap_bpf",
        always: true,
        source: &[
            "include/linux/capability.h:200 bpf_capable()",
            "kernel/bpf/token.c:12 bpf_ns_capable()",
        ],
    },
    EitherOr {
        name: "cap_perfmon or cap_sys_admin",
        first: "cap_perfmon",
        second: "cap_sys_admin",
        least: "cap_perfmon",
        always: true,
        source: &[
            "include/linux/capability.h:195 perfmon_capable()",
            "kernel/bpf/token.c:12 bpf_ns_capable()",
        ],
    },
    EitherOr {
        name: "cap_net_admin or cap_sys_admin",
        first: "cap_net_admin",
        second: "cap_sys_admin",
        least: "cap_net_admin",
        always: false,
        source: &[
            "include/linux/bpf.h:3608 bpf_net_capable()",
            "crypto/af_alg.c:134 af_alg_capable()",
        ],
    },
    EitherOr {
        name: "cap_sys_resource or cap_sys_admin",
        first: "cap_sys_resource",
        second: "cap_sys_admin",
        least: "cap_sys_resource",
        always: false,
        source: &[
            "kernel/fork.c:2202 copy_process()",
            "fs/pipe.c:874 pipe_is_unprivileged_user()",
            "net/unix/af_unix.c:1939 too_many_unix_fds()",
        ],
    },
    EitherOr {
        name: "cap_net_raw or cap_net_admin",
        first: "cap_net_raw",
        second: "cap_net_admin",
        least: "cap_net_raw",
        always: false,
        source: &[
            "net/core/sock.c:463 sk_set_prio_allowed()",
            "net/core/sock.c:1528 sk_setsockopt()",
            "net/core/sock.c:3045 __sock_cmsg_send()",
            "net/ipv4/ip_sockglue.c:1011 do_ip_setsockopt()",
            "net/ipv6/ipv6_sockglue.c:749 do_ipv6_setsockopt()",
        ],
    },
    EitherOr {
        name: "cap_sys_admin or cap_sys_nice",
        first: "cap_sys_admin",
        second: "cap_sys_nice",
        least: "cap_sys_nice",
        always: false,
        source: &["block/ioprio.c:47 ioprio_check_cap()"],
    },
    EitherOr {
        name: "cap_dac_read_search or cap_dac_override",
        first: "cap_dac_read_search",
        second: "cap_dac_override",
        least: "cap_dac_read_search",
        always: false,
        source: &[
            "fs/namei.c:536 generic_permission()",
            "fs/namei.c:550 generic_permission()",
        ],
    },
];

/// Pairs that the kernel checks one after the other in some calls, where either is enough, and the
/// first one is smaller: `may_access_mm()` of `/proc/PID/environ`, `may_linkat()`, `vfs_utimes()`.
const PAIRS: [[&str; 2]; 2] = [
    ["cap_sys_ptrace", "cap_perfmon"],
    ["cap_fowner", "cap_dac_override"],
];

/// Returns the capability that is enough in place of this one, where one call was refused both.
pub fn instead_of(name: &str) -> Option<&'static str> {
    let pair = PAIRS.iter().find(|[_, other]| *other == name)?;
    Some(pair[0])
}

/// Returns the check that begins with a denial of this capability, here or elsewhere.
pub fn beginning(first: &str) -> Option<&'static EitherOr> {
    EITHER_OR.iter().find(|check| check.first == first)
}

/// Returns the check that a denial of this capability is a part of, wherever the kernel makes it.
pub fn always(first: &str) -> Option<&'static EitherOr> {
    EITHER_OR
        .iter()
        .find(|check| check.always && check.first == first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smaller_capability_is_one_of_the_two() {
        for check in EITHER_OR {
            assert_ne!(check.first, check.second, "{}", check.name);
            for capability in [check.first, check.second] {
                assert!(crate::capabilities::known(capability).is_some());
            }
            assert!([check.first, check.second].contains(&check.least));
            assert!(!check.source.is_empty());
        }
    }

    #[test]
    fn one_of_a_pair_is_enough() {
        for pair in PAIRS {
            assert!(pair
                .iter()
                .all(|name| crate::capabilities::known(name).is_some()));
            assert_eq!(
                (instead_of(pair[1]), instead_of(pair[0])),
                (Some(pair[0]), None)
            );
        }
    }

    #[test]
    fn a_capability_that_is_always_one_of_two_begins_one_check() {
        for check in EITHER_OR.iter().filter(|check| check.always) {
            assert_eq!(always(check.first), Some(check));
        }
        assert_eq!(always("cap_sys_admin"), None);
        for check in EITHER_OR {
            assert_eq!(
                beginning(check.first),
                Some(check),
                "one check for each first one"
            );
        }
        assert_eq!(always("cap_chown"), None);
    }
}
