// SPDX-License-Identifier: GPL-2.0

//! The kernel's credentials and user namespaces, as the decisions read them.

use crate::{
    bindings,
    capability::CapabilitySet,
    commoncap::{
        credentials::{
            Credentials,
            Namespace,
            Subject, //
        },
        exec::Unsafe,
        file_capabilities,
        prctl::option,
        ptrace,
        setuid,
        Errno, //
    },
    kernel_ext::{cred::CredentialExt, user_namespace::UserNamespace},
    securebits::Securebits,
};
use kernel::{bindings::uid_t, cred::Credential, prelude::*};

// region: upstream
impl Namespace for UserNamespace {
    type Uid = uid_t;

    #[inline]
    fn parent(&self) -> Option<&Self> {
        UserNamespace::parent(self)
    }

    #[inline]
    fn level(&self) -> c_int {
        UserNamespace::level(self)
    }

    #[inline]
    fn owner(&self) -> uid_t {
        UserNamespace::owner(self).into_raw().val
    }
}

impl Subject for Credential {
    type Namespace = UserNamespace;

    #[inline]
    fn user_ns(&self) -> &UserNamespace {
        CredentialExt::user_ns(self)
    }

    #[inline]
    fn euid(&self) -> uid_t {
        Credential::euid(self).into_raw().val
    }

    #[inline]
    fn effective(&self) -> CapabilitySet {
        CredentialExt::effective(self)
    }
}

impl Credentials for Credential {
    #[inline]
    fn securebits(&self) -> Securebits {
        CredentialExt::securebits(self)
    }

    #[inline]
    fn permitted(&self) -> CapabilitySet {
        CredentialExt::permitted(self)
    }

    #[inline]
    fn inheritable(&self) -> CapabilitySet {
        CredentialExt::inheritable(self)
    }

    #[inline]
    fn bounding(&self) -> CapabilitySet {
        CredentialExt::bounding(self)
    }

    #[inline]
    fn ambient(&self) -> CapabilitySet {
        CredentialExt::ambient(self)
    }
}

/// The build fails if one of these numbers differs from that of the kernel's headers.
const _: () = {
    assert!(Securebits::ALL_BITS.bits() == bindings::SECURE_ALL_BITS);
    assert!(Securebits::ALL_LOCKS.bits() == bindings::SECURE_ALL_LOCKS);
    assert!(Securebits::ALL_UNPRIVILEGED.bits() == bindings::SECURE_ALL_UNPRIVILEGED);

    let bits = [
        (Securebits::NOROOT, bindings::SECURE_NOROOT),
        (
            Securebits::NO_SETUID_FIXUP,
            bindings::SECURE_NO_SETUID_FIXUP,
        ),
        (Securebits::KEEP_CAPS, bindings::SECURE_KEEP_CAPS),
        (
            Securebits::KEEP_CAPS_LOCKED,
            bindings::SECURE_KEEP_CAPS_LOCKED,
        ),
        (
            Securebits::NO_CAP_AMBIENT_RAISE,
            bindings::SECURE_NO_CAP_AMBIENT_RAISE,
        ),
        (
            Securebits::EXEC_RESTRICT_FILE,
            bindings::SECURE_EXEC_RESTRICT_FILE,
        ),
        (
            Securebits::EXEC_DENY_INTERACTIVE,
            bindings::SECURE_EXEC_DENY_INTERACTIVE,
        ),
    ];
    let mut i = 0;
    while i < bits.len() {
        assert!(bits[i].0.bits() == 1 << bits[i].1);
        i += 1;
    }

    assert!(option::GET_KEEPCAPS as u32 == bindings::PR_GET_KEEPCAPS);
    assert!(option::SET_KEEPCAPS as u32 == bindings::PR_SET_KEEPCAPS);
    assert!(option::CAPBSET_READ as u32 == bindings::PR_CAPBSET_READ);
    assert!(option::CAPBSET_DROP as u32 == bindings::PR_CAPBSET_DROP);
    assert!(option::GET_SECUREBITS as u32 == bindings::PR_GET_SECUREBITS);
    assert!(option::SET_SECUREBITS as u32 == bindings::PR_SET_SECUREBITS);
    assert!(option::CAP_AMBIENT as u32 == bindings::PR_CAP_AMBIENT);
    assert!(option::CAP_AMBIENT_IS_SET as u32 == bindings::PR_CAP_AMBIENT_IS_SET);
    assert!(option::CAP_AMBIENT_RAISE as u32 == bindings::PR_CAP_AMBIENT_RAISE);
    assert!(option::CAP_AMBIENT_LOWER as u32 == bindings::PR_CAP_AMBIENT_LOWER);
    assert!(option::CAP_AMBIENT_CLEAR_ALL as u32 == bindings::PR_CAP_AMBIENT_CLEAR_ALL);

    assert!(Errno::EPERM as u32 == kernel::bindings::EPERM);
    assert!(Errno::EACCES as u32 == kernel::bindings::EACCES);
    assert!(Errno::ENOMEM as u32 == kernel::bindings::ENOMEM);
    assert!(Errno::EINVAL as u32 == kernel::bindings::EINVAL);
    assert!(Errno::ENOSYS as u32 == kernel::bindings::ENOSYS);
    assert!(Errno::EOVERFLOW as u32 == kernel::bindings::EOVERFLOW);
    assert!(Errno::EOPNOTSUPP as u32 == kernel::bindings::EOPNOTSUPP);

    assert!(file_capabilities::REVISION_MASK == bindings::VFS_CAP_REVISION_MASK);
    assert!(file_capabilities::REVISION_1 == bindings::VFS_CAP_REVISION_1);
    assert!(file_capabilities::REVISION_2 == bindings::VFS_CAP_REVISION_2);
    assert!(file_capabilities::REVISION_3 == bindings::VFS_CAP_REVISION_3);
    assert!(file_capabilities::FLAGS_EFFECTIVE == bindings::VFS_CAP_FLAGS_EFFECTIVE);

    const fn is(unsafety: Unsafe, bit: u32) -> bool {
        let bits = Unsafe::from_bits(bit);
        bits.intersects(unsafety) && !bits.exceeds(unsafety)
    }
    assert!(is(Unsafe::SHARE, bindings::LSM_UNSAFE_SHARE));
    assert!(is(Unsafe::PTRACE, bindings::LSM_UNSAFE_PTRACE));
    assert!(is(Unsafe::NO_NEW_PRIVS, bindings::LSM_UNSAFE_NO_NEW_PRIVS));

    const fn is_kind(flags: u32, kind: setuid::Kind) -> bool {
        matches!(
            (setuid::Kind::parse(flags as c_int), kind),
            (Ok(setuid::Kind::Process), setuid::Kind::Process)
                | (Ok(setuid::Kind::FileSystem), setuid::Kind::FileSystem)
        )
    }
    assert!(is_kind(bindings::LSM_SETID_ID, setuid::Kind::Process));
    assert!(is_kind(bindings::LSM_SETID_RE, setuid::Kind::Process));
    assert!(is_kind(bindings::LSM_SETID_RES, setuid::Kind::Process));
    assert!(is_kind(bindings::LSM_SETID_FS, setuid::Kind::FileSystem));

    let file_system = ptrace::Mode::parse(bindings::PTRACE_MODE_FSCREDS);
    assert!(matches!(file_system, ptrace::Mode::FileSystem));
    let real = ptrace::Mode::parse(bindings::PTRACE_MODE_REALCREDS);
    assert!(matches!(real, ptrace::Mode::Real));
};
// endregion: upstream
