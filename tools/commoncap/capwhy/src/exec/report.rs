// SPDX-License-Identifier: GPL-2.0

//! The report of `capwhy exec`, as JSON. As text, see `text.rs`.

use super::{
    file::Attribute,
    steps::{self, Step},
    ways, After, Doubt, Prediction, Stop, Tracer,
};
use crate::facts::ids::{Id, UNMAPPED};
use crate::{
    capabilities::names, check::Answer, deploy::Form, printable::printable,
    securebits::names as bits,
};
use commoncap::{
    capability::{Capability, CapabilitySet},
    file_capabilities::FileCapabilities,
    securebits::Securebits,
    setuid::Ids,
    Denial, Sets,
};
use rustix::io::Errno;
use serde::Serialize;
use std::{collections::BTreeMap, path::Path};

/// The version of the JSON. It grows if a field changes its meaning or is removed, not if one is
/// added.
pub const VERSION: u32 = 1;

/// Credentials; a field is null where it is unknown.
#[derive(Default, Serialize)]
pub struct Credentials {
    /// The real, effective, saved and file system user ID.
    pub user_ids: Option<[Option<Id>; 4]>,
    /// The same of the group.
    pub group_ids: Option<[Option<Id>; 4]>,
    /// The sets.
    pub effective: Option<Vec<&'static str>>,
    /// The permitted set.
    pub permitted: Option<Vec<&'static str>>,
    /// The inheritable set.
    pub inheritable: Option<Vec<&'static str>>,
    /// The bounding set.
    pub bounding: Option<Vec<&'static str>>,
    /// The ambient set.
    pub ambient: Option<Vec<&'static str>>,
    /// The names of the securebits.
    pub securebits: Option<Vec<String>>,
}

/// The process that calls `execve()`.
#[derive(Serialize)]
pub struct Who {
    /// Its ID; none if it is one like capwhy.
    pub pid: Option<i32>,
    /// Its name.
    pub name: Option<String>,
    /// Whether options make it another one.
    pub supposed: bool,
    /// Its user namespace.
    pub user_ns: u64,
    /// Whether that is the initial one.
    pub in_initial_user_ns: bool,
    /// Whether no `execve()` can give it privileges.
    pub no_new_privs: bool,
    /// Whether it is traced.
    pub traced: bool,
}

/// A file that is opened.
#[derive(Serialize)]
pub struct Opened {
    /// The path as it is given.
    pub path: String,
    /// The file that links lead to.
    pub file: String,
    /// Whether an interpreter runs it, as a script.
    pub interpreted: bool,
    /// Whether its mode and capabilities decide.
    pub decides: bool,
    /// Its capabilities, as `getcap` writes them.
    pub capabilities: Option<String>,
    /// The permission bits.
    pub mode: String,
    /// The owner; none if it is not mapped.
    pub uid: Option<Id>,
    /// The group; none if it is not mapped.
    pub gid: Option<Id>,
    /// The directory that its mount is mounted on.
    pub mount: Option<String>,
    /// The type of the file system.
    pub file_system: String,
    /// Whether the mount has `nosuid`.
    pub nosuid: bool,
    /// Whether the mount maps IDs.
    pub idmapped: bool,
}

/// The report on an `execve()`.
#[derive(Serialize)]
pub struct Report {
    version: u32,
    command: &'static str,
    /// The path of the program.
    pub program: String,
    /// Who executes it.
    pub process: Who,
    /// The files that are opened.
    pub files: Vec<Opened>,
    /// Whether `execve()` succeeds.
    pub answer: Answer,
    /// The error number, if it fails.
    pub errno: Option<String>,
    /// The rule that denies it, if one does.
    pub rule: Option<&'static str>,
    /// Why it fails, or why that is unknown.
    pub reason: Option<String>,
    /// The credentials before.
    pub before: Credentials,
    /// The credentials after, if it succeeds.
    pub after: Option<Credentials>,
    /// Whether the program runs in secure mode: `AT_SECURE`.
    pub secure: Option<bool>,
    /// Whether `/proc/PID` belongs to its user, who can trace it.
    pub dumpable: Option<bool>,
    /// The capabilities that are wanted, and whether each becomes effective; null if unknown.
    pub wanted: BTreeMap<&'static str, Option<bool>>,
    /// What happens, step by step.
    pub steps: Vec<Step>,
    /// What else follows.
    pub follows: Vec<&'static str>,
    /// The ways out, the best one first.
    pub ways: Vec<String>,
    /// What is unknown.
    pub unknown: Vec<String>,
}

impl Report {
    /// Reports a prediction. `form` is how the ways out are to be written.
    pub fn of(program: &Path, prediction: &Prediction, form: Option<Form>) -> Self {
        Self::wanting(program, prediction, CapabilitySet::EMPTY, form)
    }

