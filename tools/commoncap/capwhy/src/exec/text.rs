// SPDX-License-Identifier: GPL-2.0

//! The report of `capwhy exec`, as text.

use super::report::{Credentials, Opened, Report};
use crate::{
    capabilities,
    check::Answer,
    printable::printable,
    style::Style,
    table::{align, wrap, Cell},
};
use commoncap::capability::CapabilitySet;
use std::fmt::Write as _;

impl Report {
    /// Returns it as text: whether it succeeds, the credentials, the steps and the ways out.
    pub fn text(&self, style: Style) -> String {
        let mut text = self.head(style);
        if !self.files.is_empty() {
            text.push('\n');
        }
        let rows: Vec<Vec<Cell>> = self.files.iter().map(file).collect();
        text.push_str(&align(&rows, style));
        text.push('\n');
        text.push_str(&self.credentials(style));
        if !self.wanted.is_empty() {
            text.push('\n');
        }
        for (name, held) in &self.wanted {
            let word = match held {
                Some(true) => style.good("effective"),
                Some(false) => style.bad("not effective"),
                None => style.doubtful("unknown whether it is effective"),
            };
            let _ = writeln!(text, "{name}: {word} after execve()");
        }
        let steps: Vec<String> = self
            .steps
            .iter()
            .map(|step| {
                let set = match step.capabilities.len() {
                    0 => String::new(),
                    _ => {
                        let sign = if step.takes { "-" } else { "+" };
                        format!("{sign}{}: ", set_text(&step.capabilities))
                    }
                };
                let maybe = if step.certain { "" } else { "perhaps: " };
                format!("{}: {maybe}{set}{}", step.step, printable(&step.sentence))
            })
            .collect();
        list("what happens", &steps, style, &mut text);
        let follows: Vec<String> = self.follows.iter().map(|line| (*line).to_owned()).collect();
        list("what else follows", &follows, style, &mut text);
        list("unknown", &self.unknown, style, &mut text);
        list("ways out, the best first", &self.ways, style, &mut text);
        text
    }

    fn head(&self, style: Style) -> String {
        let program = printable(&self.program);
        let answer = match (self.answer, &self.errno) {
            (Answer::Yes, _) => style.good("succeeds"),
            (Answer::No, Some(errno)) => style.bad(&format!("fails with {errno}")),
            _ => style.doubtful("may succeed or fail: unknown"),
        };
        let mut text = format!("{program}: execve() {answer}");
        if let Some(rule) = self.rule {
            let _ = write!(text, ", {rule}");
        }
        text.push('\n');
        if let Some(reason) = &self.reason {
            let errno = self.errno.as_deref().unwrap_or("unknown");
            text.push_str(&wrap(
                &format!("{errno}: "),
                &format!("{}.", printable(reason)),
            ));
        }
        text
    }

    fn credentials(&self, style: Style) -> String {
        let who = &self.process;
        let mut title = match (&who.name, who.pid) {
            (Some(name), Some(pid)) => format!("{name}, process {pid}"),
            _ => "a process like this one".to_owned(),
        };
        if who.supposed {
            title.push_str(", changed as the options say");
        }
        let _ = write!(title, ", in user:[{}]", who.user_ns);
        if who.in_initial_user_ns {
            title.push_str(", the initial one");
        }
        if who.no_new_privs {
            title.push_str("; no_new_privs");
        }
        if who.traced {
            title.push_str("; traced");
        }
        let nothing = Credentials::default();
        let after = self.after.as_ref().unwrap_or(&nothing);
        let mut rows = vec![["", "before", "after"]
            .map(|head| Cell::painted(head, |text| style.heading(text)))
            .into()];
        let mut row = |name: &str, before: String, after: String| {
            let mut row = vec![Cell::new(name), Cell::new(before)];
            if self.after.is_some() {
                row.push(Cell::new(after));
            }
            rows.push(row);
        };
        row("user IDs", ids(&self.before.user_ids), ids(&after.user_ids));
        row(
            "group IDs",
            ids(&self.before.group_ids),
            ids(&after.group_ids),
        );
        for (name, field) in SETS {
            row(name, set(field(&self.before)), set(field(after)));
        }
        row("securebits", bits(&self.before), bits(after));
        if self.after.is_none() {
            rows[0] = vec![
                Cell::new(""),
                Cell::painted("before", |text| style.heading(text)),
            ];
        }
        format!("{title}\n{}", align(&rows, style))
    }
}

type Field = fn(&Credentials) -> &Option<Vec<&'static str>>;

const SETS: [(&str, Field); 5] = [
    ("effective", |cred| &cred.effective),
    ("permitted", |cred| &cred.permitted),
    ("inheritable", |cred| &cred.inheritable),
    ("bounding", |cred| &cred.bounding),
    ("ambient", |cred| &cred.ambient),
];

fn set_text(names: &[&str]) -> String {
    let set = names
        .iter()
        .filter_map(|name| capabilities::known(name))
        .fold(CapabilitySet::EMPTY, CapabilitySet::with);
    capabilities::list(set)
}

fn set(names: &Option<Vec<&'static str>>) -> String {
    names
        .as_ref()
        .map_or("unknown".to_owned(), |names| set_text(names))
}

fn bits(cred: &Credentials) -> String {
    match &cred.securebits {
        None => "unknown".to_owned(),
        Some(names) if names.is_empty() => "none".to_owned(),
        Some(names) => names.join(","),
    }
}

/// Returns IDs as text: one, if all are the same, or the real, effective, saved and file system ID.
fn ids(ids: &Option<[Option<u64>; 4]>) -> String {
    let Some(ids) = ids else {
        return "unknown".to_owned();
    };
    let texts = ids.map(|id| id.map_or("unmapped".to_owned(), |id| id.to_string()));
    if texts.iter().all(|text| *text == texts[0]) {
        return texts[0].clone();
    }
    let [real, effective, saved, file_system] = &texts;
    let mut text = format!("real {real}, effective {effective}, saved {saved}");
    if file_system != effective {
        let _ = write!(text, ", file system {file_system}");
    }
    text
}

fn file(file: &Opened) -> Vec<Cell> {
    let id = |id: Option<u64>| id.map_or("unmapped".to_owned(), |id| id.to_string());
    let mut mount = file
        .mount
        .clone()
        .unwrap_or_else(|| "an unseen mount".to_owned());
    let mut traits = vec![&*file.file_system];
    for (is, word) in [(file.nosuid, "nosuid"), (file.idmapped, "idmapped")] {
        if is {
            traits.push(word);
        }
    }
    traits.retain(|word| !word.is_empty());
    if !traits.is_empty() {
        let _ = write!(mount, " ({})", traits.join(", "));
    }
    let capabilities = file.capabilities.as_deref().unwrap_or("no capabilities");
    vec![
        Cell::new(printable(&file.file)),
        Cell::new(if file.interpreted {
            "script"
        } else {
            "program"
        }),
        Cell::new(format!("mode {}", file.mode)),
        Cell::new(format!("owner {}:{}", id(file.uid), id(file.gid))),
        Cell::new(format!("{capabilities}, on {}", printable(&mount))),
    ]
}

fn list(heading: &str, items: &[String], style: Style, text: &mut String) {
    if items.is_empty() {
        return;
    }
    let _ = writeln!(text, "\n{}", style.heading(heading));
    for (index, item) in items.iter().enumerate() {
        let number = if heading.starts_with("ways") {
            format!("  {}. ", index + 1)
        } else {
            "  - ".to_owned()
        };
        text.push_str(&wrap(&number, &printable(item)));
    }
}
