// SPDX-License-Identifier: GPL-2.0

//! The set that is enough and the smallest: the command is run again with one set after another.

use super::{only::Only, report::Report, run, sets::SILENT, Options};
use crate::{
    capabilities,
    error::Result,
    style::Style,
    trace::{event::Verdict, refusal::Why},
};
use commoncap::capability::CapabilitySet;
use serde::Serialize;

/// How often what a set lacks is added to it. A program can ask for more with each.
const ROUNDS: usize = 8;

/// What runs with just one set after another have come to.
#[derive(Default, Serialize)]
pub struct Verified {
    /// The set that they ended with.
    pub capabilities: Vec<String>,
    /// What the smallest set of the first run lacked.
    pub added: Vec<String>,
    /// What the command does the same without.
    pub left_out: Vec<String>,
    /// The status of the command with that set.
    pub status: u8,
    /// The signal that ended it, if one did.
    pub signal: Option<String>,
    /// Whether its work was done, if a command that checks this was given.
    pub works: Option<bool>,
    /// The capabilities that it still lacked.
    pub missing: Vec<String>,
    /// Whether it ended as it does with all capabilities, and lacked nothing more.
    pub enough: bool,
    /// Whether what it ends like is a run with all capabilities, and not the first one.
    pub with_all: bool,
    /// Whether the command, run twice with the same capabilities, ends the same, as far as that was
    /// tried.
    pub repeats: bool,
    /// What happened without each of the capabilities, if that was tried.
    pub each: Vec<Without>,
}

/// What a run without one capability of the set has come to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Without {
    /// The capability.
    pub capability: String,
    /// Whether the command ended as before.
    pub same: bool,
    /// A system call or a netlink message that was refused for the lack of it, or what the kernel
    /// does instead.
    pub failed: Option<String>,
}

impl Without {
    /// Returns whether the command does less without the capability.
    pub fn needed(&self) -> bool {
        !self.same || self.failed.is_some()
    }
}

/// How a command ended, and what it lacked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Attempt {
    status: u8,
    signal: Option<String>,
    works: Option<bool>,
    /// The smallest set for what succeeded.
    smallest: Vec<String>,
    missing: Vec<String>,
    /// Each call and message that failed for the lack of capabilities, and these.
    failed: Vec<(String, Vec<String>)>,
}

impl Attempt {
    fn ended_as(&self, other: &Self) -> bool {
        (self.status, &self.signal, self.works) == (other.status, &other.signal, other.works)
    }

    fn failed_itself(&self) -> bool {
        self.status != 0 || self.signal.is_some()
    }

    /// Returns what it lacked that is not in a set.
    fn lacks(&self, set: &[String]) -> Vec<String> {
        let missing = self.missing.iter();
        missing
            .filter(|name| !set.contains(name))
            .cloned()
            .collect()
    }

    /// Returns a call that failed for the lack of a capability, or what the kernel did instead.
    fn fails_for(&self, capability: &str) -> Option<String> {
        let is = |name: &String| name == capability;
        let mut calls = self.failed.iter();
        let call = calls.find(|(_, lacked)| lacked.iter().any(is));
        let silent = || SILENT.iter().find(|(name, _)| *name == capability);
        match call {
            Some((call, _)) => Some(call.clone()),
            None if self.missing.iter().any(is) => silent().map(|(_, text)| (*text).to_owned()),
            None => None,
        }
    }

    fn of(status: u8, works: Option<bool>, report: Option<&Report>) -> Self {
        let Some(report) = report else {
            return Self {
                status,
                works,
                ..Self::default()
            };
        };
        let failed = report.failed.iter().map(|counted| &counted.what);
        let lacked = failed.filter_map(|failed| match &failed.why {
            Why::Capability { capabilities } => Some((failed.call.clone(), capabilities.clone())),
            _ => None,
        });
        let capsets = report.capsets.iter().map(|counted| &counted.what);
        let refused = capsets.filter(|capset| capset.verdict == Verdict::Denied);
        let capsets = refused.map(|capset| ("capset()".to_owned(), capset.refused.clone()));
        let prctls = report.prctls.iter().map(|counted| &counted.what);
        let refused = prctls.filter(|prctl| prctl.verdict == Verdict::Denied);
        let prctls = refused.filter_map(|prctl| {
            let needed = crate::explain::decisive(prctl)?.to_owned();
            Some((format!("prctl({})", prctl.option), vec![needed]))
        });
        let spared = report.spared.iter();
        let less = spared.filter(|name| SILENT.iter().any(|(known, _)| known == name));
        let missing = report.missing.capabilities.iter();
        Self {
            status,
            signal: report.signal.clone(),
            works,
            smallest: report.smallest.capabilities.clone(),
            missing: missing.chain(less).cloned().collect(),
            failed: lacked.chain(capsets).chain(prctls).collect(),
        }
    }
}

