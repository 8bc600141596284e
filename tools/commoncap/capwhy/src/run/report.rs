// SPDX-License-Identifier: GPL-2.0

//! The report on a command, as JSON. As text, see `text.rs`.

use super::{
    collect::{Collection, Counted},
    program::Program,
    smallest,
    verdict::Deploy,
    verify::Verified,
    Ended,
};
use crate::{
    either_or,
    shell::quoted,
    trace::{
        event::{ExeLink, TaskPrctl, Thread, Verdict},
        refusal::{Capset, Exec, Failed, Held, Mismatch, OtherLsm, Removed, Why},
        request::Request,
    },
};
use commoncap::{capability::Capability, Loss};
use serde::Serialize;
use std::{collections::BTreeMap, ffi::OsString, path::PathBuf};

/// The version of the JSON. It grows if a field changes its meaning or is removed, not if one is
/// added.
pub const VERSION: u32 = 1;

/// Whether the report has the system calls that fail.
pub const FAILURES_ARE_KNOWN: bool = cfg!(target_arch = "x86_64");

/// Capabilities, and the command that would give them to the program's file.
#[derive(Serialize)]
pub struct Set {
    /// The names.
    pub capabilities: Vec<String>,
    /// How often each was checked.
    pub times: BTreeMap<String, u64>,
    /// The programs that each was checked for.
    pub programs: BTreeMap<String, Vec<String>>,
    /// `setcap ... FILE`; none if there is nothing to give, if the file's do not count, or if every
    /// user would have their power.
    pub setcap: Option<String>,
}

impl Set {
    /// Makes one with a command for all of these, if the file's capabilities count.
    fn of(uses: &smallest::Uses, all: Vec<String>, program: &Program) -> Self {
        let named = || uses.iter().map(|((_, name), used)| (name.clone(), used));
        Self {
            times: named().map(|(name, used)| (name, used.times)).collect(),
            programs: named()
                .map(|(name, used)| (name, used.programs.iter().cloned().collect()))
                .collect(),
            setcap: (!all.is_empty()
                && program.nosuid.is_none()
                && !program.is_script
                && !program.is_for_all())
            .then(|| format!("setcap {}=ep {}", all.join(","), quoted(&program.file))),
            capabilities: smallest::names(uses),
        }
    }
}

/// A change of `/proc/PID/exe`, and who made it.
#[derive(Serialize)]
pub struct Link {
    /// Who.
    #[serde(flatten)]
    pub thread: Thread,
    /// What.
    #[serde(flatten)]
    pub link: ExeLink,
}

/// The report of `capwhy run`.
#[derive(Serialize)]
pub struct Report {
    version: u32,
    command: &'static str,
    /// The command and its arguments.
    pub argv: Vec<String>,
    /// The file that was executed.
    pub program: PathBuf,
    /// Whether that is a script.
    pub is_script: bool,
    /// The interpreter of the script, if it does not exist.
    #[serde(skip)]
    pub lacks: Option<PathBuf>,
    /// Whether every user would have the power of the capabilities of the file.
    #[serde(skip)]
    pub is_for_all: bool,
    /// The mount of the file, if it is mounted with nosuid: capabilities of the file do not count.
    pub nosuid: Option<String>,
    /// The status of the command.
    pub status: u8,
    /// The signal that ended it, if one did.
    pub signal: Option<String>,
    /// The user namespace in which it was started.
    pub user_ns: u64,
    /// How many processes caused events.
    pub processes: usize,
    /// How many decisions there were.
    pub decisions: u64,
    /// How many events were lost.
    pub lost: u64,
    /// How many events could not be read.
    pub unreadable: u64,
    /// How often things happened that are not in the report, since there were too many different
    /// ones.
    pub others: u64,
    /// The requests for capabilities.
    pub requests: Vec<Counted<Request>>,
    /// The `prctl()`s of the capability LSM.
    pub prctls: Vec<Counted<TaskPrctl>>,
    /// The changes of `/proc/PID/exe`.
    pub exe_links: Vec<Link>,
    /// The answers of the kernel that the rules do not give.
    pub mismatches: Vec<Counted<Mismatch>>,
    /// The `capset()`s.
    pub capsets: Vec<Counted<Capset>>,
    /// Each `execve()` that failed for the file's capabilities, or did not grant them.
    pub execs: Vec<Counted<Exec>>,
    /// The system calls that failed with an error that can come of a lack of privileges.
    pub failed: Vec<Counted<Failed>>,
    /// Where capabilities were that were refused.
    pub held: Vec<Counted<Held>>,
    /// Capabilities that were refused, and that no call failed for.
    pub spared: Vec<String>,
    /// Capabilities of files that changes removed.
    pub removed: Vec<Counted<Removed>>,
    /// What other LSMs refused.
    pub other_lsms: Vec<Counted<OtherLsm>>,
    /// The smallest set under which nothing that succeeded would fail.
    pub smallest: Set,
    /// The capabilities that would also have to be there for what was denied; its `setcap` has both
    /// sets.
    pub missing: Set,
    /// The capabilities to give: the smallest set, with those that were refused.
    #[serde(skip)]
    pub wanted: Vec<String>,
    /// Them in the form in which one gives them.
    pub deploy: Option<Deploy>,
    /// What a run with just the smallest set came to.
    pub verified: Option<Verified>,
    /// The capabilities that were only checked without audit, which the kernel mostly can do
    /// without.
    pub optional: Set,
}

