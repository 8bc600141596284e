// SPDX-License-Identifier: GPL-2.0

//! User namespaces and credentials as plain values, for decisions of the core on facts that are
//! known otherwise than from `/proc`.

use commoncap::{
    capability::CapabilitySet,
    credentials::{Namespace, Subject},
};

/// A user namespace, and its ancestors as far as they are known.
pub struct Ns<'a> {
    /// Its parent, unless that is not known or this is the initial one.
    pub parent: Option<&'a Ns<'a>>,
    /// How many ancestors it has.
    pub level: i32,
    /// The user who made it, as an ID in the initial user namespace.
    pub owner: u32,
}

impl Namespace for Ns<'_> {
    type Uid = u32;

    fn parent(&self) -> Option<&Self> {
        self.parent
    }

    fn level(&self) -> i32 {
        self.level
    }

    fn owner(&self) -> u32 {
        self.owner
    }
}

/// The part of credentials that `cap_capable()` reads.
pub struct Cred<'a> {
    /// Their user namespace.
    pub user_ns: &'a Ns<'a>,
    /// The effective user ID in the initial user namespace.
    pub euid: u32,
    /// The effective set.
    pub effective: CapabilitySet,
}

impl<'a> Subject for Cred<'a> {
    type Namespace = Ns<'a>;

    fn user_ns(&self) -> &Ns<'a> {
        self.user_ns
    }

    fn euid(&self) -> u32 {
        self.euid
    }

    fn effective(&self) -> CapabilitySet {
        self.effective
    }
}
