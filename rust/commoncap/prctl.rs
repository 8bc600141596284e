// SPDX-License-Identifier: GPL-2.0

//! What `prctl()` does to capabilities and securebits: `cap_task_prctl()`.

mod ambient;
pub mod securebits;

use super::{
    credentials::{
        Credentials,
        Privileges, //
    },
    Denial, //
};
use crate::{
    capability::{
        Capability,
        CapabilitySet, //
    },
    securebits::Securebits, //
};

/// The options that the capability LSM handles, and the operations of [`option::CAP_AMBIENT`].
///
/// C header: [`include/uapi/linux/prctl.h`](srctree/include/uapi/linux/prctl.h).
pub mod option {
    /// `PR_GET_KEEPCAPS`.
    pub const GET_KEEPCAPS: i32 = 7;
    /// `PR_SET_KEEPCAPS`.
    pub const SET_KEEPCAPS: i32 = 8;
    /// `PR_CAPBSET_READ`.
    pub const CAPBSET_READ: i32 = 23;
    /// `PR_CAPBSET_DROP`.
    pub const CAPBSET_DROP: i32 = 24;
    /// `PR_GET_SECUREBITS`.
    pub const GET_SECUREBITS: i32 = 27;
    /// `PR_SET_SECUREBITS`.
    pub const SET_SECUREBITS: i32 = 28;
    /// `PR_CAP_AMBIENT`.
    pub const CAP_AMBIENT: i32 = 47;

    /// `PR_CAP_AMBIENT_IS_SET`.
    pub const CAP_AMBIENT_IS_SET: usize = 1;
    /// `PR_CAP_AMBIENT_RAISE`.
    pub const CAP_AMBIENT_RAISE: usize = 2;
    /// `PR_CAP_AMBIENT_LOWER`.
    pub const CAP_AMBIENT_LOWER: usize = 3;
    /// `PR_CAP_AMBIENT_CLEAR_ALL`.
    pub const CAP_AMBIENT_CLEAR_ALL: usize = 4;
}

/// A request, with its arguments as the caller passed them. Nothing is checked yet.
///
/// All arguments are `unsigned long`. Arguments that an option ignores are left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request {
    /// `PR_CAPBSET_READ`: return whether this capability is in the bounding set.
    BoundingRead(usize),
    /// `PR_CAPBSET_DROP`: remove this capability from the bounding set.
    BoundingDrop(usize),
    /// `PR_SET_SECUREBITS`: set the securebits to this value.
    SetSecurebits(usize),
    /// `PR_GET_SECUREBITS`: return the securebits.
    GetSecurebits,
    /// `PR_GET_KEEPCAPS`: return whether `KEEP_CAPS` is set.
    GetKeepCaps,
    /// `PR_SET_KEEPCAPS`: set (1) or clear (0) `KEEP_CAPS`.
    SetKeepCaps(usize),
    /// `PR_CAP_AMBIENT_CLEAR_ALL`: empty the ambient set. The arguments must be 0.
    AmbientClearAll([usize; 3]),
    /// `PR_CAP_AMBIENT`: apply this operation to that capability. The other arguments must be 0.
    Ambient(usize, usize, [usize; 2]),
}

