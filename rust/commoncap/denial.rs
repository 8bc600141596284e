// SPDX-License-Identifier: GPL-2.0

//! Every reason for which the capability LSM denies a request, with its error number.

use core::fmt;

/// The error numbers that the capability LSM and its callers return.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
#[allow(clippy::upper_case_acronyms)]
pub enum Errno {
    /// Operation not permitted.
    EPERM = 1,
    /// Cannot allocate memory.
    ENOMEM = 12,
    /// Permission denied. Only callers of the capability LSM return it.
    EACCES = 13,
    /// Invalid argument.
    EINVAL = 22,
    /// Function not implemented. From the hook, it means that the capability LSM does not handle
    /// the `prctl()` option.
    ENOSYS = 38,
    /// Value too large: a user ID that the reader's user namespace does not map.
    EOVERFLOW = 75,
    /// Operation not supported: here, that the file system answers.
    EOPNOTSUPP = 95,
}

macro_rules! denials {
    ($($(#[$doc:meta])* $variant:ident: $errno:ident, $sentence:literal;)*) => {
        /// A denial, by the rule that denies.
        ///
        /// Each variant is one reason for which `commoncap.c` returns an error. [`Display`] writes
        /// a sentence for the caller: what is wrong with the request, and what to do about it.
        ///
        /// [`Display`]: fmt::Display
        ///
        /// # Examples
        ///
        /// ```
        /// use commoncap::{Denial, Errno};
        ///
        /// let denial = Denial::KeepCapsArgument;
        /// assert_eq!(denial.errno(), Errno::EINVAL);
        /// assert_eq!(denial.name(), "KeepCapsArgument");
        /// assert!(denial.to_string().starts_with("the second argument is neither 0 nor 1"));
        /// ```
        // The discriminant is the position in `ALL`, times 256, plus the error number. Where all
        // rules that can deny have the same error number, the compiler uses it as a constant
        // instead of loading it from a table.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u16)]
        pub enum Denial {
            $($(#[$doc])* $variant = (Position::$variant as u16) << 8 | Errno::$errno as u16,)*
        }

        /// The rules by their positions in [`Denial::ALL`].
        enum Position {
            $($variant,)*
        }

        const _: () = {
            assert!(Denial::ALL.len() <= 256);
            $(assert!((Errno::$errno as i32) < 256);)*
        };

        impl Denial {
            /// All rules.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Returns the position in [`Self::ALL`].
            #[inline]
            pub const fn position(self) -> usize {
                (self as u16 >> 8) as usize
            }

            /// Returns the error number that `commoncap.c` returns, as a positive number.
            #[inline]
            pub const fn errno(self) -> Errno {
                match self {
                    $(Self::$variant => Errno::$errno,)*
                }
            }

            /// Returns what a function of C returns for this denial: a negative error number.
            #[inline]
            pub const fn to_errno(self) -> i32 {
                -((self as u16 & 0xff) as i32)
            }

            /// Returns the name of the rule.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => stringify!($variant),)*
                }
            }

            /// Returns the sentence for the caller.
            pub const fn reason(self) -> &'static str {
                match self {
                    $(Self::$variant => $sentence,)*
                }
            }
        }
    };
}

denials! {
    /// `cap_capable()`: the capability is not effective, and the caller is not the owner.
    NotEffective: EPERM,
        "the capability is not effective, and the caller does not own the target user namespace \
         from outside: make the capability effective";
    /// `cap_capable()`: the target namespace is neither that of the credentials nor a descendant.
    TargetNotBelow: EPERM,
        "the target is neither the caller's user namespace nor a descendant of it: act from the \
         target's user namespace, or from one of its ancestors";
    /// `cap_capable()` with an invalid capability number, which `commoncap.c` grants to the owner.
    NoSuchCapability: EPERM,
        "the number is not a capability of this kernel: see /proc/sys/kernel/cap_last_cap";
    /// `cap_capable()`, where `commoncap.c` would follow a null pointer.
    BrokenChain: EPERM,
        "the target user namespace has fewer ancestors than its level says: report this bug of the \
         kernel";

    /// `checkpoint_restore_ns_capable()`: the caller has neither of the two capabilities.
    NeitherCheckpointRestoreNorSysAdmin: EPERM,
        "the caller has neither CAP_CHECKPOINT_RESTORE nor CAP_SYS_ADMIN over the target user \
         namespace: give it one of them";

    /// `PR_CAPBSET_READ` with an invalid capability number.
    BoundingReadNoCapability: EINVAL,
        "the second argument is not a capability of this kernel: see \
         /proc/sys/kernel/cap_last_cap";
    /// `PR_CAPBSET_DROP` without `CAP_SETPCAP`.
    BoundingDropUnprivileged: EPERM,
        "the caller lacks CAP_SETPCAP over its own user namespace: drop capabilities from the \
         bounding set while CAP_SETPCAP is effective";
    /// `PR_CAPBSET_DROP` with an invalid capability number.
    BoundingDropNoCapability: EINVAL,
        "there is nothing to drop, since the second argument is not a capability of this kernel: \
         see /proc/sys/kernel/cap_last_cap";

    /// `PR_SET_SECUREBITS` \[1\]: no changing of bits that are locked.
    SecurebitsLocked: EPERM,
        "the request changes a securebit that is locked: leave it as it is";
    /// `PR_SET_SECUREBITS` \[2\]: no unlocking of locks.
    SecurebitsUnlock: EPERM,
        "the request clears the lock of a securebit: include every lock that is set";
    /// `PR_SET_SECUREBITS` \[3\]: no setting of unsupported bits.
    SecurebitsUnsupported: EPERM,
        "the request sets a bit that is not a securebit of this kernel: use bits 0 to 11 only";
    /// `PR_SET_SECUREBITS`: without `CAP_SETPCAP`, for legacy reason, no non-change.
    SecurebitsUnchanged: EPERM,
        "a request that changes nothing needs CAP_SETPCAP: skip the call if the securebits are \
         right already";
    /// `PR_SET_SECUREBITS`: without `CAP_SETPCAP`, no privileged changes.
    SecurebitsPrivileged: EPERM,
        "the request changes a securebit that needs CAP_SETPCAP: without it, change only the exec \
         securebits and their locks (bits 8 to 11)";

    /// `PR_SET_KEEPCAPS` to a value other than 0 and 1.
    KeepCapsArgument: EINVAL,
        "the second argument is neither 0 nor 1: pass 0 to clear KEEP_CAPS, 1 to set it";
    /// `PR_SET_KEEPCAPS` while `SECBIT_KEEP_CAPS_LOCKED` is set.
    KeepCapsLocked: EPERM,
        "SECBIT_KEEP_CAPS_LOCKED is set: leave KEEP_CAPS as it is, and do not set it again";

    /// `PR_CAP_AMBIENT_CLEAR_ALL` with further arguments.
    AmbientClearArguments: EINVAL,
        "PR_CAP_AMBIENT_CLEAR_ALL takes no further arguments: pass 0 for the third to fifth";
    /// `PR_CAP_AMBIENT` with an invalid capability number.
    AmbientNoCapability: EINVAL,
        "the third argument is not a capability of this kernel: see /proc/sys/kernel/cap_last_cap";
    /// `PR_CAP_AMBIENT` with further arguments.
    AmbientArguments: EINVAL,
        "PR_CAP_AMBIENT takes no further arguments: pass 0 for the fourth and fifth";
    /// `PR_CAP_AMBIENT` with an unknown operation.
    AmbientOperation: EINVAL,
        "the second argument is not an operation of PR_CAP_AMBIENT: use IS_SET (1), RAISE (2), \
         LOWER (3) or CLEAR_ALL (4)";
    /// `PR_CAP_AMBIENT_RAISE` of a capability that is not permitted.
    AmbientNotPermitted: EPERM,
        "the capability is not in the permitted set: raise it while it is permitted, or leave it \
         out";
    /// `PR_CAP_AMBIENT_RAISE` of a capability that is not inheritable.
    AmbientNotInheritable: EPERM,
        "the capability is not in the inheritable set: add it there with capset() first";
    /// `PR_CAP_AMBIENT_RAISE` while `SECBIT_NO_CAP_AMBIENT_RAISE` is set.
    AmbientRaiseForbidden: EPERM,
        "SECBIT_NO_CAP_AMBIENT_RAISE forbids additions to the ambient set: clear that securebit \
         first, if it is not locked";

    /// `cap_capset()`: more becomes inheritable than is permitted, without `CAP_SETPCAP`.
    CapsetInheritableUnprivileged: EPERM,
        "the inheritable set may hold only what is inheritable or permitted already: leave out the \
         rest, or hold CAP_SETPCAP over the caller's own user namespace";
    /// `cap_capset()`: more becomes inheritable than the bounding set allows.
    CapsetInheritableUnbounded: EPERM,
        "the inheritable set may hold only what is inheritable already or in the bounding set: \
         leave out the rest";
    /// `cap_capset()`: more becomes permitted.
    CapsetPermittedGained: EPERM,
        "the permitted set cannot grow: leave out what is not permitted already";
    /// `cap_capset()`: more becomes effective than permitted.
    CapsetEffectiveNotPermitted: EPERM,
        "the effective set may hold only what the new permitted set holds: leave out the rest";

    /// `cap_task_fix_setuid()` of a change that it does not know.
    SetuidKind: EINVAL,
        "the kind of change of user IDs is unknown: report this bug of the kernel";

    /// `cap_bprm_creds_from_file()`: an ambient capability is not permitted or not inheritable.
    ExecAmbientInvariant: EPERM,
        "an ambient capability is not permitted or not inheritable: report this bug of the kernel";
    /// `bprm_caps_from_vfs_caps()`: a file with the effective flag permits what cannot be had.
    ExecFileCapsUnavailable: EPERM,
        "the file requires a capability that the bounding set lacks and that cannot be inherited: \
         start it from a process that has not dropped it, or clear the file's effective flag";
    /// `get_vfs_caps_from_disk()`: the size does not fit the revision.
    FileCapsSize: EINVAL,
        "the file's security.capability attribute has the wrong size: set it again by setcap";
    /// `get_vfs_caps_from_disk()`: the revision is none of 1 to 3.
    FileCapsRevision: EINVAL,
        "the file's security.capability attribute has an unknown revision: set it again by setcap";

    /// `cap_convert_nscap()` without a value.
    NscapNoValue: EINVAL,
        "security.capability cannot be set to nothing: give a value, or remove it";
    /// `cap_convert_nscap()` of a value that is neither revision 2 nor 3.
    NscapHeader: EINVAL,
        "the value is no security.capability of revision 2 (20 bytes) or 3 (24 bytes): write one \
         with libcap";
    /// `cap_convert_nscap()` without `CAP_SETFCAP`.
    NscapUnprivileged: EPERM,
        "the caller lacks CAP_SETFCAP, or its user namespace does not map the file's owner and \
         group: set the file's capabilities with CAP_SETFCAP effective, in a user namespace that \
         maps both";
    /// `cap_convert_nscap()`: the root ID is not mapped in the caller's user namespace.
    NscapRootIdCaller: EINVAL,
        "the root user ID is not mapped in the caller's user namespace: use one that is";
    /// `cap_convert_nscap()`: the root ID is not mapped on the mount.
    NscapRootIdMount: EINVAL,
        "the root user ID is not mapped on this mount: use a mount that maps it";
    /// `cap_convert_nscap()`: the root ID is not mapped in the file system's user namespace.
    NscapRootIdFileSystem: EINVAL,
        "the root user ID is not mapped in the user namespace of the file system: use one that is";
    /// `cap_inode_getsecurity()` of another attribute.
    GetsecurityNotOurs: EOPNOTSUPP,
        "the attribute is not security.capability, so the file system answers: expect the result \
         from the file system";
    /// `cap_inode_getsecurity()` of an inode without a name.
    GetsecurityNoAlias: EINVAL,
        "the inode has no directory entry by which its attribute could be read: open the file by \
         its path first";
    /// `cap_inode_getsecurity()` of a value that is neither revision 2 nor 3.
    GetsecurityHeader: EINVAL,
        "the file's security.capability is neither revision 2 nor 3: set it again by setcap";
    /// `cap_inode_getsecurity()`: the root ID means nothing to the reader.
    GetsecurityRootId: EOVERFLOW,
        "the file's capabilities are for the root user of a user namespace that the reader's does \
         not map: read them in that namespace or in an ancestor of it";
    /// `cap_inode_setxattr()` without `CAP_SYS_ADMIN`.
    XattrSetUnprivileged: EPERM,
        "the caller lacks CAP_SYS_ADMIN over the file system's user namespace: set security \
         attributes with that capability effective";
    /// `cap_inode_removexattr()` without `CAP_SYS_ADMIN`.
    XattrRemoveUnprivileged: EPERM,
        "the caller lacks CAP_SYS_ADMIN over the file system's user namespace: remove security \
         attributes with that capability effective";
    /// `cap_inode_removexattr()` of capabilities, without an inode.
    XattrRemoveNoInode: EINVAL,
        "the file is gone, so it has no capabilities to remove: skip the call";
    /// `cap_inode_removexattr()` of capabilities, without `CAP_SETFCAP`.
    XattrRemoveCapsUnprivileged: EPERM,
        "the caller lacks CAP_SETFCAP, or its user namespace does not map the file's owner and \
         group: remove the file's capabilities with CAP_SETFCAP effective, in a user namespace \
         that maps both";

    /// `cap_ptrace_access_check()`: the target holds more, and the caller lacks `CAP_SYS_PTRACE`.
    PtraceAccess: EPERM,
        "the target is in another user namespace or holds capabilities that the caller lacks: \
         access it with CAP_SYS_PTRACE effective over its user namespace";
    /// `cap_ptrace_traceme()`: the caller holds more than its parent, which lacks `CAP_SYS_PTRACE`.
    PtraceTraceme: EPERM,
        "the parent is in another user namespace or lacks capabilities that the caller holds: give \
         the parent CAP_SYS_PTRACE over the caller's user namespace";
    /// `cap_safe_nice()`: the target holds more, and the caller lacks `CAP_SYS_NICE`.
    Nice: EPERM,
        "the target holds capabilities that the caller lacks: schedule it with CAP_SYS_NICE \
         effective over its user namespace";
    /// `cap_settime()` without `CAP_SYS_TIME`.
    Settime: EPERM,
        "the caller lacks CAP_SYS_TIME over the initial user namespace: set the clock with that \
         capability effective";
    /// `cap_mmap_addr()`: a low address, without `CAP_SYS_RAWIO`.
    MmapAddr: EPERM,
        "the address is below vm.mmap_min_addr, and the caller lacks CAP_SYS_RAWIO over the \
         initial user namespace: map at a higher address";
    /// `cap_vm_enough_memory()` without `CAP_SYS_ADMIN`.
    VmEnoughMemory: EPERM,
        "the remaining memory is reserved for CAP_SYS_ADMIN over the initial user namespace: free \
         some, or lower vm.admin_reserve_kbytes";

    /// A `prctl()` option that the capability LSM does not handle: the kernel calls the next LSM.
    NotOurs: ENOSYS,
        "the capability LSM does not handle this prctl() option: expect the result from \
         other code of the kernel";
    /// The kernel could not allocate new credentials, or a copy of an attribute.
    NoMemory: ENOMEM,
        "the kernel has no memory for the result: free some, and try again";
}

impl fmt::Display for Denial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.reason())
    }
}