impl Report {
    /// Makes the report of a run.
    pub fn of(
        argv: &[OsString],
        program: Program,
        ended: Ended,
        user_ns: u64,
        collection: Collection,
    ) -> Self {
        let others = collection.others();
        let requests = collection.requests.into_list();
        let prctls = collection.prctls.into_list();
        let capsets = collection.capsets.into_list();
        // Where one of two capabilities was refused and the other one granted, nothing lacks.
        let mut held = collection.held.into_list();
        held.retain(|held| {
            let name = &held.what.capability;
            let refused = |request: &Request| {
                request.matters() && request.verdict == Verdict::Denied && request.asked.takes(name)
            };
            let is_setpcap = name == Capability::SETPCAP.name();
            is_setpcap || requests.iter().any(|counted| refused(&counted.what))
        });
        let failed = collection.failed.into_list();
        let instead = instead(&failed);
        held.retain(|held| !instead.contains(&held.what.capability));
        // What the owner of a namespace may do takes no capability.
        let is_for_owner = |request: &Request| {
            let is = |held: &Held| held.owner.is_some() && request.asked.takes(&held.capability);
            request.verdict == Verdict::Denied
                && request.target_ns != request.cred_ns
                && held.iter().any(|held| is(&held.what))
        };
        let is_given_up = |request: &Request| {
            let of = held.iter().map(|held| &held.what);
            let of: Vec<_> = of
                .filter(|held| request.asked.takes(&held.capability))
                .collect();
            request.verdict == Verdict::Denied
                && !of.is_empty()
                && of.iter().all(|held| held.is_given_up())
        };
        let execs = collection.execs.into_list();
        let spared = spared(ended.status, &requests, &failed, &execs);
        let mut asked = requests.clone();
        asked.retain(|counted| {
            let request = &counted.what;
            let is_spared = request.verdict == Verdict::Denied && spared.contains(&request.cap);
            let is_instead = request.verdict == Verdict::Denied
                && instead.iter().any(|name| request.asked.least() == name);
            !is_spared && !is_instead && !is_for_owner(request) && !is_given_up(request)
        });
        let sets = smallest::Sets::of(user_ns, &asked, &prctls, &capsets);
        let (all, wanted) = match sets.missing.is_empty() {
            true => (Vec::new(), smallest::names(&sets.needed)),
            false => (smallest::names(&sets.all), smallest::names(&sets.all)),
        };
        Self {
            version: VERSION,
            command: "run",
            argv: argv
                .iter()
                .map(|word| word.to_string_lossy().into_owned())
                .collect(),
            status: ended.status,
            signal: ended.signal,
            user_ns,
            processes: collection.processes.len(),
            decisions: collection.decisions,
            lost: collection.lost,
            unreadable: collection.unreadable,
            others,
            smallest: Set::of(&sets.needed, smallest::names(&sets.needed), &program),
            missing: Set::of(&sets.missing, all, &program),
            optional: Set::of(&sets.optional, Vec::new(), &program),
            exe_links: collection
                .exe_links
                .into_iter()
                .map(|(thread, link)| Link { thread, link })
                .collect(),
            mismatches: collection.mismatches.into_list(),
            capsets,
            execs,
            failed,
            held,
            spared,
            removed: collection.removed.into_list(),
            other_lsms: collection.other_lsms.into_list(),
            wanted,
            deploy: None,
            verified: None,
            requests,
            prctls,
            is_for_all: program.is_for_all(),
            lacks: program.lacks,
            program: program.path,
            is_script: program.is_script,
            nosuid: program.nosuid,
        }
    }
}

/// Returns the capabilities of pairs that are refused only in calls that are refused the other one,
/// too, which is enough.
fn instead(failed: &[Counted<Failed>]) -> Vec<String> {
    let lists = failed.iter().filter_map(|failed| match &failed.what.why {
        Why::Capability { capabilities } => Some(capabilities),
        _ => None,
    });
    let lists: Vec<&Vec<String>> = lists.collect();
    let is_instead = |name: &&String| {
        let has = |list: &Vec<String>, name: &str| list.iter().any(|one| one == name);
        either_or::instead_of(name).is_some_and(|other| {
            lists
                .iter()
                .all(|list| !has(list, name) || has(list, other))
        })
    };
    let all = lists.iter().flat_map(|list| list.iter());
    all.filter(is_instead).cloned().collect()
}

