// SPDX-License-Identifier: GPL-2.0

//! Whether the smallest set is enough: the command is run again with it.

use super::{only::Only, report::Report, run, Options};
use crate::{
    deploy::{For, Form},
    error::Result,
    printable::printable,
    style::Style,
    table::wrap,
    trace::{event::Verdict, refusal::Why},
};
use serde::Serialize;
use std::fmt::Write as _;

/// How often a set that is not enough is made larger.
const MOST: usize = 4;

/// What a run with just the smallest set has come to.
#[derive(Serialize)]
pub struct Verified {
    /// The set, with what was added.
    pub capabilities: Vec<String>,
    /// What was added: what the command lacked with the smallest set, and did not lack before.
    pub added: Vec<String>,
    /// The status of the command.
    pub status: u8,
    /// The signal that ended it, if one did.
    pub signal: Option<String>,
    /// The capabilities that it still lacked, and did not lack before.
    pub missing: Vec<String>,
    /// Whether it ended as before, and lacked nothing more.
    pub enough: bool,
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
    /// A system call that failed for the lack of it.
    pub failed: Option<String>,
}

/// How a command ended, and what it lacked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Attempt {
    status: u8,
    signal: Option<String>,
    missing: Vec<String>,
    /// Each call that failed for the lack of capabilities, and these.
    failed: Vec<(String, Vec<String>)>,
}

impl Attempt {
    fn ended_as(&self, other: &Self) -> bool {
        (self.status, &self.signal) == (other.status, &other.signal)
    }

