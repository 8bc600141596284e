// SPDX-License-Identifier: GPL-2.0

//! Whether the smallest set is enough: the command is run again with it.

use super::{only::Only, report::Report, run, Options};
use crate::{
    deploy::{For, Form},
    error::Result,
    printable::printable,
    style::Style,
    table::wrap,
};
use serde::Serialize;
use std::fmt::Write as _;

/// What a run with just the smallest set has come to.
#[derive(Serialize)]
pub struct Verified {
    /// The set.
    pub capabilities: Vec<String>,
    /// The status of the command.
    pub status: u8,
    /// The signal that ended it, if one did.
    pub signal: Option<String>,
    /// The capabilities that it lacked, and did not lack before.
    pub missing: Vec<String>,
    /// Whether it ended as before, and lacked nothing more.
    pub enough: bool,
}

/// The set in the form in which one gives it.
#[derive(Serialize)]
pub struct Deploy {
    /// The commands or settings.
    pub lines: Vec<String>,
    /// What to know about it.
    pub notes: Vec<&'static str>,
}

/// Runs the command of a report again, with just the smallest set.
pub fn verify(options: &Options, report: &mut Report) -> Result {
    let names = report.smallest.capabilities.clone();
    let again = Options {
        only: Some(Only::of(&names)),
        ..options.clone()
    };
    let (status, second) = run(&again)?;
    let (signal, missing) = match second {
        Some(second) => {
            let before = &report.missing.capabilities;
            let lacking = second.missing.capabilities.into_iter();
            let new = lacking.filter(|name| !before.contains(name)).collect();
            (second.signal, new)
        }
        None => (None, Vec::new()),
    };
    report.verified = Some(Verified {
        enough: status == report.status && signal == report.signal && missing.is_empty(),
        capabilities: names,
        status,
        signal,
        missing,
    });
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
    }
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
}
