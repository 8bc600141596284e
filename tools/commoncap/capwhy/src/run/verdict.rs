// SPDX-License-Identifier: GPL-2.0

//! How to give the set, and whether it is enough, as text.

use super::{
    only::Only,
    report::Report,
    verify::{Verified, Without},
};
use crate::{
    deploy::{For, Form},
    printable::printable,
    style::Style,
    table::wrap,
};
use serde::Serialize;
use std::fmt::Write as _;

/// The set in the form in which one gives it.
#[derive(Serialize)]
pub struct Deploy {
    /// The commands or settings.
    pub lines: Vec<String>,
    /// What to know about it.
    pub notes: Vec<&'static str>,
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
                let verified = self
                    .verified
                    .as_ref()
                    .is_some_and(|verified| verified.enough);
                let heading = match (verified, self.missing.capabilities.is_empty()) {
                    (true, _) => "to give the verified set",
                    (false, true) => "to give the smallest set",
                    (false, false) => "to give the smallest set with what was refused",
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
        for sentence in self
            .verified
            .iter()
            .flat_map(|verified| sentences(verified, style))
        {
            text.push('\n');
            text.push_str(&wrap("", &sentence));
        }
    }
}

/// Returns what the runs with one set after another have come to.
fn sentences(verified: &Verified, style: Style) -> Vec<String> {
    let set = Only::of(&verified.capabilities).to_argument();
    let ended = match &verified.signal {
        Some(signal) => format!("was ended by signal {signal}"),
        None => format!("ended with status {}", verified.status),
    };
    let like = match verified.with_all {
        true => "with all capabilities",
        false => "before",
    };
    if !verified.enough {
        let sentence = match (verified.repeats, verified.missing.is_empty()) {
            (true, _) if verified.works == Some(false) => String::from(
                "Not verified: the command of --works fails with all capabilities, too.",
            ),
            (false, _) => String::from(
                "Not verified: the command does not end twice alike with all capabilities. Run it \
                 with --before COMMAND, which restores what it changes.",
            ),
            (true, lacks_none) => {
                let lacked = match lacks_none {
                    true => String::new(),
                    false => format!(", and lacked {}", verified.missing.join(",")),
                };
                format!(
                    "Not verified: run again with just {set}, the command {ended}{lacked}. Run it \
                     by capwhy run --caps {set} to see what it lacks."
                )
            }
        };
        return vec![style.bad(&sentence)];
    }
    let mut sentences = vec![style.good(&format!(
        "Verified: run again with just {set}, the command {ended}, as {like}."
    ))];
    if verified.status != 0 && verified.with_all {
        sentences.push("No capability changes this status: see what else failed.".to_owned());
    }
    if !verified.added.is_empty() {
        let added = verified.added.join(", ");
        sentences.push(format!(
            "The first run did not show {added}: the kernel checks less of a process that holds \
             all capabilities, and programs look at their sets and at those that they pass on."
        ));
    }
    sentences.extend(without(&verified.each));
    sentences
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
            "Needed: without {each}{needed}, the command ends otherwise."
        ));
    }
    for one in each.iter().filter(|one| one.same) {
        if let Some(what) = &one.failed {
            let name = &one.capability;
            let fails = if what.ends_with(')') { " fails" } else { "" };
            sentences.push(format!(
                "Kept: without {name}, it ends alike and does less: {what}{fails}."
            ));
        }
    }
    let needless = names(&|one| !one.needed());
    if !needless.is_empty() {
        sentences.push(format!(
            "Left out: {needless}. The kernel checks it, but the command does the same without: it \
             ends alike, and no call fails for it."
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
            missing: if enough {
                Vec::new()
            } else {
                vec!["cap_bpf".to_owned()]
            },
            enough,
            repeats: true,
            ..Verified::default()
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

    #[test]
    fn a_command_that_changes_what_it_finds_needs_another_one_before_it() {
        let verified = Verified::default();
        let text = sentences(&verified, Style::PLAIN).join(" ");
        assert!(text.contains("Run it with --before COMMAND"), "{text}");
        let fails = Verified {
            repeats: true,
            works: Some(false),
            ..Verified::default()
        };
        let text = sentences(&fails, Style::PLAIN).join(" ");
        assert!(text.contains("--works fails with all"), "{text}");
    }

    #[test]
    fn each_capability_has_a_sentence() {
        let one = |capability: &str, same, failed: Option<&str>| Without {
            capability: capability.to_owned(),
            same,
            failed: failed.map(str::to_owned),
        };
        let each = [
            one("cap_chown", true, None),
            one("cap_kill", false, None),
            one("cap_bpf", false, Some("bpf(0)")),
            one("cap_mknod", true, Some("mknod()")),
            one("cap_fsetid", true, Some("the kernel clears bits")),
        ];
        let text = without(&each).join(" ");
        for words in [
            "Needed: without any one of cap_kill, cap_bpf, the",
            "Kept: without cap_mknod, it ends alike and does less: mknod() fails.",
            "does less: the kernel clears bits.",
            "Left out: cap_chown.",
        ] {
            assert!(text.contains(words), "{text}");
        }
    }
}
