// SPDX-License-Identifier: GPL-2.0

//! The hook `task_prctl`: `cap_task_prctl()`.

use super::{
    capable::cap_capable,
    hook::Hook,
    reason::Reason,
    trace::{self, ReturnedPrctl},
};
use crate::{
    capability::Capability,
    commoncap::{
        credentials::Privileges,
        prctl::{decide, Change, Request, Verdict},
        Denial,
    },
    kernel_ext::cred::{CredentialExt, CurrentCred, PreparedCred},
};
use kernel::{bindings, cred::Credential, prelude::*};

// region: upstream
/// The credentials of the current task.
struct Caller<'a>(&'a Credential);

impl Privileges for Caller<'_> {
    fn cap_capable(&self, capability: Capability) -> bool {
        let cap = capability.number().into();
        cap_capable(self.0, self.0.user_ns(), cap, bindings::CAP_OPT_NONE) == 0
    }

    fn ns_capable(&self, capability: Capability) -> bool {
        self.0.user_ns().ns_capable(capability)
    }
}
// endregion: upstream

/// Decides `prctl()` for capabilities and securebits, as `cap_task_prctl()` does.
///
/// Returns `-ENOSYS` if the option is left to others. After 0 the kernel calls the LSMs that come
/// later. Any other value is final.
///
/// # Safety
///
/// Must be called by C in process context, where it may sleep, and by no caller that has a
/// [`CurrentCred`] or a reference from `current_cred()` in use. The credentials of the task must
/// not be overridden (`override_creds()`).
///
/// `cap_task_prctl()` requires the same: the kernel calls it only from `security_task_prctl()`, at
/// the start of a `prctl()` of the current task.
#[cfg_attr(
    CONFIG_KUNIT = "y",
    unsafe(export_name = "rust_commoncap_cap_task_prctl")
)]
pub(super) unsafe extern "C" fn entry(
    option: c_int,
    arg2: c_ulong,
    arg3: c_ulong,
    arg4: c_ulong,
    arg5: c_ulong,
) -> c_int {
    // SAFETY: By the safety requirements, no other `CurrentCred` is in use and the credentials are
    // not overridden; only this value changes them until the end of the call.
    let mut current = unsafe { CurrentCred::new() };

    let args = [arg2, arg3, arg4, arg5];
    let before = current.get().securebits();
    let (reason, ret) = answer(&mut current, option, args);
    if trace::task_prctl_enabled() {
        let returned = ReturnedPrctl {
            option,
            args,
            ret,
            before,
            after: current.get().securebits(),
        };
        trace::task_prctl(&returned, reason);
    }
    ret
}

/// Decides and counts. Returns the reason, and the value that `prctl()` returns.
#[inline]
fn answer(current: &mut CurrentCred, option: c_int, args: [c_ulong; 4]) -> (Reason, c_int) {
    let answer = task_prctl(current, option, args);
    if answer != Err(Denial::NotOurs) {
        Hook::TaskPrctl.count_verdict(answer);
    }
    (answer.into(), to_return(answer))
}

// region: upstream
/// Decides, and makes the change if the verdict is one.
#[inline]
fn task_prctl(
    current: &mut CurrentCred,
    option: c_int,
    args: [c_ulong; 4],
) -> Result<Verdict, Denial> {
    let request = Request::parse(option, args)?;
    let old = current.get();

    let verdict = decide(old, &Caller(old), request)?;
    // One call for each kind: the compiler specializes them, and keeps no kind during
    // `prepare_creds()`.
    match verdict {
        Verdict::Value(_) => {}
        Verdict::Change(Change::Bounding(set)) => commit(current, |new| new.set_bounding(set))?,
        Verdict::Change(Change::Securebits(securebits)) => {
            commit(current, |new| new.set_securebits(securebits))?
        }
        Verdict::Change(Change::Ambient(set)) => commit(current, |new| new.set_ambient(set))?,
    }
    Ok(verdict)
}

