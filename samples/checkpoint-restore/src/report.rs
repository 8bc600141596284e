// SPDX-License-Identifier: GPL-2.0

//! The output of `list` and `try`: what an operation needs, and the result of an attempt.

use crate::sys::{self, Errno};
use commoncap::{
    capability::{Capability, CapabilitySet},
    operations::{Check, Operation, Over, Refusal, OPERATIONS},
    Denial,
};
use std::io::{self, Write};

/// Lists every operation.
pub fn list(out: &mut impl Write) -> io::Result<()> {
    for operation in OPERATIONS {
        let refusal = match operation.refusal {
            Refusal::Fails(errno) => format!("{errno:?}"),
            Refusal::FileMode => "EACCES, by the mode bits of the file".to_owned(),
        };
        writeln!(out, "{}: {}", operation.name, operation.purpose)?;
        writeln!(out, "    needs:       {}", asks(operation))?;
        writeln!(out, "    over:        {}", over(operation))?;
        writeln!(out, "    on denial:   {refusal}")?;
        writeln!(out, "    checked in:  {}", operation.source)?;
    }
    Ok(())
}

/// Returns the operation of an attempt: `clone3-set_tid` for `clone3-set_tid-2-levels`.
pub fn operation(attempt: &str) -> Option<&'static Operation> {
    OPERATIONS.iter().find(|operation| {
        let rest = attempt.strip_prefix(operation.name);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    })
}

/// Writes the result of an attempt by this process, which had the given effective capabilities.
pub fn outcome(
    attempt: &str,
    answer: &sys::Result<String>,
    effective: CapabilitySet,
    in_initial: bool,
    out: &mut impl Write,
) -> io::Result<()> {
    match answer {
        Ok(answer) => writeln!(out, "{attempt}: {answer}")?,
        Err(errno) => writeln!(out, "{attempt}: {errno}: {}", errno.words())?,
    }
    let Some(operation) = operation(attempt) else {
        return Ok(());
    };
    writeln!(
        out,
        "    needs:       {} over {}",
        asks(operation),
        over(operation)
    )?;
    let held = suffices(operation)
        .iter()
        .filter(|capability| effective.contains(**capability))
        .map(|capability| capability.name().to_uppercase())
        .collect::<Vec<_>>();
    let place = match in_initial {
        true => "in the initial user namespace",
        false => "in a user namespace below the initial one",
    };
    let holds = match held.is_empty() {
        true => "none of these".to_owned(),
        false => held.join(" and "),
    };
    writeln!(out, "    caller has:  {holds}, {place}")?;
    if let Err(errno) = answer {
        writeln!(
            out,
            "    reason:      {}",
            why(operation, *errno, !held.is_empty(), in_initial)
        )?;
    }
    Ok(())
}

/// Returns the rule that denied, as far as user space can find it.
fn why(operation: &Operation, errno: Errno, holds: bool, in_initial: bool) -> String {
    let refusal = match operation.refusal {
        Refusal::Fails(errno) => errno as i32,
        Refusal::FileMode => libc::EACCES,
    };
    if errno.0 != refusal {
        return "not a denial: the kernel cannot do this with these arguments, or not in these \
                namespaces"
            .into();
    }
    let denial = match operation.check {
        Check::CheckpointRestore | Check::CheckpointRestoreNoAudit => {
            Denial::NeitherCheckpointRestoreNorSysAdmin
        }
        Check::SysResource => Denial::NotEffective,
    };
    let (rule, reason) = (denial.name(), denial.reason());
    match (holds, in_initial) {
        (false, _) => format!("{rule}: {reason}"),
        (true, false) => format!(
            "{rule}: {reason}; the caller's capabilities extend to its own user namespace and its \
             descendants"
        ),
        (true, true) => {
            "another LSM or a seccomp filter denied it: the capability LSM would grant it".into()
        }
    }
}

fn suffices(operation: &Operation) -> &'static [Capability] {
    match operation.check {
        Check::CheckpointRestore | Check::CheckpointRestoreNoAudit => {
            &[Capability::CHECKPOINT_RESTORE, Capability::SYS_ADMIN]
        }
        Check::SysResource => &[Capability::SYS_RESOURCE],
    }
}

