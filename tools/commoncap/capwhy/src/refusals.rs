// SPDX-License-Identifier: GPL-2.0

//! The words of reports for what only probes see: why a call failed, and what would help.

mod held;

pub use held::{given_up, held, outside, unbound, within};

use crate::{
    either_or, failures,
    likely::seccomp,
    trace::{
        event::Verdict,
        refusal::{Capset, Exec, Failed, OtherLsm, Removed, Why, OWNER, SCRIPT},
    },
};
use commoncap::Loss;
use std::fmt::Write as _;

/// Returns why a system call failed, in few words.
pub fn why(failed: &Failed) -> String {
    let all = |capabilities: &[String]| {
        let mut text = String::new();
        for (index, name) in capabilities.iter().enumerate() {
            if let Some(before) = index
                .checked_sub(1)
                .and_then(|index| capabilities.get(index))
            {
                // The second one was checked only since the first one was refused.
                let check = either_or::beginning(before);
                let is_pair = either_or::instead_of(name) == Some(before)
                    || either_or::instead_of(before) == Some(name);
                let is_one = is_pair || check.is_some_and(|check| check.second == name);
                text.push_str(if is_one { " or " } else { ", " });
            }
            text.push_str(name);
        }
        text
    };
    match &failed.why {
        Why::Capability { capabilities } => format!("{} refused", all(capabilities)),
        Why::Rule { rule } => rule.clone(),
        Why::OtherLsm {
            lsms,
            lsm_hook: hook,
            capabilities,
        } => {
            let hook = hook
                .as_ref()
                .map_or(String::new(), |hook| format!(" ({hook})"));
            let lack = match capabilities.is_empty() {
                true => String::new(),
                false => format!(", without {}", all(capabilities)),
            };
            format!("refused by {}{hook}{lack}", lsms.join(" or "))
        }
        Why::Seccomp => "refused by a seccomp filter".to_owned(),
        Why::ReadOnly { mount: Some(mount) } => format!("{mount} is mounted read-only"),
        Why::ReadOnly { mount: None } => "the file system is mounted read-only".to_owned(),
        Why::Optional { capabilities } => format!("{} refused, without audit", all(capabilities)),
        Why::Other => "no capability was refused".to_owned(),
    }
}

/// Returns the states of the system under which a call fails so, or what is known of this error of
/// the call, and whether it is the former.
fn likely(failed: &Failed) -> Option<(String, bool)> {
    if let Some((first, others)) = failed.likely.split_first() {
        let mut text = format!("{first}.");
        for other in others {
            let _ = write!(text, " Or {other}.");
        }
        return Some((text, true));
    }
    let explained = match &failed.why {
        Why::Seccomp | Why::ReadOnly { .. } | Why::Rule { .. } => true,
        Why::OtherLsm { capabilities, .. } => capabilities.is_empty(),
        _ => false,
    };
    let lacked: &[String] = match &failed.why {
        Why::Capability { capabilities } | Why::Optional { capabilities } => capabilities,
        _ => &[],
    };
    let known = failures::find(call_of(failed), Some(failed.errno));
    // Of a call that lacks another capability, it would be about something else.
    let is_about = |known: &&&failures::Failure| {
        let mut lacked = lacked.iter();
        lacked.any(|name| known.capabilities.contains(&name.as_str()))
    };
    let needs_none = |known: &&&failures::Failure| known.capabilities.is_empty();
    let known = match lacked.is_empty() {
        true => known.iter().find(needs_none).or_else(|| known.first()),
        false => known.iter().find(is_about),
    };
    let known = known.filter(|_| !explained)?;
    Some((format!("{}.", known.sentence), false))
}

