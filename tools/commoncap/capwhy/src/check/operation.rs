// SPDX-License-Identifier: GPL-2.0

//! Checks the operations of checkpoint/restore.

use super::{
    remedy,
    row::{Answer, By, Cases, Row, Target},
};
use crate::facts::{Credentials, Owner, Process, UserNs};
use commoncap::{
    capability::Capability,
    capable::{capable, Grant},
    checkpoint_restore::ns_capable_noaudit,
    operations::{Check, Operation, Over, Refusal},
    Denial,
};

/// Returns the rows of an operation: one, or one for each PID namespace in which a PID is chosen.
pub fn rows(process: &Process, operation: &Operation) -> Vec<Row> {
    let one = |what, owner| vec![row(process, operation, 1, what, &[owner])];
    match operation.over {
        Over::Initial => one("initial", Owner::Is(process.initial.clone())),
        Over::Own => one("own", Owner::Is(process.user_ns.clone())),
        Over::PidNamespaceOwner => one("pid-namespace-owner", process.pid_ns_owner.clone()),
        Over::IpcNamespaceOwner => one("ipc-namespace-owner", process.ipc_ns_owner.clone()),
        Over::EachPidNamespaceOwner => {
            let mut owners = process.pid_namespaces.owners.clone();
            let row = |owners: &[Owner]| {
                row(
                    process,
                    operation,
                    owners.len(),
                    "pid-namespace-owner",
                    owners,
                )
            };
            let mut rows: Vec<Row> = (1..=owners.len())
                .map(|levels| row(&owners[..levels]))
                .collect();
            let may_go_on = rows.last().is_some_and(|row| row.answer == Answer::Yes);
            if may_go_on && !process.pid_namespaces.complete {
                owners.push(Owner::Unknown(
                    "a PID namespace above capwhy's own cannot be seen, if there is one",
                ));
                rows.push(row(&owners));
            }
            rows
        }
    }
}

/// Returns the capabilities, any one of them enough.
fn wanted(check: Check) -> &'static [Capability] {
    match check {
        Check::CheckpointRestore | Check::CheckpointRestoreNoAudit => {
            &[Capability::CHECKPOINT_RESTORE, Capability::SYS_ADMIN]
        }
        Check::SysResource => &[Capability::SYS_RESOURCE],
    }
}

/// Returns the core's answer for credentials and a namespace: what grants the check, or the rules
/// that deny it.
fn ask(cred: &Credentials<'_>, check: Check, target: &UserNs) -> Result<By, Vec<Denial>> {
    let held = |capability| capable(cred, target, capability);
    let answer = match check {
        Check::CheckpointRestore | Check::CheckpointRestoreNoAudit => {
            ns_capable_noaudit(|capability| held(capability).is_ok()).map_err(|rule| {
                // Both are denied by the same rule.
                let behind = held(Capability::CHECKPOINT_RESTORE).err();
                [rule].into_iter().chain(behind).collect()
            })
        }
        Check::SysResource => {
            let capability = Capability::SYS_RESOURCE;
            held(capability)
                .map(|_| capability)
                .map_err(|rule| vec![rule])
        }
    };
    answer.map(|capability| {
        let how = held(capability).unwrap_or(Grant::Effective);
        By::grant(capability, how)
    })
}

/// Returns the answer that is the same for all namespaces that the owner can be. Returns [`None`]
/// if there is none.
fn ask_all(
    process: &Process,
    cred: &Credentials<'_>,
    check: Check,
    owner: &Owner,
) -> Option<Result<By, Vec<Denial>>> {
    let targets = owner.targets(process);
    let mut answers = targets.iter().map(|target| ask(cred, check, target));
    let first = answers.next()?;
    answers
        .all(|answer| answer.is_ok() == first.is_ok())
        .then_some(first)
}

/// Checks an operation that needs a capability over each of these namespaces, in this order.
fn row(
    process: &Process,
    operation: &Operation,
    levels: usize,
    what: &'static str,
    owners: &[Owner],
) -> Row {
    // The namespace that decides: the first that is denied, or the last.
    let mut decisive = owners.last();
    let mut cases = Cases::default();
    let mut unknown = None;
    for cred in process.possible_credentials() {
        let mut granted = None;
        for owner in owners {
            granted = ask_all(process, &cred, operation.check, owner);
            if let (Owner::Unknown(why), None) = (owner, &granted) {
                unknown = Some(*why);
            }
            if !matches!(granted, Some(Ok(_))) {
                decisive = Some(owner);
                break;
            }
        }
        match granted {
            Some(Ok(by)) => cases.granted(by),
            Some(Err(rules)) => cases.refused(&rules),
            None => {}
        }
    }

    let (mut answer, mut by, mut rules) = cases.sum_up();
    if unknown.is_some() {
        (answer, by) = (Answer::Unknown, None);
        rules.clear();
    }
    let asks = wanted(operation.check);
    let mut reason = None;
    let mut advice = None;
    match answer {
        Answer::Yes => {}
        Answer::No => {
            reason = remedy::reason(&rules);
            let rule = rules.last().copied();
            advice = rule
                .zip(decisive)
                .and_then(|(rule, owner)| remedy::of(process, asks, rule, what, owner));
        }
        Answer::Unknown => {
            let same_user = "it is unknown whether its user made that namespace, since capwhy's \
                             own user namespace does not map that user";
            let why = unknown.unwrap_or(same_user);
            reason = Some(why.to_owned());
            advice = Some(remedy::of_unknown(why).to_owned());
        }
    }
    let mut name = operation.name.to_owned();
    let mut purpose = operation.purpose.to_owned();
    if operation.over == Over::EachPidNamespaceOwner {
        purpose = if levels == 1 {
            "create a process with a chosen PID in its own PID namespace".to_owned()
        } else {
            name = format!("{name}-{levels}-levels");
            format!("create a process with chosen PIDs in {levels} PID namespaces")
        };
    }
    Row {
        operation: name,
        purpose,
        changes: Vec::new(),
        asks: asks.iter().map(|capability| capability.name()).collect(),
        over: Target {
            what,
            user_ns: decisive.and_then(Owner::number),
        },
        answer,
        by,
        rules: rules.iter().map(|rule| rule.name()).collect(),
        errno: (answer != Answer::Yes && !rules.is_empty()).then(|| match operation.refusal {
            Refusal::Fails(errno) => format!("{errno:?}"),
            // The mode bits let no user write.
            Refusal::FileMode => "EACCES".to_owned(),
        }),
        reason,
        remedy: advice,
        but: Vec::new(),
    }
}
