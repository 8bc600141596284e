// SPDX-License-Identifier: GPL-2.0

//! What failed in a command, and why, as text.

use super::{
    collect::Counted,
    report::Report,
    text::{programs, sentence_block},
};
use crate::{
    explain, mounts,
    printable::printable,
    refusals,
    style::Style,
    table::{align, Cell},
    trace::{event::Verdict, refusal::Held, request::Request},
};
use commoncap::{capability::Capability, Denial};
use rustix::fs::getxattr;
use std::{fs, os::unix::fs::MetadataExt as _, path::Path};

impl Report {
    /// Adds a table of the system calls that failed, and a sentence for each kind of reason.
    pub(super) fn failures(&self, style: Style, text: &mut String) {
        let mut rows = vec![vec![
            Cell::painted("failed", |text| style.bad(text)),
            Cell::new("error"),
            Cell::new("times"),
            Cell::new("why"),
            Cell::new("programs"),
        ]];
        for counted in &self.failed {
            rows.push(vec![
                Cell::new(&counted.what.call),
                Cell::new(counted.what.errno),
                Cell::new(counted.times.to_string()),
                Cell::new(refusals::why(&counted.what)),
                Cell::new(programs(&counted.programs, counted.others)),
            ]);
        }
        if rows.len() > 1 {
            text.push('\n');
            text.push_str(&align(&rows, style));
        }
        let remedies = self
            .failed
            .iter()
            .filter_map(|counted| refusals::remedy(&counted.what));
        once(remedies, text);
        let failed = self.failed.iter().map(|counted| &counted.what);
        once(refusals::all_likely(failed).into_iter(), text);
        if let Some(interpreter) = &self.lacks {
            let interpreter = printable(&interpreter.to_string_lossy());
            text.push_str(&sentence_block(&format!(
                "The program is a script, and its interpreter {interpreter} does not exist, so \
                 execve() fails with ENOENT: install it, or correct the first line of the script. \
                 That of a file of Windows ends with \\r."
            )));
        } else if self.status != 0 && !self.refuses() {
            text.push_str(&sentence_block(
                "The command failed, and the kernel refused it nothing. A program can look at its \
                 user ID or at its sets, and give up: --verify shows whether capabilities change \
                 that. Or a service refused (D-Bus, polkit, systemd): see its log, or use capwhy \
                 watch --unit UNIT. Or a file is missing or wrong: see its message.",
            ));
            if has_capabilities(&self.program) {
                text.push_str(&sentence_block(
                    "The file of the program has capabilities, so it runs in secure mode: the \
                     loader ignores LD_LIBRARY_PATH and $ORIGIN, and may not find its libraries. \
                     Register their directory (/etc/ld.so.conf.d, ldconfig), or use ambient \
                     capabilities (--as setpriv, --as systemd).",
                ));
            }
        }
    }

    /// Returns whether something is in the report that the kernel refused.
    fn refuses(&self) -> bool {
        let denied = Verdict::Denied;
        let mut requests = self.requests.iter().map(|counted| &counted.what);
        let mut prctls = self.prctls.iter().map(|counted| &counted.what);
        !self.failed.is_empty()
            || requests.any(|request| request.verdict == denied && request.matters())
            || prctls.any(|prctl| prctl.verdict == denied && !explain::is_probe(prctl))
            || !self.capset_rows(denied).is_empty()
            || !self.execs.is_empty()
    }

    /// Adds a sentence for each `execve()`, LSM and set of capabilities that explains a refusal.
    pub(super) fn reasons(&self, text: &mut String) {
        let execs = self
            .execs
            .iter()
            .map(|counted| refusals::exec(&counted.what));
        let others = self
            .other_lsms
            .iter()
            .map(|counted| refusals::other_lsm(&counted.what));
        let removed = self
            .removed
            .iter()
            .map(|counted| refusals::removed(&counted.what));
        let capsets = self
            .capsets
            .iter()
            .filter_map(|counted| refusals::capset_until(&counted.what));
        // Of the program itself, for another user than its owner.
        let is_set_id = fs::metadata(&self.program).is_ok_and(|file| file.mode() & 0o4000 != 0);
        let program = printable(&self.program.to_string_lossy());
        let held = self
            .held
            .iter()
            .filter(|counted| !self.spared.contains(&counted.what.capability))
            .filter(|counted| !self.is_said(&counted.what));
        let held = held.map(|counted| {
            let held = &counted.what;
            let until = held.permitted_until.as_deref();
            match until.filter(|call| is_set_id && call.starts_with("set")) {
                Some(call) => refusals::given_up(&held.capability, &program, call),
                None => refusals::held(held),
            }
        });
        let outside = self.requests.iter().filter_map(|counted| {
            let request = &counted.what;
            let is = request.matters()
                && !self.spared.contains(&request.cap)
                && request.reason == Denial::TargetNotBelow.name();
            is.then(|| refusals::outside(&request.cap, request.target_level))
        });
        once(
            execs
                .chain(removed)
                .chain(others)
                .chain(capsets)
                .chain(held)
                .chain(outside)
                .chain(self.hidden()),
            text,
        );
    }