fn asks(operation: &Operation) -> &'static str {
    match operation.check {
        Check::CheckpointRestore => "CAP_CHECKPOINT_RESTORE or CAP_SYS_ADMIN",
        Check::CheckpointRestoreNoAudit => "CAP_CHECKPOINT_RESTORE or CAP_SYS_ADMIN (not audited)",
        Check::SysResource => "CAP_SYS_RESOURCE",
    }
}

fn over(operation: &Operation) -> &'static str {
    match operation.over {
        Over::Initial => "the initial user namespace",
        Over::Own => "the caller's user namespace",
        Over::PidNamespaceOwner => "the owner of the caller's PID namespace",
        Over::EachPidNamespaceOwner => "the owner of each PID namespace a PID is chosen in",
        Over::IpcNamespaceOwner => "the owner of the IPC namespace",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HELD: CapabilitySet = CapabilitySet::EMPTY.with(Capability::SYS_ADMIN);

    fn written(
        attempt: &str,
        answer: sys::Result<String>,
        held: CapabilitySet,
        initial: bool,
    ) -> String {
        let mut out = Vec::new();
        outcome(attempt, &answer, held, initial, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn every_operation_is_listed_with_what_it_needs() {
        let mut out = Vec::new();
        list(&mut out).unwrap();
        let out = String::from_utf8(out).unwrap();
        for operation in OPERATIONS {
            assert!(out.contains(&format!("{}: {}", operation.name, operation.purpose)));
        }
        assert_eq!(out.lines().count(), OPERATIONS.len() * 5);
    }

    #[test]
    fn an_attempt_belongs_to_its_operation() {
        for (attempt, expected) in [
            ("clone3-set_tid", Some("clone3-set_tid")),
            ("clone3-set_tid-2-levels", Some("clone3-set_tid")),
            ("ns_last_pid", Some("ns_last_pid")),
            ("securebits all", None),
            ("ns_last_pids", None),
        ] {
            assert_eq!(operation(attempt).map(|operation| operation.name), expected);
        }
    }

    #[test]
    fn a_denial_names_errno_needs_and_rule() {
        let text = written(
            "ns_last_pid",
            Err(Errno(libc::EPERM)),
            CapabilitySet::EMPTY,
            true,
        );
        for part in [
            "ns_last_pid: EPERM: Operation not permitted\n",
            "CAP_CHECKPOINT_RESTORE or CAP_SYS_ADMIN over the owner of the caller's PID namespace",
            "none of these, in the initial user namespace",
            "reason:      NeitherCheckpointRestoreNorSysAdmin: the caller has neither",
        ] {
            assert!(text.contains(part), "no {part:?} in {text}");
        }
    }

    #[test]
    fn a_capability_over_another_namespace_is_not_enough() {
        let text = written("map_files", Err(Errno(libc::EPERM)), HELD, false);
        assert!(
            text.contains("CAP_SYS_ADMIN, in a user namespace below"),
            "{text}"
        );
        assert!(text.contains("extend to its own user namespace"), "{text}");
    }

    #[test]
    fn a_denial_despite_the_capability_is_from_another_lsm() {
        let text = written("map_files", Err(Errno(libc::EPERM)), HELD, true);
        assert!(text.contains("another LSM"), "{text}");
    }

    #[test]
    fn another_errno_is_not_a_denial() {
        let text = written(
            "clone3-set_tid-33-levels",
            Err(Errno(libc::EINVAL)),
            HELD,
            true,
        );
        assert!(text.contains("EINVAL: Invalid argument"), "{text}");
        assert!(text.contains("not a denial"), "{text}");
    }

    #[test]
    fn a_grant_has_no_reason() {
        let text = written("sem_next_id", Ok("ok".into()), HELD, true);
        assert!(
            text.starts_with("sem_next_id: ok\n") && !text.contains("reason"),
            "{text}"
        );
    }
}
