// SPDX-License-Identifier: GPL-2.0

//! Every "no" that there is, with its errno and its reason.

use core::fmt;

/// The error numbers that the capability LSM answers with, and those who ask it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
#[allow(clippy::upper_case_acronyms)]
pub enum Errno {
    /// Operation not permitted.
    EPERM = 1,
    /// Cannot allocate memory.
    ENOMEM = 12,
    /// Permission denied: never said by the capability LSM, but by some who ask it.
    EACCES = 13,
    /// Invalid argument.
    EINVAL = 22,
    /// Function not implemented: here, that somebody else answers the `prctl()`.
    ENOSYS = 38,
}

macro_rules! denials {
    ($($(#[$doc:meta])* $variant:ident: $errno:ident, $sentence:literal;)*) => {
        /// A "no", and which rule said it.
        ///
        /// Each variant is one reason for which the C returns an error. Displayed, it is a sentence
        /// for whoever got it: what is missing, and what would help.
        ///
        /// # Examples
        ///
        /// ```
        /// use commoncap::{Denial, Errno};
        ///
        /// let denial = Denial::KeepCapsArgument;
        /// assert_eq!(denial.errno(), Errno::EINVAL);
        /// assert_eq!(denial.name(), "KeepCapsArgument");
        /// assert_eq!(denial.to_string(), "the second argument must be 0 or 1");
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Denial {
            $($(#[$doc])* $variant,)*
        }

        impl Denial {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Returns the error number that the C returns here, as a positive number.
            #[inline]
            pub const fn errno(self) -> Errno {
                match self {
                    $(Self::$variant => Errno::$errno,)*
                }
            }

            /// Returns the name of the rule.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => stringify!($variant),)*
                }
            }

            /// Returns the sentence for whoever was denied.
            pub const fn reason(self) -> &'static str {
                match self {
                    $(Self::$variant => $sentence,)*
                }
            }
        }
    };
}

denials! {
    /// `cap_capable()`: in the namespace of the credentials, the capability is not effective.
    NotEffective: EPERM,
        "the capability is not effective, and the caller did not make the namespace from outside";
    /// `cap_capable()`: the target namespace is not below that of the credentials.
    TargetNotBelow: EPERM,
        "the capability does not reach the target: it is in no user namespace below the caller's";
    /// `cap_capable()` of a number that is no capability, which the C would grant to an owner.
    NoSuchCapability: EPERM,
        "the number asked for is no capability of this kernel";
    /// `cap_capable()`, where C would follow a null pointer.
    BrokenChain: EPERM,
        "the target namespace's ancestors end before the initial namespace: a bug in the kernel";

    /// `checkpoint_restore_ns_capable()`: neither of the two capabilities.
    NeitherCheckpointRestoreNorSysAdmin: EPERM,
        "this takes CAP_CHECKPOINT_RESTORE, or CAP_SYS_ADMIN, over the target user namespace";

    /// `PR_CAPBSET_READ` of a number that is no capability.
    BoundingReadNoCapability: EINVAL,
        "the second argument is no capability of this kernel";
    /// `PR_CAPBSET_DROP` without `CAP_SETPCAP`.
    BoundingDropUnprivileged: EPERM,
        "dropping from the bounding set takes CAP_SETPCAP over the caller's own user namespace";
    /// `PR_CAPBSET_DROP` of a number that is no capability.
    BoundingDropNoCapability: EINVAL,
        "the second argument is no capability of this kernel, so nothing can be dropped";

    /// `PR_SET_SECUREBITS` \[1\]: no changing of bits that are locked.
    SecurebitsLocked: EPERM,
        "a securebit would change whose lock is set: leave it as it is";
    /// `PR_SET_SECUREBITS` \[2\]: no unlocking of locks.
    SecurebitsUnlock: EPERM,
        "a lock of a securebit would be cleared: locks that are set must be set in the new value";
    /// `PR_SET_SECUREBITS` \[3\]: no setting of unsupported bits.
    SecurebitsUnsupported: EPERM,
        "a bit is set in the new value that is no securebit of this kernel: use bits 0 to 11 only";
    /// `PR_SET_SECUREBITS`: without `CAP_SETPCAP`, for legacy reason, no non-change.
    SecurebitsUnchanged: EPERM,
        "nothing would change, and saying so takes CAP_SETPCAP: do not set what is set already";
    /// `PR_SET_SECUREBITS`: without `CAP_SETPCAP`, no privileged changes.
    SecurebitsPrivileged: EPERM,
        "a bit other than the four of the exec securebits would change, which takes CAP_SETPCAP";

    /// `PR_SET_KEEPCAPS` to what is neither 0 nor 1.
    KeepCapsArgument: EINVAL,
        "the second argument must be 0 or 1";
    /// `PR_SET_KEEPCAPS` while `SECBIT_KEEP_CAPS_LOCKED` is set.
    KeepCapsLocked: EPERM,
        "SECBIT_KEEP_CAPS_LOCKED is set: KEEP_CAPS cannot be set any more, not even to what it is";

    /// `PR_CAP_AMBIENT_CLEAR_ALL` with further arguments.
    AmbientClearArguments: EINVAL,
        "the third to fifth arguments must be 0";
    /// `PR_CAP_AMBIENT` of a number that is no capability.
    AmbientNoCapability: EINVAL,
        "the third argument is no capability of this kernel";
    /// `PR_CAP_AMBIENT` with further arguments.
    AmbientArguments: EINVAL,
        "the fourth and fifth arguments must be 0";
    /// `PR_CAP_AMBIENT` to do what does not exist.
    AmbientOperation: EINVAL,
        "the second argument is no PR_CAP_AMBIENT operation";
    /// `PR_CAP_AMBIENT_RAISE` of what is not permitted.
    AmbientNotPermitted: EPERM,
        "the capability is not in the permitted set";
    /// `PR_CAP_AMBIENT_RAISE` of what is not inheritable.
    AmbientNotInheritable: EPERM,
        "the capability is not in the inheritable set";
    /// `PR_CAP_AMBIENT_RAISE` while `SECBIT_NO_CAP_AMBIENT_RAISE` is set.
    AmbientRaiseForbidden: EPERM,
        "SECBIT_NO_CAP_AMBIENT_RAISE is set: nothing can be added to the ambient set";

    /// A `prctl()` that is none of the capability LSM's: the kernel goes on to the others.
    NotOurs: ENOSYS,
        "this prctl is not answered by the capability LSM";
    /// New credentials could not be allocated.
    NoMemory: ENOMEM,
        "there is no memory for new credentials";
}

impl fmt::Display for Denial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.reason())
    }
}

