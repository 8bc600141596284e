// SPDX-License-Identifier: GPL-2.0

//! The hook `task_fix_setuid`: `cap_task_fix_setuid()`.

use super::{
    change::{
        make,
        Change, //
    },
    hook::Hook,
    reason::Reason,
    setuid_call::{root_of, Call},
    trace, //
};
use crate::{
    commoncap::{
        Denial,
        Sets, //
    },
    kernel_ext::{
        cred::current_cred,
        new_cred::NewCred, //
    },
};
use kernel::{
    bindings,
    cred::Credential,
    prelude::*, //
};

impl Change for Call {
    const HOOK: Hook = Hook::TaskFixSetuid;

    #[inline(always)]
    fn before(&self) -> Sets {
        self.before
    }

    #[inline(always)]
    fn verdict(&self) -> Result<Sets, Denial> {
        self.verdict(&mut ())
    }

    #[inline(always)]
    fn traced() -> bool {
        trace::setuid_enabled()
    }

    fn trace(&self, after: &Sets, ret: c_int, reason: Reason) {
        trace::setuid(self, after, ret, reason);
    }
}

/// Has the capability sets of new credentials follow a change of user IDs, as
/// `cap_task_fix_setuid()` does.
///
/// Returns 0, or `-EINVAL` for an unknown kind of change.
///
/// # Safety
///
/// `new` must point to credentials that the current task is preparing and that nothing else reads
/// or writes, `old` to those that it acts with. Both must be valid for the call.
///
/// `cap_task_fix_setuid()` requires the same: the kernel calls it only from
/// `security_task_fix_setuid()`, in a system call of the current task that sets user IDs, with
/// credentials that it has just prepared, and those that the task acts with.
#[cfg_attr(
    CONFIG_KUNIT = "y",
    unsafe(export_name = "rust_commoncap_cap_task_fix_setuid")
)]
pub(super) unsafe extern "C" fn entry(
    new: *mut bindings::cred,
    old: *const bindings::cred,
    flags: c_int,
) -> c_int {
    // SAFETY: By the safety requirements. Nothing in here commits the new credentials, or takes a
    // counted reference to them.
    let new = unsafe { NewCred::from_ptr(new) };
    // SAFETY: By the safety requirements, valid for the call.
    let old = unsafe { Credential::from_ptr(old) };
    let root = root_of(old);
    // SAFETY: Nothing is committed in here.
    let current = unsafe { current_cred() };
    make(new, |new| {
        Call::new(root, new, Sets::of(new), old, current, flags)
    })
}

// region: upstream
#[crate::kunit_tests(rust_commoncap_hook_task_fix_setuid)]
mod tests {
    use super::*;
    use crate::kernel_ext::user_namespace::UserNamespace;

    const ID: c_int = 1;
    const FS: c_int = 8;

    /// Credentials of the initial namespace with a user ID and these sets: effective, permitted,
    /// inheritable, ambient.
    fn cred(uid: u32, sets: [u64; 4]) -> Result<KBox<bindings::cred>> {
        let mut cred = KBox::<bindings::cred>::init(pin_init::init_zeroed(), GFP_KERNEL)?;
        cred.user_ns = UserNamespace::initial().as_ptr();
        cred.uid.val = uid;
        cred.euid.val = uid;
        cred.suid.val = uid;
        cred.fsuid.val = uid;
        let [effective, permitted, inheritable, ambient] = sets;
        cred.cap_effective.val = effective;
        cred.cap_permitted.val = permitted;
        cred.cap_inheritable.val = inheritable;
        cred.cap_ambient.val = ambient;
        Ok(cred)
    }

    /// Returns what the hook answers to a change of the user ID, and the sets after it.
    fn ask(from: u32, to: u32, flags: c_int, sets: [u64; 4]) -> Option<(c_int, [u64; 4])> {
        let (Ok(old), Ok(mut new)) = (cred(from, sets), cred(to, sets)) else {
            return None;
        };
        // SAFETY: Both are valid for the call, and the test has them for itself.
        let ret = unsafe { entry(&mut *new, &*old, flags) };
        let after = [
            new.cap_effective.val,
            new.cap_permitted.val,
            new.cap_inheritable.val,
            new.cap_ambient.val,
        ];
        Some((ret, after))
    }

    #[test]
    fn leaving_root_takes_all_sets_but_the_inheritable() {
        assert!(ask(0, 1000, ID, [3, 7, 5, 1]) == Some((0, [0, 0, 5, 0])));
    }

    #[test]
    fn becoming_root_makes_the_permitted_set_effective() {
        assert!(ask(1000, 0, ID, [0, 7, 5, 1]) == Some((0, [7, 7, 5, 1])));
    }

    #[test]
    fn the_file_system_user_id_moves_file_system_capabilities_only() {
        assert!(ask(0, 1000, FS, [0x23, 0x27, 5, 1]) == Some((0, [0x20, 0x27, 5, 1])));
        assert!(ask(1000, 0, FS, [0x20, 0x27, 5, 1]) == Some((0, [0x27, 0x27, 5, 1])));
    }

    #[test]
    fn an_unknown_kind_changes_nothing() {
        let sets = [3, 7, 5, 1];
        for flags in [0, 3, 16, -1] {
            assert!(ask(0, 1000, flags, sets) == Some((EINVAL.to_errno(), sets)));
        }
    }
}
// endregion: upstream
