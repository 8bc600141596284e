// SPDX-License-Identifier: GPL-2.0

//! The hook `capset`: `cap_capset()`.

use super::{
    capable::cap_capable,
    capset_call::Call,
    change::{
        make,
        Change, //
    },
    hook::Hook,
    reason::Reason,
    trace, //
};
use crate::{
    capability::{Capability, CapabilitySet},
    commoncap::{
        capset::Data,
        Denial,
        Sets, //
    },
    kernel_ext::{
        cred::{current_cred, CredentialExt},
        new_cred::NewCred, //
    },
};
use kernel::{
    bindings::{self, kernel_cap_t},
    cred::Credential,
    prelude::*,
};

impl Change for Call {
    const HOOK: Hook = Hook::Capset;

    #[inline(always)]
    fn before(&self) -> Sets {
        self.before
    }

    #[inline(always)]
    fn verdict(&self) -> Result<Sets, Denial> {
        self.verdict()
    }

    #[inline(always)]
    fn traced() -> bool {
        trace::capset_enabled()
    }

    fn trace(&self, after: &Sets, ret: c_int, reason: Reason) {
        trace::capset(self, after, ret, reason);
    }
}

// region: upstream
/// Reads a request from C.
///
/// # Safety
///
/// The pointers must be valid for reads.
#[inline]
pub(super) unsafe fn request(
    effective: *const kernel_cap_t,
    inheritable: *const kernel_cap_t,
    permitted: *const kernel_cap_t,
) -> Data {
    // SAFETY: By the safety requirements.
    let read = |set: *const kernel_cap_t| CapabilitySet::from_bits(unsafe { (*set).val });
    Data {
        effective: read(effective),
        inheritable: read(inheritable),
        permitted: read(permitted),
    }
}

/// Returns whether `current`, the credentials that the current task acts with, hold `CAP_SETPCAP`
/// over their own user namespace.
#[inline(always)]
fn holds_setpcap(current: &Credential) -> bool {
    let setpcap = Capability::SETPCAP.number().into();
    let opts = bindings::CAP_OPT_NONE;
    cap_capable(current, CredentialExt::user_ns(current), setpcap, opts) == 0
}
// endregion: upstream

/// Determines whether the current task may give itself the capability sets of a request, and puts
/// them into its new credentials, as `cap_capset()` does.
///
/// Returns 0 if it may. If not, returns `-EPERM`, and the new credentials are unchanged.
///
/// # Safety
///
/// `new` must point to credentials that the current task is preparing and that nothing else reads
/// or writes, `old` to those that it acts with, and the others to sets. All must be valid for the
/// call.
///
/// `cap_capset()` requires the same: the kernel calls it only from `security_capset()`, in a
/// `capset()` of the current task, with credentials that it has just prepared, those that the task
/// acts with, and sets on its stack.
#[cfg_attr(CONFIG_KUNIT = "y", unsafe(export_name = "rust_commoncap_cap_capset"))]
pub(super) unsafe extern "C" fn entry(
    new: *mut bindings::cred,
    old: *const bindings::cred,
    effective: *const kernel_cap_t,
    inheritable: *const kernel_cap_t,
    permitted: *const kernel_cap_t,
) -> c_int {
    // SAFETY: By the safety requirements. Nothing in here commits the new credentials, or takes a
    // counted reference to them.
    let new = unsafe { NewCred::from_ptr(new) };
    // SAFETY: By the safety requirements, valid for the call.
    let old = unsafe { Credential::from_ptr(old) };
    // First, so that nothing that is read has to be kept during this call.
    // SAFETY: Nothing is committed in here.
    let setpcap = holds_setpcap(unsafe { current_cred() });
    // SAFETY: By the safety requirements.
    let request = unsafe { request(effective, inheritable, permitted) };
    make(new, |new| Call::new(old, Sets::of(new), setpcap, request))
}

// region: upstream
#[crate::kunit_tests(rust_commoncap_hook_capset)]
mod tests {
    use super::*;

    /// Asks for sets as the thread that runs the test, with these old and new credentials.
    fn ask(new: &mut bindings::cred, old: &bindings::cred, sets: [u64; 3]) -> c_int {
        let [effective, inheritable, permitted] = sets.map(|val| kernel_cap_t { val });
        // SAFETY: All are valid for the call, and tests run in threads of their own.
        unsafe { entry(new, old, &effective, &inheritable, &permitted) }
    }

    /// Credentials with these sets: permitted, inheritable, bounding, ambient.
    fn cred(sets: [u64; 4]) -> Result<KBox<bindings::cred>> {
        let mut cred = KBox::<bindings::cred>::init(pin_init::init_zeroed(), GFP_KERNEL)?;
        let [permitted, inheritable, bounding, ambient] = sets;
        cred.cap_permitted.val = permitted;
        cred.cap_inheritable.val = inheritable;
        cred.cap_bset.val = bounding;
        cred.cap_ambient.val = ambient;
        Ok(cred)
    }

    #[test]
    fn what_is_granted_is_written_to_the_new_credentials() {
        let (Ok(old), Ok(mut new)) = (cred([7, 6, 0, 6]), cred([7, 6, 0, 6])) else {
            return assert!(false);
        };
        assert_eq!(ask(&mut new, &old, [1, 4, 5]), 0);
        assert_eq!(new.cap_effective.val, 1);
        assert_eq!(new.cap_inheritable.val, 4);
        assert_eq!(new.cap_permitted.val, 5);
        assert_eq!(new.cap_ambient.val, 4);
        assert_eq!(new.cap_bset.val, 0);
    }

    #[test]
    fn what_is_denied_changes_nothing() {
        let (Ok(old), Ok(mut new)) = (cred([7, 6, 0, 6]), cred([7, 6, 0, 6])) else {
            return assert!(false);
        };
        // A thread of a kernel holds CAP_SETPCAP, so only the bounding set limits the inheritable.
        for sets in [[0, 1, 7], [0, 0, 8], [2, 0, 5]] {
            assert_eq!(ask(&mut new, &old, sets), EPERM.to_errno());
            assert_eq!(new.cap_permitted.val, 7);
            assert_eq!(new.cap_inheritable.val, 6);
            assert_eq!(new.cap_effective.val, 0);
            assert_eq!(new.cap_ambient.val, 6);
        }
    }
}
// endregion: upstream
