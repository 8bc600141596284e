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

/// All of them, those that the kernel always makes first.
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
];

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
    fn a_capability_that_is_always_one_of_two_begins_one_check() {
        for check in EITHER_OR.iter().filter(|check| check.always) {
            assert_eq!(always(check.first), Some(check));
        }
        assert_eq!(always("cap_sys_admin"), None);
        assert_eq!(always("cap_chown"), None);
    }
}
