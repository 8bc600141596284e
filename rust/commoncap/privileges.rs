// SPDX-License-Identifier: GPL-2.0

//! The ways in which `commoncap.c` checks for a capability, each a trait of its own.
//!
//! They differ in which LSMs check and in what the check leaves behind. The credentials that
//! are checked and the namespace are those of the implementation.

use crate::capability::Capability;

/// A check by the capability LSM alone: `cap_capable()`.
///
/// No other LSM checks, no audit record is written, and the use of privilege is not noted.
pub trait CapCapable {
    /// Returns whether the capability is held.
    fn cap_capable(&self, capability: Capability) -> bool;
}

/// A check of the current task by all LSMs: `ns_capable()`.
///
/// An LSM may write an audit record, and a grant notes the use of privilege (`PF_SUPERPRIV`).
pub trait NsCapable {
    /// Returns whether every LSM grants the capability.
    fn ns_capable(&self, capability: Capability) -> bool;
}

/// A check of another task by all LSMs: `has_ns_capability()`.
///
/// An LSM may write an audit record, and the use of privilege is not noted.
pub trait HasNsCapability {
    /// Returns whether every LSM grants the capability.
    fn has_ns_capability(&self, capability: Capability) -> bool;
}

/// A check of the current task by all LSMs, with respect to an inode:
/// `capable_wrt_inode_uidgid()`.
///
/// The capability must be held over the caller's own user namespace, and that namespace must map
/// the inode's user ID and group ID.
pub trait CapableWrtInode {
    /// Returns whether every LSM grants the capability and both IDs are mapped.
    fn capable_wrt_inode_uidgid(&self, capability: Capability) -> bool;
}
