// SPDX-License-Identifier: GPL-2.0

//! The facts that decisions are made of.
//!
//! The kernel implements these for `struct user_namespace` and `struct cred`, user space for what
//! it knows of a process, and the tests for what they make up.
//!
//! # Examples
//!
//! In user space, where the crate is called `commoncap`: an ordinary user has made a user
//! namespace.
//!
//! ```
//! use commoncap::{
//!     capability::{Capability, CapabilitySet},
//!     capable::{capable, Grant},
//!     facts::{Credentials, Namespace},
//!     securebits::Securebits,
//!     Denial,
//! };
//!
//! struct Ns<'a> {
//!     parent: Option<&'a Ns<'a>>,
//!     level: i32,
//!     owner: u32,
//! }
//!
//! impl Namespace for Ns<'_> {
//!     type Uid = u32;
//!
//!     fn parent(&self) -> Option<&Self> {
//!         self.parent
//!     }
//!
//!     fn level(&self) -> i32 {
//!         self.level
//!     }
//!
//!     fn owner(&self) -> u32 {
//!         self.owner
//!     }
//! }
//!
//! struct Cred<'a> {
//!     user_ns: &'a Ns<'a>,
//!     euid: u32,
//!     effective: CapabilitySet,
//! }
//!
//! impl<'a> Credentials for Cred<'a> {
//!     type Namespace = Ns<'a>;
//!
//!     fn user_ns(&self) -> &Ns<'a> {
//!         self.user_ns
//!     }
//!
//!     fn euid(&self) -> u32 {
//!         self.euid
//!     }
//!
//!     fn effective(&self) -> CapabilitySet {
//!         self.effective
//!     }
//!
//!     // … and the others.
//! #    fn securebits(&self) -> Securebits { Securebits::DEFAULT }
//! #    fn permitted(&self) -> CapabilitySet { CapabilitySet::EMPTY }
//! #    fn inheritable(&self) -> CapabilitySet { CapabilitySet::EMPTY }
//! #    fn bounding(&self) -> CapabilitySet { CapabilitySet::FULL }
//! #    fn ambient(&self) -> CapabilitySet { CapabilitySet::EMPTY }
//! }
//!
//! let initial = Ns { parent: None, level: 0, owner: 0 };
//! let child = Ns { parent: Some(&initial), level: 1, owner: 1000 };
//! let outside = Cred { user_ns: &initial, euid: 1000, effective: CapabilitySet::EMPTY };
//! let within = Cred { user_ns: &child, euid: 1000, effective: CapabilitySet::FULL };
//!
//! let asked = Capability::CHECKPOINT_RESTORE;
//! assert_eq!(capable(&outside, &child, asked), Ok(Grant::Owner));
//! assert_eq!(capable(&outside, &initial, asked), Err(Denial::NotEffective));
//! assert_eq!(capable(&within, &child, asked), Ok(Grant::Effective));
//! assert_eq!(capable(&within, &initial, asked), Err(Denial::TargetNotBelow));
//! ```

use crate::{
    capability::{Capability, CapabilitySet},
    securebits::Securebits,
};

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