impl Request {
    /// Parses the arguments of `prctl()`.
    ///
    /// Fails with [`Denial::NotOurs`] if the capability LSM does not handle the option.
    ///
    /// # Examples
    ///
    /// ```
    /// use commoncap::{
    ///     prctl::{option, Request},
    ///     Denial,
    /// };
    ///
    /// let lock = Request::parse(option::SET_SECUREBITS, [0x300, 0, 0, 0]);
    /// assert_eq!(lock, Ok(Request::SetSecurebits(0x300)));
    /// let set_name = Request::parse(15, [0; 4]);
    /// assert_eq!(set_name, Err(Denial::NotOurs));
    /// ```
    #[inline]
    pub fn parse(option: i32, args: [usize; 4]) -> Result<Self, Denial> {
        let [arg2, arg3, arg4, arg5] = args;
        Ok(match option {
            option::CAPBSET_READ => Self::BoundingRead(arg2),
            option::CAPBSET_DROP => Self::BoundingDrop(arg2),
            option::SET_SECUREBITS => Self::SetSecurebits(arg2),
            option::GET_SECUREBITS => Self::GetSecurebits,
            option::GET_KEEPCAPS => Self::GetKeepCaps,
            option::SET_KEEPCAPS => Self::SetKeepCaps(arg2),
            option::CAP_AMBIENT if arg2 == option::CAP_AMBIENT_CLEAR_ALL => {
                Self::AmbientClearAll([arg3, arg4, arg5])
            }
            option::CAP_AMBIENT => Self::Ambient(arg2, arg3, [arg4, arg5]),
            _ => return Err(Denial::NotOurs),
        })
    }
}

/// What a request that is allowed does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// `prctl()` returns this value, and nothing changes.
    Value(u32),
    /// The caller's credentials change, and `prctl()` returns 0.
    Change(Change),
}

/// The change to make to the caller's credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Set the bounding set to this one.
    Bounding(CapabilitySet),
    /// Set the securebits to these.
    Securebits(Securebits),
    /// Set the ambient set to this one.
    Ambient(CapabilitySet),
}

/// Decides on a request of a caller with the credentials `old` and these `privileges`.
///
/// Returns the first error, in the order of `cap_task_prctl()`. Makes the same privilege check as
/// that function, at the same point, at most once.
#[inline]
pub fn decide(
    old: &impl Credentials,
    privileges: &impl Privileges,
    request: Request,
) -> Result<Verdict, Denial> {
    match request {
        Request::BoundingRead(number) => {
            let capability = Capability::new(number).ok_or(Denial::BoundingReadNoCapability)?;
            Ok(truth(old.bounding().contains(capability)))
        }

        Request::BoundingDrop(number) => {
            if !privileges.ns_capable(Capability::SETPCAP) {
                return Err(Denial::BoundingDropUnprivileged);
            }
            let capability = Capability::new(number).ok_or(Denial::BoundingDropNoCapability)?;
            Ok(Verdict::Change(Change::Bounding(
                old.bounding().without(capability),
            )))
        }

        Request::SetSecurebits(bits) => {
            let securebits = securebits::set(old.securebits(), privileges, bits)?;
            Ok(Verdict::Change(Change::Securebits(securebits)))
        }

        Request::GetSecurebits => Ok(Verdict::Value(old.securebits().bits())),

        Request::GetKeepCaps => Ok(truth(old.securebits().intersects(Securebits::KEEP_CAPS))),

        Request::SetKeepCaps(keep) => {
            if keep > 1 {
                return Err(Denial::KeepCapsArgument);
            }
            let securebits = old.securebits();
            if securebits.intersects(Securebits::KEEP_CAPS_LOCKED) {
                return Err(Denial::KeepCapsLocked);
            }
            Ok(Verdict::Change(Change::Securebits(if keep == 1 {
                securebits | Securebits::KEEP_CAPS
            } else {
                securebits & !Securebits::KEEP_CAPS
            })))
        }

        Request::AmbientClearAll(rest) => {
            Ok(Verdict::Change(Change::Ambient(ambient::clear_all(rest)?)))
        }

        Request::Ambient(operation, number, rest) => ambient::operate(old, operation, number, rest),
    }
}

/// Returns a boolean as C does: 0 or 1.
#[inline]
fn truth(value: bool) -> Verdict {
    Verdict::Value(value.into())
}

#[crate::kunit_tests(rust_commoncap_prctl)]
mod tests {
    use super::{
        super::testing::{
            prctl,
            privileged,
            value,
            Lsms,
            TestCred,
            TestNs,
            INVALID_CAPABILITIES,
            JUNK, //
        }, //
        *,
    };