    /// Returns that the mount of `/proc` hides the processes of others: what is below their
    /// directories does not exist (`ENOENT`), or fails with `EPERM`.
    fn hidden(&self) -> Option<String> {
        let is = |request: &Request| {
            request.verdict == Verdict::Denied && request.cap == Capability::SYS_PTRACE.name()
        };
        let mut requests = self.requests.iter();
        requests.find(|counted| is(&counted.what))?;
        let mount = mounts::of_processes()?;
        let how = mount.option("hidepid").filter(|how| *how != "off")?;
        Some(format!(
            "/proc is mounted with hidepid={how}: a process of another user is hidden (ENOENT, \
             EPERM) from all but holders of cap_sys_ptrace and the group of the option gid=. Join \
             that group, mount it without (mount -o remount,hidepid=0 /proc; ProtectProc=default \
             of systemd), or use that capability."
        ))
    }

    /// Returns whether the same holds for another capability, which is enough in its place.
    fn is_said(&self, held: &Held) -> bool {
        let requests = self.requests.iter().map(|counted| &counted.what);
        let refused = requests.filter(|request| request.verdict == Verdict::Denied);
        let refused: Vec<&Request> = refused.filter(|request| request.matters()).collect();
        let is_least = |name: &str| refused.iter().any(|request| request.asked.least() == name);
        let is_enough = |other: &Held| {
            let named = Held {
                capability: held.capability.clone(),
                ..other.clone()
            };
            let takes_either = |request: &&Request| {
                request.asked.takes(&held.capability) && request.asked.least() == other.capability
            };
            named == *held && refused.iter().any(takes_either)
        };
        !is_least(&held.capability) && self.held.iter().any(|counted| is_enough(&counted.what))
    }

    /// Returns the rows of the `capset()`s of a verdict.
    pub(super) fn capset_rows(&self, verdict: Verdict) -> Vec<Counted<(String, String)>> {
        let mut rows: Vec<Counted<(String, String)>> = Vec::new();
        for counted in self
            .capsets
            .iter()
            .filter(|counted| counted.what.verdict == verdict)
        {
            let what = refusals::capset(&counted.what);
            match rows.iter_mut().find(|row| row.what == what) {
                Some(row) => row.add_all(counted),
                None => rows.push(counted.with(what)),
            }
        }
        rows
    }

    /// Returns whether an `execve()` failed for the capabilities of its file.
    pub(super) fn execve_failed(&self) -> bool {
        let denied =
            |exec: &Counted<crate::trace::refusal::Exec>| exec.what.verdict == Verdict::Denied;
        self.execs.iter().any(denied)
    }
}

/// Returns whether a file has capabilities, which the kernel may still ignore.
fn has_capabilities(file: &Path) -> bool {
    let mut value = [0_u8; 64];
    getxattr(file, "security.capability", &mut value).is_ok()
}

/// Adds each sentence once, a paragraph each.
fn once(sentences: impl Iterator<Item = String>, text: &mut String) {
    let mut seen = Vec::new();
    for sentence in sentences.filter(|sentence| !sentence.is_empty()) {
        if !seen.contains(&sentence) {
            text.push_str(&sentence_block(&sentence));
            seen.push(sentence);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        run::{collect::fixtures::capable, fixtures::report},
        style::Style,
    };

    #[test]
    fn a_command_that_fails_while_nothing_is_refused_is_said_to_have_given_up_itself() {
        let denied = capable("cap_kill", 1, 1, "denied", "NotEffective");
        let killed = || Some("SIGTERM".to_owned());
        for (signal, events, is) in [
            (killed(), &[][..], true),
            (killed(), &[&*denied], false),
            (None, &[], false),
        ] {
            let text = report(signal, events).text(Style::PLAIN);
            assert_eq!(text.contains("the kernel refused it nothing"), is, "{text}");
        }
    }
}