    /// Does the same for a program that wants these capabilities effective.
    pub fn wanting(
        program: &Path,
        prediction: &Prediction,
        wanted: CapabilitySet,
        form: Option<Form>,
    ) -> Self {
        let known = prediction.known();
        let (mut answer, mut errno, mut rule, mut reason) = (Answer::Unknown, None, None, None);
        let mut advice = Vec::new();
        let mut unknown = doubts(prediction);
        match (&prediction.chain.stop, known) {
            (Some(Stop::Fails(error, why, remedy)), _) => {
                answer = Answer::No;
                errno = Some(name(*error));
                reason = Some(why.clone());
                advice.push(remedy.clone());
            }
            (Some(Stop::Unknown(why)), _) => unknown.insert(0, why.clone()),
            (None, Some(Err(denial))) => {
                answer = Answer::No;
                errno = Some(format!("{:?}", denial.errno()));
                rule = Some(denial.name());
                reason = Some(refusal(prediction, *denial));
            }
            (None, _)
                if prediction
                    .outcomes
                    .iter()
                    .all(|outcome| outcome.after.is_ok()) =>
            {
                answer = Answer::Yes;
            }
            (None, _) => {}
        }
        if let (Some(link), true) = (prediction.chain.decisive(), prediction.chain.stop.is_none()) {
            let of_script = of_script(prediction);
            for outcome in &prediction.outcomes {
                let granted = prediction.granted;
                for way in ways::ways(
                    &prediction.caller,
                    link,
                    granted,
                    outcome,
                    wanted,
                    of_script,
                    form,
                ) {
                    if !advice.contains(&way) {
                        advice.push(way);
                    }
                }
            }
        }
        let afters: Option<Vec<&After>> = prediction
            .outcomes
            .iter()
            .map(|outcome| outcome.after.as_ref().ok())
            .collect();
        let afters = afters.filter(|afters| !afters.is_empty());
        let secure = afters
            .as_deref()
            .and_then(|all| same(all, |after| after.secure));
        let dumpable = afters
            .as_deref()
            .and_then(|all| same(all, |after| after.dumpable));
        let caller = &prediction.caller;
        Self {
            version: VERSION,
            command: "exec",
            program: program.display().to_string(),
            process: Who {
                pid: caller.process.as_ref().map(|(pid, _)| *pid),
                name: caller.process.as_ref().map(|(_, name)| name.clone()),
                supposed: caller.supposed,
                user_ns: caller.place.number,
                in_initial_user_ns: caller.place.initial,
                no_new_privs: caller.no_new_privs,
                traced: caller.tracer != Tracer::None,
            },
            files: files(prediction),
            answer,
            errno,
            rule,
            reason,
            before: credentials(
                Some(caller.uids),
                Some(caller.gids),
                |set| Some(set(&caller.sets)),
                caller.securebits,
            ),
            after: afters
                .as_deref()
                .map(|all| after(all, caller.securebits.is_some())),
            secure,
            dumpable,
            wanted: Capability::ALL
                .iter()
                .filter(|one| wanted.contains(**one))
                .map(|one| {
                    let all = afters.as_deref().unwrap_or_default();
                    let held = same(all, |after| after.cred.sets.effective.contains(*one));
                    (one.name(), held)
                })
                .collect(),
            steps: steps::steps(prediction),
            follows: steps::follows(secure, dumpable),
            ways: advice,
            unknown,
        }
    }

    /// Returns whether it is known that `execve()` succeeds, what it makes of the credentials, and
    /// that these have what is wanted.
    pub fn succeeds(&self) -> bool {
        self.answer == Answer::Yes
            && self.unknown.is_empty()
            && self.wanted.values().all(|held| *held == Some(true))
    }
}

/// Returns a value that all cases have in common.
fn same<T: PartialEq>(all: &[&After], value: impl Fn(&After) -> T) -> Option<T> {
    let first = value(all.first()?);
    all.iter()
        .all(|after| value(after) == first)
        .then_some(first)
}

fn after(all: &[&After], knows_securebits: bool) -> Credentials {
    credentials(
        same(all, |after| after.cred.uids),
        same(all, |after| after.cred.gids),
        |set| same(all, |after| set(&after.cred.sets)),
        same(all, |after| after.cred.securebits).filter(|_| knows_securebits),
    )
}

fn credentials(
    uids: Option<Ids<Id>>,
    gids: Option<Ids<Id>>,
    set: impl Fn(fn(&Sets) -> CapabilitySet) -> Option<CapabilitySet>,
    securebits: Option<Securebits>,
) -> Credentials {
    let ids = |ids: Ids<Id>| [ids.real, ids.effective, ids.saved, ids.file_system].map(mapped);
    let set = |field| set(field).map(names);
    Credentials {
        user_ids: uids.map(ids),
        group_ids: gids.map(ids),
        effective: set(|sets| sets.effective),
        permitted: set(|sets| sets.permitted),
        inheritable: set(|sets| sets.inheritable),
        bounding: set(|sets| sets.bounding),
        ambient: set(|sets| sets.ambient),
        securebits: securebits.map(|value| bits::names(value.bits().into())),
    }
}