    fn securebits(bits: usize) -> Result<Verdict, Denial> {
        let securebits = Securebits::from_bits(bits as u32);
        Ok(Verdict::Change(Change::Securebits(securebits)))
    }

    #[test]
    fn options_that_the_capability_lsm_does_not_handle_are_not_ours() {
        let ns = TestNs::initial();
        let cred = TestCred::unprivileged(&ns);
        let ours = [7, 8, 23, 24, 27, 28, 47];
        for option in -1..=100 {
            let is_ours = prctl(&cred, option, [0; 4]) != Err(Denial::NotOurs);
            assert_eq!(is_ours, ours.contains(&option));
        }
        for option in [i32::MIN, i32::MAX, 0x5961_6d61] {
            assert_eq!(prctl(&cred, option, [JUNK[0]; 4]), Err(Denial::NotOurs));
        }
    }

    #[test]
    fn ignored_arguments_do_not_change_the_request() {
        for option in [7, 8, 23, 24, 27, 28] {
            for arg2 in [0, 1, 40, 41, usize::MAX] {
                let plain = Request::parse(option, [arg2, 0, 0, 0]);
                let junk = Request::parse(option, [arg2, JUNK[0], JUNK[1], JUNK[2]]);
                assert_eq!(plain, junk);
            }
        }
        for option in [7, 27] {
            let junk = Request::parse(option, [JUNK[0]; 4]);
            assert_eq!(junk, Request::parse(option, [0; 4]));
        }
    }

    #[test]
    fn bounding_read_returns_whether_each_capability_is_in_the_set() {
        let ns = TestNs::initial();
        let mut cred = TestCred::unprivileged(&ns);
        for &capability in Capability::ALL {
            let number = usize::from(capability.number());
            cred.bounding = CapabilitySet::FULL.without(capability);
            for other in 0..Capability::ALL.len() {
                let expected = value((other != number).into());
                assert_eq!(prctl(&cred, 23, [other, JUNK[0], 0, 0]), expected);
            }
        }
    }

    #[test]
    fn bounding_read_of_an_invalid_capability_is_denied() {
        let ns = TestNs::initial();
        let cred = TestCred::unprivileged(&ns);
        for number in INVALID_CAPABILITIES {
            let answer = prctl(&cred, option::CAPBSET_READ, [number, 0, 0, 0]);
            assert_eq!(answer, Err(Denial::BoundingReadNoCapability));
        }
    }

    #[test]
    fn bounding_drop_removes_one_capability() {
        let ns = TestNs::initial();
        let mut cred = TestCred::unprivileged(&ns);
        for bounding in [CapabilitySet::FULL, CapabilitySet::EMPTY] {
            cred.bounding = bounding;
            for &capability in Capability::ALL {
                let request = Request::BoundingDrop(capability.number().into());
                let expected = Change::Bounding(bounding.without(capability));
                let answer = decide(&cred, &Lsms::of(&cred, true), request);
                assert_eq!(answer, Ok(Verdict::Change(expected)));
            }
        }
    }

    #[test]
    fn bounding_drop_checks_setpcap_with_all_lsms_once() {
        let ns = TestNs::initial();
        // The answer of cap_capable() alone must not matter.
        for cred in [TestCred::unprivileged(&ns), privileged(&ns)] {
            for grant in [false, true] {
                let lsms = Lsms::of(&cred, grant);
                let answer = decide(&cred, &lsms, Request::BoundingDrop(40));
                assert_eq!(answer.is_ok(), grant);
                assert_eq!(lsms.ns_capable_calls.get(), 1);
                assert_eq!(lsms.cap_capable_calls.get(), 0);
            }
        }
    }

