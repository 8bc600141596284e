// SPDX-License-Identifier: GPL-2.0

//! How the answers are shown: as a table, or as JSON.

use super::{capability, operations, securebits, Answer, Obstacles, Over, Row};
use crate::{
    capabilities,
    deploy::{For, Form, SETCAP_BREAKS},
    error::{Error, Result},
    facts::{Process, Uid},
    likely::{limit, sysctl},
    securebits::names,
    style::Style,
    table::{align, wrap, Cell},
};
use commoncap::Denial;
use serde::Serialize;
use std::{fmt::Write as _, path::Path};

/// The version of the JSON. It grows if a field changes its meaning or is removed, not if one is
/// added.
pub const VERSION: u32 = 1;

/// The securebits, as a number and by name.
#[derive(Serialize)]
struct Bits {
    value: u32,
    names: Vec<String>,
}

/// The process that is checked.
#[derive(Serialize)]
struct Who {
    pid: i32,
    name: String,
    euid: Option<u32>,
    user_ns: u64,
    in_initial_user_ns: bool,
    pid_ns_owner: Option<u64>,
    ipc_ns_owner: Option<u64>,
    effective: Vec<&'static str>,
    permitted: Vec<&'static str>,
    inheritable: Vec<&'static str>,
    bounding: Vec<&'static str>,
    ambient: Vec<&'static str>,
    no_new_privs: bool,
    /// A sentence on threads that hold other capabilities.
    threads: Option<String>,
    securebits: Option<Bits>,
}

/// The report of `capwhy check` on a process.
#[derive(Serialize)]
pub struct Report {
    version: u32,
    command: &'static str,
    process: Who,
    answers: Vec<Row>,
    deploy: Option<Deploy>,
    #[serde(skip)]
    facts: Process,
}

/// The capabilities that are missing, in the form that was asked for.
#[derive(Serialize)]
struct Deploy {
    capabilities: Vec<&'static str>,
    lines: Vec<String>,
    notes: Vec<&'static str>,
}

impl Report {
    /// Checks a process for the operations and capabilities of these names; for all operations of
    /// checkpoint/restore and on securebits if there are none.
    pub fn of(process: Process, only: &[String]) -> Result<Self> {
        Self::over(process, only, None)
    }

    /// Does the same; capabilities are checked over something else than usual.
    pub fn over(process: Process, only: &[String], over: Option<&Over>) -> Result<Self> {
        let mut all = operations(&process);
        all.append(&mut securebits(&process));
        let mut answers = Vec::new();
        for name in only {
            let named = all.iter().filter(|row| row.operation == *name);
            let count = answers.len();
            answers.extend(named.cloned());
            if answers.len() == count {
                let capability = capabilities::parse(name).map_err(|_| {
                    Error::new(format!(
                        "'{name}' is neither an operation nor a capability: capwhy check without \
                         a name shows all operations, capsh --print all capabilities"
                    ))
                })?;
                let usual = Over::usual(capability);
                answers.push(capability::row(
                    &process,
                    capability,
                    over.unwrap_or(&usual),
                ));
            } else if over.is_some() {
                return Err(Error::new(format!(
                    "--over is for capabilities, and '{name}' is an operation, which always \
                     checks one over the same namespace: leave --over out"
                )));
            }
        }
        if only.is_empty() {
            answers = all;
        }
        Ok(Self {
            version: VERSION,
            command: "check",
            process: Who {
                pid: process.pid,
                name: process.name.clone(),
                euid: match process.euid {
                    Uid::Is(uid) => Some(uid),
                    Uid::Unmapped { .. } => None,
                },
                user_ns: process.user_ns.number(),
                in_initial_user_ns: process.is_in_initial(),
                pid_ns_owner: process.pid_ns_owner.number(),
                ipc_ns_owner: process.ipc_ns_owner.number(),
                effective: capabilities::names(process.effective),
                permitted: capabilities::names(process.permitted),
                inheritable: capabilities::names(process.inheritable),
                bounding: capabilities::names(process.bounding),
                ambient: capabilities::names(process.ambient),
                no_new_privs: process.no_new_privs,
                threads: process.threads.clone(),
                securebits: process.securebits.map(|bits| Bits {
                    value: bits.bits(),
                    names: names::names(bits.bits().into()),
                }),
            },
            answers,
            deploy: None,
            facts: process,
        })
    }

