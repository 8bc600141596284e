// SPDX-License-Identifier: GPL-2.0

//! The words for a capability that a process lacks: where it was, or where it would have to be.

use crate::trace::refusal::Held;

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
            None => format!(
                "{name}: it is permitted, and not effective. Raise it by capset() in this thread, \
                 since each has its own sets; or set the effective flag of the file (=ep)."
            ),
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
        (Some(call), _) if !has("bounding") => format!(
            "{name}: the process held it until {call}, and the bounding set lacks it, so no \
             execve() can give it. Start the program {}.",
            unbound(name)
        ),
        (Some(call), _) if held.ambient_until.as_ref() == Some(call) => format!(
            "{name}: it was ambient until {call}, and that file has capabilities, set-user-ID or \
             set-group-ID, which clear ambient ones. Give it to that file, too (setcap), or remove \
             what it has (setcap -r, chmod ug-s)."
        ),
        (Some(call), _) if held.in_user_ns => format!(
            "{name}: the process held it in its user namespace until {call}, which it executed as \
             a user that is not root there. Map its user to root before that (unshare \
             --map-root-user), or make it ambient (unshare --keep-caps, setpriv --ambient-caps \
             +{short})."
        ),
        (Some(call), _) if held.without_root => format!(
            "{name}: the process held it until {call}: with the securebit noroot, execve() gives \
             user 0 no capabilities. Leave that bit out, or make it ambient before (setpriv \
             --inh-caps +{short} --ambient-caps +{short})."
        ),
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
             {}.",
            unbound(name)
        ),
        (None, _) => String::new(),
    }
}

/// Returns a sentence on a capability that a set-user-ID program gave up by a call.
pub fn given_up(capability: &str, program: &str, call: &str) -> String {
    format!(
        "{capability}: {program} is set-user-ID, and gave it up by {call}, as it does where its \
         own rules do not permit a user this (mount and umount: the option user in /etc/fstab). \
         Run it as root."
    )
}

/// Returns from where to start a program, so that a capability is in its bounding set.
pub fn unbound(name: &str) -> String {
    let upper = name.to_uppercase();
    format!(
        "from a process that has it there: --cap-add={} of Docker and Podman, capabilities.add of \
         Kubernetes, CapabilityBoundingSet={upper} of systemd",
        upper.trim_start_matches("CAP_")
    )
}

/// Returns what a process can do in its user namespace where a capability is checked over another.
pub fn within(capability: &str) -> &'static str {
    match capability {
        "cap_net_admin" | "cap_net_raw" | "cap_net_bind_service" => {
            "make a network namespace in that user namespace (unshare --net, a network of the \
             container's own; PrivateNetwork= beside PrivateUsers= of systemd), where it counts"
        }
        "cap_sys_admin" => {
            "make a namespace of the container's own, if the call is about one (unshare --mount, \
             --uts, --net, --ipc)"
        }
        "cap_mknod" => "bind-mount a device file from outside",
        "cap_sys_time" => {
            "use libfaketime for a program that is to see another time: a time namespace changes \
             the monotonic clocks alone"
        }
        "cap_sys_nice" | "cap_sys_resource" | "cap_ipc_lock" => {
            "raise the limit of the container outside (--ulimit rtprio=, nice=, nofile=, memlock=; \
             LimitRTPRIO= and others of systemd), within which none is needed"
        }
        _ => {
            "run the container as root without a user namespace of its own (--userns=host, with \
             --cap-add), where it counts"
        }
    }
}

/// Returns a sentence on a check over a user namespace of this level, by a process of another one
/// that is not above it.
pub fn outside(capability: &str, level: i32) -> String {
    let over = match level {
        0 => "the initial user namespace",
        _ => "the user namespace that owns what the call is about",
    };
    let here = within(capability);
    format!(
        "{capability}: the kernel checked it over {over}, and the process is in another one (a \
         container), whose capabilities do not count there. Do it outside; or {here}."
    )
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
            ambient_until: None,
            executed_since: false,
            in_user_ns: false,
            without_root: false,
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
            (&[], Some("execve(\"/x\")"), "--cap-add=SETPCAP"),
        ] {
            let sentence = refused(sets, until);
            assert!(sentence.contains(words), "{sentence}");
        }
    }

    #[test]
    fn an_execve_that_clears_ambient_ones_is_named() {
        let call = || Some("execve(\"/x\")".to_owned());
        let lost = Held {
            capability: "cap_net_raw".to_owned(),
            sets: Some(vec!["inheritable", "bounding"]),
            effective_until: call(),
            permitted_until: call(),
            ambient_until: call(),
            executed_since: false,
            in_user_ns: false,
            without_root: false,
            owner: None,
        };
        assert!(
            held(&lost).contains("which clear ambient ones"),
            "{}",
            held(&lost)
        );
        let in_user_ns = Held {
            ambient_until: None,
            in_user_ns: true,
            ..lost
        };
        assert!(held(&in_user_ns).contains("--map-root-user"));
        let without_root = Held {
            executed_since: false,
            in_user_ns: false,
            without_root: true,
            ..in_user_ns
        };
        assert!(held(&without_root).contains("securebit noroot"));
    }

    #[test]
    fn the_owner_of_a_namespace_is_named() {
        let held_by = Held {
            capability: "cap_sys_admin".to_owned(),
            sets: None,
            effective_until: None,
            permitted_until: None,
            ambient_until: None,
            executed_since: false,
            in_user_ns: false,
            without_root: false,
            owner: Some(1000),
        };
        assert!(held(&held_by).contains("user 1000 made the user namespace"));
    }
}
