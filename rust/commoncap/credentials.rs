// SPDX-License-Identifier: GPL-2.0

//! What the decisions read: user namespaces, credentials, and the caller's privileges.
//!
//! Each trait is what some decision reads, and no more, so that a caller implements no getter that
//! nothing calls:
//!
//! | trait | in the kernel | read by |
//! |---|---|---|
//! | [`Namespace`] | `struct user_namespace` | the walk of [`super::capable`] |
//! | [`Subject`] | `struct cred`: user namespace, effective user ID and set | [`super::capable`] |
//! | [`Credentials`] | `struct cred`: also the other sets and the securebits | [`super::prctl`] |
//! | [`Privileges`] | `cap_capable()`, `ns_capable()` | [`super::prctl`] |
//!
//! The hooks implement them for the kernel's structures, and the tests for structures with
//! arbitrary values. Another task's credentials are another value of the same type.
//!
//! # Examples
//!
//! In user space, where the crate is called `commoncap`: an ordinary user has created a user
//! namespace.
//!
//! ```
//! use commoncap::{
//!     capability::{Capability, CapabilitySet},
//!     capable::{capable, Grant},
//!     credentials::{Namespace, Subject},
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
//! impl<'a> Subject for Cred<'a> {
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
//! }
//!
//! let initial = Ns { parent: None, level: 0, owner: 0 };
//! let child = Ns { parent: Some(&initial), level: 1, owner: 1000 };
//! let outside = Cred { user_ns: &initial, euid: 1000, effective: CapabilitySet::EMPTY };
//! let within = Cred { user_ns: &child, euid: 1000, effective: CapabilitySet::FULL };
//!
//! let capability = Capability::CHECKPOINT_RESTORE;
//! assert_eq!(capable(&outside, &child, capability), Ok(Grant::Owner));
//! assert_eq!(capable(&outside, &initial, capability), Err(Denial::NotEffective));
//! assert_eq!(capable(&within, &child, capability), Ok(Grant::Effective));
//! assert_eq!(capable(&within, &initial, capability), Err(Denial::TargetNotBelow));
//! ```

use crate::{
    capability::{
        Capability,
        CapabilitySet, //
    },
    securebits::Securebits, //
};

/// A user namespace: `struct user_namespace`.
///
/// Two references are to the same namespace if their addresses are equal, as with pointers in C.
pub trait Namespace {
    /// A user ID that means the same in every namespace: `kuid_t`.
    type Uid: PartialEq;

    /// Returns the namespace that this one was created in, [`None`] for the initial one.
    fn parent(&self) -> Option<&Self>;

    /// Returns the number of ancestors: 0 for the initial namespace, at most 33.
    fn level(&self) -> i32;

    /// Returns the effective user ID of the task that created the namespace.
    fn owner(&self) -> Self::Uid;
}

/// The part of `struct cred` that `cap_capable()` reads.
pub trait Subject {
    /// The type of the user namespaces.
    type Namespace: Namespace;

    /// Returns the credentials' namespace: the one that the capabilities are relative to.
    fn user_ns(&self) -> &Self::Namespace;

    /// Returns the effective user ID.
    fn euid(&self) -> <Self::Namespace as Namespace>::Uid;

    /// Returns the capabilities that the kernel checks: `cap_effective`.
    fn effective(&self) -> CapabilitySet;
}

/// The capability sets and securebits of `struct cred`.
pub trait Credentials: Subject {
    /// Returns the securebits.
    fn securebits(&self) -> Securebits;

    /// Returns the capabilities that may become effective: `cap_permitted`.
    fn permitted(&self) -> CapabilitySet;

    /// Returns the capabilities that a program file may add on `execve()`: `cap_inheritable`.
    fn inheritable(&self) -> CapabilitySet;

    /// Returns the capabilities that `execve()` can still add: `cap_bset`.
    fn bounding(&self) -> CapabilitySet;

    /// Returns the capabilities kept over `execve()` of an ordinary program: `cap_ambient`.
    fn ambient(&self) -> CapabilitySet;
}

/// Whether the caller holds a capability over its own user namespace.
///
/// The kernel has two checks with different side effects, and each rule uses the one that C uses.
pub trait Privileges {
    /// Checks with the capability LSM alone: `cap_capable()`.
    fn cap_capable(&self, capability: Capability) -> bool;

    /// Checks with all LSMs, which may write audit records, and notes the use of privilege
    /// (`PF_SUPERPRIV`): `ns_capable()`.
    fn ns_capable(&self, capability: Capability) -> bool;
}