    fn of(status: u8, report: Option<&Report>) -> Self {
        let Some(report) = report else {
            return Self {
                status,
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
        Self {
            status,
            signal: report.signal.clone(),
            missing: report.missing.capabilities.clone(),
            failed: lacked.chain(capsets).collect(),
        }
    }
}

/// Tries a set, makes it larger while it is not enough, and tries it without each capability.
fn try_sets(
    before: &Attempt,
    smallest: &[String],
    each: bool,
    attempt: &mut dyn FnMut(Only) -> Result<Attempt>,
) -> Result<Verified> {
    let mut names = smallest.to_vec();
    let mut added = Vec::new();
    let (last, missing) = loop {
        let tried = attempt(Only::of(&names))?;
        let lacking = tried
            .missing
            .iter()
            .filter(|name| !before.missing.contains(name));
        let missing: Vec<String> = lacking.cloned().collect();
        let more: Vec<String> = missing
            .iter()
            .filter(|name| !names.contains(name))
            .cloned()
            .collect();
        if more.is_empty() || added.len() >= MOST {
            break (tried, missing);
        }
        names = Only::of(&[names, more.clone()].concat()).names();
        added.extend(more);
    };
    let enough = last.ended_as(before) && missing.is_empty();
    let mut without = Vec::new();
    for capability in names.iter().filter(|_| each && enough) {
        let others: Vec<String> = names
            .iter()
            .filter(|name| *name != capability)
            .cloned()
            .collect();
        let tried = attempt(Only::of(&others))?;
        let calls = tried
            .failed
            .iter()
            .filter(|(_, lacked)| lacked.contains(capability));
        without.push(Without {
            capability: capability.clone(),
            same: tried.ended_as(before),
            failed: calls.map(|(call, _)| call.clone()).next(),
        });
    }
    Ok(Verified {
        capabilities: names,
        added,
        status: last.status,
        signal: last.signal,
        missing,
        enough,
        each: without,
    })
}

/// The set in the form in which one gives it.
#[derive(Serialize)]
pub struct Deploy {
    /// The commands or settings.
    pub lines: Vec<String>,
    /// What to know about it.
    pub notes: Vec<&'static str>,
}

/// Runs the command of a report again, with just the smallest set, and with `each` without each
/// capability of that.
pub fn verify(options: &Options, report: &mut Report, each: bool) -> Result {
    let before = Attempt::of(report.status, Some(report));
    let mut attempt = |only| {
        let again = Options {
            only: Some(only),
            ..options.clone()
        };
        let (status, report) = run(&again)?;
        Ok(Attempt::of(status, report.as_ref()))
    };
    let smallest = report.smallest.capabilities.clone();
    let verified = try_sets(&before, &smallest, each, &mut attempt)?;
    if !verified.added.is_empty() {
        report.wanted = Only::of(&[report.wanted.clone(), verified.added.clone()].concat()).names();
    }
    report.verified = Some(verified);
    Ok(())
}

impl Report {
    /// Adds the smallest set with what was refused in this form, or in the one that fits the
    /// program.
    pub fn with_form(mut self, form: Option<Form>) -> Self {
        if !self.wanted.is_empty() {
            let file = std::fs::canonicalize(&self.program);
            let program = For {
                file: file.as_deref().unwrap_or(&self.program),
                is_script: self.is_script,
            };
            let set = match self.missing.capabilities.is_empty() {
                true => &self.smallest,
                false => &self.missing,
            };
            let form = form.unwrap_or(match set.setcap {
                Some(_) => Form::fitting(program),
                // Capabilities of the file do not count, or not for the programs that it starts.
                None => Form::Setpriv,
            });
            self.deploy = Some(Deploy {
                lines: form.lines(&self.wanted, program),
                notes: form.notes(program),
            });
        }
        self
    }

    /// Adds how to give the smallest set, and whether it is enough.
    pub(super) fn verdict(&self, style: Style, text: &mut String) {
        if let Some(deploy) = &self.deploy {
            text.push('\n');
            // The set itself is shown as a setcap command.
            let shown = [&self.smallest.setcap, &self.missing.setcap];
            if !shown.iter().any(|set| set.iter().eq(&deploy.lines)) {
                let heading = match self.missing.capabilities.is_empty() {
                    true => "to give the smallest set",
                    false => "to give the smallest set with what was refused",
                };
                let _ = writeln!(text, "{}", style.heading(heading));
                for line in &deploy.lines {
                    let _ = writeln!(text, "    {}", printable(line));
                }
            }
            for note in &deploy.notes {
                text.push_str(&wrap("", note));
            }
        }
        let Some(verified) = &self.verified else {
            return;
        };
        let set = Only::of(&verified.capabilities).to_argument();
        let ended = match &verified.signal {
            Some(signal) => format!("was ended by signal {signal}"),
            None => format!("ended with status {}", verified.status),
        };
        let sentence = if verified.enough {
            style.good(&format!(
                "Verified: run again with just {set}, the command {ended}, as before."
            ))
        } else {
            let lacked = match verified.missing.is_empty() {
                true => String::new(),
                false => format!(", and lacked {}", verified.missing.join(",")),
            };
            style.bad(&format!(
                "Not verified: run again with just {set}, the command {ended}{lacked}. Run it by \
                 capwhy run --caps {set} to see what it lacks."
            ))
        };
        text.push('\n');
        text.push_str(&wrap("", &sentence));
        if !verified.added.is_empty() && verified.enough {
            let added = verified.added.join(", ");
            let sentence = format!(
                "The smallest set lacked {added}: the kernel checks these only of a process that \
                 does not hold all capabilities."
            );
            text.push_str(&wrap("", &sentence));
        }
        for sentence in without(&verified.each) {
            text.push_str(&wrap("", &sentence));
        }
    }
}

/// Returns sentences on what happened without each capability.
fn without(each: &[Without]) -> Vec<String> {
    let names = |these: &dyn Fn(&&Without) -> bool| -> String {
        let names = each.iter().filter(these);
        let names: Vec<&str> = names.map(|one| one.capability.as_str()).collect();
        names.join(", ")
    };
    let mut sentences = Vec::new();
    let needed = names(&|one| !one.same);
    if !needed.is_empty() {
        let each = match needed.contains(',') {
            true => "any one of ",
            false => "",
        };
        sentences.push(format!(
            "Needed: without {each}{needed}, the command ended otherwise."
        ));
    }
    for one in each.iter().filter(|one| one.same) {
        if let Some(call) = &one.failed {
            let name = &one.capability;
            sentences.push(format!(
                "Without {name}, it ended as before, but {call} failed: it does less."
            ));
        }
    }
    let needless = names(&|one| one.same && one.failed.is_none());
    if !needless.is_empty() {
        sentences.push(format!(
            "Asked for, but not needed to end so: {needless}. Without each of these by itself, it \
             ended as before, and no call failed for it. Compare what it did: the exit status does \
             not show that."
        ));
    }
    sentences
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::{collect::fixtures::capable, fixtures::report};

    fn text(enough: bool) -> String {
        let kill = capable("cap_kill", 1, 1, "granted", "Effective");
        let mut report = report(None, &[&kill]);
        report.verified = Some(Verified {
            capabilities: vec!["cap_kill".to_owned()],
            status: if enough { 0 } else { 1 },
            signal: None,
            missing: if enough {
                Vec::new()
            } else {
                vec!["cap_bpf".to_owned()]
            },
            enough,
            added: Vec::new(),
            each: Vec::new(),
        });
        let text = report.with_form(Some(Form::Systemd)).text(Style::PLAIN);
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn the_set_is_shown_in_the_form_that_is_asked_for_and_verified() {
        let good = text(true);
        assert!(good.contains("AmbientCapabilities=CAP_KILL"), "{good}");
        let words = "Verified: run again with just cap_kill, the command ended with status 0";
        assert!(good.contains(words), "{good}");
        let plain = report(None, &[&capable("cap_kill", 1, 1, "granted", "Effective")]);
        let plain = plain.with_form(None).text(Style::PLAIN);
        assert_eq!(plain.matches("setcap cap_kill=ep").count(), 1, "{plain}");
        assert!(plain.contains("LD_LIBRARY_PATH"), "{plain}");
        let bad = text(false);
        let words = "ended with status 1, and lacked cap_bpf. Run it by capwhy run --caps cap_kill";
        assert!(bad.contains(words), "{bad}");
    }

    #[test]
    fn a_script_is_not_given_file_capabilities() {
        let kill = capable("cap_kill", 1, 1, "granted", "Effective");
        let mut script = report(None, &[&kill]);
        script.is_script = true;
        let script = script.with_form(None);
        let deploy = script.deploy.as_ref().unwrap();
        assert!(
            deploy.lines[0].starts_with("setpriv "),
            "{:?}",
            deploy.lines
        );
        let none = report(None, &[]).with_form(None);
        assert!(none.deploy.is_none());
    }

    /// Tries sets with a command that needs `cap_kill`, and `cap_bpf` unless it holds all; it uses
    /// `cap_chown` without need, and without `cap_mknod` a call fails.
    fn tried(smallest: &[&str], each: bool) -> (Verified, usize) {
        let mut count = 0;
        let mut attempt = |only: Only| {
            count += 1;
            let has = |name: &str| only.names().iter().any(|held| held == name);
            let lacks = |names: &[&str]| -> Vec<String> {
                let missing = names.iter().filter(|name| !has(name));
                missing.map(|name| (*name).to_owned()).collect()
            };
            let failed = lacks(&["cap_mknod"]).into_iter();
            Ok(Attempt {
                status: u8::from(!has("cap_kill") || !has("cap_bpf")),
                signal: None,
                missing: lacks(&["cap_kill", "cap_bpf", "cap_mknod"]),
                failed: failed
                    .map(|name| ("mknod()".to_owned(), vec![name]))
                    .collect(),
            })
        };
        let smallest: Vec<String> = smallest.iter().map(|name| (*name).to_owned()).collect();
        let verified = try_sets(&Attempt::default(), &smallest, each, &mut attempt).unwrap();
        (verified, count)
    }

    #[test]
    fn a_set_that_is_not_enough_is_made_larger() {
        let (verified, count) = tried(&["cap_kill", "cap_mknod"], false);
        assert!(verified.enough && verified.each.is_empty());
        assert_eq!(
            (count, &verified.added[..]),
            (2, &["cap_bpf".to_owned()][..])
        );
        assert_eq!(verified.capabilities, ["cap_kill", "cap_mknod", "cap_bpf"]);
        let (verified, count) = tried(&["cap_kill", "cap_mknod", "cap_bpf"], false);
        assert!(verified.enough && verified.added.is_empty() && count == 1);
    }

    #[test]
    fn each_capability_is_left_out_once() {
        let all = ["cap_chown", "cap_kill", "cap_mknod", "cap_bpf"];
        let (verified, count) = tried(&all, true);
        assert_eq!(count, 5);
        let same: Vec<bool> = verified.each.iter().map(|one| one.same).collect();
        assert_eq!(same, [true, false, true, false]);
        let text = without(&verified.each).join(" ");
        for words in [
            "Needed: without any one of cap_kill, cap_bpf, the",
            "Without cap_mknod, it ended as before, but mknod() failed: it does less.",
            "not needed to end so: cap_chown.",
        ] {
            assert!(text.contains(words), "{text}");
        }
    }
}