/// The search for the set.
struct Search<'a> {
    /// How the command ends with all that it needs.
    like: Attempt,
    /// Runs the command with a set.
    attempt: &'a mut dyn FnMut(Only) -> Result<Attempt>,
    /// The set, which is enough.
    names: Vec<String>,
    each: Vec<Without>,
}

impl Search<'_> {
    /// Leaves candidates out of the set, all at once or by halves, if the command does the same
    /// without them.
    fn leave_out(&mut self, candidates: &[String]) -> Result {
        let others = without(&self.names, candidates);
        let tried = (self.attempt)(Only::of(&others))?;
        let same = tried.ended_as(&self.like);
        let fails = candidates.iter().find_map(|name| tried.fails_for(name));
        if let [capability] = candidates {
            self.each.push(Without {
                capability: capability.clone(),
                same,
                failed: fails.clone(),
            });
        }
        if same && fails.is_none() {
            self.names = others;
        } else if candidates.len() > 1 {
            let (first, second) = candidates.split_at(candidates.len() / 2);
            self.leave_out(first)?;
            self.leave_out(second)?;
        }
        Ok(())
    }
}

fn without(names: &[String], these: &[String]) -> Vec<String> {
    let rest = names.iter().filter(|name| !these.contains(name));
    rest.cloned().collect()
}

fn all() -> Vec<String> {
    let names = capabilities::names(CapabilitySet::FULL).into_iter();
    names.map(str::to_owned).collect()
}

/// Finds a set with which the command ends as with all capabilities: the smallest set of the first
/// run, with what it lacks then. With `each`, leaves out what the command does the same without.
fn try_sets(
    before: Attempt,
    each: bool,
    attempt: &mut dyn FnMut(Only) -> Result<Attempt>,
) -> Result<Verified> {
    // If something was refused, the command may have done less than it can. If it failed, it may
    // have looked at its sets, and given up before the kernel checked anything.
    let with_all = !before.missing.is_empty() || before.failed_itself();
    let like = match with_all {
        true => attempt(Only::of(&all()))?,
        false => before,
    };
    let smallest = like.smallest.clone();
    let mut names = smallest.clone();
    let mut last = attempt(Only::of(&names))?;
    for _ in 0..ROUNDS {
        let more = last.lacks(&[names.clone(), like.missing.clone()].concat());
        if more.is_empty() {
            break;
        }
        names = Only::of(&[names, more].concat()).names();
        last = attempt(Only::of(&names))?;
    }
    // A program can look at its sets, and give up before the kernel checks anything.
    let mut guessed = Vec::new();
    let mut repeats = true;
    if !last.ended_as(&like) {
        let tried = attempt(Only::of(&all()))?;
        repeats = tried.ended_as(&like);
        if repeats {
            guessed = without(&all(), &names);
            names = all();
            last = tried;
        }
    }
    let enough =
        last.ended_as(&like) && last.lacks(&like.missing).is_empty() && last.works != Some(false);
    let mut search = Search {
        like,
        attempt,
        names,
        each: Vec::new(),
    };
    if enough && !guessed.is_empty() {
        search.leave_out(&guessed)?;
    }
    let left_out_of = search.names.clone();
    for capability in left_out_of.iter().filter(|_| each && enough) {
        let tried = search.each.iter();
        if !tried.clone().any(|one| one.capability == *capability) {
            search.leave_out(std::slice::from_ref(capability))?;
        }
    }
    search
        .each
        .retain(|one| left_out_of.contains(&one.capability));
    Ok(Verified {
        added: without(&search.names, &smallest),
        left_out: without(&left_out_of, &search.names),
        status: last.status,
        missing: last.lacks(&search.like.missing),
        works: last.works,
        signal: last.signal,
        enough,
        with_all,
        repeats,
        each: search.each,
        capabilities: search.names,
    })
}

