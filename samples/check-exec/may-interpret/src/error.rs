// SPDX-License-Identifier: GPL-2.0

//! What may go wrong, in a sentence each.

use crate::{Cause, Rule, Source};
use std::{fmt, io};

/// That something may not be interpreted. Displayed, it is a sentence: which rule says so, why it
/// applies, and what would help.
#[derive(Debug)]
pub struct Refusal {
    /// The rule that is in force.
    pub rule: Rule,
    /// Whether its securebit is locked, too.
    pub locked: bool,
    /// What may not be interpreted.
    pub source: Source,
    /// Why the rule applies to it.
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

/// Why there is nothing to interpret.
#[derive(Debug)]
pub enum Error {
    /// It may not be interpreted.
    Refused(Refusal),
    /// It cannot be opened or read.
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

/// Why securebits could not be set and locked.
#[derive(Debug)]
pub enum LockError {
    /// It is locked, and not set.
    LockedOff(Rule),
    /// The kernel knows no such securebits, or somebody else refused: `EPERM` for either.
    NotKnown,
    /// The kernel said something else.
    Other(io::Error),
}

impl fmt::Display for LockError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LockedOff(rule) => write!(
                f,
                "{} is locked while it is not set: nothing that is started here can have it set",
                rule.name()
            ),
            Self::NotKnown => f.write_str(
                "the kernel refuses to set these securebits, which Linux has from 6.14 on: see \
                 \"uname -r\", and the seccomp filters and LSMs",
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
    fn a_refusal_is_a_sentence_with_rule_cause_and_remedy() {
        let refusal = |source, locked| Refusal {
            rule: Rule::DenyInteractive,
            locked,
            source,
            cause: Cause::NoFile,
        };
        assert_eq!(
            refusal(Source::Command, true).to_string(),
            "commands that come from no file: refused by SECBIT_EXEC_DENY_INTERACTIVE (locked): \
             put them into an executable file, and name that"
        );
        let said = refusal(Source::StandardInput, false).to_string();
        assert!(said.starts_with("the standard input: refused by SECBIT_EXEC_DENY_INTERACTIVE: "));
        let said = refusal(Source::File("a.inc".into()), false).to_string();
        assert!(said.starts_with("a.inc: refused"), "{said}");
        let said = refusal(Source::File("a\u{1b}[2J\nb \u{e9}".into()), false).to_string();
        assert!(
            said.starts_with("a\\u{1b}[2J\\nb \u{e9}: refused"),
            "{said}"
        );
    }

    #[test]
    fn an_error_of_reading_is_shown_as_it_is() {
        let error = Error::from(io::Error::other("no such luck"));
        assert_eq!(error.to_string(), "no such luck");
    }
}