/// Returns a sentence for each state of the system under which calls fail so, and for what is known
/// of their errors.
pub fn all_likely<'a>(all: impl Iterator<Item = &'a Failed>) -> Vec<String> {
    /// A program can fail alike for any number of files.
    const MOST: usize = 5;
    let mut groups: Vec<(Vec<String>, &str, String, bool)> = Vec::new();
    let mut others = 0;
    // After access(), programs go on: its failures come last.
    let (probes, all): (Vec<_>, Vec<_>) =
        all.partition(|failed| call_of(failed).contains("access"));
    for failed in all.into_iter().chain(probes) {
        let Some((text, is_state)) = likely(failed) else {
            continue;
        };
        let call = format!("{}()", call_of(failed));
        let same = groups
            .iter_mut()
            .find(|(_, errno, known, _)| *errno == failed.errno && *known == text);
        match same {
            Some((calls, ..)) if !calls.contains(&call) => calls.push(call),
            Some(_) => {}
            None => {
                let alike = groups.iter().filter(|(calls, errno, ..)| {
                    calls.first() == Some(&call) && *errno == failed.errno
                });
                if alike.count() < MOST {
                    groups.push((vec![call], failed.errno, text, is_state));
                } else {
                    others += 1;
                }
            }
        }
    }
    let sentences = groups.into_iter().map(|(calls, errno, text, is_state)| {
        let fail = if calls.len() == 1 { "fails" } else { "fail" };
        match is_state {
            true => format!(
                "{} {fail} with {errno}, likely because {text}",
                calls.join(", ")
            ),
            false => format!("{errno} of {}: {text}", calls.join(", ")),
        }
    });
    let others = (others > 0).then(|| {
        format!("Calls fail for {others} more reasons alike: run less at once to see them.")
    });
    sentences.chain(others).collect()
}

/// Returns the name of a call.
fn call_of(failed: &Failed) -> &str {
    failed.call.split('(').next().unwrap_or_default()
}

/// Returns a sentence on a way to fail that no capability helps against; none for the others.
pub fn remedy(failed: &Failed) -> Option<String> {
    let sentence = match &failed.why {
        Why::OtherLsm { capabilities, .. } if capabilities.is_empty() => {
            "Another LSM refused what the capability LSM granted or was not asked about: change \
             its policy. No capability helps."
        }
        Why::OtherLsm { .. } => {
            "Another LSM refused, which a capability satisfies: see that LSM's documentation."
        }
        Why::Seccomp => {
            let call = call_of(failed);
            let opened = seccomp::opened_by(call);
            let opened = opened.unwrap_or_else(|| "No capability helps.".to_owned());
            return Some(format!(
                "A seccomp filter refused {call}() before the kernel checked any capability: allow \
                 the call in the filter (SystemCallFilter=, --security-opt seccomp=). {opened}"
            ));
        }
        Why::ReadOnly { .. } => {
            "A read-only mount refuses before the kernel checks any capability: mount it without \
             ro, or mount a writable one over the file. No capability helps."
        }
        Why::Other if likely(failed).is_none() => {
            "Where no capability was refused, something else said no: the mode or the attributes \
             of a file, a limit, another LSM (--lsms shows which), or a rule of that call. See the \
             call's manual page for this error."
        }
        _ => return None,
    };
    Some(sentence.to_owned())
}

/// Returns a `capset()` in few words, and its result.
pub fn capset(capset: &Capset) -> (String, String) {
    let what = match capset.refused.is_empty() {
        true => "capset()".to_owned(),
        false => format!("capset() of {}", capset.refused.join(",")),
    };
    let why = match (capset.verdict, capset.needs_setpcap) {
        (Verdict::Granted, true) => "changed, cap_setpcap".to_owned(),
        (Verdict::Granted, false) => "changed".to_owned(),
        (Verdict::Denied, _) => capset.reason.clone(),
    };
    (what, why)
}

