// SPDX-License-Identifier: GPL-2.0

//! The kernel's checks of who may checkpoint and restore, and what each does on a denial.

use crate::Errno;

/// The user namespace that an operation checks a capability over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    /// The initial user namespace.
    Initial,
    /// The caller's own user namespace.
    Own,
    /// The owner of the caller's PID namespace.
    PidNamespaceOwner,
    /// The owner of each PID namespace in which the caller chooses a PID, innermost first.
    EachPidNamespaceOwner,
    /// The owner of the IPC namespace.
    IpcNamespaceOwner,
}

/// The check that an operation makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// [`ns_capable`](crate::checkpoint_restore::ns_capable): a denial leaves an audit record for
    /// each capability.
    CheckpointRestore,
    /// [`ns_capable_noaudit`](crate::checkpoint_restore::ns_capable_noaudit).
    CheckpointRestoreNoAudit,
    /// `CAP_SYS_RESOURCE` alone: the check is older than `CAP_CHECKPOINT_RESTORE`.
    SysResource,
}

/// What an operation does on a denial.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The operation fails with this error number.
    Fails(Errno),
    /// The mode bits of the file apply, which the capability overrides. Callers that they do not
    /// allow get `EACCES`.
    FileMode,
}

/// A place in the kernel that checks who may checkpoint and restore.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operation {
    /// A short name.
    pub name: &'static str,
    /// What the operation lets the caller do.
    pub purpose: &'static str,
    /// The kernel's source file that contains the check.
    pub source: &'static str,
    /// The check.
    pub check: Check,
    /// The user namespace that the check is about.
    pub over: Over,
    /// What a denial does.
    pub refusal: Refusal,
}

impl Operation {
    /// Returns the operation of the given name.
    pub fn named(name: &str) -> Option<&'static Self> {
        OPERATIONS.iter().find(|operation| operation.name == name)
    }
}

/// Every place in Linux 7.3 that checks who may checkpoint and restore, and `PR_SET_MM_EXE_FILE`,
/// which does the same as `PR_SET_MM_MAP` and checks another capability.
pub const OPERATIONS: &[Operation] = &[
    Operation {
        name: "clone3-set_tid",
        purpose: "create a process with chosen PIDs, one in each PID namespace",
        source: "kernel/pid.c",
        check: Check::CheckpointRestore,
        over: Over::EachPidNamespaceOwner,
        refusal: Refusal::Fails(Errno::EPERM),
    },
    Operation {
        name: "ns_last_pid",
        purpose: "write /proc/sys/kernel/ns_last_pid, to choose the next PID",
        source: "kernel/pid_namespace.c",
        check: Check::CheckpointRestore,
        over: Over::PidNamespaceOwner,
        refusal: Refusal::Fails(Errno::EPERM),
    },
    Operation {
        name: "map_files",
        purpose: "follow a link in /proc/PID/map_files, to a file that may have no name any more",
        source: "fs/proc/base.c",
        check: Check::CheckpointRestore,
        over: Over::Initial,
        refusal: Refusal::Fails(Errno::EPERM),
    },
    Operation {
        name: "set-mm-map-exe",
        purpose: "change /proc/self/exe by PR_SET_MM_MAP",
        source: "kernel/sys.c",
        check: Check::CheckpointRestore,
        over: Over::Own,
        refusal: Refusal::Fails(Errno::EPERM),
    },
    Operation {
        name: "set-mm-exe-file",
        purpose: "change /proc/self/exe by PR_SET_MM_EXE_FILE, the old way",
        source: "kernel/sys.c",
        check: Check::SysResource,
        over: Over::Initial,
        refusal: Refusal::Fails(Errno::EPERM),
    },
    Operation {
        name: "tiocslcktrmios",
        purpose: "lock the settings of a terminal",
        source: "drivers/tty/tty_ioctl.c",
        check: Check::CheckpointRestore,
        over: Over::Initial,
        refusal: Refusal::Fails(Errno::EPERM),
    },
    Operation {
        name: "sem_next_id",
        purpose: "write /proc/sys/kernel/sem_next_id, to choose the next semaphore set's ID",
        source: "ipc/ipc_sysctl.c",
        check: Check::CheckpointRestoreNoAudit,
        over: Over::IpcNamespaceOwner,
        refusal: Refusal::FileMode,
    },
    Operation {
        name: "msg_next_id",
        purpose: "write /proc/sys/kernel/msg_next_id, to choose the next message queue's ID",
        source: "ipc/ipc_sysctl.c",
        check: Check::CheckpointRestoreNoAudit,
        over: Over::IpcNamespaceOwner,
        refusal: Refusal::FileMode,
    },
    Operation {
        name: "shm_next_id",
        purpose: "write /proc/sys/kernel/shm_next_id, to choose the next memory segment's ID",
        source: "ipc/ipc_sysctl.c",
        check: Check::CheckpointRestoreNoAudit,
        over: Over::IpcNamespaceOwner,
        refusal: Refusal::FileMode,
    },
    Operation {
        name: "amdkfd",
        purpose: "checkpoint and restore the state of an AMD compute device, by its ioctls",
        source: "drivers/gpu/drm/amd/amdkfd/kfd_chardev.c",
        check: Check::CheckpointRestore,
        over: Over::Initial,
        refusal: Refusal::Fails(Errno::EACCES),
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_are_found_by_their_names() {
        for operation in OPERATIONS {
            assert_eq!(Operation::named(operation.name), Some(operation));
        }
        assert_eq!(Operation::named(""), None);
    }
}
