// SPDX-License-Identifier: GPL-2.0

//! The table of who asks for checkpoint/restore, from `OPERATIONS`.

use commoncap::checkpoint_restore::{Asks, Over, Refusal, OPERATIONS};

pub(crate) fn table() -> String {
    let mut text = String::from(
        ".. list-table::\n   :header-rows: 1\n   :widths: 18 28 22 20 12\n\n   \
         * - operation\n     - what it is for\n     - asked in\n     - over\n     - refused\n",
    );
    for operation in OPERATIONS {
        let over = match operation.over {
            Over::Initial => "the initial user namespace",
            Over::Own => "the caller's user namespace",
            Over::PidNamespaceOwner => "the owner of the caller's PID namespace",
            Over::EachPidNamespaceOwner => "the owner of each PID namespace, innermost first",
            Over::IpcNamespaceOwner => "the owner of the IPC namespace",
        };
        let asks = match operation.asks {
            Asks::CheckpointRestore => "",
            Asks::CheckpointRestoreNoAudit => " (no audit record)",
            Asks::SysResource => " (``CAP_SYS_RESOURCE`` alone)",
        };
        let refused = match operation.refusal {
            Refusal::Fails(errno) => format!("``{errno:?}``"),
            Refusal::FileMode => "by the file's mode: ``EACCES``".into(),
        };
        text += &format!(
            "   * - ``{}``\n     - {}\n     - ``{}``\n     - {over}{asks}\n     - {refused}\n",
            operation.name, operation.purpose, operation.asked_in
        );
    }
    text
}