    /// Adds what else can refuse what capabilities allow, and what permits the use of a missing one
    /// without it.
    pub fn with_obstacles(mut self, obstacles: &Obstacles) -> Self {
        for row in &mut self.answers {
            match row.answer {
                Answer::Yes => row.but.extend(obstacles.against(&row.operation)),
                Answer::No => {
                    let counts = row.rule() != Denial::TargetNotBelow.name();
                    let limit = limit::instead_of(self.facts.pid, &row.operation);
                    let others = limit
                        .into_iter()
                        .chain(sysctl::instead_of(&row.operation, counts));
                    for other in others {
                        let remedy = row.remedy.take().map(|remedy| remedy + ". ");
                        row.remedy = Some(remedy.unwrap_or_default() + &other);
                    }
                }
                Answer::Unknown => {}
            }
        }
        self
    }

    /// Adds the capabilities that are missing in a form in which one gives them.
    pub fn with_form(mut self, form: Form) -> Self {
        let rows = self.answers.iter().filter(|row| row.answer == Answer::No);
        let lacking =
            rows.filter(|row| matches!(row.rule(), "NotEffective" | "SecurebitsPrivileged"));
        let mut missing: Vec<&'static str> = Vec::new();
        for name in lacking.filter_map(|row| row.asks.first()) {
            if !missing.contains(name) {
                missing.push(name);
            }
        }
        if !missing.is_empty() {
            let program = &self.facts.program;
            let program = For {
                file: program.file.as_deref().unwrap_or(Path::new("FILE")),
                is_script: program.script.is_some(),
            };
            self.deploy = Some(Deploy {
                lines: form.lines(&missing, program),
                notes: form.notes(program),
                capabilities: missing,
            });
        }
        self
    }

    /// Returns whether capabilities allow all of it, and nothing else certainly refuses any of it.
    pub fn all_granted(&self) -> bool {
        let fine = |row: &Row| row.answer == Answer::Yes && !row.but.iter().any(|but| but.certain);
        self.answers.iter().all(fine)
    }

    /// Returns it as text: the process, a table, and a note for each different denial.
    pub fn text(&self, style: Style) -> String {
        let mut text = self.who();
        let mut notes: Vec<String> = Vec::new();
        let head = ["operation", "may it?", "by, or why not"];
        let mut rows = vec![head
            .map(|head| Cell::painted(head, |text| style.heading(text)))
            .into()];
        for row in &self.answers {
            let word = row.answer.word();
            let answer = Cell::painted(word, |text| match row.answer {
                Answer::Yes => style.good(text),
                Answer::No => style.bad(text),
                Answer::Unknown => style.doubtful(text),
            });
            let why = match (row.answer, row.by) {
                (Answer::Yes, Some(by)) if row.but.is_empty() => by.text(),
                (answer, by) => {
                    let note = note(row);
                    let number = notes.iter().position(|known| *known == note);
                    let number = number.unwrap_or_else(|| {
                        notes.push(note);
                        notes.len() - 1
                    });
                    let why = match (answer, by) {
                        (Answer::Yes, Some(by)) => format!("{}, but", by.text()),
                        (Answer::No, _) => row.rule().to_owned(),
                        _ => String::new(),
                    };
                    format!("{why} [{}]", number + 1).trim_start().to_owned()
                }
            };
            rows.push(vec![Cell::new(&row.operation), answer, Cell::new(why)]);
        }
        text.push('\n');
        text.push_str(&align(&rows, style));
        for (index, note) in notes.iter().enumerate() {
            text.push('\n');
            text.push_str(&wrap(&format!("[{}] ", index + 1), note));
        }
        match &self.deploy {
            Some(deploy) => {
                let _ = writeln!(text, "\n{}", style.heading(&deploy.capabilities.join(",")));
                for line in &deploy.lines {
                    let _ = writeln!(text, "    {line}");
                }
                for note in &deploy.notes {
                    text.push_str(&wrap("", note));
                }
            }
            None if notes.iter().any(|note| note.contains("setcap")) => {
                text.push('\n');
                text.push_str(&wrap("setcap: ", SETCAP_BREAKS[0]));
            }
            None => {}
        }
        text
    }

