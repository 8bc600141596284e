// SPDX-License-Identifier: GPL-2.0

//! The reasons for the verdicts of the hooks, each with a number and a name.

use crate::commoncap::{
    capable::Grant,
    memory,
    nice,
    prctl::Verdict,
    ptrace,
    xattr,
    Denial, //
};

/// The reason for a verdict.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Reason {
    /// The capability is effective.
    Effective,
    /// The credentials are those of the owner of the namespace.
    Owner,
    /// A value is returned.
    Value,
    /// Credentials change.
    Change,
    /// The caller holds all that the target is permitted.
    Superset,
    /// The caller holds the capability that this takes.
    Privileged,
    /// The address is not below the minimum.
    High,
    /// The call takes no capability.
    Unchecked,
    /// The result is that of the file system.
    FileSystem,
    /// The file system or audit failed.
    Failed,
    /// A rule that denies.
    Denied(Denial),
}

impl Reason {
    /// How many reasons there are.
    pub(super) const COUNT: usize = 10 + Denial::ALL.len();

    /// Returns all reasons, grants first.
    pub(super) fn all() -> impl Iterator<Item = Self> {
        let grants = [
            Self::Effective,
            Self::Owner,
            Self::Value,
            Self::Change,
            Self::Superset,
            Self::Privileged,
            Self::High,
            Self::Unchecked,
            Self::FileSystem,
            Self::Failed,
        ];
        Iterator::chain(
            grants.into_iter(),
            Denial::ALL.iter().map(|denial| Self::Denied(*denial)),
        )
    }

    /// Returns a number below [`Self::COUNT`].
    #[inline(always)]
    pub(super) const fn number(self) -> usize {
        const DENIALS: usize = Denial::ALL.len();
        match self {
            Self::Denied(denial) => Self::number_of(denial),
            Self::Effective => DENIALS,
            Self::Owner => DENIALS + 1,
            Self::Value => DENIALS + 2,
            Self::Change => DENIALS + 3,
            Self::Superset => DENIALS + 4,
            Self::Privileged => DENIALS + 5,
            Self::High => DENIALS + 6,
            Self::Unchecked => DENIALS + 7,
            Self::FileSystem => DENIALS + 8,
            Self::Failed => DENIALS + 9,
        }
    }

    /// Returns the number of [`Self::Denied`] with this denial.
    // Without it, the compiler compares a denial with each reason.
    #[inline(always)]
    pub(super) const fn number_of(denial: Denial) -> usize {
        denial.position()
    }

    /// Returns the name of the rule.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Effective => "Effective",
            Self::Owner => "Owner",
            Self::Value => "Value",
            Self::Change => "Change",
            Self::Superset => "Superset",
            Self::Privileged => "Privileged",
            Self::High => "High",
            Self::Unchecked => "Unchecked",
            Self::FileSystem => "FileSystem",
            Self::Failed => "Failed",
            Self::Denied(denial) => denial.name(),
        }
    }

    /// Returns `granted` or `denied`.
    pub(super) const fn verdict(self) -> &'static str {
        match self {
            Self::Failed | Self::Denied(_) => "denied",
            _ => "granted",
        }
    }
}

impl From<Grant> for Reason {
    fn from(grant: Grant) -> Self {
        match grant {
            Grant::Effective => Self::Effective,
            Grant::Owner => Self::Owner,
        }
    }
}

impl From<ptrace::Grant> for Reason {
    fn from(grant: ptrace::Grant) -> Self {
        match grant {
            ptrace::Grant::Superset => Self::Superset,
            ptrace::Grant::Ptrace => Self::Privileged,
        }
    }
}

impl From<memory::Address> for Reason {
    fn from(address: memory::Address) -> Self {
        match address {
            memory::Address::High => Self::High,
            memory::Address::Privileged => Self::Privileged,
        }
    }
}

impl From<nice::Grant> for Reason {
    fn from(grant: nice::Grant) -> Self {
        match grant {
            nice::Grant::Superset => Self::Superset,
            nice::Grant::Nice => Self::Privileged,
        }
    }
}

impl From<xattr::Grant> for Reason {
    fn from(grant: xattr::Grant) -> Self {
        match grant {
            xattr::Grant::Unchecked => Self::Unchecked,
            xattr::Grant::Privileged => Self::Privileged,
        }
    }
}

impl From<Verdict> for Reason {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Value(_) => Self::Value,
            Verdict::Change(_) => Self::Change,
        }
    }
}

impl<T: Into<Reason>> From<Result<T, Denial>> for Reason {
    #[inline]
    fn from(answer: Result<T, Denial>) -> Self {
        answer.map_or_else(Self::Denied, Into::into)
    }
}

#[crate::kunit_tests(rust_commoncap_hook_reason)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_its_own_number_below_the_count() {
        let mut numbers = [false; Reason::COUNT];
        for reason in Reason::all() {
            assert!(!numbers[reason.number()]);
            numbers[reason.number()] = true;
        }
        assert!(numbers.iter().all(|&number| number));
    }
}
