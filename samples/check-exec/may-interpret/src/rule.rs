// SPDX-License-Identifier: GPL-2.0

//! The rules and their securebits.

use std::{
    ffi::{OsStr, OsString},
    fmt::{self, Write},
};

/// A rule that an administrator can enable: one securebit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// `SECBIT_EXEC_RESTRICT_FILE`: interpret no file that the kernel would not execute.
    RestrictFile,
    /// `SECBIT_EXEC_DENY_INTERACTIVE`: interpret only commands in a file that the kernel would
    /// execute.
    DenyInteractive,
}

impl Rule {
    /// Both rules.
    pub const ALL: [Self; 2] = [Self::RestrictFile, Self::DenyInteractive];

    /// Returns the securebit, as a number with one bit set.
    pub const fn securebit(self) -> u32 {
        match self {
            Self::RestrictFile => 1 << 8,
            Self::DenyInteractive => 1 << 10,
        }
    }

    /// Returns the securebit that locks the rule.
    pub const fn lock(self) -> u32 {
        self.securebit() << 1
    }

    /// Returns the name of the securebit in C.
    pub const fn name(self) -> &'static str {
        match self {
            Self::RestrictFile => "SECBIT_EXEC_RESTRICT_FILE",
            Self::DenyInteractive => "SECBIT_EXEC_DENY_INTERACTIVE",
        }
    }
}

/// A source of code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A named file.
    File(OsString),
    /// Standard input.
    StandardInput,
    /// Code outside of a file: the command line, the environment.
    Command,
}

impl Source {
    /// Returns the name that the kernel gets.
    pub fn name(&self) -> &OsStr {
        match self {
            Self::File(name) => name,
            Self::StandardInput => OsStr::new("/proc/self/fd/0"),
            Self::Command => OsStr::new(""),
        }
    }
}

/// Writes the name with control characters escaped, since the file's creator is not trusted.
impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(name) => name.to_string_lossy().chars().try_for_each(|c| {
                if c.is_control() {
                    write!(f, "{}", c.escape_default())
                } else {
                    f.write_char(c)
                }
            }),
            Self::StandardInput => f.write_str("standard input"),
            Self::Command => f.write_str("commands outside of a file"),
        }
    }
}
