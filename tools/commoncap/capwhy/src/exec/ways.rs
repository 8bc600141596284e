// SPDX-License-Identifier: GPL-2.0

//! The ways out of a loss of capabilities, the best one first.

use super::{caller::Caller, chain::Link, decide::Outcome};
use crate::{
    capabilities::names,
    deploy::{stem, For, Form},
    shell::quoted,
};
use commoncap::{capability::CapabilitySet, file_capabilities::FileCapabilities, Denial, Loss};

/// The most capabilities that a way out lists by their names.
const MOST: usize = 6;

/// Returns what would help, for a decision about a file. `chosen` is the form of the commands, and
/// `of_script` are the capabilities that the file of a script has.
pub fn ways(
    caller: &Caller,
    link: &Link,
    granted: Option<FileCapabilities>,
    outcome: &Outcome,
    wanted: CapabilitySet,
    of_script: Option<CapabilitySet>,
    chosen: Option<Form>,
) -> Vec<String> {
    let mut ways = Ways {
        file: quoted(&link.file.path),
        program: For {
            file: &link.file.path,
            is_script: of_script.is_some(),
        },
        chosen,
        holds_none: link.file.holds_none,
        nosuid: link.file.mount.nosuid,
        no_new_privs: caller.no_new_privs,
        list: Vec::new(),
    };
    let file = granted.map_or(CapabilitySet::EMPTY, |file| file.permitted);
    let after = match &outcome.after {
        Err(denial) => {
            let available = (caller.sets.bounding & file)
                | granted.map_or(CapabilitySet::EMPTY, |file| {
                    file.inheritable & caller.sets.inheritable
                });
            ways.refused(*denial, file, file - available);
            return ways.list;
        }
        Ok(after) => after,
    };
    let matters = |set: CapabilitySet| match wanted.is_empty() {
        true => set,
        false => set & wanted,
    };
    for loss in &outcome.skipped {
        let withheld = matters(file - after.cred.sets.effective);
        ways.of(*loss, withheld, link, outcome.set_id);
    }
    for (loss, lost) in &outcome.lost {
        let lost = matters(*lost - after.cred.sets.effective);
        if !lost.is_empty() && !outcome.skipped.contains(loss) {
            ways.of(*loss, lost, link, outcome.set_id);
        }
    }
    let ids = after.cred.uids == caller.uids && after.cred.gids == caller.gids;
    if outcome.set_id && ids {
        if caller.no_new_privs {
            ways.without_no_new_privs();
        } else if link.file.mount.nosuid {
            ways.without_nosuid(&link.file.mount.place());
        }
    }
    let idle = caller.sets.inheritable - after.cred.sets.permitted;
    let idle = idle | of_script.unwrap_or(CapabilitySet::EMPTY);
    let lacking = (wanted | idle) - after.cred.sets.effective;
    if !lacking.is_empty() && (ways.list.is_empty() || !wanted.is_empty()) {
        let unbound = lacking - caller.sets.bounding;
        if !unbound.is_empty() {
            ways.bounding(unbound);
        }
        ways.ambient(lacking);
        ways.setcap(lacking);
    }
    ways.list
}

struct Ways<'a> {
    file: String,
    program: For<'a>,
    chosen: Option<Form>,
    holds_none: bool,
    nosuid: bool,
    no_new_privs: bool,
    list: Vec<String>,
}

