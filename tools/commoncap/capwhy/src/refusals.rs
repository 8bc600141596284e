// SPDX-License-Identifier: GPL-2.0

//! The words of reports for what only probes see: why a call failed, and what would help.

use crate::{
    either_or,
    trace::{
        event::Verdict,
        refusal::{Capset, Exec, Failed, Held, OtherLsm, Why},
    },
};
use commoncap::{Denial, Loss};

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
                let is_one = check.is_some_and(|check| check.second == name);
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

/// Returns a sentence on a way to fail that no capability helps against; none for the others.
pub fn remedy(why: &Why) -> Option<&'static str> {
    Some(match why {
        Why::OtherLsm { capabilities, .. } if capabilities.is_empty() => {
            "Another LSM refused what the capability LSM granted or was not asked about: change \
             its policy. No capability helps."
        }
        Why::OtherLsm { .. } => {
            "Another LSM refused, which a capability satisfies: see that LSM's documentation."
        }
        Why::Seccomp => {
            "A seccomp filter refused the call before the kernel checked any capability: change \
             the filter (SystemCallFilter=, --security-opt seccomp=). No capability helps."
        }
        Why::ReadOnly { .. } => {
            "A read-only mount refuses before the kernel checks any capability: mount it without \
             ro, or mount a writable one over the file. No capability helps."
        }
        Why::Other => {
            "Where no capability was refused, something else said no: the mode or the attributes \
             of a file, a limit, another LSM (--lsms shows which), or a rule of that call. See the \
             call's manual page for this error."
        }
        Why::Capability { .. } | Why::Rule { .. } | Why::Optional { .. } => return None,
    })
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
    let rule = [
        Denial::CapsetPermittedGained,
        Denial::CapsetEffectiveNotPermitted,
    ];
    let until = capset.until.as_ref()?;
    let is = rule.iter().any(|rule| rule.name() == capset.reason);
    is.then(|| {
        format!(
            "{} is not permitted any more: the process had it until {until}. Act before that.",
            capset.refused.join(", ")
        )
    })
}

/// Returns a sentence on an `execve()` that failed for the file's capabilities, or ignored them.
pub fn exec(exec: &Exec) -> String {
    let path = &exec.path;
    let file = exec.file.as_deref().unwrap_or("capabilities");
    let lost = exec.lost.join(", ");
    let upper = |prefix: &str| -> String {
        let names = exec.lost.iter().map(|name| name.to_uppercase());
        let names = names.map(|name| name.trim_start_matches("CAP_").to_owned());
        names
            .map(|name| format!("{prefix}{name}"))
            .collect::<Vec<_>>()
            .join(" ")
    };
    let is = |loss: Loss| exec.reason == loss.name();
    if exec.verdict == Verdict::Denied {
        let without = file.replace("=ep", "=p");
        return format!(
            "execve() of {path} failed with EPERM: the file has {file}, and the bounding set lacks \
             {lost}. Put it there ({}, CapabilityBoundingSet={}), or take away the file's \
             effective flag (setcap {without} {path}), or all its capabilities (setcap -r {path}).",
            upper("--cap-add="),
            upper("CAP_")
        );
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

/// Returns a sentence on where a refused capability was, and the remedy that follows.
pub fn held(held: &Held) -> String {
    let name = &held.capability;
    if let Some(owner) = held.owner {
        return format!(
            "{name}: user {owner} made the user namespace, and needs no capability over it. Act as \
             that user (seteuid({owner}), setpriv --reuid {owner})."
        );
    }
    let Some(sets) = &held.sets else {
        return format!("{name}: it is not known which sets of the process held it.");
    };
    let has = |set: &str| sets.contains(&set);
    let short = name.trim_start_matches("cap_");
    let nothing = match (has("inheritable"), has("bounding")) {
        (true, true) => {
            " in the bounding and the inheritable set, which give nothing by themselves"
        }
        (true, false) => " in the inheritable set, which gives nothing by itself",
        _ => "",
    };
    let since = match nothing {
        "" => String::new(),
        nothing => format!(", and is{nothing}"),
    };
    match (&held.permitted_until, &held.effective_until) {
        _ if has("permitted") => match &held.effective_until {
            Some(call) => format!(
                "{name}: it was effective until {call}, and is still permitted. Act before that, \
                 or raise it again by capset() after."
            ),
            None => format!("{name}: it is permitted, and not effective. Raise it by capset()."),
        },
        (Some(call), _) if call.starts_with("set") => format!(
            "{name}: the process held it until {call}{since}. Act before that; or set \
             SECBIT_KEEP_CAPS (prctl(PR_SET_KEEPCAPS, 1)) before, and raise it again by capset() \
             after. For a program that is executed then, make it ambient (setpriv --inh-caps \
             +{short} --ambient-caps +{short}), or give it to its file."
        ),
        (Some(call), _) if !call.starts_with("execve(") => {
            format!("{name}: the process held it until {call}. Act before that.")
        }
        (Some(call), _) => format!(
            "{name}: the process held it until {call}{since}. Make it ambient before that \
             (setpriv --inh-caps +{short} --ambient-caps +{short}), or give it to that file."
        ),
        (None, _) if has("inheritable") => format!(
            "{name}: it is{nothing}. Make it ambient (setpriv --inh-caps +{short} --ambient-caps \
             +{short}), or give it to the file."
        ),
        (None, _) if !has("bounding") => format!(
            "{name}: it is not in the bounding set, so no execve() can give it. Start the program \
             from a process that has it there (--cap-add, CapabilityBoundingSet=)."
        ),
        (None, _) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(sets: &[&'static str], until: Option<&str>) -> String {
        held(&Held {
            capability: "cap_setpcap".to_owned(),
            sets: Some(sets.to_vec()),
            effective_until: until.map(str::to_owned),
            permitted_until: until
                .filter(|_| !sets.contains(&"permitted"))
                .map(str::to_owned),
            owner: None,
        })
    }

    #[test]
    fn the_remedy_depends_on_the_call_that_took_the_capability() {
        for (sets, until, words) in [
            (
                &["bounding"][..],
                Some("setresuid(1000)"),
                "until setresuid(1000). Act before",
            ),
            (&["bounding"], Some("setresuid(1000)"), "PR_SET_KEEPCAPS"),
            (
                &["permitted"],
                Some("setresuid(1000)"),
                "raise it again by capset()",
            ),
            (&["permitted"], None, "permitted, and not effective"),
            (
                &["bounding"],
                Some("capset()"),
                "held it until capset(). Act before that.",
            ),
            (
                &["bounding"],
                Some("execve(\"/x\")"),
                "--ambient-caps +setpcap",
            ),
            (
                &["bounding", "inheritable"],
                None,
                "which give nothing by themselves",
            ),
            (&[], None, "no execve() can give it"),
        ] {
            let sentence = refused(sets, until);
            assert!(sentence.contains(words), "{sentence}");
        }
    }

    #[test]
    fn the_owner_of_a_namespace_is_named() {
        let held_by = Held {
            capability: "cap_sys_admin".to_owned(),
            sets: None,
            effective_until: None,
            permitted_until: None,
            owner: Some(1000),
        };
        assert!(held(&held_by).contains("user 1000 made the user namespace"));
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
    }
}
