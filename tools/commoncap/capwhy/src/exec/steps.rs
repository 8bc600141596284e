// SPDX-License-Identifier: GPL-2.0

//! What happens in an `execve()`, step by step, in words.

use super::{
    decide::Outcome,
    file::{Attribute, File},
    Prediction,
};
use crate::{
    capabilities::{self, names},
    facts::ids,
};
use commoncap::{
    capability::{Capability, CapabilitySet},
    file_capabilities::FileCapabilities,
    Loss,
};
use serde::Serialize;

/// A step that gives or takes something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// The function of the kernel, or the name of the loss.
    pub step: &'static str,
    /// Whether it happens in each possible case.
    pub certain: bool,
    /// The capabilities that it takes or gives; none if it is about something else.
    pub capabilities: Vec<&'static str>,
    /// Whether it takes them.
    pub takes: bool,
    /// What it does.
    pub sentence: String,
}

/// Returns the steps of all possible outcomes.
pub fn steps(prediction: &Prediction) -> Vec<Step> {
    let mut steps = scripts(prediction);
    if prediction.chain.stop.is_some() {
        return steps;
    }
    let count = prediction.outcomes.len();
    let mut seen: Vec<(Step, usize)> = Vec::new();
    for outcome in &prediction.outcomes {
        for step in of_outcome(prediction, outcome) {
            match seen.iter_mut().find(|(known, _)| *known == step) {
                Some((_, times)) => *times += 1,
                None => seen.push((step, 1)),
            }
        }
    }
    steps.extend(seen.into_iter().map(|(step, times)| Step {
        certain: times == count,
        ..step
    }));
    steps
}

/// Returns a step for each script.
fn scripts(prediction: &Prediction) -> Vec<Step> {
    let links = &prediction.chain.links;
    let pairs = links.iter().zip(links.iter().skip(1));
    pairs
        .map(|(script, interpreter)| {
            let has = match (attribute(&script.file), script.file.mode & 0o6000) {
                (Some(text), mode) if mode != 0 && !script.credentials => {
                    format!(
                        ", so neither its {text} nor its set-user-ID or set-group-ID bit counts"
                    )
                }
                (Some(text), _) if !script.credentials => format!(", so its {text} does not count"),
                (None, mode) if mode != 0 && !script.credentials => {
                    ", so its set-user-ID or set-group-ID bit does not count".to_owned()
                }
                _ if script.credentials => {
                    ", and binfmt_misc lets its own mode and capabilities count".to_owned()
                }
                _ => String::new(),
            };
            step(
                "load_script",
                CapabilitySet::EMPTY,
                false,
                format!(
                    "{} is a script, run by {}{has}",
                    script.given.display(),
                    interpreter.given.display()
                ),
            )
        })
        .collect()
}

fn step(name: &'static str, set: CapabilitySet, takes: bool, sentence: String) -> Step {
    Step {
        step: name,
        certain: true,
        capabilities: names(set),
        takes,
        sentence,
    }
}

fn of_outcome(prediction: &Prediction, outcome: &Outcome) -> Vec<Step> {
    let mut steps = Vec::new();
    let caller = &prediction.caller;
    let Some(link) = prediction.chain.decisive() else {
        return steps;
    };
    let path = link.file.path.display();
    let trusted = !outcome
        .skipped
        .iter()
        .any(|loss| !matches!(loss, Loss::NoNewPrivs | Loss::SharedFs | Loss::Traced));
    let file = prediction.granted.unwrap_or(NOTHING);
    let has_id = |after: &super::After| {
        after.cred.uids.effective != caller.uids.effective
            || after.cred.gids.effective != caller.gids.effective
    };
    if let Some(text) = attribute(&link.file) {
        let by_file = if trusted {
            (caller.sets.bounding & file.permitted) | (caller.sets.inheritable & file.inheritable)
        } else {
            CapabilitySet::EMPTY
        };
        let sentence = match outcome.after {
            Ok(_) if !by_file.is_empty() => format!("{path} has {text} and grants them"),
            Ok(_) => format!("{path} has {text}, which grant nothing here"),
            Err(_) => format!("{path} has {text}"),
        };
        steps.push(step("get_file_caps", by_file, false, sentence));
    }
    let Ok(after) = &outcome.after else {
        return steps;
    };
    if outcome.set_id {
        let sentence = if has_id(after) {
            format!(
                "{path} is set-user-ID or set-group-ID: the effective IDs become {}:{}",
                ids::text(after.cred.uids.effective),
                ids::text(after.cred.gids.effective)
            )
        } else if caller.no_new_privs || link.file.mount.nosuid {
            format!(
                "{path} is set-user-ID or set-group-ID, without effect: {}",
                {
                    if caller.no_new_privs {
                        "no_new_privs is set"
                    } else {
                        "the mount is nosuid"
                    }
                }
            )
        } else {
            format!("{path} is set-user-ID or set-group-ID, and the IDs stay as they are")
        };
        steps.push(step("bprm_fill_uid", CapabilitySet::EMPTY, false, sentence));
    }
    let taken = |loss: &Loss| outcome.lost.iter().any(|(lost, _)| lost == loss);
    for loss in outcome.skipped.iter().filter(|loss| !taken(loss)) {
        let sentence = match loss {
            Loss::Nosuid => format!(
                "{path} is on {}, mounted nosuid, where set-user-ID and file capabilities do not \
                 count",
                link.file.mount.place()
            ),
            loss => fact(*loss).to_owned(),
        };
        let lost = file.permitted - after.cred.sets.permitted;
        steps.push(step(loss.name(), lost, true, sentence));
    }
    let root = caller.place.users.root();
    let sets = &after.cred.sets;
    let by_root = sets.permitted - file.permitted - file.inheritable - sets.ambient;
    if !by_root.is_empty() && root == Some(after.cred.uids.effective)
        || root == Some(after.cred.uids.real) && !by_root.is_empty()
    {
        let sentence =
            "user ID 0 has all of the bounding and of the inheritable set permitted".to_owned();
        steps.push(step(
            "handle_privileged_root",
            sets.permitted,
            false,
            sentence,
        ));
    }
    for (loss, set) in &outcome.lost {
        steps.push(step(loss.name(), *set, true, fact(*loss).to_owned()));
    }
    if !sets.ambient.is_empty() {
        let sentence = "the ambient capabilities stay, permitted and effective".to_owned();
        steps.push(step("ambient", sets.ambient, false, sentence));
    }
    let idle = caller.sets.inheritable - sets.permitted;
    if !idle.is_empty() {
        let sentence = format!(
            "{} in the bounding and inheritable sets, which give nothing by themselves",
            if names(idle).len() == 1 {
                "it is"
            } else {
                "they are"
            }
        );
        steps.push(step("inheritable", idle, true, sentence));
    }
    steps
}