impl Ways<'_> {
    fn add(&mut self, way: impl Into<String>) {
        let way = way.into();
        if !self.list.contains(&way) {
            self.list.push(way);
        }
    }

    /// Adds that the process gets them as ambient ones, which nothing takes from it.
    fn ambient(&mut self, set: CapabilitySet) {
        if set.is_empty() {
            return;
        }
        let names = names(set);
        match self.chosen {
            _ if names.len() > MOST => self.add(
                "start it with those that it needs ambient: setpriv --inh-caps +CAP --ambient-caps \
                 +CAP, or AmbientCapabilities=CAP of systemd (--want LIST writes the names)",
            ),
            Some(Form::Setcap) | None => {
                let list: Vec<String> = names
                    .iter()
                    .map(|name| format!("+{}", stem(name)))
                    .collect();
                let list = list.join(",");
                let upper = names.join(" ").to_uppercase();
                self.add(format!(
                    "start it with them ambient: setpriv --inh-caps {list} --ambient-caps {list}, \
                     or AmbientCapabilities={upper} of systemd"
                ));
            }
            Some(form) => {
                let line = form.line(&names, self.program);
                let note = form
                    .notes(self.program)
                    .first()
                    .copied()
                    .unwrap_or_default();
                self.add(format!("start it with them: {line}. {note}"));
            }
        }
    }

    /// Adds that the file gives them. That of an interpreter does not: it would give them to every
    /// script.
    fn setcap(&mut self, set: CapabilitySet) {
        if !set.is_empty() && !self.program.is_script {
            let names = names(set);
            let list = match names.len() > MOST {
                true => "CAP".to_owned(),
                false => names.join(","),
            };
            let file = &self.file;
            let way = match (self.holds_none, self.nosuid) {
                _ if self.no_new_privs => format!(
                    "start it without no_new_privs (NoNewPrivileges=no, allowPrivilegeEscalation: \
                     true), and give them to the file: setcap {list}=ep {file}"
                ),
                (true, _) => format!(
                    "copy {file} to a file system that holds file capabilities, which its own does \
                     not, and give them to the copy: setcap {list}=ep COPY"
                ),
                (_, true) => format!(
                    "copy {file} to a mount without nosuid, and give them to the copy: setcap \
                     {list}=ep COPY"
                ),
                _ => format!(
                    "give them to the file (setcap {list}=ep {file}): every user who may execute \
                     it has them, it runs in secure mode, and a copy of the file does not have them"
                ),
            };
            self.add(way);
        }
    }

    fn bounding(&mut self, set: CapabilitySet) {
        let names = names(set);
        let upper = names.join(" ").to_uppercase();
        let add: Vec<String> = names
            .iter()
            .map(|name| format!("--cap-add={}", stem(name).to_uppercase()))
            .collect();
        self.add(format!(
            "start it from a process whose bounding set has {}: {} of Docker and Podman, \
             capabilities.add of Kubernetes, CapabilityBoundingSet={upper} of systemd",
            names.join(","),
            add.join(" ")
        ));
    }

    fn without_nosuid(&mut self, point: &str) {
        let path = self.file.clone();
        self.add(format!(
            "copy {path} to a mount without nosuid, and set it up again there"
        ));
        self.add(format!(
            "mount it without nosuid: mount -o remount,suid {point}"
        ));
    }

    fn without_no_new_privs(&mut self) {
        self.add(
            "start it without no_new_privs: NoNewPrivileges=no, allowPrivilegeEscalation: true, no \
             --security-opt=no-new-privileges",
        );
    }

    /// Adds what helps against a denial.
    fn refused(&mut self, denial: Denial, file: CapabilitySet, missing: CapabilitySet) {
        let path = self.file.clone();
        match denial {
            Denial::ExecFileCapsUnavailable => {
                self.bounding(missing);
                let list = names(file).join(",");
                self.add(format!(
                    "clear the file's effective flag, so that it starts without what is missing \
                     and raises the rest itself: setcap {list}=p {path}"
                ));
                self.add(format!("remove the file's capabilities: setcap -r {path}"));
            }
            Denial::FileCapsSize | Denial::FileCapsRevision => {
                self.add(format!("write them again: setcap CAPABILITIES=ep {path}"));
                self.add(format!("remove them: setcap -r {path}"));
            }
            other => self.add(other.reason()),
        }
    }

    /// Adds what helps against a loss.
    fn of(&mut self, loss: Loss, lost: CapabilitySet, link: &Link, set_id: bool) {
        let path = self.file.clone();
        let point = link.file.mount.place();
        match loss {
            Loss::Nosuid => {
                self.ambient(lost);
                self.without_nosuid(&point);
            }
            Loss::ForeignMount | Loss::ForeignFileSystem => {
                self.ambient(lost);
                self.add("use a copy of the file on a mount of the caller's own");
            }
            Loss::NoFileCaps => {
                self.ambient(lost);
                self.add("boot the kernel without no_file_caps");
            }
            Loss::RootIdUnmapped | Loss::RootIdForeign => {
                self.ambient(lost);
                self.add(format!(
                    "set them for the caller's user namespace: there, setcap CAPABILITIES=ep {path}"
                ));
            }
            Loss::BoundingSet => self.bounding(lost),
            Loss::NotInheritable => {
                let list: Vec<_> = names(lost)
                    .iter()
                    .map(|name| format!("+{}", stem(name)))
                    .collect();
                self.add(format!(
                    "start it with setpriv --inh-caps {}",
                    list.join(",")
                ));
            }
            Loss::Noroot => {
                self.ambient(lost);
                self.setcap(lost);
            }
            Loss::SetuidMixed => {
                self.add(format!("clear set-user-ID: chmod u-s {path}"));
                self.add(format!(
                    "or remove the file's capabilities: setcap -r {path}"
                ));
            }
            Loss::NoNewPrivs => {
                self.ambient(lost);
                self.without_no_new_privs();
            }
            Loss::SharedFs => self.add("let the caller unshare(CLONE_FS) before execve()"),
            Loss::Traced => {
                self.add("do not trace it from before execve(): attach after that");
                self.add("trace it with CAP_SYS_PTRACE, as root");
                self.ambient(lost);
            }
            Loss::AmbientFileCaps => {
                let list = names(lost).join(",");
                self.add(format!("remove the file's capabilities: setcap -r {path}"));
                self.add(format!(
                    "or add the ambient ones, {list}, to those of the file"
                ));
            }
            Loss::AmbientIdChanged => {
                self.add(format!(
                    "clear set-user-ID and set-group-ID: chmod ug-s {path}"
                ));
                self.setcap(lost);
            }
            Loss::NotKept => {
                self.ambient(lost);
                if !set_id {
                    self.setcap(lost);
                }
            }
            Loss::NoEffectiveFlag => {
                self.add(format!(
                    "let the program raise it by capset(), or set the flag: setcap {}=ep {path}",
                    names(lost).join(",")
                ));
            }
            other => self.add(other.reason()),
        }
    }
}
