// SPDX-License-Identifier: GPL-2.0

//! Why something is denied, and what would change that.

use crate::facts::{Owner, Process};
use commoncap::{capability::Capability, Denial};

/// Returns the sentence of the innermost of the rules that deny: the most specific one.
pub fn reason(rules: &[Denial]) -> Option<String> {
    rules.last().map(|rule| rule.reason().to_owned())
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
            format!("needs {capabilities} effective in {home}: {how}")
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
                _ => format!("{only}; a process of the initial user namespace must do it"),
            }
        }
        Denial::SecurebitsLocked | Denial::SecurebitsUnlock => {
            "nothing can change it in this process and its descendants: they inherit the lock"
                .to_owned()
        }
        _ => return None,
    })
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
        return "no_new_privs is set, so no execve() can give it: start it without".to_owned();
    }
    let Some(possible) = wanted
        .iter()
        .find(|wanted| process.bounding.contains(**wanted))
    else {
        return "that is not in its bounding set, so no execve() can give it: start it from a \
                process that has not dropped it"
            .to_owned();
    };
    let name = possible.name();
    format!(
        "give it to the program's file (setcap {name}=ep FILE), or start it with it \
         (setpriv --inh-caps +{short} --ambient-caps +{short}, AmbientCapabilities={upper})",
        short = name.trim_start_matches("cap_"),
        upper = name.to_uppercase(),
    )
}
