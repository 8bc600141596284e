// SPDX-License-Identifier: GPL-2.0

//! The credentials of a process, with a value for each thing that is not known.

use super::{Process, UserNs};
use commoncap::{
    capability::{Capability, CapabilitySet},
    capable::capable,
    credentials::{self, Subject},
    securebits::Securebits,
};

/// A user ID, as the reader's user namespace maps it.
#[derive(Clone, Copy, Debug)]
pub enum Uid {
    /// This one.
    Is(u32),
    /// One that the reader's user namespace does not map, and shows as another such.
    Unmapped {
        /// Whether to take it for the same as another one that is not mapped.
        same: bool,
    },
}

impl Uid {
    /// Returns all values that it can have in a comparison.
    pub fn possible(self) -> impl Iterator<Item = Self> {
        match self {
            Self::Is(_) => vec![self],
            Self::Unmapped { .. } => [true, false].map(|same| Self::Unmapped { same }).to_vec(),
        }
        .into_iter()
    }
}

impl PartialEq for Uid {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Is(a), Self::Is(b)) => a == b,
            (Self::Unmapped { same: a }, Self::Unmapped { same: b }) => *a && *b,
            _ => false,
        }
    }
}

/// The credentials of a process, with a value for each thing that is not known.
#[derive(Clone, Copy)]
pub struct Credentials<'a> {
    pub(super) process: &'a Process,
    pub(super) euid: Uid,
    pub(super) securebits: Securebits,
}

impl Subject for Credentials<'_> {
    type Namespace = UserNs;

    fn user_ns(&self) -> &UserNs {
        &self.process.user_ns
    }

    fn euid(&self) -> Uid {
        self.euid
    }

    fn effective(&self) -> CapabilitySet {
        self.process.effective
    }
}

impl credentials::Credentials for Credentials<'_> {
    fn securebits(&self) -> Securebits {
        self.securebits
    }

    fn permitted(&self) -> CapabilitySet {
        self.process.permitted
    }

    fn inheritable(&self) -> CapabilitySet {
        self.process.inheritable
    }

    fn bounding(&self) -> CapabilitySet {
        self.process.bounding
    }

    fn ambient(&self) -> CapabilitySet {
        self.process.ambient
    }
}

/// The decisions of the capability LSM alone. Another LSM can deny what it grants, and nothing
/// predicts that.
impl credentials::Privileges for Credentials<'_> {
    fn cap_capable(&self, capability: Capability) -> bool {
        capable(self, &*self.process.user_ns, capability).is_ok()
    }

    fn ns_capable(&self, capability: Capability) -> bool {
        self.cap_capable(capability)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAME: Uid = Uid::Unmapped { same: true };

    #[test]
    fn user_ids_are_the_same_by_their_number() {
        assert_eq!(Uid::Is(1), Uid::Is(1));
        assert_ne!(Uid::Is(1), Uid::Is(2));
    }

    #[test]
    fn an_unmapped_id_differs_from_each_mapped_one() {
        assert_ne!(Uid::Is(65534), SAME);
        assert_ne!(SAME, Uid::Is(65534));
    }

    #[test]
    fn two_unmapped_ids_may_be_the_same() {
        let equal: Vec<bool> = SAME.possible().map(|uid| uid == SAME).collect();
        assert_eq!(equal, [true, false]);
        assert_eq!(Uid::Is(7).possible().collect::<Vec<_>>(), [Uid::Is(7)]);
    }
}
