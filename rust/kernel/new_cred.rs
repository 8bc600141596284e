// SPDX-License-Identifier: GPL-2.0

//! The new credentials of a task, which a hook may change before C commits them.
//!
//! C header: [`include/linux/cred.h`](srctree/include/linux/cred.h).

use super::{
    capability::CapabilitySet,
    ids::Kgid,
    securebits::Securebits, //
};
use core::{
    marker::PhantomData,
    ptr::NonNull, //
};
use kernel::{
    bindings,
    cred::Credential,
    task::Kuid, //
};

/// The new credentials that C passes to a hook, to change before it commits them.
///
/// # Invariants
///
/// The pointer is to credentials that are valid for `'a`, and that nothing else reads or writes
/// meanwhile. Nothing takes a counted reference to them.
pub struct NewCred<'a>(NonNull<bindings::cred>, PhantomData<&'a mut bindings::cred>);

impl NewCred<'_> {
    /// Takes the new credentials from C.
    ///
    /// # Safety
    ///
    /// `cred` must point to credentials that are valid for the lifetime of the value, that are not
    /// committed meanwhile, and that nothing else reads or writes. No counted reference
    /// (`ARef<Credential>`) may be taken from [`Self::get`]: it would outlive the borrow, and the
    /// credentials still change.
    #[inline]
    pub unsafe fn from_ptr(cred: *mut bindings::cred) -> Self {
        // INVARIANT: By the safety requirements.
        // SAFETY: By the safety requirements, it is not null.
        Self(unsafe { NonNull::new_unchecked(cred) }, PhantomData)
    }

    /// Returns the credentials as they are now.
    #[inline]
    pub fn get(&self) -> &Credential {
        // SAFETY: By the type invariants, they are valid, and the methods that write to them take
        // an exclusive reference.
        unsafe { Credential::from_ptr(self.0.as_ptr()) }
    }

    /// Sets the effective set.
    #[inline]
    pub fn set_effective(&mut self, set: CapabilitySet) {
        // SAFETY: By the type invariants.
        unsafe { (*self.0.as_ptr()).cap_effective.val = set.bits() };
    }

    /// Sets the permitted set.
    #[inline]
    pub fn set_permitted(&mut self, set: CapabilitySet) {
        // SAFETY: By the type invariants.
        unsafe { (*self.0.as_ptr()).cap_permitted.val = set.bits() };
    }

    /// Sets the inheritable set.
    #[inline]
    pub fn set_inheritable(&mut self, set: CapabilitySet) {
        // SAFETY: By the type invariants.
        unsafe { (*self.0.as_ptr()).cap_inheritable.val = set.bits() };
    }

    /// Sets the effective user ID, the saved one and that of the file system.
    #[inline]
    pub fn set_uids(&mut self, effective: Kuid, saved: Kuid, file_system: Kuid) {
        // SAFETY: By the type invariants.
        let cred = unsafe { &mut *self.0.as_ptr() };
        cred.euid = effective.into_raw();
        cred.suid = saved.into_raw();
        cred.fsuid = file_system.into_raw();
    }

    /// Sets the effective group ID, the saved one and that of the file system.
    #[inline]
    pub fn set_gids(&mut self, effective: Kgid, saved: Kgid, file_system: Kgid) {
        // SAFETY: By the type invariants.
        let cred = unsafe { &mut *self.0.as_ptr() };
        cred.egid = effective.into_raw();
        cred.sgid = saved.into_raw();
        cred.fsgid = file_system.into_raw();
    }

    /// Sets the securebits.
    #[inline]
    pub fn set_securebits(&mut self, securebits: Securebits) {
        // SAFETY: By the type invariants.
        unsafe { (*self.0.as_ptr()).securebits = securebits.bits() };
    }

    /// Sets the ambient set, which must stay within the permitted and the inheritable set.
    #[inline]
    pub fn set_ambient(&mut self, set: CapabilitySet) {
        // SAFETY: By the type invariants.
        unsafe { (*self.0.as_ptr()).cap_ambient.val = set.bits() };
    }
}

#[crate::kunit_tests(rust_new_cred)]
mod tests {
    use super::{
        super::{
            cred::CredentialExt,
            ids::CredentialIds, //
        },
        *, //
    };
    use kernel::prelude::*;

    #[test]
    fn what_is_set_in_new_credentials_is_read_back_and_nothing_else_changes() {
        let mut raw: KBox<bindings::cred> = match KBox::init(pin_init::init_zeroed(), GFP_KERNEL) {
            Ok(raw) => raw,
            Err(_) => return assert!(false),
        };
        raw.cap_bset.val = 9;
        // SAFETY: `raw` outlives the value, nothing else reads or writes it, and nothing takes a
        // counted reference.
        let mut new = unsafe { NewCred::from_ptr(&mut *raw) };
        new.set_effective(CapabilitySet::from_bits(1));
        new.set_permitted(CapabilitySet::from_bits(2));
        new.set_inheritable(CapabilitySet::from_bits(3));
        new.set_ambient(CapabilitySet::from_bits(4));
        let user = |val| Kuid::from_raw(bindings::kuid_t { val });
        new.set_uids(user(10), user(11), user(12));
        let group = |val| Kgid::from_raw(bindings::kgid_t { val });
        new.set_gids(group(20), group(21), group(22));
        new.set_securebits(Securebits::from_bits(1));
        let cred = new.get();
        assert_eq!(cred.effective().bits(), 1);
        assert_eq!(cred.permitted().bits(), 2);
        assert_eq!(cred.inheritable().bits(), 3);
        assert_eq!(cred.ambient().bits(), 4);
        assert_eq!(cred.bounding().bits(), 9);
        assert_eq!(cred.securebits().bits(), 1);
        let users = [
            cred.uid(),
            Credential::euid(cred),
            cred.suid(),
            cred.fsuid(),
        ];
        assert!(users.map(|id| id.into_raw().val) == [0, 10, 11, 12]);
        let groups = [cred.gid(), cred.egid(), cred.sgid(), cred.fsgid()];
        assert!(groups.map(|id| id.into_raw().val) == [0, 20, 21, 22]);
    }
}
