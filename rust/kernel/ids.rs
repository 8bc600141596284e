// SPDX-License-Identifier: GPL-2.0

//! The user IDs of credentials, and those that a user namespace maps.
//!
//! Upstream, [`CredentialIds`] would be methods of [`Credential`].
//!
//! C headers: [`include/linux/cred.h`](srctree/include/linux/cred.h),
//! [`include/linux/uidgid.h`](srctree/include/linux/uidgid.h).

use super::{
    cred::CredentialExt,
    user_namespace::UserNamespace, //
};
use crate::bindings;
use kernel::{
    bindings::uid_t,
    cred::Credential,
    task::Kuid, //
};

/// The user IDs that [`Credential`] has no method for.
pub trait CredentialIds {
    /// Returns the real user ID.
    fn uid(&self) -> Kuid;

    /// Returns the saved user ID.
    fn suid(&self) -> Kuid;

    /// Returns the user ID that file systems check.
    fn fsuid(&self) -> Kuid;
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
}

/// Returns the user ID that a user namespace maps `uid` to: `make_kuid()`.
///
/// If it maps it to none, returns the invalid ID, which no credentials have.
#[inline]
pub fn make_kuid(ns: &UserNamespace, uid: uid_t) -> Kuid {
    // SAFETY: By the type invariants of `UserNamespace`, it is valid.
    Kuid::from_raw(unsafe { bindings::rust_commoncap_make_kuid(ns.as_ptr(), uid) })
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
            assert_eq!(make_kuid(UserNamespace::initial(), uid).into_raw().val, uid);
        }
    }
}
