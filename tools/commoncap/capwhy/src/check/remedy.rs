// SPDX-License-Identifier: GPL-2.0

//! Why something is denied, and what would change that.

use crate::{
    deploy::{For, Form},
    facts::{Owner, Process, Uid, HIDDEN},
    refusals::{unbound, within},
    shell::quoted,
    tools::{is_for_all, is_interpreter},
};
use commoncap::{
    capability::{Capability, CapabilitySet},
    credentials::Namespace,
    Denial,
};
use std::path::Path;

/// Returns the sentence of the innermost of the rules that deny: the most specific one.
pub fn reason(rules: &[Denial]) -> Option<String> {
    rules.last().map(|rule| rule.reason().to_owned())
}

/// Returns what makes capwhy see what it lacks for an answer.
pub fn of_unknown(why: &str) -> &'static str {
    match why {
        HIDDEN => "run capwhy as root",
        _ => "run capwhy in the initial user and PID namespaces",
    }
}

/// Returns what would change a denial: which of the wanted capabilities, and where.
///
/// `what` is the relation of the target namespace to the process: see [`super::Target`].
pub fn of(
    process: &Process,
    wanted: &[Capability],
    rule: Denial,
    what: &str,
    target: &Owner,
) -> Option<String> {
    let home = format!("user:[{}]", process.user_ns.number());
    let capabilities = or(wanted);
    Some(match rule {
        Denial::NotEffective | Denial::SecurebitsPrivileged => {
            let how = gain(process, wanted);
            let needs = format!("needs {capabilities} effective in {home}: {how}");
            match owner_below(process, target) {
                Some((owner, number)) if rule == Denial::NotEffective => format!(
                    "user {owner} made user:[{number}]: do it as user {owner} (seteuid), who has \
                     all capabilities there; as the present user, it {needs}"
                ),
                _ => needs,
            }
        }
        Denial::TargetNotBelow => {
            let there = match target.number() {
                Some(number) => format!("user:[{number}]"),
                None => "a user namespace that capwhy cannot see".to_owned(),
            };
            let only = format!(
                "needs {capabilities} effective in {there}, and the process is in {home}, which is \
                 not above it: no capability it holds reaches it"
            );
            match what {
                "pid-namespace-owner" => format!(
                    "{only}; a PID namespace that is made in {home} belongs to it (unshare --pid \
                     --fork), and there its own capabilities are enough"
                ),
                "ipc-namespace-owner" => format!(
                    "{only}; an IPC namespace that is made in {home} belongs to it (unshare --ipc) \
                     and there its own capabilities are enough"
                ),
                _ => {
                    let here = wanted.first().map_or("", |wanted| within(wanted.name()));
                    format!("{only}; a process of the initial user namespace must do it, or {here}")
                }
            }
        }
        Denial::SecurebitsLocked | Denial::SecurebitsUnlock => {
            "nothing can change it in this process and its descendants: they inherit the lock"
                .to_owned()
        }
        Denial::SecurebitsUnsupported => {
            "this kernel has no such securebit: it takes Linux 6.14 or later".to_owned()
        }
        _ => return None,
    })
}

/// Returns the user who made the namespace just below that of the process, on the way to the
/// target, and the number of that namespace.
fn owner_below(process: &Process, target: &Owner) -> Option<(u32, u64)> {
    let target = target.target()?;
    let mut namespace = Some(&*target);
    while let Some(this) = namespace {
        let parent = this.parent()?;
        if std::ptr::eq(parent, &*process.user_ns) {
            return match this.owner() {
                Uid::Is(owner) => Some((owner, this.number())),
                Uid::Unmapped { .. } => None,
            };
        }
        namespace = Some(parent);
    }
    None
}

fn or(capabilities: &[Capability]) -> String {
    let names: Vec<&str> = capabilities
        .iter()
        .map(|capability| capability.name())
        .collect();
    names.join(" or ")
}

/// Returns how the process, or one like it, could get one of these capabilities effective.
fn gain(process: &Process, wanted: &[Capability]) -> String {
    if let Some(held) = wanted
        .iter()
        .find(|wanted| process.permitted.contains(**wanted))
    {
        return format!(
            "{} is permitted to it already, and it only has to raise it with capset()",
            held.name()
        );
    }
    if process.no_new_privs {
        let name = wanted.first().map_or("cap", |wanted| wanted.name());
        let short = name.trim_start_matches("cap_");
        return format!(
            "no_new_privs is set, so no execve() can give it: start it without \
             (NoNewPrivileges=no, allowPrivilegeEscalation: true), or with it ambient, which \
             that leaves alone (setpriv --inh-caps +{short} --ambient-caps +{short}, \
             AmbientCapabilities={})",
            name.to_uppercase()
        );
    }
    let Some(possible) = wanted
        .iter()
        .find(|wanted| process.bounding.contains(**wanted))
    else {
        let name = wanted.first().map_or("cap", |wanted| wanted.name());
        return format!(
            "that is not in its bounding set, so no execve() can give it: start it {}",
            unbound(name)
        );
    };
    let name = possible.name();
    let sets = match (
        process.inheritable.contains(*possible),
        CapabilitySet::FULL.is_subset(process.bounding),
    ) {
        (true, _) => format!(
            "{name} is in its bounding and inheritable sets, which give nothing by themselves; "
        ),
        (false, false) => {
            format!("{name} is in its bounding set, which gives nothing by itself; ")
        }
        (false, true) => String::new(),
    };
    let short = name.trim_start_matches("cap_");
    let upper = name.to_uppercase();
    let ambient = format!(
        "start it with it (setpriv --inh-caps +{short} --ambient-caps +{short}, \
         AmbientCapabilities={upper})"
    );
    if process.program.script.is_some() {
        return format!("{sets}{ambient}; it runs a script, whose file capabilities do not count");
    }
    let file = process.program.file.as_deref().unwrap_or(Path::new("FILE"));
    if process.program.nosuid {
        return format!(
            "{sets}{ambient}; {} is on a mount with nosuid, where file capabilities do not count",
            quoted(file)
        );
    }
    if is_for_all(file) || is_interpreter(file) {
        return format!(
            "{sets}{ambient}; do not give it to {}: every user would have its power",
            quoted(file)
        );
    }
    let program = For {
        file,
        is_script: false,
    };
    let setcap = Form::Setcap.lines(&[name], program).join("");
    format!("{sets}give it to the program's file ({setcap}), or {ambient}")
}
