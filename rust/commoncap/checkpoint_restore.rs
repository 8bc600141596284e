// SPDX-License-Identifier: GPL-2.0

//! Who may checkpoint and restore: `checkpoint_restore_ns_capable()`, and who asks it.

use super::{Denial, Errno};
use crate::capability::Capability;

/// Decides whether checkpoint/restore is allowed, given who holds what over the namespace.
///
/// `ns_capable` answers whether the caller holds a capability over the target namespace, all LSMs
/// heard. It is asked for `CAP_CHECKPOINT_RESTORE` and, only if that is denied, for
/// `CAP_SYS_ADMIN`, which implied it before Linux 5.9. Returns the one that was held.
///
/// # Examples
///
/// ```
/// use commoncap::{capability::Capability, checkpoint_restore::ns_capable, Denial};
///
/// let root = ns_capable(|_| true);
/// assert_eq!(root, Ok(Capability::CheckpointRestore));
/// let administrator = ns_capable(|asked| asked == Capability::SysAdmin);
/// assert_eq!(administrator, Ok(Capability::SysAdmin));
/// let nobody = ns_capable(|_| false);
/// assert_eq!(nobody, Err(Denial::NeitherCheckpointRestoreNorSysAdmin));
/// ```
#[inline]
pub fn ns_capable(mut ns_capable: impl FnMut(Capability) -> bool) -> Result<Capability, Denial> {
    [Capability::CheckpointRestore, Capability::SysAdmin]
        .into_iter()
        .find(|&capability| ns_capable(capability))
        .ok_or(Denial::NeitherCheckpointRestoreNorSysAdmin)
}

/// The user namespace over which an operation asks for a capability.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    /// The initial user namespace.
    Initial,
    /// The caller's own user namespace.
    Own,
    /// The owner of the caller's PID namespace.
    PidNamespaceOwner,
    /// The owner of each PID namespace in which a PID is chosen, innermost first.
    EachPidNamespaceOwner,
    /// The owner of the IPC namespace.
    IpcNamespaceOwner,
}

/// What an operation asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asks {
    /// [`ns_capable`]; each capability that is not held leaves an audit record.
    CheckpointRestore,
    /// [`ns_capable`], without audit records: `checkpoint_restore_ns_capable_noaudit()`.
    CheckpointRestoreNoAudit,
    /// Only `CAP_SYS_RESOURCE`, from before there was a capability for this.
    SysResource,
}

/// What an operation does with a "no".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It fails with this error number.
    Fails(Errno),
    /// It goes on by the mode bits of the file, which the capability would have opened to all:
    /// whoever they do not let in gets `EACCES`.
    FileMode,
}

/// A place in the kernel that asks who may checkpoint and restore.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operation {
    /// A short name.
    pub name: &'static str,
    /// What it lets the caller do.
    pub purpose: &'static str,
    /// The source file that asks.
    pub asked_in: &'static str,
    /// What is asked for.
    pub asks: Asks,
    /// Over which namespace.
    pub over: Over,
    /// What a "no" does.
    pub refusal: Refusal,
}

impl Operation {
    /// Returns the operation of the given name.
    pub fn named(name: &str) -> Option<&'static Self> {
        OPERATIONS.iter().find(|operation| operation.name == name)
    }
}