/// Returns a sentence on a `capset()` that was denied, beyond that of its rule.
pub fn capset_until(capset: &Capset) -> Option<String> {
    let names = capset.refused.join(", ");
    capset.lacks_permitted().then(|| match &capset.until {
        Some(until) if until.starts_with("execve(") => format!(
            "{names}: the process held it until {until}, which did not give it again. Give it \
             there: root gets all of the bounding set ({}), and another user what is ambient \
             (setpriv --ambient-caps) or of the file.",
            prefixed("--cap-add=", &capset.refused)
        ),
        Some(until) => format!(
            "{names} is not permitted any more: the process had it until {until}. Act before that."
        ),
        None => format!(
            "{names}: capset() cannot give what is not permitted. Start the process with it, as \
             root or by ambient capabilities."
        ),
    })
}

/// Returns the names of capabilities, in capital letters, with a prefix in place of `CAP_`.
fn prefixed(prefix: &str, names: &[String]) -> String {
    let names = names.iter().map(|name| name.to_uppercase());
    let names = names.map(|name| format!("{prefix}{}", name.trim_start_matches("CAP_")));
    names.collect::<Vec<_>>().join(" ")
}

/// Returns a sentence on an `execve()` that failed for the file's capabilities, or ignored them.
pub fn exec(exec: &Exec) -> String {
    let path = &exec.path;
    let file = exec.file.as_deref().unwrap_or("capabilities");
    let lost = exec.lost.join(", ");
    let is = |loss: Loss| exec.reason == loss.name();
    if exec.verdict == Verdict::Denied {
        let without = file.replace("=ep", "=p");
        return format!(
            "execve() of {path} failed with EPERM: the file has {file}, and the bounding set lacks \
             {lost}. Put it there ({}, CapabilityBoundingSet={}), or take away the file's \
             effective flag (setcap {without} {path}), or all its capabilities (setcap -r {path}).",
            prefixed("--cap-add=", &exec.lost),
            prefixed("CAP_", &exec.lost)
        );
    }
    let has = match file.starts_with("set-user-ID") {
        true => "is",
        false => "has",
    };
    if exec.reason == SCRIPT {
        return format!(
            "{path} {has} {file}, which had no effect, since it is a script: the kernel ignores \
             set-user-ID and capabilities of scripts. Give capabilities to the process (setpriv \
             --ambient-caps, AmbientCapabilities= of systemd) or to a copy of the interpreter for \
             this script alone, or let sudo start it."
        );
    }
    if exec.lost.is_empty() && has == "is" {
        let why = if is(Loss::Nosuid) {
            format!(
                "{} is mounted nosuid: move it, or mount it without",
                exec.mount.as_deref().unwrap_or("its mount")
            )
        } else if is(Loss::Traced) {
            "the caller is traced: trace it as root (sudo strace -u USER), or not at all".to_owned()
        } else if is(Loss::SharedFs) {
            Loss::SharedFs.reason().to_owned()
        } else if exec.reason == OWNER {
            "the user namespace does not map its owner: map that user (newuidmap, unshare \
             --map-root-user), or start it outside"
                .to_owned()
        } else {
            "no_new_privs is set, which no process can clear: start it without \
             (NoNewPrivileges=no, allowPrivilegeEscalation: true, no \
             --security-opt=no-new-privileges)"
                .to_owned()
        };
        return format!("{path} is {file}, which had no effect, since {why}.");
    }
    if is(Loss::Nosuid) {
        let mount = exec.mount.as_deref().unwrap_or("a mount");
        return format!(
            "{path} has {file}, but {mount} is mounted nosuid: file capabilities do not count \
             there. Move the file, mount it without (mount -o remount,suid {mount}), or use \
             ambient capabilities."
        );
    }
    let reason = Loss::ALL
        .iter()
        .find(|loss| is(**loss))
        .map(|loss| loss.reason());
    let reason = reason.unwrap_or("the kernel ignored the file's capabilities");
    format!("{path} has {file}, and the program started without {lost}: {reason}.")
}

/// Returns a sentence on capabilities of a file that a change of it removed.
pub fn removed(removed: &Removed) -> String {
    let by = removed.by.as_deref().unwrap_or("A call");
    format!(
        "{by} removed the capabilities of the file {}, as do writing to it, truncating it and \
         changing its owner. Set them after that (setcap).",
        removed.file
    )
}

