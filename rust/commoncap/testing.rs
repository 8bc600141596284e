// SPDX-License-Identifier: GPL-2.0

//! Namespaces, credentials and LSMs with arbitrary values, for the tests of the decisions.

use super::{
    capable::capable,
    credentials::{
        Credentials,
        Namespace,
        Privileges,
        Subject, //
    },
    loss::{
        Loss,
        Observer, //
    },
    prctl::{
        decide,
        Request,
        Verdict, //
    },
    privileges::{
        CapCapable,
        CapableWrtInode,
        HasNsCapability,
        NsCapable, //
    },
    uid_map::UidMap,
    Denial, //
};
use crate::{
    capability::{
        Capability,
        CapabilitySet, //
    },
    securebits::Securebits, //
};
use core::{
    array,
    cell::Cell, //
};

/// The greatest level that `create_user_ns()` allows: 34 namespaces, of levels 0 to 33.
pub(super) const DEPTH: usize = 33;

/// Returns the owner of the namespace at a level of a [`chain`].
pub(super) const fn owner(level: usize) -> u32 {
    1000 + level as u32
}

/// A namespace whose values can be set freely, also to values that the kernel never sets.
pub(super) struct TestNs<'a> {
    pub(super) parent: Cell<Option<&'a TestNs<'a>>>,
    pub(super) level: i32,
    pub(super) owner: u32,
}

impl<'a> TestNs<'a> {
    pub(super) fn initial() -> Self {
        TestNs {
            parent: Cell::new(None),
            level: 0,
            owner: 0,
        }
    }

    pub(super) fn child(parent: &'a TestNs<'a>, owner: u32) -> Self {
        TestNs {
            parent: Cell::new(Some(parent)),
            level: parent.level + 1,
            owner,
        }
    }
}

impl Namespace for TestNs<'_> {
    type Uid = u32;

    fn parent(&self) -> Option<&Self> {
        self.parent.get()
    }

    fn level(&self) -> i32 {
        self.level
    }

    fn owner(&self) -> u32 {
        self.owner
    }
}

/// The owner of a namespace is its root user, and users up to 9 above that are mapped.
impl UidMap for TestNs<'_> {
    fn id_of(&self, uid: u32) -> Option<u32> {
        uid.checked_sub(self.owner).filter(|&id| id < 10)
    }
}

/// Returns namespaces of levels 0 to 33, which [`link`] makes a chain of.
pub(super) fn chain<'a>() -> [TestNs<'a>; DEPTH + 1] {
    array::from_fn(|level| TestNs {
        parent: Cell::new(None),
        level: level as i32,
        owner: if level == 0 { 0 } else { owner(level) },
    })
}

/// Makes each namespace the child of the one before it.
pub(super) fn link<'a>(chain: &'a [TestNs<'a>]) {
    for (parent, child) in chain.iter().zip(chain.iter().skip(1)) {
        child.parent.set(Some(parent));
    }
}

/// Credentials whose values can be set freely.
#[derive(Clone)]
pub(super) struct TestCred<'a> {
    pub(super) user_ns: &'a TestNs<'a>,
    pub(super) euid: u32,
    pub(super) securebits: Securebits,
    pub(super) effective: CapabilitySet,
    pub(super) permitted: CapabilitySet,
    pub(super) inheritable: CapabilitySet,
    pub(super) bounding: CapabilitySet,
    pub(super) ambient: CapabilitySet,
}

impl<'a> TestCred<'a> {
    /// Returns credentials without a capability, whose user owns no namespace.
    pub(super) fn unprivileged(user_ns: &'a TestNs<'a>) -> Self {
        TestCred {
            user_ns,
            euid: 65534,
            securebits: Securebits::from_bits(0),
            effective: CapabilitySet::EMPTY,
            permitted: CapabilitySet::EMPTY,
            inheritable: CapabilitySet::EMPTY,
            bounding: CapabilitySet::FULL,
            ambient: CapabilitySet::EMPTY,
        }
    }
}

impl<'a> Subject for TestCred<'a> {
    type Namespace = TestNs<'a>;

    fn user_ns(&self) -> &TestNs<'a> {
        self.user_ns
    }

    fn euid(&self) -> u32 {
        self.euid
    }

    fn effective(&self) -> CapabilitySet {
        self.effective
    }
}

impl Credentials for TestCred<'_> {
    fn securebits(&self) -> Securebits {
        self.securebits
    }

    fn permitted(&self) -> CapabilitySet {
        self.permitted
    }

    fn inheritable(&self) -> CapabilitySet {
        self.inheritable
    }

    fn bounding(&self) -> CapabilitySet {
        self.bounding
    }

    fn ambient(&self) -> CapabilitySet {
        self.ambient
    }
}