fn mapped(id: Id) -> Option<Id> {
    (id < UNMAPPED).then_some(id)
}

fn files(prediction: &Prediction) -> Vec<Opened> {
    let decisive = prediction.chain.decisive();
    let links = prediction.chain.links.iter();
    links
        .map(|link| Opened {
            path: link.given.display().to_string(),
            file: link.file.path.display().to_string(),
            interpreted: link.interpreted,
            decides: decisive.is_some_and(|decisive| std::ptr::eq(decisive, link)),
            capabilities: steps::attribute(&link.file),
            mode: format!("{:04o}", link.file.mode & 0o7777),
            uid: mapped(link.file.uid),
            gid: mapped(link.file.gid),
            mount: link.file.mount.point.clone(),
            file_system: link.file.mount.kind.clone(),
            nosuid: link.file.mount.nosuid,
            idmapped: link.file.mount.idmapped,
        })
        .collect()
}

/// Returns the capabilities of the files of scripts, which do not count, if there is one.
fn of_script(prediction: &Prediction) -> Option<CapabilitySet> {
    let links = &prediction.chain.links;
    let scripts = links.get(..links.len().checked_sub(1)?)?;
    let given = scripts.iter().filter(|link| !link.credentials);
    let sets = given.map(|link| match &link.file.attribute {
        Attribute::Value(value) => FileCapabilities::parse(value).ok(),
        _ => None,
    });
    let all = sets.flatten().map(|file| file.permitted | file.inheritable);
    (!scripts.is_empty()).then(|| all.fold(CapabilitySet::EMPTY, |all, one| all | one))
}

/// Returns why the core denies it, with the file and the capabilities.
fn refusal(prediction: &Prediction, denial: Denial) -> String {
    let (Some(link), Some(granted)) = (prediction.chain.decisive(), prediction.granted) else {
        return denial.reason().to_owned();
    };
    if denial != Denial::ExecFileCapsUnavailable {
        return denial.reason().to_owned();
    }
    let sets = &prediction.caller.sets;
    let file = printable(&link.file.path.to_string_lossy());
    let FileCapabilities {
        permitted,
        inheritable,
        ..
    } = granted;
    let missing = permitted - ((sets.bounding & permitted) | (sets.inheritable & inheritable));
    format!(
        "{file} has {}, with the effective flag, and the caller's bounding set lacks {}",
        steps::attribute(&link.file).unwrap_or_default(),
        names(missing).join(",")
    )
}

fn doubts(prediction: &Prediction) -> Vec<String> {
    let each = prediction.doubts.iter();
    each.map(|doubt| match doubt {
        Doubt::Securebits => "the securebits of another process are not in /proc: with noroot, \
             user ID 0 gains nothing (--securebits says what they are)"
            .to_owned(),
        Doubt::Tracer => {
            let tracer = match prediction.caller.tracer {
                Tracer::Unknown(pid) => pid,
                _ => 0,
            };
            format!(
                "process {tracer} traces the caller: whether it had CAP_SYS_PTRACE when it \
                 attached is not in /proc, and without it execve() grants nothing"
            )
        }
        Doubt::RootId => "the file's capabilities are for the root user of a user namespace: \
             capwhy cannot see whether the caller's is below that; run it there"
            .to_owned(),
        Doubt::Mount => "capwhy cannot see whether the mount of the file is in the caller's mount \
             namespace, since the caller is in a chroot"
            .to_owned(),
        Doubt::FileSystem => "the file system may have been mounted in another user namespace \
             than the caller's, where set-user-ID and file capabilities do not count"
            .to_owned(),
        Doubt::Owner => {
            "the mount maps IDs: the owner or the group of the file may be one that it \
             does not map, and set-user-ID then has no effect"
                .to_owned()
        }
        Doubt::Ids => "capwhy's user namespace does not map the caller's user IDs, so it is \
             unknown which of them are the same"
            .to_owned(),
    })
    .collect()
}

/// Returns the name of an error number.
fn name(error: Errno) -> String {
    let name = match error {
        Errno::ACCESS => "EACCES",
        Errno::NOENT => "ENOENT",
        Errno::NOTDIR => "ENOTDIR",
        Errno::LOOP => "ELOOP",
        Errno::NOEXEC => "ENOEXEC",
        Errno::PERM => "EPERM",
        Errno::NAMETOOLONG => "ENAMETOOLONG",
        other => return format!("errno {}", other.raw_os_error()),
    };
    name.to_owned()
}
