// SPDX-License-Identifier: GPL-2.0

//! Audit records.
//!
//! C header: [`include/linux/audit.h`](srctree/include/linux/audit.h).

#[cfg_attr(not(CONFIG_AUDIT), path = "audit/no_audit.rs")]
mod record;
pub use record::{enabled, Record};

/// Whether this kernel was built with `CONFIG_AUDIT`.
pub const AVAILABLE: bool = cfg!(CONFIG_AUDIT);

/// The longest record that `auditd` accepts, in bytes: `MAX_AUDIT_MESSAGE_LENGTH` of libaudit.
pub const MAX_LENGTH: usize = 8970;