/// Returns credentials whose only capability is `CAP_SETPCAP`.
pub(super) fn privileged<'a>(ns: &'a TestNs<'a>) -> TestCred<'a> {
    let mut cred = TestCred::unprivileged(ns);
    cred.effective = CapabilitySet::EMPTY.with(Capability::SETPCAP);
    cred
}

/// What all LSMs together answer to `ns_capable()`, and how often each check was made.
pub(super) struct Lsms<'cred, 'ns> {
    cred: &'cred TestCred<'ns>,
    grant: bool,
    pub(super) cap_capable_calls: Cell<usize>,
    pub(super) ns_capable_calls: Cell<usize>,
}

impl<'cred, 'ns> Lsms<'cred, 'ns> {
    pub(super) fn of(cred: &'cred TestCred<'ns>, grant: bool) -> Self {
        Lsms {
            cred,
            grant,
            cap_capable_calls: Cell::new(0),
            ns_capable_calls: Cell::new(0),
        }
    }
}

impl Privileges for Lsms<'_, '_> {
    fn cap_capable(&self, capability: Capability) -> bool {
        self.cap_capable_calls.set(self.cap_capable_calls.get() + 1);
        capable(self.cred, self.cred.user_ns, capability).is_ok()
    }

    fn ns_capable(&self, capability: Capability) -> bool {
        self.ns_capable_calls.set(self.ns_capable_calls.get() + 1);
        self.grant && capability == Capability::SETPCAP
    }
}

/// Arguments other than 0, for options that ignore them or deny them.
pub(super) const JUNK: [usize; 3] = [usize::MAX, 1 << 63, 0xdead_beef];

/// Invalid capability numbers. Some become valid if they are truncated.
pub(super) const INVALID_CAPABILITIES: [usize; 7] = [
    41,
    63,
    64,
    (1 << 32) | 8,
    1 << 63,
    (1 << 63) | 40,
    usize::MAX,
];

/// Decides on a `prctl()`, where another LSM denies every capability.
pub(super) fn prctl(cred: &TestCred<'_>, option: i32, args: [usize; 4]) -> Result<Verdict, Denial> {
    decide(cred, &Lsms::of(cred, false), Request::parse(option, args)?)
}

/// Returns the verdict that `prctl()` returns a value and changes nothing.
pub(super) fn value(value: u32) -> Result<Verdict, Denial> {
    Ok(Verdict::Value(value))
}

/// Keeps what an observer of losses is called with.
#[derive(Default, PartialEq)]
pub(super) struct Seen {
    lost: [CapabilitySet; Loss::ALL.len()],
    skipped: [bool; Loss::ALL.len()],
}

impl Seen {
    /// Returns the capabilities that a step has taken.
    pub(super) fn of(&self, loss: Loss) -> CapabilitySet {
        self.lost[loss as usize]
    }

    /// Returns whether a step had no effect.
    pub(super) fn skips(&self, loss: Loss) -> bool {
        self.skipped[loss as usize]
    }

    /// Returns whether the observer has not been called.
    pub(super) fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

impl Observer for Seen {
    fn lost(&mut self, loss: Loss, capabilities: CapabilitySet) {
        // A loss is reported once at most, and never of nothing.
        assert!(self.of(loss).is_empty());
        assert!(!capabilities.is_empty());
        self.lost[loss as usize] = capabilities;
    }

    fn skipped(&mut self, loss: Loss) {
        assert!(!self.skips(loss));
        self.skipped[loss as usize] = true;
    }
}

/// Grants or denies one capability in each of the ways that there are, and denies all others.
pub(super) struct Answer {
    capability: Capability,
    granted: bool,
    asked: Cell<usize>,
}

impl Answer {
    pub(super) fn new(capability: Capability, granted: bool) -> Self {
        Answer {
            capability,
            granted,
            asked: Cell::new(0),
        }
    }

    /// Returns how many checks there were.
    pub(super) fn asked(&self) -> usize {
        self.asked.get()
    }

    fn check(&self, capability: Capability) -> bool {
        self.asked.set(self.asked.get() + 1);
        self.granted && capability == self.capability
    }
}

impl CapCapable for Answer {
    fn cap_capable(&self, capability: Capability) -> bool {
        self.check(capability)
    }
}

impl NsCapable for Answer {
    fn ns_capable(&self, capability: Capability) -> bool {
        self.check(capability)
    }
}

impl HasNsCapability for Answer {
    fn has_ns_capability(&self, capability: Capability) -> bool {
        self.check(capability)
    }
}

impl CapableWrtInode for Answer {
    fn capable_wrt_inode_uidgid(&self, capability: Capability) -> bool {
        self.check(capability)
    }
}