/// Commits new credentials of the current task, with one change.
#[inline(always)]
fn commit(
    current: &mut CurrentCred,
    change: impl FnOnce(&mut PreparedCred<'_>),
) -> Result<(), Denial> {
    let mut new = current.prepare().map_err(|_| Denial::NoMemory)?;
    change(&mut new);
    new.commit();
    Ok(())
}

/// Returns the value that `prctl()` returns.
#[inline]
fn to_return(answer: Result<Verdict, Denial>) -> c_int {
    match answer {
        // Every value fits in an `int`: it is 0, 1 or securebits.
        Ok(Verdict::Value(value)) => value as c_int,
        Ok(Verdict::Change(_)) => 0,
        Err(denial) => denial.to_errno(),
    }
}

#[crate::kunit_tests(rust_commoncap_hook_task_prctl)]
mod tests {
    use super::*;
    use crate::capability::CapabilitySet;
    use crate::commoncap::prctl::option;

    /// Calls the hook as the thread that runs the test. Each test has a thread of its own, whose
    /// capabilities are all permitted and effective, and not inheritable.
    fn ask(option: c_int, arg2: c_ulong, arg3: c_ulong) -> c_int {
        // SAFETY: Tests run in process context and hold no `CurrentCred`.
        unsafe { entry(option, arg2, arg3, 0, 0) }
    }

    fn ambient(operation: c_ulong, cap: c_ulong) -> c_int {
        ask(option::CAP_AMBIENT, operation, cap)
    }

    /// Makes all that is permitted inheritable.
    fn make_inheritable() {
        // SAFETY: Tests run in process context and hold no `CurrentCred`; the prepared credentials,
        // if there are any, are this function's own until they are committed.
        unsafe {
            let new = bindings::prepare_creds();
            if new.is_null() {
                return; // and the test fails
            }
            (*new).cap_inheritable = (*new).cap_permitted;
            bindings::commit_creds(new);
        }
    }

    /// Clears `PF_SUPERPRIV` of the current task, does something, and returns whether it is set
    /// then.
    fn uses_privilege(act: impl FnOnce()) -> bool {
        let task = kernel::task::Task::current_raw();
        // SAFETY: The current task is valid, and only a task itself writes to its flags.
        unsafe { (*task).flags &= !bindings::PF_SUPERPRIV };
        act();
        // SAFETY: As above.
        unsafe { (*task).flags & bindings::PF_SUPERPRIV != 0 }
    }

    /// Returns the securebits, the bounding set and the ambient set of the current task.
    fn state() -> (u32, CapabilitySet, CapabilitySet) {
        // SAFETY: Tests run in process context and hold no other `CurrentCred`.
        let current = unsafe { CurrentCred::new() };
        let cred = current.get();
        (cred.securebits().bits(), cred.bounding(), cred.ambient())
    }

    #[test]
    fn options_of_others_are_left_to_them() {
        for option in [-1, 0, 1, 35, 48, c_int::MAX] {
            assert_eq!(ask(option, c_ulong::MAX, c_ulong::MAX), ENOSYS.to_errno());
        }
    }

    #[test]
    fn securebits_change_as_asked_and_can_be_read() {
        let (_, bounding, ambient) = state();
        assert_eq!(ask(option::SET_SECUREBITS, 0x105, 0), 0);
        assert_eq!(ask(option::GET_SECUREBITS, 0, 0), 0x105);
        assert!(state() == (0x105, bounding, ambient));
        assert_eq!(ask(option::SET_SECUREBITS, 0, 0), 0);
        assert!(state() == (0, bounding, ambient));
    }

    #[test]
    fn refused_securebits_change_nothing() {
        assert_eq!(ask(option::SET_SECUREBITS, 0xe00, 0), 0);
        let before = state();
        for bits in [0xf00, 0x600, 0x1e00, 0x1_0000_0e00, c_ulong::MAX] {
            assert_eq!(ask(option::SET_SECUREBITS, bits, 0), EPERM.to_errno());
            assert!(state() == before);
        }
    }

    #[test]
    fn keep_caps_changes_as_asked_and_can_be_read() {
        assert_eq!(ask(option::GET_KEEPCAPS, 0, 0), 0);
        assert_eq!(ask(option::SET_KEEPCAPS, 1, 0), 0);
        assert_eq!(ask(option::GET_KEEPCAPS, 0, 0), 1);
        assert_eq!(ask(option::GET_SECUREBITS, 0, 0), 0x10);
        assert_eq!(ask(option::SET_KEEPCAPS, 2, 0), EINVAL.to_errno());
        assert_eq!(ask(option::SET_KEEPCAPS, 0, 0), 0);
        assert_eq!(ask(option::GET_SECUREBITS, 0, 0), 0);
    }

    #[test]
    fn a_capability_dropped_from_the_bounding_set_is_gone() {
        assert_eq!(ask(option::CAPBSET_READ, 40, 0), 1);
        assert_eq!(ask(option::CAPBSET_DROP, 40, 0), 0);
        assert_eq!(ask(option::CAPBSET_READ, 40, 0), 0);
        assert_eq!(ask(option::CAPBSET_READ, 39, 0), 1);
        assert_eq!(ask(option::CAPBSET_DROP, 41, 0), EINVAL.to_errno());
    }

    #[test]
    fn the_ambient_set_takes_nothing_that_is_not_inheritable() {
        assert_eq!(ambient(option::CAP_AMBIENT_RAISE, 40), EPERM.to_errno());
        assert_eq!(ambient(option::CAP_AMBIENT_IS_SET, 40), 0);
        assert_eq!(ambient(option::CAP_AMBIENT_IS_SET, 41), EINVAL.to_errno());
        assert_eq!(ambient(5, 40), EINVAL.to_errno());
    }

    #[test]
    fn the_ambient_set_changes_as_asked_and_can_be_read() {
        make_inheritable();
        for cap in [8, 40] {
            assert_eq!(ambient(option::CAP_AMBIENT_RAISE, cap), 0);
            assert_eq!(ambient(option::CAP_AMBIENT_IS_SET, cap), 1);
        }
        assert_eq!(state().2.bits(), (1 << 8) | (1 << 40));
        assert_eq!(ambient(option::CAP_AMBIENT_LOWER, 8), 0);
        assert_eq!(state().2.bits(), 1 << 40);
        assert_eq!(ambient(option::CAP_AMBIENT_RAISE, 8), 0);
        assert_eq!(ambient(option::CAP_AMBIENT_CLEAR_ALL, 0), 0);
        assert_eq!(state().2.bits(), 0);
    }

    #[test]
    fn only_dropping_from_the_bounding_set_notes_the_use_of_privilege() {
        assert!(!uses_privilege(|| {
            ask(option::SET_SECUREBITS, 1, 0);
            ask(option::SET_SECUREBITS, 0, 0);
            ask(option::SET_KEEPCAPS, 1, 0);
            ask(option::CAPBSET_READ, 40, 0);
        }));
        assert!(uses_privilege(|| {
            ask(option::CAPBSET_DROP, 40, 0);
        }));
    }
}
// endregion: upstream