    fn who(&self) -> String {
        let who = &self.process;
        let mut text = String::new();
        let uid = who
            .euid
            .map_or("unmapped".to_owned(), |uid| uid.to_string());
        let place = if who.in_initial_user_ns {
            ", the initial one"
        } else {
            ""
        };
        let (name, pid, user_ns) = (&who.name, who.pid, who.user_ns);
        let _ = writeln!(
            text,
            "{name}, process {pid}: user {uid} in user:[{user_ns}]{place}"
        );
        let owner = |number: Option<u64>| match number {
            Some(number) if number == user_ns => "its own user namespace".to_owned(),
            Some(number) => format!("user:[{number}]"),
            None => "a user namespace that cannot be seen".to_owned(),
        };
        let namespaces = match (who.pid_ns_owner, who.ipc_ns_owner) {
            (None, None) => "PID and IPC namespaces that cannot be seen".to_owned(),
            (pid, ipc) => format!(
                "PID namespace of {}, IPC namespace of {}",
                owner(pid),
                owner(ipc)
            ),
        };
        let _ = writeln!(text, "{namespaces}");
        let facts = &self.facts;
        for (name, set) in [
            ("effective", facts.effective),
            ("permitted", facts.permitted),
            ("inheritable", facts.inheritable),
            ("bounding", facts.bounding),
            ("ambient", facts.ambient),
        ] {
            let _ = writeln!(text, "{name:12} {}", capabilities::list(set));
        }
        let bits = match &who.securebits {
            Some(bits) => names::list(bits.value.into()),
            None => "unknown to others".to_owned(),
        };
        let _ = writeln!(text, "{:12} {bits}", "securebits");
        if let Some(threads) = &who.threads {
            text.push_str(&wrap("threads      ", threads));
        }
        text
    }
}

/// Returns the note for a row whose answer is not yes.
fn note(row: &Row) -> String {
    if row.answer == Answer::Yes {
        let buts: Vec<&str> = row.but.iter().map(|but| but.sentence.as_str()).collect();
        return format!(
            "Yes, as far as capabilities go, but {}.",
            buts.join(". Also, ")
        );
    }
    let mut note = match row.answer {
        Answer::Unknown => format!("{}: unknown", row.rule()),
        _ => row.rules.join(", "),
    };
    if row.rules.is_empty() {
        note = "unknown".to_owned();
    }
    for more in [&row.reason, &row.remedy].into_iter().flatten() {
        let separator = if note.ends_with('.') { " " } else { ": " };
        let mut sentence = more.clone();
        if separator == " " {
            // The remedy is a sentence of its own.
            sentence = capitalized(&sentence);
        }
        note = format!("{note}{separator}{sentence}.");
    }
    note
}

