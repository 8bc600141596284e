// SPDX-License-Identifier: GPL-2.0

//! What an `execve()` would do to credentials: `capwhy exec`.
//!
//! The core decides, on facts of the caller, of the files and of their mounts. A fact that capwhy
//! cannot know has more than one possible value. The core then decides for each of them, and what
//! differs is unknown.

mod caller;
mod chain;
mod decide;
mod file;
#[cfg(test)]
pub mod fixtures;
mod misc;
mod mount;
mod report;
mod sharing;
mod steps;
mod suppose;
#[cfg(test)]
mod tests;
mod text;
mod view;
mod ways;

pub use crate::facts::ids::{Id, UNMAPPED};
pub use caller::{Caller, Tracer};
pub use chain::{Chain, Link, Stop};
pub use decide::{After, Doubt, Outcome};
pub use report::{Report, VERSION};
pub use suppose::{set, Supposed};
pub use view::View;

use commoncap::{file_capabilities::FileCapabilities, Denial};
use file::Attribute;
use std::path::Path;

/// What an `execve()` would do.
#[derive(Debug)]
pub struct Prediction {
    /// The process that calls it.
    pub caller: Caller,
    /// The files that it opens.
    pub chain: Chain,
    /// What the core decides: a value for each thing that is possible, at least one unless
    /// [`Chain::stop`] says why there is none.
    pub outcomes: Vec<Outcome>,
    /// What is unknown, and makes the outcomes differ.
    pub doubts: Vec<Doubt>,
    /// The capabilities that the file has, if they count on this kernel at all.
    pub granted: Option<FileCapabilities>,
}

impl Prediction {
    /// Predicts what happens if the caller executes a program of this path.
    pub fn of(caller: Caller, program: &Path, view: &View) -> Self {
        let chain = Chain::of(program, &caller, view);
        Self::by(caller, chain)
    }

    /// Predicts what happens if the caller executes these files.
    fn by(caller: Caller, mut chain: Chain) -> Self {
        let mut outcomes: Vec<Outcome> = Vec::new();
        let (mut doubts, mut granted) = (Vec::new(), None);
        if let (Some(link), None) = (chain.decisive(), &chain.stop) {
            let (cases, unknown) = decide::cases(&caller, &link.file);
            for readable in possible(chain.readable) {
                for case in &cases {
                    let outcome = decide::decide(&caller, &link.file, *case, readable);
                    if !outcomes.contains(&outcome) {
                        outcomes.push(outcome);
                    }
                }
            }
            let first = outcomes.first().map(|outcome| &outcome.after);
            if outcomes.iter().any(|outcome| Some(&outcome.after) != first) {
                doubts = unknown;
            }
            if let Attribute::Value(value) = &link.file.attribute {
                granted = FileCapabilities::parse(value).ok();
            }
            let denials = |outcome: &Outcome| outcome.after == Err(Denial::FileCapsSize);
            if link.file.attribute == Attribute::Malformed && outcomes.iter().any(denials) {
                chain.stop = Some(Stop::Unknown(format!(
                    "the kernel does not show the capabilities of {0}: they are of revision 1 (of \
                     a file system made before Linux 2.6.25), and count, or they are malformed, \
                     and execve() fails with EINVAL. Write them again as root, which makes them \
                     revision 2: setcap CAPABILITIES=ep {0}; or remove them: setcap -r {0}",
                    link.file.path.display()
                )));
                outcomes.clear();
            }
        }
        Self {
            caller,
            chain,
            outcomes,
            doubts,
            granted,
        }
    }

    /// Returns the credentials, or the rule that denies the `execve()`, if that is known.
    pub fn known(&self) -> Option<&Result<After, Denial>> {
        let first = &self.outcomes.first()?.after;
        let same = self.outcomes.iter().all(|outcome| outcome.after == *first);
        same.then_some(first)
    }
}

/// Returns the values that a fact can have.
fn possible(fact: Option<bool>) -> Vec<bool> {
    fact.map_or(vec![true, false], |known| vec![known])
}
