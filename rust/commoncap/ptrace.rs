// SPDX-License-Identifier: GPL-2.0

//! Whether a task may trace another one: `cap_ptrace_access_check()`, `cap_ptrace_traceme()`.

use super::{
    privileges::{
        HasNsCapability,
        NsCapable, //
    },
    sets::Sets,
    Denial, //
};
use crate::capability::{
    Capability,
    CapabilitySet, //
};

/// Which of the caller's sets counts, by `PTRACE_MODE_*`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// `PTRACE_MODE_FSCREDS`: the effective set, as for a file in `/proc/PID`.
    FileSystem,
    /// `PTRACE_MODE_REALCREDS`: the permitted set, as for `ptrace()`.
    Real,
}

impl Mode {
    /// Returns the mode of the `PTRACE_MODE_*` flags that the kernel passes.
    #[inline]
    pub const fn parse(flags: u32) -> Self {
        const FSCREDS: u32 = 0x08;
        if flags & FSCREDS != 0 {
            Self::FileSystem
        } else {
            Self::Real
        }
    }

    /// Returns the set of the caller that counts.
    #[inline]
    const fn set_of(self, caller: &Sets) -> CapabilitySet {
        match self {
            Self::FileSystem => caller.effective,
            Self::Real => caller.permitted,
        }
    }
}

/// Why a task may trace another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grant {
    /// Both are in the same user namespace, and the tracer holds all that the tracee is permitted.
    Superset,
    /// The tracer holds `CAP_SYS_PTRACE` over the user namespace of the tracee.
    Ptrace,
}

/// Decides whether the current task may access `child`: `cap_ptrace_access_check()`.
///
/// `same_ns` is whether both are in the same user namespace. `held` checks the caller over the user
/// namespace of the child.
#[inline]
pub fn access_check(
    caller: &Sets,
    child: &Sets,
    same_ns: bool,
    mode: Mode,
    held: &impl NsCapable,
) -> Result<Grant, Denial> {
    if same_ns && child.permitted.is_subset(mode.set_of(caller)) {
        Ok(Grant::Superset)
    } else if held.ns_capable(Capability::SYS_PTRACE) {
        Ok(Grant::Ptrace)
    } else {
        Err(Denial::PtraceAccess)
    }
}

/// Decides whether `parent` may trace the current task, `child`: `cap_ptrace_traceme()`.
///
/// `same_ns` is whether both are in the same user namespace. `held` checks the parent over the user
/// namespace of the child.
#[inline]
pub fn traceme(
    parent: &Sets,
    child: &Sets,
    same_ns: bool,
    held: &impl HasNsCapability,
) -> Result<Grant, Denial> {
    if same_ns && child.permitted.is_subset(parent.permitted) {
        Ok(Grant::Superset)
    } else if held.has_ns_capability(Capability::SYS_PTRACE) {
        Ok(Grant::Ptrace)
    } else {
        Err(Denial::PtraceTraceme)
    }
}

#[crate::kunit_tests(rust_commoncap_ptrace)]
mod tests {
    use super::super::testing::Answer;
    use super::*;

    /// Sets with these effective and permitted capabilities, and all others.
    fn sets(effective: u64, permitted: u64) -> Sets {
        Sets {
            effective: CapabilitySet::from_bits(effective),
            permitted: CapabilitySet::from_bits(permitted),
            inheritable: CapabilitySet::FULL,
            bounding: CapabilitySet::FULL,
            ambient: CapabilitySet::FULL,
        }
    }

    #[test]
    fn the_mode_is_one_bit_of_the_flags() {
        for flags in 0..64 {
            let expected = if flags & 8 == 8 {
                Mode::FileSystem
            } else {
                Mode::Real
            };
            assert_eq!(Mode::parse(flags), expected);
        }
    }

    #[test]
    fn the_set_that_the_mode_names_must_hold_what_the_child_is_permitted() {
        for bits in 0..32 {
            let is = |number: u32| (bits >> number) & 1;
            let caller = sets(is(0), is(1));
            // The effective set of the child does not count.
            let child = sets(1, is(2));
            let same_ns = is(3) == 1;
            for (mode, counts) in [(Mode::FileSystem, is(0)), (Mode::Real, is(1))] {
                let superset = same_ns && is(2) <= counts;
                let expected = match (superset, is(4) == 1) {
                    (true, _) => Ok(Grant::Superset),
                    (false, true) => Ok(Grant::Ptrace),
                    (false, false) => Err(Denial::PtraceAccess),
                };
                let held = Answer::new(Capability::SYS_PTRACE, is(4) == 1);
                assert_eq!(
                    access_check(&caller, &child, same_ns, mode, &held),
                    expected
                );
                assert_eq!(held.asked(), usize::from(!superset));
            }
        }
    }

    #[test]
    fn the_parent_must_be_permitted_what_the_child_is_permitted() {
        for bits in 0..32 {
            let is = |number: u32| (bits >> number) & 1;
            let parent = sets(is(0), is(1));
            let child = sets(1, is(2));
            let same_ns = is(3) == 1;
            let superset = same_ns && is(2) <= is(1);
            let expected = match (superset, is(4) == 1) {
                (true, _) => Ok(Grant::Superset),
                (false, true) => Ok(Grant::Ptrace),
                (false, false) => Err(Denial::PtraceTraceme),
            };
            let held = Answer::new(Capability::SYS_PTRACE, is(4) == 1);
            assert_eq!(traceme(&parent, &child, same_ns, &held), expected);
            assert_eq!(held.asked(), usize::from(!superset));
        }
    }
}