fn capitalized(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::fixtures::{in_child, in_initial, CHILD};
    use commoncap::capability::Capability;

    #[test]
    fn a_report_has_all_operations_or_the_named_ones() {
        let only = ["map_files".to_owned()];
        let refused = Report::of(in_initial(&[]), &only).unwrap();
        assert!(!refused.all_granted());
        let held = in_initial(&[Capability::CHECKPOINT_RESTORE]);
        assert!(Report::of(held.clone(), &only).unwrap().all_granted());
        assert!(!Report::of(held, &[]).unwrap().all_granted());
        let raw = Report::of(in_initial(&[]), &["CAP_NET_RAW".to_owned()]).unwrap();
        assert_eq!(raw.answers[0].operation, "cap_net_raw");
        let over = Over::Initial;
        assert!(Report::over(in_initial(&[]), &["map_files".to_owned()], Some(&over)).is_err());
        let error = Report::of(in_initial(&[]), &["map-files".to_owned()])
            .err()
            .unwrap();
        assert!(error.to_string().contains("'map-files'"));
    }

    #[test]
    fn text_has_a_note_for_each_different_denial() {
        let text = Report::of(in_child(&[]), &[]).unwrap().text(Style::PLAIN);
        assert!(
            text.starts_with("example, process 42: user 1000 in user:[4026532201]\n"),
            "{text}"
        );
        let notes = text.lines().filter(|line| line.starts_with('['));
        let rules: Vec<&str> = notes
            .filter_map(|note| note.split([' ', ':']).nth(1))
            .collect();
        assert!(
            rules.contains(&"TargetNotBelow") && rules.contains(&"SecurebitsPrivileged"),
            "{text}"
        );
        assert!(
            text.lines().all(|line| line.chars().count() <= 100),
            "{text}"
        );
    }

    #[test]
    fn what_else_refuses_is_named_after_a_yes() {
        let held = in_initial(&[Capability::CHECKPOINT_RESTORE]);
        let only = ["ns_last_pid".to_owned()];
        let report = Report::of(held, &only).unwrap();
        assert!(report.all_granted());
        let report = report.with_obstacles(&Obstacles::fixture());
        assert!(!report.all_granted());
        let text = report.text(Style::PLAIN);
        let text: Vec<&str> = text.split_whitespace().collect();
        let text = text.join(" ");
        for words in [
            "effective, but",
            "as far as capabilities go",
            "EROFS",
            "clone3()",
        ] {
            assert!(text.contains(words), "no {words} in: {text}");
        }
    }

    #[test]
    fn what_is_missing_is_shown_in_the_form_that_is_asked_for() {
        let only = ["cap_net_raw".to_owned(), "map_files".to_owned()];
        let report = Report::of(in_initial(&[]), &only).unwrap();
        let plain = report.text(Style::PLAIN);
        assert!(
            plain.contains("setcap") && plain.contains("LD_LIBRARY_PATH"),
            "{plain}"
        );
        let text = report.with_form(Form::Systemd).text(Style::PLAIN);
        let line = "AmbientCapabilities=CAP_NET_RAW CAP_CHECKPOINT_RESTORE";
        assert!(text.contains(line), "{text}");
    }

    #[test]
    fn json_is_as_documented() {
        let report = Report::of(in_child(&[Capability::SETPCAP]), &[]).unwrap();
        let json = serde_json::to_value(&report).unwrap();
        assert_eq!(
            (&json["version"], &json["command"]),
            (&1.into(), &"check".into())
        );
        let process = &json["process"];
        assert_eq!(
            (&process["pid"], &process["user_ns"]),
            (&42.into(), &CHILD.into())
        );
        assert_eq!(process["effective"], serde_json::json!(["cap_setpcap"]));
        assert_eq!(process["securebits"]["value"], 0);
        let find = |name: &str| {
            let answers = json["answers"].as_array().unwrap().iter();
            answers
                .clone()
                .find(|row| row["operation"] == name)
                .unwrap()
                .clone()
        };
        let refused = find("map_files");
        assert_eq!(
            (&refused["answer"], &refused["errno"]),
            (&"no".into(), &"EPERM".into())
        );
        assert_eq!(refused["rules"][1], "TargetNotBelow");
        assert_eq!(refused["over"]["what"], "initial");
        let granted = find("securebits +others");
        assert_eq!(granted["by"]["how"], "effective");
        assert_eq!(granted["by"]["capability"], "cap_setpcap");
        assert_eq!(granted["changes"][0], "+noroot");
        assert_eq!(
            find("securebits +exec_restrict_file")["by"]["how"],
            "nothing"
        );
    }
}
