// SPDX-License-Identifier: GPL-2.0

//! Errors, with a sentence for each.

use crate::{Cause, Rule, Source};
use std::{fmt, io};

/// A refusal to interpret something.
///
/// [`Display`](fmt::Display) writes a sentence: the source, the rule, the cause and the remedy.
#[derive(Debug)]
pub struct Refusal {
    /// The rule that refuses.
    pub rule: Rule,
    /// Whether the securebit of the rule is locked.
    pub locked: bool,
    /// The refused source.
    pub source: Source,
    /// The cause for which the rule applies.
    pub cause: Cause,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (rule, source, cause) = (self.rule.name(), &self.source, &self.cause);
        let locked = if self.locked { " (locked)" } else { "" };
        write!(f, "{source}: refused by {rule}{locked}: {cause}")
    }
}

impl std::error::Error for Refusal {}

/// An error of opening a script.
#[derive(Debug)]
pub enum Error {
    /// The script may not be interpreted.
    Refused(Refusal),
    /// The script cannot be opened or read.
    Io(io::Error),
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refusal) => refusal.fmt(f),
            Self::Io(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Error {}

/// An error of setting and locking securebits.
#[derive(Debug)]
pub enum LockError {
    /// The securebit is locked while it is not set.
    LockedOff(Rule),
    /// The kernel does not know these securebits, or an LSM or a filter denied them (`EPERM`).
    NotKnown,
    /// The kernel returned another error.
    Other(io::Error),
}

impl fmt::Display for LockError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LockedOff(rule) => write!(
                f,
                "{} is locked while it is not set: start this from a process without that lock",
                rule.name()
            ),
            Self::NotKnown => f.write_str(
                "the kernel denies setting these securebits: use Linux 6.14 or later, and check \
                 the seccomp filters and LSMs",
            ),
            Self::Other(error) => write!(f, "the securebits cannot be read or set: {error}"),
        }
    }
}

impl std::error::Error for LockError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_names_source_rule_cause_and_remedy() {
        let refusal = |source, locked| Refusal {
            rule: Rule::DenyInteractive,
            locked,
            source,
            cause: Cause::NoFile,
        };
        assert_eq!(
            refusal(Source::Command, true).to_string(),
            "commands outside of a file: refused by SECBIT_EXEC_DENY_INTERACTIVE (locked): put \
             them into an executable file, and name it"
        );
        let said = refusal(Source::StandardInput, false).to_string();
        assert!(said.starts_with("standard input: refused by SECBIT_EXEC_DENY_INTERACTIVE: "));
        let said = refusal(Source::File("a.inc".into()), false).to_string();
        assert!(said.starts_with("a.inc: refused"), "{said}");
        let said = refusal(Source::File("a\u{1b}[2J\nb \u{e9}".into()), false).to_string();
        assert!(
            said.starts_with("a\\u{1b}[2J\\nb \u{e9}: refused"),
            "{said}"
        );
    }

    #[test]
    fn an_io_error_is_displayed_unchanged() {
        let error = Error::from(io::Error::other("no such luck"));
        assert_eq!(error.to_string(), "no such luck");
    }
}
