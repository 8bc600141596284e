// SPDX-License-Identifier: GPL-2.0

//! What `prctl()` does to capabilities and securebits: `cap_task_prctl()`.

mod ambient;
pub mod securebits;

use super::{
    credentials::{Credentials, Privileges},
    Denial,
};
use crate::{
    capability::{Capability, CapabilitySet},
    securebits::Securebits,
};

/// The options that are answered here, and the operations of [`option::CAP_AMBIENT`].
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

/// A request, its arguments as the caller gave them: nothing is judged yet.
///
/// All arguments are `unsigned long`. Those that an option ignores are not here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request {
    /// `PR_CAPBSET_READ`: is this capability in the bounding set?
    BoundingRead(usize),
    /// `PR_CAPBSET_DROP`: take this capability out of the bounding set.
    BoundingDrop(usize),
    /// `PR_SET_SECUREBITS`: set the securebits to this.
    SetSecurebits(usize),
    /// `PR_GET_SECUREBITS`: what are the securebits?
    GetSecurebits,
    /// `PR_GET_KEEPCAPS`: is `KEEP_CAPS` set?
    GetKeepCaps,
    /// `PR_SET_KEEPCAPS`: set (1) or clear (0) `KEEP_CAPS`.
    SetKeepCaps(usize),
    /// `PR_CAP_AMBIENT_CLEAR_ALL`: empty the ambient set. The arguments must be 0.
    AmbientClearAll([usize; 3]),
    /// `PR_CAP_AMBIENT`: do this operation with that capability. The other arguments must be 0.
    Ambient(usize, usize, [usize; 2]),
}

impl Request {
    /// Tells what is asked for from the arguments of `prctl()`.
    ///
    /// Fails with [`Denial::NotOurs`] if the option is somebody else's.
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

/// A "yes" to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// `prctl()` returns this, and nothing changes.
    Value(u32),
    /// The credentials of the caller change, and `prctl()` returns 0.
    Change(Change),
}

/// The change to make to the credentials of the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// The bounding set becomes this.
    Bounding(CapabilitySet),
    /// The securebits become this.
    Securebits(Securebits),
    /// The ambient set becomes this.
    Ambient(CapabilitySet),
}

/// Decides what a request does, given the caller's credentials.
///
/// The checks come in the order of the C: of several faults, the first one is told, and `privileges` is
/// asked if and when the C asks, in the way that it does, at most once.
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

/// Returns a truth value as C has it.
#[inline]
fn truth(value: bool) -> Verdict {
    Verdict::Value(value.into())
}

#[crate::kunit_tests(rust_commoncap_prctl)]
mod tests {
    use super::super::testing::{
        ask, privileged, value, Lsms, TestCred, TestNs, JUNK, NO_CAPABILITIES,
    };
    use super::*;

    fn securebits(bits: usize) -> Result<Verdict, Denial> {
        let securebits = Securebits::from_bits(bits as u32);
        Ok(Verdict::Change(Change::Securebits(securebits)))
    }

    #[test]
    fn options_of_others_are_not_ours() {
        let ns = TestNs::initial();
        let cred = TestCred::nobody(&ns);
        let ours = [7, 8, 23, 24, 27, 28, 47];
        for option in -1..=100 {
            let is_ours = ask(&cred, option, [0; 4]) != Err(Denial::NotOurs);
            assert_eq!(is_ours, ours.contains(&option));
        }
        for option in [i32::MIN, i32::MAX, 0x5961_6d61] {
            assert_eq!(ask(&cred, option, [JUNK[0]; 4]), Err(Denial::NotOurs));
        }
    }

