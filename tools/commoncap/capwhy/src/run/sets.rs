// SPDX-License-Identifier: GPL-2.0

//! The smallest set of capabilities, as text.

use super::{
    collect::Counted,
    program::is_named,
    report::{Report, Set},
};
use crate::{
    printable::printable,
    style::Style,
    table::{align, wrap, Cell},
    tools::is_interpreter,
    trace::refusal::Exec,
};
use std::fmt::Write as _;

impl Report {
    /// Adds what the sets do not have: capabilities that the kernel did without, and those that it
    /// would check later.
    fn stops(&self, text: &mut String) {
        let sentences = self.spared.iter().map(|name| {
            let effect = SILENT.iter().find(|(known, _)| known == name);
            let effect = effect.map_or("the kernel did without", |(_, effect)| effect);
            format!("{name} was refused, and no call failed for it: {effect}.")
        });
        let first = "A command that fails can end at the first refusal, and need more after it: \
                     run --verify finds that.";
        let fails = self.status != 0 && !self.missing.capabilities.is_empty();
        let first = fails.then(|| first.to_owned());
        let first = first.filter(|_| self.verified.is_none());
        let is_of_root = |exec: &&Counted<Exec>| exec.what.file.as_deref() == Some("set-user-ID 0");
        let set_id = self.execs.iter().find(is_of_root);
        let set_id = set_id.filter(|_| !self.missing.capabilities.is_empty());
        let set_id = set_id.map(|exec| {
            format!(
                "With its set-user-ID bit in effect, {} would hold what it was refused: mend that \
                 first.",
                exec.what.path
            )
        });
        for sentence in sentences.chain(set_id).chain(first) {
            text.push('\n');
            text.push_str(&wrap("", &sentence));
        }
    }

    /// Adds the commands that would give the program what it needs.
    pub(super) fn sets(&self, style: Style, text: &mut String) {
        let _ = writeln!(
            text,
            "\n{}",
            style.heading("smallest set for what succeeded")
        );
        if self.smallest.capabilities.is_empty() {
            text.push_str(match self.execve_failed() {
                true => "    none: what succeeded needed no capability, and an execve() failed\n",
                false => "    none: it needed no capability\n",
            });
        } else {
            command(&self.smallest, style, text);
        }
        if !self.missing.capabilities.is_empty() {
            let _ = writeln!(text, "\n{}", style.heading("and with what was refused"));
            command(&self.missing, style, text);
        }
        self.stops(text);
        if !self.optional.capabilities.is_empty() {
            let heading =
                "optional: asked for without audit, mostly where the kernel can do without";
            let _ = writeln!(text, "\n{}", style.heading(heading));
            uses(&self.optional, style, text);
        }
        let sets = [&self.smallest, &self.missing];
        let any = sets.iter().any(|set| !set.capabilities.is_empty());
        if let Some(mount) = self.nosuid.as_ref().filter(|_| any) {
            let note = format!(
                "{mount} is mounted nosuid: capabilities of the file do not count there, so setcap \
                 does not help. Move the file, mount it without nosuid, or use ambient ones."
            );
            text.push('\n');
            text.push_str(&wrap("", &note));
        }
        if any && self.is_script {
            let note = "This is a script: capabilities of its file do not count, those of its \
                        interpreter's do.";
            text.push('\n');
            text.push_str(&wrap("", note));
        }
        if any && self.is_for_all {
            let note = format!(
                "{} does what its arguments say, so with capabilities of its file, every user \
                 would have their power: no setcap. Run it as root (sudo), or give them to one \
                 process of it (--as setpriv, --as systemd).",
                printable(
                    &self
                        .program
                        .file_name()
                        .unwrap_or_default()
                        .to_string_lossy()
                )
            );
            text.push('\n');
            text.push_str(&wrap("", &note));
        }
        let set = sets.iter().any(|set| set.setcap.is_some());
        if set && is_interpreter(&self.program) {
            let note = format!(
                "{} is an interpreter: with capabilities of its file, every script of every user \
                 has them. Give them to a copy for this script alone, or as ambient ones (--as \
                 setpriv, --as systemd).",
                printable(&self.program.to_string_lossy())
            );
            text.push('\n');
            text.push_str(&wrap("", &note));
        }
        let used_by_others = [&self.smallest, &self.missing].into_iter().any(|set| {
            set.programs
                .values()
                .flatten()
                .any(|comm| !is_named(&self.program, comm))
        });
        if used_by_others {
            let note = "Capabilities of a file end with the next execve(). Other programs that it \
                        starts need their own, or it needs ambient ones.";
            text.push('\n');
            text.push_str(&wrap("", note));
        }
    }
}

/// What the kernel does without a capability that it checks, where no call fails.
pub(super) const SILENT: [(&str, &str); 1] = [(
    "cap_fsetid",
    "the kernel keeps no set-user-ID and set-group-ID bits",
)];

/// Adds the command that gives a set to the file, or its names if none does.
fn command(set: &Set, style: Style, text: &mut String) {
    let names = || set.capabilities.join(",");
    let line = set.setcap.as_deref().map_or_else(names, printable);
    let _ = writeln!(text, "    {line}");
    uses(set, style, text);
}

fn uses(set: &Set, style: Style, text: &mut String) {
    let rows: Vec<Vec<Cell>> = set
        .capabilities
        .iter()
        .map(|name| {
            let times = set.times.get(name).copied().unwrap_or_default();
            let by = set
                .programs
                .get(name)
                .cloned()
                .unwrap_or_default()
                .join(", ");
            vec![
                Cell::new(format!("        {name}")),
                Cell::new(format!(
                    "{times} {}, {by}",
                    if times == 1 { "time" } else { "times" }
                )),
            ]
        })
        .collect();
    text.push_str(&align(&rows, style));
}

#[cfg(test)]
mod tests {
    use super::{
        super::{
            collect::fixtures::{capable, collect},
            program::Program,
            Ended,
        },
        *,
    };

    fn text(name: &str, program: &str) -> String {
        let kill = capable("cap_kill", 1, 1, "granted", "Effective");
        let ended = Ended {
            status: 0,
            signal: None,
        };
        let collection = collect(&[&kill]);
        let report = Report::of(
            &[name.into()],
            Program::look_at(program.into()),
            ended,
            1,
            collection,
        );
        let mut text = String::new();
        report.sets(Style::PLAIN, &mut text);
        text
    }

    #[test]
    fn a_note_names_execve_if_other_programs_need_capabilities() {
        let note = "end with the next execve()";
        assert!(text("sh", "/bin/sh").contains(note));
        assert!(!text("prog", "/bin/prog").contains(note));
    }

    #[test]
    fn a_path_is_escaped() {
        let text = text("x", "/bin/\x1b[2J");
        assert!(text.contains("=ep '/bin/\\u{1b}[2J'\n"), "{text}");
    }

    #[test]
    fn a_note_says_that_capabilities_of_a_script_do_not_count() {
        let directory = crate::scratch::Directory::new();
        let script = directory.join("script");
        std::fs::write(&script, "#!/bin/sh\n").unwrap();
        let text = text("x", script.to_str().unwrap());
        assert!(text.contains("This is a script"), "{text}");
    }
}
