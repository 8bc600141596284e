// SPDX-License-Identifier: GPL-2.0

//! Audit records.
//!
//! C header: [`include/linux/audit.h`](srctree/include/linux/audit.h).

#[cfg_attr(not(CONFIG_AUDIT), path = "audit/no_audit.rs")]
mod record;
pub use record::{enabled, Record};

/// Whether this kernel can audit.
pub const AVAILABLE: bool = cfg!(CONFIG_AUDIT);

/// How long a record can be for `auditd` to take it: `MAX_AUDIT_MESSAGE_LENGTH` of libaudit.
pub const MAX_LENGTH: usize = 8970;