/// Runs the command of a report again, with just the smallest set and with others, and with `each`
/// without each capability of that.
pub fn verify(options: &Options, report: &mut Report, works: Option<bool>, each: bool) -> Result {
    let before = Attempt::of(report.status, works, Some(report));
    let shows = Style::of(&std::io::stderr()).columns().is_some();
    let mut attempt = |only: Only| {
        if shows {
            eprintln!("capwhy: again, with just {}", only.to_argument());
        }
        let again = Options {
            only: Some(only),
            ..options.clone()
        };
        let (status, report) = run(&again)?;
        Ok(Attempt::of(status, options.works()?, report.as_ref()))
    };
    let verified = try_sets(before, each, &mut attempt)?;
    if verified.enough {
        report.wanted.clone_from(&verified.capabilities);
    }
    report.verified = Some(verified);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owned(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    /// A command that needs `cap_kill`, and `cap_bpf` unless it holds all. It uses `cap_chown`
    /// without need, without `cap_mknod` a call fails, and it looks whether it has `cap_sys_nice`.
    fn run_with(names: &[String]) -> Attempt {
        let has = |name: &str| names.iter().any(|held| held == name);
        let lacks = |names: &[&str]| -> Vec<String> {
            let missing = names.iter().filter(|name| !has(name));
            missing.map(|name| (*name).to_owned()).collect()
        };
        let failed = lacks(&["cap_mknod"]).into_iter();
        Attempt {
            status: u8::from(!has("cap_kill") || !has("cap_bpf") || !has("cap_sys_nice")),
            smallest: owned(&["cap_chown", "cap_kill", "cap_mknod"]),
            missing: lacks(&["cap_kill", "cap_bpf", "cap_mknod"]),
            failed: failed
                .map(|name| ("mknod()".to_owned(), vec![name]))
                .collect(),
            ..Attempt::default()
        }
    }

    /// Tries sets with that command, which first runs with these capabilities.
    fn tried(first: &[String], each: bool) -> (Verified, Vec<Vec<String>>) {
        let mut sets = Vec::new();
        let mut attempt = |only: Only| {
            sets.push(only.names());
            Ok(run_with(&only.names()))
        };
        let verified = try_sets(run_with(first), each, &mut attempt).unwrap();
        (verified, sets)
    }

    #[test]
    fn what_the_kernel_checks_of_fewer_capabilities_is_added() {
        let (verified, _) = tried(&all(), false);
        assert!(verified.enough && !verified.with_all && verified.left_out.is_empty());
        assert_eq!(verified.added, ["cap_sys_nice", "cap_bpf"]);
    }

    #[test]
    fn what_a_program_looks_for_in_its_sets_is_found_by_halves() {
        let (verified, sets) = tried(&all(), false);
        assert!(verified.capabilities.contains(&"cap_sys_nice".to_owned()));
        assert!(sets.len() < 20, "{} runs", sets.len());
    }

    #[test]
    fn the_set_is_the_smallest_with_which_the_command_does_as_much() {
        let (verified, sets) = tried(&all(), true);
        let smallest = ["cap_kill", "cap_sys_nice", "cap_mknod", "cap_bpf"];
        assert_eq!(verified.capabilities, smallest);
        assert_eq!(verified.left_out, ["cap_chown"]);
        assert!(verified.enough && sets.contains(&verified.capabilities));
        for one in &verified.each {
            assert_eq!(one.needed(), one.capability != "cap_chown", "{one:?}");
            assert_eq!(one.same, !one.needed() || one.capability == "cap_mknod");
        }
        assert_eq!(verified.each.len(), 5);
    }

    #[test]
    fn a_command_that_was_refused_something_is_compared_with_all_capabilities() {
        let (verified, _) = tried(&[], true);
        assert!(verified.enough && verified.with_all);
        assert_eq!(verified.status, 0);
        let smallest = ["cap_kill", "cap_sys_nice", "cap_mknod", "cap_bpf"];
        assert_eq!(verified.capabilities, smallest);
    }

    #[test]
    fn a_command_that_does_not_end_twice_alike_is_not_verified() {
        let mut ends_with = 1;
        let mut attempt = |_: Only| {
            ends_with += 1;
            Ok(Attempt {
                status: ends_with,
                ..Attempt::default()
            })
        };
        let verified = try_sets(Attempt::default(), true, &mut attempt).unwrap();
        assert!(!verified.enough && !verified.repeats);
    }

    #[test]
    fn a_command_whose_work_is_not_done_is_not_verified() {
        let fails = Attempt {
            works: Some(false),
            ..Attempt::default()
        };
        let verified = try_sets(fails.clone(), true, &mut |_| Ok(fails.clone())).unwrap();
        assert!(!verified.enough && verified.works == Some(false) && verified.repeats);
    }

    #[test]
    fn a_capability_without_which_bits_are_lost_is_needed() {
        let attempt = Attempt {
            missing: owned(&["cap_fsetid", "cap_chown"]),
            ..Attempt::default()
        };
        assert!(attempt.fails_for("cap_fsetid").is_some());
        assert!(attempt.fails_for("cap_chown").is_none());
    }
}