    #[test]
    fn bounding_drop_checks_the_privilege_before_the_number() {
        let ns = TestNs::initial();
        let cred = TestCred::unprivileged(&ns);
        for number in INVALID_CAPABILITIES {
            let request = Request::BoundingDrop(number);
            let denied = decide(&cred, &Lsms::of(&cred, false), request);
            assert_eq!(denied, Err(Denial::BoundingDropUnprivileged));
            let invalid = decide(&cred, &Lsms::of(&cred, true), request);
            assert_eq!(invalid, Err(Denial::BoundingDropNoCapability));
        }
    }

    #[test]
    fn set_securebits_sets_the_requested_bits() {
        let ns = TestNs::initial();
        let cred = privileged(&ns);
        for bits in [0, 0x1, 0x300, 0xfff] {
            assert_eq!(
                prctl(&cred, option::SET_SECUREBITS, [bits, 0, 0, 0]),
                securebits(bits)
            );
        }
    }

    #[test]
    fn other_options_check_no_privilege() {
        let ns = TestNs::initial();
        let cred = privileged(&ns);
        for option in [7, 8, 23, 27, 47] {
            for arg2 in 0..6 {
                let lsms = Lsms::of(&cred, true);
                let _ = Request::parse(option, [arg2, 8, 0, 0])
                    .and_then(|request| decide(&cred, &lsms, request));
                assert_eq!(lsms.cap_capable_calls.get(), 0);
                assert_eq!(lsms.ns_capable_calls.get(), 0);
            }
        }
    }

    #[test]
    fn get_securebits_returns_the_securebits() {
        let ns = TestNs::initial();
        let mut cred = TestCred::unprivileged(&ns);
        for bits in 0..=0xfff {
            cred.securebits = Securebits::from_bits(bits);
            assert_eq!(
                prctl(&cred, option::GET_SECUREBITS, [JUNK[0]; 4]),
                value(bits)
            );
        }
    }

    #[test]
    fn get_keep_caps_returns_0_or_1() {
        let ns = TestNs::initial();
        let mut cred = TestCred::unprivileged(&ns);
        for bits in 0..=0xfff {
            cred.securebits = Securebits::from_bits(bits);
            let expected = value((bits & 0x10 != 0).into());
            assert_eq!(prctl(&cred, option::GET_KEEPCAPS, [JUNK[0]; 4]), expected);
        }
    }

    #[test]
    fn set_keep_caps_needs_no_privilege() {
        let ns = TestNs::initial();
        for mut cred in [TestCred::unprivileged(&ns), privileged(&ns)] {
            for bits in (0..=0xfff).filter(|bits| bits & 0x20 == 0) {
                cred.securebits = Securebits::from_bits(bits as u32);
                let on = prctl(&cred, option::SET_KEEPCAPS, [1, JUNK[0], 0, 0]);
                assert_eq!(on, securebits(bits | 0x10));
                let off = prctl(&cred, option::SET_KEEPCAPS, [0, JUNK[0], 0, 0]);
                assert_eq!(off, securebits(bits & !0x10));
            }
        }
    }

    #[test]
    fn set_keep_caps_is_denied_while_locked_even_without_a_change() {
        let ns = TestNs::initial();
        for mut cred in [TestCred::unprivileged(&ns), privileged(&ns)] {
            for bits in [0x20, 0x30] {
                cred.securebits = Securebits::from_bits(bits);
                for keep in [0, 1] {
                    let answer = prctl(&cred, option::SET_KEEPCAPS, [keep, 0, 0, 0]);
                    assert_eq!(answer, Err(Denial::KeepCapsLocked));
                }
            }
        }
    }

    #[test]
    fn set_keep_caps_checks_the_argument_before_the_lock() {
        let ns = TestNs::initial();
        let mut cred = privileged(&ns);
        for bits in [0, 0x30] {
            cred.securebits = Securebits::from_bits(bits);
            for keep in [2, 1 << 32, (1 << 32) | 1, usize::MAX] {
                let answer = prctl(&cred, option::SET_KEEPCAPS, [keep, 0, 0, 0]);
                assert_eq!(answer, Err(Denial::KeepCapsArgument));
            }
        }
    }
}