#[crate::kunit_tests(rust_commoncap_denial)]
mod tests {
    use super::*;

    #[test]
    fn every_denial_has_its_own_name_and_reason() {
        for (index, denial) in Denial::ALL.iter().enumerate() {
            for other in Denial::ALL.iter().take(index) {
                assert!(denial.name() != other.name());
                assert!(denial.reason() != other.reason());
            }
        }
    }

    #[test]
    fn error_numbers_are_those_of_the_c() {
        use Denial::*;
        const EPERM: i32 = 1;
        const ENOMEM: i32 = 12;
        const EINVAL: i32 = 22;
        const ENOSYS: i32 = 38;
        let expected = [
            (NotEffective, EPERM),
            (TargetNotBelow, EPERM),
            (NoSuchCapability, EPERM),
            (BrokenChain, EPERM),
            (NeitherCheckpointRestoreNorSysAdmin, EPERM),
            (BoundingReadNoCapability, EINVAL),
            (BoundingDropUnprivileged, EPERM),
            (BoundingDropNoCapability, EINVAL),
            (SecurebitsLocked, EPERM),
            (SecurebitsUnlock, EPERM),
            (SecurebitsUnsupported, EPERM),
            (SecurebitsUnchanged, EPERM),
            (SecurebitsPrivileged, EPERM),
            (KeepCapsArgument, EINVAL),
            (KeepCapsLocked, EPERM),
            (AmbientClearArguments, EINVAL),
            (AmbientNoCapability, EINVAL),
            (AmbientArguments, EINVAL),
            (AmbientOperation, EINVAL),
            (AmbientNotPermitted, EPERM),
            (AmbientNotInheritable, EPERM),
            (AmbientRaiseForbidden, EPERM),
            (NotOurs, ENOSYS),
            (NoMemory, ENOMEM),
        ];
        assert_eq!(expected.len(), Denial::ALL.len());
        for (denial, errno) in expected {
            assert_eq!(denial.errno() as i32, errno);
        }
    }

    #[test]
    fn a_denial_is_shown_as_its_reason() {
        struct Expect(&'static str);
        impl fmt::Write for Expect {
            fn write_str(&mut self, text: &str) -> fmt::Result {
                self.0 = self.0.strip_prefix(text).ok_or(fmt::Error)?;
                Ok(())
            }
        }
        for denial in Denial::ALL {
            let mut rest = Expect(denial.reason());
            assert!(fmt::Write::write_fmt(&mut rest, format_args!("{denial}")).is_ok());
            assert_eq!(rest.0, "");
        }
    }
}
