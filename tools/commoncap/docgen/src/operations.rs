// SPDX-License-Identifier: GPL-2.0

//! The table of the checks of checkpoint/restore, from `OPERATIONS`.

use commoncap::operations::{Check, Over, Refusal, OPERATIONS};

pub(crate) fn table() -> String {
    let mut text = String::from(
        ".. list-table::\n   :header-rows: 1\n   :widths: 18 28 22 20 12\n\n   \
         * - operation\n     - what it is for\n     - source file\n     - over\n     - on denial\n",
    );
    for operation in OPERATIONS {
        let over = match operation.over {
            Over::Initial => "the initial user namespace",
            Over::Own => "the caller's user namespace",
            Over::PidNamespaceOwner => "the owner of the caller's PID namespace",
            Over::EachPidNamespaceOwner => "the owner of each PID namespace, innermost first",
            Over::IpcNamespaceOwner => "the owner of the IPC namespace",
        };
        let check = match operation.check {
            Check::CheckpointRestore => "",
            Check::CheckpointRestoreNoAudit => " (no audit record)",
            Check::SysResource => " (``CAP_SYS_RESOURCE`` alone)",
        };
        let refused = match operation.refusal {
            Refusal::Fails(errno) => format!("``{errno:?}``"),
            Refusal::FileMode => "by the file's mode: ``EACCES``".into(),
        };
        text += &format!(
            "   * - ``{}``\n     - {}\n     - ``{}``\n     - {over}{check}\n     - {refused}\n",
            operation.name, operation.purpose, operation.source
        );
    }
    text
}