/// Why a decision fails that depends on what may fail itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure<E> {
    /// A rule of the capability LSM.
    Denied(Denial),
    /// An error of the file system or of the audit subsystem.
    Other(E),
}

impl<E> From<Denial> for Failure<E> {
    #[inline]
    fn from(denial: Denial) -> Self {
        Self::Denied(denial)
    }
}

#[crate::kunit_tests(rust_commoncap_denial)]
mod tests {
    use super::*;

    #[test]
    fn every_denial_has_a_unique_name_and_reason() {
        for (index, denial) in Denial::ALL.iter().enumerate() {
            for other in Denial::ALL.iter().take(index) {
                assert!(denial.name() != other.name());
                assert!(denial.reason() != other.reason());
            }
        }
    }

    #[test]
    fn error_numbers_are_those_of_commoncap_c() {
        use Denial::*;
        const EPERM: i32 = 1;
        const ENOMEM: i32 = 12;
        const EINVAL: i32 = 22;
        const ENOSYS: i32 = 38;
        const EOVERFLOW: i32 = 75;
        const EOPNOTSUPP: i32 = 95;
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
            (CapsetInheritableUnprivileged, EPERM),
            (CapsetInheritableUnbounded, EPERM),
            (CapsetPermittedGained, EPERM),
            (CapsetEffectiveNotPermitted, EPERM),
            (SetuidKind, EINVAL),
            (ExecAmbientInvariant, EPERM),
            (ExecFileCapsUnavailable, EPERM),
            (FileCapsSize, EINVAL),
            (FileCapsRevision, EINVAL),
            (NscapNoValue, EINVAL),
            (NscapHeader, EINVAL),
            (NscapUnprivileged, EPERM),
            (NscapRootIdCaller, EINVAL),
            (NscapRootIdMount, EINVAL),
            (NscapRootIdFileSystem, EINVAL),
            (GetsecurityNotOurs, EOPNOTSUPP),
            (GetsecurityNoAlias, EINVAL),
            (GetsecurityHeader, EINVAL),
            (GetsecurityRootId, EOVERFLOW),
            (XattrSetUnprivileged, EPERM),
            (XattrRemoveUnprivileged, EPERM),
            (XattrRemoveNoInode, EINVAL),
            (XattrRemoveCapsUnprivileged, EPERM),
            (PtraceAccess, EPERM),
            (PtraceTraceme, EPERM),
            (Nice, EPERM),
            (Settime, EPERM),
            (MmapAddr, EPERM),
            (VmEnoughMemory, EPERM),
            (NotOurs, ENOSYS),
            (NoMemory, ENOMEM),
        ];
        assert_eq!(expected.len(), Denial::ALL.len());
        for (position, (denial, errno)) in expected.into_iter().enumerate() {
            assert_eq!(denial.errno() as i32, errno);
            assert_eq!(denial.to_errno(), -errno);
            assert_eq!(denial.position(), position);
        }
    }

    #[test]
    fn display_writes_the_reason() {
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