/// Returns the capabilities that were refused, and that the kernel did without, as it does where it
/// only chooses what it does: in `execve()` of a traced program, or in `mq_open()`, which exceeds a
/// limit for one. A command that fails while no call does can have failed for them.
fn spared(
    status: u8,
    requests: &[Counted<Request>],
    failed: &[Counted<Failed>],
    execs: &[Counted<Exec>],
) -> Vec<String> {
    let is_traced = |exec: &Counted<Exec>| exec.what.reason == Loss::Traced.name();
    let is_known = FAILURES_ARE_KNOWN && (status == 0 || !failed.is_empty());
    let failed_for = |request: &Request| {
        let is = |name: &String| *name == request.cap || request.asked.takes(name);
        failed.iter().any(|failed| match &failed.what.why {
            Why::Capability { capabilities }
            | Why::Optional { capabilities }
            | Why::OtherLsm { capabilities, .. } => capabilities.iter().any(is),
            _ => false,
        })
    };
    let is_setuid = |request: &Request| request.cap == Capability::SETUID.name();
    let mut names = Vec::new();
    for request in requests.iter().map(|counted| &counted.what) {
        let spares = is_known || (is_setuid(request) && execs.iter().any(is_traced));
        if request.matters()
            && request.verdict == Verdict::Denied
            && spares
            && !failed_for(request)
            && !names.contains(&request.cap)
        {
            names.push(request.cap.clone());
        }
    }
    names
}

#[cfg(test)]
pub mod fixtures {
    //! Reports for tests.

    use super::{
        super::collect::fixtures::{collect, refused},
        *,
    };

    /// Reports on a command that met each kind of refusal.
    pub fn report_of_refusals() -> Report {
        let denied =
            crate::run::collect::fixtures::capable("cap_net_raw", 1, 1, "denied", "NotEffective");
        let mut collection = collect(&[&denied]);
        refused(&mut collection);
        let ended = Ended {
            status: 1,
            signal: None,
        };
        let mut program = Program::look_at("/bin/prog".into());
        program.nosuid = Some("/bin".to_owned());
        Report::of(&["prog".into()], program, ended, 1, collection)
    }

    /// Reports on a command that was ended by a signal, or ended itself.
    pub fn report(signal: Option<String>, events: &[&str]) -> Report {
        let argv = ["prog".into(), "-x".into()];
        let ended = Ended {
            status: if signal.is_some() { 143 } else { 0 },
            signal,
        };
        let program = Program::look_at("/bin/a prog".into());
        Report::of(&argv, program, ended, 1, collect(events))
    }
}

#[cfg(test)]
mod tests {
    use super::super::collect::fixtures::capable;

    fn report(events: &[&str]) -> serde_json::Value {
        let report = super::fixtures::report(Some("SIGTERM".to_owned()), events);
        serde_json::to_value(report).unwrap()
    }

    #[test]
    fn json_has_what_was_asked_for_and_both_sets() {
        let kill = capable("cap_kill", 1, 1, "granted", "Effective");
        let first = capable("cap_checkpoint_restore", 1, 1, "denied", "NotEffective");
        let second = capable("cap_sys_admin", 1, 1, "denied", "NotEffective");
        let json = report(&[&kill, &first, &second]);
        assert_eq!(json["version"], 1);
        assert_eq!(
            (&json["status"], &json["signal"]),
            (&143.into(), &"SIGTERM".into())
        );
        assert_eq!(json["requests"][0]["cap"], "cap_kill");
        assert_eq!(json["requests"][0]["times"], 1);
        assert_eq!(json["requests"][0]["programs"]["prog"], 1);
        assert_eq!(json["requests"][1]["asked"], "checkpoint/restore");
        assert_eq!(json["requests"][1]["verdict"], "denied");
        assert_eq!(
            json["smallest"]["setcap"],
            "setcap cap_kill=ep '/bin/a prog'"
        );
        let both = "setcap cap_kill,cap_checkpoint_restore=ep '/bin/a prog'";
        assert_eq!(json["missing"]["setcap"], both);
        assert_eq!(json["missing"]["capabilities"][0], "cap_checkpoint_restore");
    }

    #[test]
    fn each_kind_of_refusal_is_in_the_text() {
        let text = super::fixtures::report_of_refusals().text(crate::style::Style::PLAIN);
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        for words in [
            "socket(2, 3, 1) EPERM 1 cap_net_raw refused prog",
            "refused by a seccomp filter",
            "/proc/sys is mounted read-only",
            "refused by cap_net_raw (file_open), without cap_net_raw",
            "capset() of cap_net_raw",
            "cap_net_raw is not permitted any more: the process had it until capset().",
            "/bin/prog has cap_net_raw=ep, but /mnt is mounted nosuid",
            "user 1000 made the user namespace",
            "the kernel answered otherwise than the rules of capwhy, which give Effective",
            "/bin is mounted nosuid: capabilities of the file do not count there",
        ] {
            assert!(text.contains(words), "no {words:?} in:\n{text}");
        }
        assert!(!text.contains("setcap cap_net_raw=ep"), "{text}");
    }

    #[test]
    fn where_nothing_is_needed_there_is_nothing_to_set() {
        let json = report(&[]);
        assert!(json["smallest"]["setcap"].is_null());
        assert!(json["missing"]["setcap"].is_null());
        assert_eq!(
            json["smallest"]["capabilities"].as_array().unwrap().len(),
            0
        );
    }
}