/// Every place that asks, in Linux 7.3, and `PR_SET_MM_EXE_FILE`, which does what one of them does.
pub const OPERATIONS: &[Operation] = &[
    Operation {
        name: "clone3-set_tid",
        purpose: "create a process with chosen PIDs, one in each PID namespace",
        asked_in: "kernel/pid.c",
        asks: Asks::CheckpointRestore,
        over: Over::EachPidNamespaceOwner,
        refusal: Refusal::Fails(Errno::EPERM),
    },
    Operation {
        name: "ns_last_pid",
        purpose: "write /proc/sys/kernel/ns_last_pid, to choose the next PID",
        asked_in: "kernel/pid_namespace.c",
        asks: Asks::CheckpointRestore,
        over: Over::PidNamespaceOwner,
        refusal: Refusal::Fails(Errno::EPERM),
    },
    Operation {
        name: "map_files",
        purpose: "follow a link in /proc/PID/map_files, to a file that may have no name any more",
        asked_in: "fs/proc/base.c",
        asks: Asks::CheckpointRestore,
        over: Over::Initial,
        refusal: Refusal::Fails(Errno::EPERM),
    },
    Operation {
        name: "set-mm-map-exe",
        purpose: "change /proc/self/exe by PR_SET_MM_MAP",
        asked_in: "kernel/sys.c",
        asks: Asks::CheckpointRestore,
        over: Over::Own,
        refusal: Refusal::Fails(Errno::EPERM),
    },
    Operation {
        name: "set-mm-exe-file",
        purpose: "change /proc/self/exe by PR_SET_MM_EXE_FILE, the old way",
        asked_in: "kernel/sys.c",
        asks: Asks::SysResource,
        over: Over::Initial,
        refusal: Refusal::Fails(Errno::EPERM),
    },
    Operation {
        name: "tiocslcktrmios",
        purpose: "lock the settings of a terminal",
        asked_in: "drivers/tty/tty_ioctl.c",
        asks: Asks::CheckpointRestore,
        over: Over::Initial,
        refusal: Refusal::Fails(Errno::EPERM),
    },
    Operation {
        name: "sem_next_id",
        purpose: "write /proc/sys/kernel/sem_next_id, to choose the next semaphore set's ID",
        asked_in: "ipc/ipc_sysctl.c",
        asks: Asks::CheckpointRestoreNoAudit,
        over: Over::IpcNamespaceOwner,
        refusal: Refusal::FileMode,
    },
    Operation {
        name: "msg_next_id",
        purpose: "write /proc/sys/kernel/msg_next_id, to choose the next message queue's ID",
        asked_in: "ipc/ipc_sysctl.c",
        asks: Asks::CheckpointRestoreNoAudit,
        over: Over::IpcNamespaceOwner,
        refusal: Refusal::FileMode,
    },
    Operation {
        name: "shm_next_id",
        purpose: "write /proc/sys/kernel/shm_next_id, to choose the next memory segment's ID",
        asked_in: "ipc/ipc_sysctl.c",
        asks: Asks::CheckpointRestoreNoAudit,
        over: Over::IpcNamespaceOwner,
        refusal: Refusal::FileMode,
    },
    Operation {
        name: "amdkfd",
        purpose: "checkpoint and restore the state of an AMD compute device, by its ioctls",
        asked_in: "drivers/gpu/drm/amd/amdkfd/kfd_chardev.c",
        asks: Asks::CheckpointRestore,
        over: Over::Initial,
        refusal: Refusal::Fails(Errno::EACCES),
    },
];

#[crate::kunit_tests(rust_commoncap_checkpoint_restore)]
mod tests {
    use super::*;
    use crate::capability::CapabilitySet;

    /// Returns the answer to a holder of `held`, and what was asked for.
    fn ask(held: CapabilitySet) -> (Result<Capability, Denial>, CapabilitySet) {
        let mut asked = CapabilitySet::EMPTY;
        let answer = ns_capable(|capability| {
            asked = asked.with(capability);
            held.contains(capability)
        });
        (answer, asked)
    }

    const CHECKPOINT_RESTORE: CapabilitySet =
        CapabilitySet::EMPTY.with(Capability::CheckpointRestore);
    const SYS_ADMIN: CapabilitySet = CapabilitySet::EMPTY.with(Capability::SysAdmin);
    const BOTH: CapabilitySet = SYS_ADMIN.with(Capability::CheckpointRestore);

    #[test]
    fn checkpoint_restore_suffices_and_sys_admin_is_not_asked_for() {
        for held in [CHECKPOINT_RESTORE, BOTH] {
            let expected = (Ok(Capability::CheckpointRestore), CHECKPOINT_RESTORE);
            assert_eq!(ask(held), expected);
        }
    }

    #[test]
    fn sys_admin_suffices_and_is_asked_for_second() {
        assert_eq!(ask(SYS_ADMIN), (Ok(Capability::SysAdmin), BOTH));
    }

    #[test]
    fn no_other_capability_suffices() {
        let others = CapabilitySet::from_bits(CapabilitySet::FULL.bits() & !BOTH.bits());
        for held in [CapabilitySet::EMPTY, others] {
            let expected = (Err(Denial::NeitherCheckpointRestoreNorSysAdmin), BOTH);
            assert_eq!(ask(held), expected);
        }
    }

    #[test]
    fn an_operation_is_found_by_its_name() {
        for operation in OPERATIONS {
            assert_eq!(Operation::named(operation.name), Some(operation));
        }
        assert_eq!(Operation::named(""), None);
    }
}