/// Returns what a step does, without the remedy.
fn fact(loss: Loss) -> &'static str {
    let sentence = loss.reason();
    sentence
        .rsplit_once(": ")
        .map_or(sentence, |(fact, _)| fact)
}

const NOTHING: FileCapabilities = FileCapabilities {
    effective: false,
    permitted: CapabilitySet::EMPTY,
    inheritable: CapabilitySet::EMPTY,
    root_id: 0,
};

/// Returns the sentences about what else follows.
pub fn follows(secure: Option<bool>, dumpable: Option<bool>) -> Vec<&'static str> {
    let mut follows = Vec::new();
    if secure == Some(true) {
        follows.push(
            "it runs in secure mode (AT_SECURE): the loader ignores LD_LIBRARY_PATH, LD_PRELOAD \
             and $ORIGIN, and secure_getenv() hides variables",
        );
    }
    if dumpable == Some(false) {
        follows.push(
            "it is not dumpable: /proc/self belongs to root, its user cannot trace it, and it \
             leaves no core dump unless fs.suid_dumpable is set",
        );
    }
    follows
}

/// Returns the capabilities of a file, as `getcap` writes them.
pub fn attribute(file: &File) -> Option<String> {
    match &file.attribute {
        Attribute::None => None,
        Attribute::Foreign => {
            Some("capabilities for the root user of another user namespace".to_owned())
        }
        Attribute::Malformed => Some("capabilities that the kernel does not show".to_owned()),
        Attribute::Value(value) => Some(match FileCapabilities::parse(value) {
            Ok(file) => flags(&file),
            Err(denial) => denial.reason().to_owned(),
        }),
    }
}

/// Returns file capabilities in the form of `cap_to_text()`: `cap_net_raw=ep cap_bpf=i`.
fn flags(file: &FileCapabilities) -> String {
    let flags = |capability: Capability| {
        let (p, i) = (
            file.permitted.contains(capability),
            file.inheritable.contains(capability),
        );
        let e = if file.effective { "e" } else { "" };
        match (i, p) {
            (true, true) => format!("{e}ip"),
            (true, false) => format!("{e}i"),
            (false, true) => format!("{e}p"),
            (false, false) => String::new(),
        }
    };
    let all = file.permitted | file.inheritable;
    let mut groups: Vec<(String, CapabilitySet)> = Vec::new();
    for &capability in Capability::ALL.iter().filter(|one| all.contains(**one)) {
        let flags = flags(capability);
        match groups.iter_mut().find(|(known, _)| *known == flags) {
            Some((_, set)) => *set = set.with(capability),
            None => groups.push((flags, CapabilitySet::EMPTY.with(capability))),
        }
    }
    let texts: Vec<String> = groups
        .iter()
        .map(|(flags, set)| format!("{}={flags}", capabilities::list(*set)))
        .collect();
    let text = if texts.is_empty() {
        "an empty set of capabilities".to_owned()
    } else {
        texts.join(" ")
    };
    match file.root_id {
        0 => text,
        root => format!("{text} (for the root user {root})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_capabilities_are_written_as_getcap_writes_them() {
        let set = |capability| CapabilitySet::EMPTY.with(capability);
        let raw = set(Capability::NET_RAW);
        let mut file = FileCapabilities {
            effective: true,
            permitted: raw,
            ..NOTHING
        };
        assert_eq!(flags(&file), "cap_net_raw=ep");
        file.inheritable = set(Capability::BPF);
        file.effective = false;
        file.root_id = 7;
        assert_eq!(
            flags(&file),
            "cap_net_raw=p cap_bpf=i (for the root user 7)"
        );
        assert_eq!(flags(&NOTHING), "an empty set of capabilities");
    }
}