    #[test]
    fn arguments_that_an_option_ignores_change_nothing() {
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
    fn bounding_read_tells_each_capability() {
        let ns = TestNs::initial();
        let mut cred = TestCred::nobody(&ns);
        for &capability in Capability::ALL {
            let number = usize::from(capability.number());
            cred.bounding = CapabilitySet::FULL.without(capability);
            for other in 0..Capability::ALL.len() {
                let expected = value((other != number).into());
                assert_eq!(ask(&cred, 23, [other, JUNK[0], 0, 0]), expected);
            }
        }
    }

    #[test]
    fn bounding_read_of_no_capability_is_invalid() {
        let ns = TestNs::initial();
        let cred = TestCred::nobody(&ns);
        for number in NO_CAPABILITIES {
            let answer = ask(&cred, option::CAPBSET_READ, [number, 0, 0, 0]);
            assert_eq!(answer, Err(Denial::BoundingReadNoCapability));
        }
    }

    #[test]
    fn bounding_drop_takes_out_one_capability() {
        let ns = TestNs::initial();
        let mut cred = TestCred::nobody(&ns);
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
    fn bounding_drop_asks_all_lsms_for_setpcap_once() {
        let ns = TestNs::initial();
        // What cap_capable() alone would say must not matter.
        for cred in [TestCred::nobody(&ns), privileged(&ns)] {
            for grant in [false, true] {
                let lsms = Lsms::of(&cred, grant);
                let answer = decide(&cred, &lsms, Request::BoundingDrop(40));
                assert_eq!(answer.is_ok(), grant);
                assert_eq!(lsms.asked_ns_capable.get(), 1);
                assert_eq!(lsms.asked_cap_capable.get(), 0);
            }
        }
    }

    #[test]
    fn bounding_drop_without_privilege_comes_before_no_capability() {
        let ns = TestNs::initial();
        let cred = TestCred::nobody(&ns);
        for number in NO_CAPABILITIES {
            let request = Request::BoundingDrop(number);
            let denied = decide(&cred, &Lsms::of(&cred, false), request);
            assert_eq!(denied, Err(Denial::BoundingDropUnprivileged));
            let invalid = decide(&cred, &Lsms::of(&cred, true), request);
            assert_eq!(invalid, Err(Denial::BoundingDropNoCapability));
        }
    }

    #[test]
    fn securebits_become_what_is_asked_for() {
        let ns = TestNs::initial();
        let cred = privileged(&ns);
        for bits in [0, 0x1, 0x300, 0xfff] {
            assert_eq!(
                ask(&cred, option::SET_SECUREBITS, [bits, 0, 0, 0]),
                securebits(bits)
            );
        }
    }

    #[test]
    fn the_others_ask_for_no_capability() {
        let ns = TestNs::initial();
        let cred = privileged(&ns);
        for option in [7, 8, 23, 27, 47] {
            for arg2 in 0..6 {
                let lsms = Lsms::of(&cred, true);
                let _ = Request::parse(option, [arg2, 8, 0, 0])
                    .and_then(|request| decide(&cred, &lsms, request));
                assert_eq!(lsms.asked_cap_capable.get(), 0);
                assert_eq!(lsms.asked_ns_capable.get(), 0);
            }
        }
    }

    #[test]
    fn securebits_are_read_as_they_are() {
        let ns = TestNs::initial();
        let mut cred = TestCred::nobody(&ns);
        for bits in 0..=0xfff {
            cred.securebits = Securebits::from_bits(bits);
            assert_eq!(
                ask(&cred, option::GET_SECUREBITS, [JUNK[0]; 4]),
                value(bits)
            );
        }
    }

    #[test]
    fn keep_caps_is_read_as_a_truth_value() {
        let ns = TestNs::initial();
        let mut cred = TestCred::nobody(&ns);
        for bits in 0..=0xfff {
            cred.securebits = Securebits::from_bits(bits);
            let expected = value((bits & 0x10 != 0).into());
            assert_eq!(ask(&cred, option::GET_KEEPCAPS, [JUNK[0]; 4]), expected);
        }
    }

    #[test]
    fn anyone_may_set_and_clear_keep_caps() {
        let ns = TestNs::initial();
        for mut cred in [TestCred::nobody(&ns), privileged(&ns)] {
            for bits in (0..=0xfff).filter(|bits| bits & 0x20 == 0) {
                cred.securebits = Securebits::from_bits(bits as u32);
                let on = ask(&cred, option::SET_KEEPCAPS, [1, JUNK[0], 0, 0]);
                assert_eq!(on, securebits(bits | 0x10));
                let off = ask(&cred, option::SET_KEEPCAPS, [0, JUNK[0], 0, 0]);
                assert_eq!(off, securebits(bits & !0x10));
            }
        }
    }

    #[test]
    fn locked_keep_caps_cannot_be_set_even_to_what_it_is() {
        let ns = TestNs::initial();
        for mut cred in [TestCred::nobody(&ns), privileged(&ns)] {
            for bits in [0x20, 0x30] {
                cred.securebits = Securebits::from_bits(bits);
                for keep in [0, 1] {
                    let answer = ask(&cred, option::SET_KEEPCAPS, [keep, 0, 0, 0]);
                    assert_eq!(answer, Err(Denial::KeepCapsLocked));
                }
            }
        }
    }

    #[test]
    fn keep_caps_takes_0_or_1_and_says_so_before_the_lock() {
        let ns = TestNs::initial();
        let mut cred = privileged(&ns);
        for bits in [0, 0x30] {
            cred.securebits = Securebits::from_bits(bits);
            for keep in [2, 1 << 32, (1 << 32) | 1, usize::MAX] {
                let answer = ask(&cred, option::SET_KEEPCAPS, [keep, 0, 0, 0]);
                assert_eq!(answer, Err(Denial::KeepCapsArgument));
            }
        }
    }
}
