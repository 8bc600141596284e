// SPDX-License-Identifier: GPL-2.0

// region: upstream
//! An `execve()` in progress.
//!
//! C header: [`include/linux/binfmts.h`](srctree/include/linux/binfmts.h).

use super::{
    new_cred::NewCred,
    unexported,
    user_namespace::UserNamespace, //
};
use crate::bindings::{
    linux_binprm,
    PER_CLEAR_ON_SETID, //
};
use core::{
    marker::PhantomData,
    ptr::NonNull, //
};
use kernel::{
    bindings,
    cred::Credential,
    error::to_result,
    prelude::*,
    str::BStr, //
};

/// The `struct linux_binprm` of an `execve()` of the current task, which C passes to a hook.
///
/// # Invariants
///
/// The pointer is to a `linux_binprm` that is valid for `'a`, with new credentials that are not
/// committed yet. Nothing else writes to either meanwhile, and nothing else reads what this writes.
/// Nothing takes a counted reference to the new credentials.
pub struct LinuxBinprm<'a>(NonNull<linux_binprm>, PhantomData<&'a mut linux_binprm>);

impl<'a> LinuxBinprm<'a> {
    /// Takes it from C.
    ///
    /// # Safety
    ///
    /// `bprm` must point to a `linux_binprm` of the current task that is valid for `'a`, and whose
    /// new credentials are not committed meanwhile. Nothing else may write to either, nor read what
    /// this writes: C owns both, and has passed them to a hook. What is said of
    /// [`NewCred::from_ptr`] holds for the new credentials, too.
    #[inline]
    pub unsafe fn from_ptr(bprm: *mut bindings::linux_binprm) -> Self {
        // INVARIANT: By the safety requirements.
        // SAFETY: By the safety requirements, it is not null.
        Self(unsafe { NonNull::new_unchecked(bprm.cast()) }, PhantomData)
    }

    #[inline]
    fn cred(&self) -> *mut bindings::cred {
        // SAFETY: By the type invariants.
        unsafe { (*self.0.as_ptr()).cred }
    }

    /// Returns the user namespace of the new credentials.
    #[inline]
    pub fn user_ns(&self) -> &'a UserNamespace {
        // SAFETY: By the type invariants, the credentials are valid. Nothing writes to this field
        // of them: [`NewCred`] does not, either. They hold a reference on the namespace.
        unsafe { UserNamespace::from_ptr((*self.cred()).user_ns) }
    }

    /// Returns the new credentials, to change.
    #[inline]
    pub fn new_cred(&mut self) -> NewCred<'_> {
        // SAFETY: By the type invariants, and since `self` is borrowed exclusively.
        unsafe { NewCred::from_ptr(self.cred()) }
    }

    /// Returns why this must not grant more than the caller has: `LSM_UNSAFE_*`.
    #[inline]
    pub fn unsafety(&self) -> u32 {
        // SAFETY: By the type invariants. The flags are no negative number.
        unsafe { (*self.0.as_ptr()).unsafe_ as u32 }
    }

    /// Returns the name of the program, as the caller has given it.
    #[inline]
    pub fn filename(&self) -> &BStr {
        // SAFETY: By the type invariants.
        let name = unsafe { (*self.0.as_ptr()).filename };
        // SAFETY: C keeps the name, which ends in 0, as long as the `linux_binprm`.
        BStr::from_bytes(unsafe {
            let len = bindings::strnlen(name, bindings::PATH_MAX as usize);
            core::slice::from_raw_parts(name.cast(), len)
        })
    }

    /// Has the flags of the personality cleared that are not safe with more privilege:
    /// `PER_CLEAR_ON_SETID`.
    #[inline]
    pub fn clear_personality(&mut self) {
        // SAFETY: By the type invariants.
        unsafe { (*self.0.as_ptr()).per_clear |= PER_CLEAR_ON_SETID };
    }

    // endregion: upstream

    /// Returns whether such flags are to be cleared.
    #[inline]
    pub fn clears_personality(&self) -> bool {
        // SAFETY: By the type invariants.
        unsafe { (*self.0.as_ptr()).per_clear & PER_CLEAR_ON_SETID != 0 }
    }

    /// Returns whether user space is to distrust its environment.
    #[inline]
    pub fn secureexec(&self) -> bool {
        // SAFETY: By the type invariants.
        unsafe { linux_binprm::secureexec_raw(self.0.as_ptr()) != 0 }
    }

    // region: upstream
    /// Has user space distrust its environment: `secureexec`, `AT_SECURE`.
    #[inline]
    pub fn set_secureexec(&mut self) {
        // SAFETY: By the type invariants.
        unsafe { linux_binprm::set_secureexec_raw(self.0.as_ptr(), 1) };
    }

    /// Keeps the raised capabilities for the audit records of the system call, if system calls of
    /// the current task are audited: `audit_log_bprm_fcaps()`. `old` are the credentials that it
    /// acts with.
    ///
    /// Fails with `ENOMEM`. Can sleep.
    #[inline]
    pub fn audit_log_fcaps(&mut self, old: &Credential) -> Result {
        // SAFETY: By the type invariants, the `linux_binprm` and the new credentials are valid, and
        // the current task executes it.
        to_result(unsafe {
            unexported::audit_log_bprm_fcaps(self.0.as_ptr(), self.cred(), old.as_ptr())
        })
    }
}
// endregion: upstream
