// SPDX-License-Identifier: GPL-2.0

//! Which operations of the kernel ask who may checkpoint and restore, and what they do with a "no".

use super::super::Errno;

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
    /// [`super::ns_capable`]; each capability that is not held leaves an audit record.
    CheckpointRestore,
    /// [`super::ns_capable_noaudit`].
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

#[crate::kunit_tests(rust_commoncap_operations)]
mod tests {
    use super::*;

    #[test]
    fn an_operation_is_found_by_its_name() {
        for operation in OPERATIONS {
            assert_eq!(Operation::named(operation.name), Some(operation));
        }
        assert_eq!(Operation::named(""), None);
    }
}
