// SPDX-License-Identifier: GPL-2.0

//! The facts that decisions are made of.
//!
//! The kernel implements these for `struct user_namespace` and `struct cred`, user space for what
//! it knows of a process, and the tests for what they make up.

use super::securebits::Securebits;
use crate::capability::{Capability, CapabilitySet};

/// A user namespace: `struct user_namespace`.
///
/// Two references are the same namespace if they are the same address, as two pointers are in C.
pub trait Namespace {
    /// A user ID that means the same in every namespace: `kuid_t`.
    type Uid: PartialEq;

    /// Returns the namespace in which this one was made; [`None`] for the initial one.
    fn parent(&self) -> Option<&Self>;

    /// Returns the number of ancestors: 0 for the initial namespace, at most 33.
    fn level(&self) -> i32;

    /// Returns the effective user ID of whoever made it.
    fn owner(&self) -> Self::Uid;
}

/// Credentials: `struct cred`.
pub trait Credentials {
    /// The user namespaces that these live in.
    type Namespace: Namespace;

    /// Returns the namespace that the capabilities are relative to.
    fn user_ns(&self) -> &Self::Namespace;

    /// Returns the effective user ID.
    fn euid(&self) -> <Self::Namespace as Namespace>::Uid;

    /// Returns the securebits.
    fn securebits(&self) -> Securebits;

    /// Returns the capabilities that can be used now: `cap_effective`.
    fn effective(&self) -> CapabilitySet;

    /// Returns the capabilities that may become effective: `cap_permitted`.
    fn permitted(&self) -> CapabilitySet;

    /// Returns the capabilities that a program may be given on `execve()`: `cap_inheritable`.
    fn inheritable(&self) -> CapabilitySet;

    /// Returns the capabilities that can still be gained on `execve()`: `cap_bset`.
    fn bounding(&self) -> CapabilitySet;

    /// Returns the capabilities kept over `execve()` of an ordinary program: `cap_ambient`.
    fn ambient(&self) -> CapabilitySet;
}

/// Whether a caller holds a capability over its own user namespace, which can be asked in two ways.
pub trait Privileges {
    /// Asks the capability LSM alone: `cap_capable()`.
    fn cap_capable(&self, capability: Capability) -> bool;

    /// Asks all LSMs, of which each may write an audit record, and notes the use of privilege
    /// (`PF_SUPERPRIV`): `ns_capable()`.
    fn ns_capable(&self, capability: Capability) -> bool;
}