/// Returns a sentence on a refusal by another LSM.
pub fn other_lsm(other: &OtherLsm) -> String {
    let capability = &other.capability;
    let lsms = match other.lsms.is_empty() {
        true => "another LSM (see /sys/kernel/security/lsm)".to_owned(),
        false => other.lsms.join(" or "),
    };
    format!(
        "{capability} is effective, and {lsms} refused it: change that LSM's policy. No capability \
         helps."
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use commoncap::Denial;

    #[test]
    fn a_call_without_a_state_of_the_system_has_the_sentence_of_explain() {
        let failed = |call: &str, likely: &[&str]| Failed {
            call: call.to_owned(),
            errno: "EPERM",
            why: Why::Other,
            likely: likely.iter().map(|text| (*text).to_owned()).collect(),
        };
        let all = [
            failed("setns(3, ...)", &[]),
            failed("getpid()", &[]),
            failed("ptrace(16, 7)", &["it is so", "it is otherwise"]),
            failed("kcmp(7)", &["it is so", "it is otherwise"]),
        ];
        let texts = all_likely(all.iter());
        assert!(
            texts[0].starts_with("EPERM of setns(): entering takes"),
            "{texts:?}"
        );
        let words =
            "ptrace(), kcmp() fail with EPERM, likely because it is so. Or it is otherwise.";
        assert_eq!(texts[1..], [words]);
        assert!(remedy(&failed("getpid()", &[])).is_some());
        assert_eq!(remedy(&failed("setns(3, ...)", &[])), None);
    }

    #[test]
    fn a_call_has_a_few_sentences_and_the_others_are_counted() {
        let all: Vec<Failed> = (0..9)
            .map(|number| Failed {
                call: format!("openat(AT_FDCWD, \"/{number}\", 0x0)"),
                errno: "EACCES",
                why: Why::Other,
                likely: vec![format!("/{number} is so")],
            })
            .collect();
        let texts = all_likely(all.iter());
        assert_eq!(texts.len(), 6);
        assert!(texts[5].contains("for 4 more reasons alike"), "{texts:?}");
    }

    #[test]
    fn a_sentence_about_other_capabilities_than_the_refused_ones_is_left_out() {
        let failed = |capability: &str| Failed {
            call: "openat(AT_FDCWD, \"/dev/mem\", 0x0)".to_owned(),
            errno: "EPERM",
            why: Why::Capability {
                capabilities: vec![capability.to_owned()],
            },
            likely: Vec::new(),
        };
        assert!(all_likely([failed("cap_sys_rawio")].iter()).is_empty());
        assert_eq!(all_likely([failed("cap_fowner")].iter()).len(), 1);
    }

    #[test]
    fn an_execve_that_fails_names_the_file_and_the_ways_out() {
        let failed = Exec {
            path: "/x".to_owned(),
            verdict: Verdict::Denied,
            reason: Denial::ExecFileCapsUnavailable.name().to_owned(),
            file: Some("cap_net_raw=ep".to_owned()),
            lost: vec!["cap_net_raw".to_owned()],
            mount: None,
        };
        let text = exec(&failed);
        for words in [
            "--cap-add=NET_RAW",
            "=CAP_NET_RAW",
            "setcap cap_net_raw=p /x",
            "setcap -r",
        ] {
            assert!(text.contains(words), "{text}");
        }
        let ignored = Exec {
            verdict: Verdict::Granted,
            reason: Loss::Nosuid.name().to_owned(),
            mount: Some("/mnt".to_owned()),
            ..failed
        };
        assert!(exec(&ignored).contains("/mnt is mounted nosuid"));
        let set_id = Exec {
            file: Some("set-user-ID 0".to_owned()),
            lost: Vec::new(),
            reason: Loss::NoNewPrivs.name().to_owned(),
            ..ignored
        };
        let text = exec(&set_id);
        assert!(
            text.contains("set-user-ID 0, which had no effect, since no_new_privs"),
            "{text}"
        );
    }
}
