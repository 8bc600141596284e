// SPDX-License-Identifier: GPL-2.0

//! What subsystems and drivers ask: `checkpoint_restore_ns_capable()`.

use super::capable::is_traced;
use crate::rules::{
    capable::capabilities_over,
    checkpoint_restore::{
        ns_capable,
        ns_capable_noaudit,
        Audit, //
    }, //
};
use kernel::{
    bindings,
    capability::{
        Capability,
        CapabilitySet, //
    },
    cred::Credential,
    prelude::*,
    user_namespace::UserNamespace, //
};

/// Returns the capabilities that all LSMs have to check.
///
/// The kernel calls the capability LSM first, and no other LSM after it denies. So one walk of the
/// namespaces decides both capabilities, where [`UserNamespace::ns_capable`] walks once for each.
/// If the first capability is effective, its check with all LSMs walks anyway, so this does not.
/// While the tracepoint is enabled, it must fire for each check.
#[inline]
fn worth_asking(cred: &Credential, ns: &UserNamespace) -> CapabilitySet {
    if is_traced() || cred.effective().contains(Capability::CHECKPOINT_RESTORE) {
        CapabilitySet::FULL
    } else {
        capabilities_over(cred, ns)
    }
}

/// [`UserNamespace::ns_capable`] of whose denial no LSM may write an audit record:
/// `ns_capable_nodenyaudit()`.
#[inline]
fn ns_capable_nodenyaudit(ns: &UserNamespace, capability: Capability) -> bool {
    // SAFETY: The namespace is valid, and `Capability` holds valid capabilities only.
    unsafe { bindings::ns_capable_nodenyaudit(ns.as_ptr(), capability.number().into()) }
}

/// Determines whether the current task may checkpoint and restore what belongs to a user namespace,
/// for `checkpoint_restore_ns_capable()`.
///
/// Calls all LSMs, which may write audit records, and notes the use of privilege (`PF_SUPERPRIV`).
///
/// # Safety
///
/// `ns` must point to a user namespace that is valid for the call, and `cred` must be
/// `current_cred()`.
#[export]
pub unsafe extern "C" fn rust_checkpoint_restore_ns_capable(
    ns: *mut bindings::user_namespace,
    cred: *const bindings::cred,
) -> bool {
    // SAFETY: By the safety requirements, valid for the call, and nothing writes to the parent,
    // level or owner of a user namespace that can be asked about.
    let ns = unsafe { UserNamespace::from_ptr(ns) };
    // SAFETY: By the safety requirements, valid for the call, in which nobody commits others.
    let cred = unsafe { Credential::from_ptr(cred) };
    let worth = worth_asking(cred, ns);
    let ask = |capability, audit| {
        worth.contains(capability)
            && match audit {
                Audit::Every => ns.ns_capable(capability),
                Audit::NoDenial => ns_capable_nodenyaudit(ns, capability),
            }
    };
    ns_capable(ask).is_ok()
}

/// [`rust_checkpoint_restore_ns_capable`] without audit records.
///
/// # Safety
///
/// As for [`rust_checkpoint_restore_ns_capable`].
#[export]
pub unsafe extern "C" fn rust_checkpoint_restore_ns_capable_noaudit(
    ns: *mut bindings::user_namespace,
    cred: *const bindings::cred,
) -> bool {
    // SAFETY: As in `rust_checkpoint_restore_ns_capable`.
    let ns = unsafe { UserNamespace::from_ptr(ns) };
    // SAFETY: As in `rust_checkpoint_restore_ns_capable`.
    let cred = unsafe { Credential::from_ptr(cred) };
    let worth = worth_asking(cred, ns);
    ns_capable_noaudit(|capability| worth.contains(capability) && ns.ns_capable_noaudit(capability))
        .is_ok()
}

#[cfg(CONFIG_SECURITY_COMMONCAP_RUST_KUNIT_TEST)]
#[kernel::prelude::kunit_tests(rust_commoncap_hook_checkpoint_restore)]
mod tests {
    use super::*;

    /// Asks with these capabilities effective: whether it is allowed, and if privilege was used.
    fn ask(effective: CapabilitySet) -> [(bool, bool); 2] {
        let initial = UserNamespace::initial().as_ptr();
        let task = kernel::task::Task::current_raw();
        // SAFETY: Tests run in threads of their own, whose credentials and flags they may write.
        // The prepared credentials, if there are any, are this function's own until they are
        // committed.
        unsafe {
            let new = bindings::prepare_creds();
            if new.is_null() {
                return [(false, true); 2]; // which is never right
            }
            (*new).cap_effective.val = effective.bits();
            bindings::commit_creds(new);
        }
        [
            bindings::checkpoint_restore_ns_capable,
            bindings::checkpoint_restore_ns_capable_noaudit,
        ]
        .map(|function| {
            // SAFETY: As above, and the initial namespace is valid.
            unsafe {
                (*task).flags &= !bindings::PF_SUPERPRIV;
                let allowed = function(initial);
                (allowed, (*task).flags & bindings::PF_SUPERPRIV != 0)
            }
        })
    }

    #[test]
    fn either_capability_suffices_and_is_noted_as_used() {
        for capability in [Capability::CHECKPOINT_RESTORE, Capability::SYS_ADMIN] {
            assert_eq!(
                ask(CapabilitySet::EMPTY.with(capability)),
                [(true, true); 2]
            );
        }
        assert_eq!(ask(CapabilitySet::FULL), [(true, true); 2]);
    }

    #[test]
    fn no_other_capability_suffices_and_none_is_noted_as_used() {
        let others = CapabilitySet::FULL
            .without(Capability::CHECKPOINT_RESTORE)
            .without(Capability::SYS_ADMIN);
        for effective in [CapabilitySet::EMPTY, others] {
            assert_eq!(ask(effective), [(false, false); 2]);
        }
    }
}
