// SPDX-License-Identifier: GPL-2.0

//! The hook `capable`: `cap_capable()`.

use super::{
    hook::Hook,
    reason::Reason,
    returned,
    trace, //
};
use crate::{
    commoncap::capable::{capable, parse},
    kernel_ext::{
        cred::CredentialExt,
        tracepoint::{cap_capable_enabled, trace_cap_capable},
        user_namespace::UserNamespace,
    },
};
use kernel::{bindings, cred::Credential, prelude::*};

/// Determines whether credentials hold a capability over a user namespace, as `cap_capable()` does.
///
/// Has reverse semantics to `capable()`: returns 0 if they do, `-EPERM` if not. `opts` only goes to
/// the tracepoint.
// Inlined, so that a task in here has [`entry`] on its stack: livepatch takes a task for switched
// if it has not, and the module may be unloaded then.
#[inline(always)]
pub(super) fn cap_capable(
    cred: &Credential,
    target_ns: &UserNamespace,
    cap: c_int,
    opts: c_uint,
) -> c_int {
    let verdict = parse(cap).and_then(|capability| capable(cred, target_ns, capability));
    let ret = returned(verdict);
    if trace::capable_enabled() || cap_capable_enabled() {
        traced(cred, target_ns, cap, opts, verdict.into(), ret);
    }
    // Last, so that little has to be kept during this call.
    Hook::Capable.count_verdict(verdict);
    ret
}

/// Fires the tracepoints.
#[cold]
fn traced(
    cred: &Credential,
    target_ns: &UserNamespace,
    cap: c_int,
    opts: c_uint,
    reason: Reason,
    ret: c_int,
) {
    if trace::capable_enabled() {
        trace::capable(cred, target_ns, cap, reason, opts);
    }
    if cap_capable_enabled() {
        trace_cap_capable(cred, target_ns, cred.user_ns(), cap, ret);
    }
}

/// [`cap_capable`] for C.
///
/// # Safety
///
/// `cred` and `target_ns` must point to credentials and to a user namespace that are valid for the
/// call. `cap_capable()` requires the same.
#[cfg_attr(CONFIG_KUNIT = "y", unsafe(export_name = "rust_commoncap_cap_capable"))]
pub(super) unsafe extern "C" fn entry(
    cred: *const bindings::cred,
    target_ns: *mut bindings::user_namespace,
    cap: c_int,
    opts: c_uint,
) -> c_int {
    // SAFETY: By the safety requirements, valid for the call.
    let cred = unsafe { Credential::from_ptr(cred) };
    // SAFETY: By the safety requirements, valid for the call. Each namespace holds a reference on
    // its parent. Nothing writes to the parent, level or owner of one that is complete, and only
    // complete ones are passed here.
    let target_ns = unsafe { UserNamespace::from_ptr(target_ns) };
    cap_capable(cred, target_ns, cap, opts)
}

// region: upstream
#[crate::kunit_tests(rust_commoncap_hook_capable)]
mod tests {
    use super::*;
    use crate::kernel_ext::cred::CurrentCred;

    /// Checks a capability over the initial user namespace, as the thread that runs the test.
    fn ask(cap: c_int) -> c_int {
        // SAFETY: Tests run in threads of their own, and each calls this once at a time.
        let current = unsafe { CurrentCred::new() };
        let initial = UserNamespace::initial().as_ptr();
        // SAFETY: Both are valid, the credentials for as long as `current` is not changed.
        unsafe { entry(current.get().as_ptr(), initial, cap, 0) }
    }

    #[test]
    fn a_kernel_thread_holds_every_capability() {
        for cap in 0..=40 {
            assert_eq!(ask(cap), 0);
        }
    }

    #[test]
    fn an_invalid_capability_is_denied() {
        for cap in [-1, 41, 63, 64, c_int::MAX, c_int::MIN] {
            assert_eq!(ask(cap), EPERM.to_errno());
        }
    }

    #[test]
    fn without_capabilities_only_the_owner_of_a_child_namespace_is_granted() {
        let made = || -> Result<_> {
            let cred = KBox::<bindings::cred>::init(pin_init::init_zeroed(), GFP_KERNEL)?;
            let child =
                KBox::<bindings::user_namespace>::init(pin_init::init_zeroed(), GFP_KERNEL)?;
            Ok((cred, child))
        };
        let Ok((mut cred, mut child)) = made() else {
            return assert!(false);
        };
        let initial = UserNamespace::initial().as_ptr();
        cred.user_ns = initial;
        cred.euid.val = 1000;
        child.parent = initial;
        child.level = 1;
        child.owner.val = 1000;

        let cred = &raw mut *cred;
        let child = &raw mut *child;
        // SAFETY: All are valid, and what is read of them is initialized.
        unsafe {
            assert_eq!(entry(cred, initial, 40, 0), EPERM.to_errno());
            assert_eq!(entry(cred, child, 40, 0), 0);
            (*cred).euid.val = 1001;
            assert_eq!(entry(cred, child, 40, 0), EPERM.to_errno());
            (*cred).cap_effective.val = 1 << 40;
            assert_eq!(entry(cred, initial, 40, 0), 0);
            assert_eq!(entry(cred, child, 40, 0), 0);
            assert_eq!(entry(cred, child, 21, 0), EPERM.to_errno());
            (*cred).user_ns = child;
            assert_eq!(entry(cred, child, 40, 0), 0);
            assert_eq!(entry(cred, initial, 40, 0), EPERM.to_errno());
        }
    }
}
// endregion: upstream
