// SPDX-License-Identifier: GPL-2.0

//! The user and group IDs of credentials, and those that a user namespace maps.
//!
//! If other code used them, the methods of [`CredentialIds`] would be methods of [`Credential`].
//!
//! C headers: [`include/linux/cred.h`](srctree/include/linux/cred.h),
//! [`include/linux/uidgid.h`](srctree/include/linux/uidgid.h).

use super::{
    cred::CredentialExt,
    user_namespace::UserNamespace, //
};
use crate::bindings;
use kernel::{
    bindings::{
        in_group_p,
        kgid_t,
        kuid_t,
        uid_t, //
    },
    cred::Credential,
    task::Kuid, //
};

/// A group: `kgid_t`.
#[derive(Clone, Copy)]
pub struct Kgid(kgid_t);

impl Kgid {
    /// Returns a raw kernel group ID.
    #[inline]
    pub fn into_raw(self) -> kgid_t {
        self.0
    }

    /// Creates one from a raw kernel group ID.
    #[inline]
    pub fn from_raw(gid: kgid_t) -> Self {
        Self(gid)
    }

    /// Returns whether the current task is a member of the group: `in_group_p()`.
    ///
    /// The group ID that its file systems check counts as one of its groups.
    #[inline]
    pub fn has_current(self) -> bool {
        // SAFETY: It reads the credentials of the current task.
        unsafe { in_group_p(self.0) != 0 }
    }
}

/// The user and group IDs that [`Credential`] has no method for.
pub trait CredentialIds {
    /// Returns the real user ID.
    fn uid(&self) -> Kuid;

    /// Returns the saved user ID.
    fn suid(&self) -> Kuid;

    /// Returns the user ID that file systems check.
    fn fsuid(&self) -> Kuid;

    /// Returns the real group ID.
    fn gid(&self) -> Kgid;

    /// Returns the effective group ID.
    fn egid(&self) -> Kgid;

    /// Returns the saved group ID.
    fn sgid(&self) -> Kgid;

    /// Returns the group ID that file systems check.
    fn fsgid(&self) -> Kgid;
}

impl CredentialIds for Credential {
    #[inline]
    fn uid(&self) -> Kuid {
        // SAFETY: By the type invariant of `Credential`, the pointer is valid. Nothing writes to
        // this field while there is a shared reference.
        Kuid::from_raw(unsafe { (*CredentialExt::as_ptr(self)).uid })
    }

    #[inline]
    fn suid(&self) -> Kuid {
        // SAFETY: As for `uid`.
        Kuid::from_raw(unsafe { (*CredentialExt::as_ptr(self)).suid })
    }

    #[inline]
    fn fsuid(&self) -> Kuid {
        // SAFETY: As for `uid`.
        Kuid::from_raw(unsafe { (*CredentialExt::as_ptr(self)).fsuid })
    }

    #[inline]
    fn gid(&self) -> Kgid {
        // SAFETY: As for `uid`.
        Kgid::from_raw(unsafe { (*CredentialExt::as_ptr(self)).gid })
    }

    #[inline]
    fn egid(&self) -> Kgid {
        // SAFETY: As for `uid`.
        Kgid::from_raw(unsafe { (*CredentialExt::as_ptr(self)).egid })
    }

    #[inline]
    fn sgid(&self) -> Kgid {
        // SAFETY: As for `uid`.
        Kgid::from_raw(unsafe { (*CredentialExt::as_ptr(self)).sgid })
    }

    #[inline]
    fn fsgid(&self) -> Kgid {
        // SAFETY: As for `uid`.
        Kgid::from_raw(unsafe { (*CredentialExt::as_ptr(self)).fsgid })
    }
}

/// Returns the user ID that a user namespace maps `uid` to: `make_kuid()`.
///
/// If it maps it to none, returns the invalid ID, which no credentials have.
#[inline]
pub fn make_kuid(ns: &UserNamespace, uid: uid_t) -> Kuid {
    // SAFETY: By the type invariants of `UserNamespace`, it is valid.
    Kuid::from_raw(unsafe { bindings::rust_commoncap_make_kuid(ns.as_ptr(), uid) })
}

/// Returns a user ID unless it is the invalid one: `uid_valid()`.
#[inline]
pub fn valid(uid: kuid_t) -> Option<Kuid> {
    (uid.val != uid_t::MAX).then(|| Kuid::from_raw(uid))
}

/// Returns the ID that a user has in a user namespace, [`None`] if it has none: `from_kuid()`.
#[inline]
pub fn from_kuid(ns: &UserNamespace, uid: Kuid) -> Option<uid_t> {
    // SAFETY: By the type invariants of `UserNamespace`, it is valid.
    let id = unsafe { bindings::rust_commoncap_from_kuid(ns.as_ptr(), uid.into_raw()) };
    (id != uid_t::MAX).then_some(id)
}

#[crate::kunit_tests(rust_cred_ids)]
mod tests {
    use super::*;
    use kernel::{
        bindings,
        prelude::*, //
    };

    #[test]
    fn each_user_id_is_the_one_that_c_wrote() {
        let mut raw: KBox<bindings::cred> = match KBox::init(pin_init::init_zeroed(), GFP_KERNEL) {
            Ok(raw) => raw,
            Err(_) => return assert!(false),
        };
        raw.uid.val = 1;
        raw.suid.val = 2;
        raw.euid.val = 3;
        raw.fsuid.val = 4;
        // SAFETY: `raw` outlives the reference, and what is read of it is initialized.
        let cred = unsafe { Credential::from_ptr(&*raw) };
        let ids = [cred.uid(), cred.suid(), cred.euid(), cred.fsuid()];
        assert!(ids.map(|id| id.into_raw().val) == [1, 2, 3, 4]);
    }

    #[test]
    fn the_initial_namespace_maps_each_user_id_to_itself() {
        for uid in [0, 1, 1000, u32::MAX - 1] {
            let user = make_kuid(UserNamespace::initial(), uid);
            assert_eq!(user.into_raw().val, uid);
            assert_eq!(from_kuid(UserNamespace::initial(), user), Some(uid));
            assert!(valid(user.into_raw()).is_some());
        }
        let invalid = make_kuid(UserNamespace::initial(), u32::MAX).into_raw();
        assert!(valid(invalid).is_none());
        assert!(from_kuid(UserNamespace::initial(), Kuid::from_raw(invalid)).is_none());
    }
}
