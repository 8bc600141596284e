// SPDX-License-Identifier: GPL-2.0

//! The probe on `cap_task_prctl()`.

use crate::{
    commoncap::{
        prctl::{decide, Change, Request, Verdict},
        Denial, //
    },
    hooks::{
        counters::Observed,
        divergence::{further_kind, Divergence},
        held::{Held, Predicting},
        hook::Hook,
        reason::Reason,
        snapshot::Snapshot,
        trace::{self, ReturnedPrctl},
    },
    kernel_ext::{
        cred::{current_cred, CredentialExt},
        fprobe::{Arguments, Probe},
        module::ModuleRef, //
    },
};
use kernel::{
    fmt,
    prelude::*, //
};

/// The probe on `cap_task_prctl()`.
pub(super) struct Handlers;

/// A call of `cap_task_prctl()`, and the predicted verdict.
#[derive(Clone, Copy)]
pub(super) struct Call {
    option: c_int,
    args: [c_ulong; 4],
    before: Snapshot,
    predicted: Result<Verdict, Denial>,
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (option, [arg2, arg3, arg4, arg5]) = (self.option, self.args);
        f.write_fmt(fmt!(
            "prctl({option}, {arg2:#x}, {arg3:#x}, {arg4:#x}, {arg5:#x}) with {}",
            self.before
        ))
    }
}

// SAFETY: Each call holds a `ModuleRef`.
unsafe impl Probe for Handlers {
    const FUNCTION: &'static CStr = c"cap_task_prctl";
    type Call = (Call, ModuleRef);

    fn entry(arguments: &Arguments<'_>) -> Option<(Call, ModuleRef)> {
        let module = ModuleRef::get()?;
        Hook::TaskPrctl.count_observed(Observed::Entered);
        // The C type is `int`.
        let option = arguments.get(0) as c_int;
        let args = [1, 2, 3, 4].map(|number| arguments.get(number));
        // SAFETY: The task commits no credentials before `cred` is last used, in this handler.
        let cred = unsafe { current_cred() };
        let call = Call {
            option,
            args,
            before: Snapshot::of(cred),
            predicted: Request::parse(option, args).and_then(|request| {
                decide(cred, &Held::<Predicting>::over(cred.user_ns()), request)
            }),
        };
        Some((call, module))
    }

    fn exit((call, _module): (Call, ModuleRef), returned: usize) {
        let ret = returned as c_int;
        // SAFETY: The task commits no credentials in this handler.
        let after = Snapshot::of(unsafe { current_cred() });
        let judgement = judge(&call, ret, &after);
        let reason = match judgement {
            Judgement::Unjudged(denial) => Reason::Denied(denial),
            _ => Reason::from(call.predicted),
        };
        Hook::TaskPrctl.count_observed(Observed::Returned);
        if reason != Reason::Denied(Denial::NotOurs) {
            Hook::TaskPrctl.count(reason);
        }
        if trace::task_prctl_enabled() {
            let returned = ReturnedPrctl {
                option: call.option,
                args: call.args,
                ret,
                before: call.before.securebits(),
                after: after.securebits(),
            };
            trace::task_prctl(&returned, reason);
        }
        match judgement {
            Judgement::Equal => {}
            Judgement::Unjudged(_) => Hook::TaskPrctl.count_observed(Observed::Unjudged),
            Judgement::Diverged => Diverged { call, ret, after }.report(),
        }
    }
}

/// How a result compares with the prediction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Judgement {
    /// It was predicted.
    Equal,
    /// It depends on memory or on other LSMs, which cannot be predicted. The denial is what the
    /// result means then.
    Unjudged(Denial),
    /// It was not predicted.
    Diverged,
}

/// Compares the result of a call, and the credentials after it, with the prediction.
fn judge(call: &Call, ret: c_int, after: &Snapshot) -> Judgement {
    let (expected, facts) = match call.predicted {
        Ok(Verdict::Value(value)) => (value as c_int, call.before),
        Ok(Verdict::Change(change)) => (0, call.before.with(change)),
        Err(denial) => (denial.to_errno(), call.before),
    };
    if ret == expected && *after == facts {
        return Judgement::Equal;
    }
    if *after != call.before {
        return Judgement::Diverged;
    }
    match call.predicted {
        // All LSMs have been called by then.
        Ok(Verdict::Change(Change::Bounding(_))) | Err(Denial::BoundingDropNoCapability)
            if ret == Denial::BoundingDropUnprivileged.to_errno() =>
        {
            Judgement::Unjudged(Denial::BoundingDropUnprivileged)
        }
        Ok(Verdict::Change(_)) if ret == Denial::NoMemory.to_errno() => {
            Judgement::Unjudged(Denial::NoMemory)
        }
        _ => Judgement::Diverged,
    }
}

/// A call whose result is not the predicted one.
struct Diverged {
    call: Call,
    ret: c_int,
    after: Snapshot,
}

impl Divergence for Diverged {
    const HOOK: Hook = Hook::TaskPrctl;

    fn reason(&self) -> Reason {
        self.call.predicted.into()
    }

    fn kind(&self) -> usize {
        match Request::parse(self.call.option, self.call.args) {
            Err(_) => further_kind(0),
            Ok(Request::BoundingRead(_)) => further_kind(1),
            Ok(Request::BoundingDrop(_)) => further_kind(2),
            Ok(Request::SetSecurebits(_)) => further_kind(3),
            Ok(Request::GetSecurebits) => further_kind(4),
            Ok(Request::GetKeepCaps) => further_kind(5),
            Ok(Request::SetKeepCaps(_)) => further_kind(6),
            Ok(Request::AmbientClearAll(_)) => further_kind(7),
            // One for each valid operation, and one for all invalid ones.
            Ok(Request::Ambient(operation @ 1..=3, ..)) => further_kind(7 + operation),
            Ok(Request::Ambient(..)) => further_kind(11),
        }
    }
}

impl fmt::Display for Diverged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { call, ret, after } = self;
        let (verdict, reason) = (self.reason().verdict(), self.reason().name());
        f.write_fmt(fmt!(
            "{call}; returned: {ret}, then {after}; predicted: {verdict}, {reason}"
        ))?;
        match call.predicted {
            Ok(Verdict::Value(value)) => f.write_fmt(fmt!(" {value:#x}")),
            Ok(Verdict::Change(change)) => f.write_fmt(fmt!(", then {}", call.before.with(change))),
            Err(_) => Ok(()),
        }
    }
}

#[crate::kunit_tests(rust_commoncap_hook_observe_task_prctl)]
mod tests {
    use super::*;
    use crate::{
        capability::CapabilitySet,
        commoncap::prctl::option,
        hooks::divergence::KINDS,
        securebits::Securebits, //
    };
    use kernel::str::CString;

    const EPERM: c_int = -1;
    const ENOMEM: c_int = -12;

    fn prctl(option: c_int, arg2: c_ulong, predicted: Result<Verdict, Denial>) -> Call {
        // SAFETY: Nothing is committed while `cred` is in use.
        let cred = unsafe { current_cred() };
        let before = Snapshot::of(cred)
            .with(Change::Securebits(Securebits::EXEC_RESTRICT_FILE))
            .with(Change::Ambient(CapabilitySet::from_bits(2)));
        Call {
            option,
            args: [arg2, 2, 3, 4],
            before,
            predicted,
        }
    }

    /// Returns whether a divergence, formatted, ends in a text.
    fn ends_with(divergence: &Diverged, text: &[u8]) -> bool {
        CString::try_from_fmt(fmt!("{divergence}"))
            .is_ok_and(|formatted| formatted.to_bytes().ends_with(text))
    }

    /// A call where only the prediction counts.
    fn predicted(predicted: Result<Verdict, Denial>) -> Call {
        prctl(0, 0, predicted)
    }

    fn diverged(call: Call, ret: c_int) -> Diverged {
        Diverged {
            call,
            ret,
            after: call.before,
        }
    }

    #[test]
    fn a_divergence_of_cap_task_prctl_shows_the_result_and_the_prediction() {
        let change = Change::Ambient(CapabilitySet::from_bits(6));
        let call = prctl(option::CAP_AMBIENT, 2, Ok(Verdict::Change(change)));
        let divergence = diverged(call, EPERM);
        assert!(ends_with(&divergence, b" ambient 0x6"));

        let call = prctl(option::GET_SECUREBITS, 0, Ok(Verdict::Value(0x100)));
        let divergence = diverged(call, 0);
        assert!(ends_with(
            &divergence,
            b" ambient 0x2; predicted: granted, Value 0x100"
        ));

        let call = prctl(option::SET_SECUREBITS, 1, Err(Denial::SecurebitsPrivileged));
        let divergence = diverged(call, 0);
        assert!(ends_with(
            &divergence,
            b"; predicted: denied, SecurebitsPrivileged"
        ));
        let text = CString::try_from_fmt(fmt!("{divergence}"));
        assert!(text.is_ok_and(|text| text
            .to_bytes()
            .starts_with(b"prctl(28, 0x1, 0x2, 0x3, 0x4) with securebits 0x100 effective 0x")));
    }

    #[test]
    fn each_request_has_a_kind_of_its_own() {
        let requests = [
            (0, 0),
            (option::CAPBSET_READ, 0),
            (option::CAPBSET_DROP, 0),
            (option::SET_SECUREBITS, 0),
            (option::GET_SECUREBITS, 0),
            (option::GET_KEEPCAPS, 0),
            (option::SET_KEEPCAPS, 0),
            (option::CAP_AMBIENT, 4),
            (option::CAP_AMBIENT, 1),
            (option::CAP_AMBIENT, 2),
            (option::CAP_AMBIENT, 3),
            (option::CAP_AMBIENT, 0),
        ];
        for (number, (option, arg2)) in requests.into_iter().enumerate() {
            let call = prctl(option, arg2, Err(Denial::NotOurs));
            let divergence = diverged(call, 0);
            assert_eq!(divergence.kind(), further_kind(number));
        }
        assert_eq!(further_kind(requests.len()), KINDS);
        let others = prctl(option::CAP_AMBIENT, 5, Err(Denial::NotOurs));
        let divergence = diverged(others, 0);
        assert_eq!(divergence.kind(), KINDS - 1);
    }

    #[test]
    fn a_result_is_judged_by_its_value_and_by_what_it_changes() {
        let locked = Change::Securebits(Securebits::EXEC_RESTRICT_FILE.with_locks());
        let call = predicted(Ok(Verdict::Change(locked)));
        let changed = call.before.with(locked);
        for (ret, after, expected) in [
            (0, changed, Judgement::Equal),
            (0, call.before, Judgement::Diverged),
            (1, changed, Judgement::Diverged),
            (EPERM, call.before, Judgement::Diverged),
            (EPERM, changed, Judgement::Diverged),
            (ENOMEM, call.before, Judgement::Unjudged(Denial::NoMemory)),
            (ENOMEM, changed, Judgement::Diverged),
        ] {
            assert_eq!(judge(&call, ret, &after), expected);
        }
        let call = predicted(Ok(Verdict::Value(3)));
        for (ret, after, expected) in [
            (3, call.before, Judgement::Equal),
            (3, changed, Judgement::Diverged),
            (2, call.before, Judgement::Diverged),
            (ENOMEM, call.before, Judgement::Diverged),
        ] {
            assert_eq!(judge(&call, ret, &after), expected);
        }
        let call = predicted(Err(Denial::SecurebitsLocked));
        for (ret, after, expected) in [
            (EPERM, call.before, Judgement::Equal),
            (EPERM, changed, Judgement::Diverged),
            (0, call.before, Judgement::Diverged),
            (0, changed, Judgement::Diverged),
        ] {
            assert_eq!(judge(&call, ret, &after), expected);
        }
    }

    #[test]
    fn the_denial_of_a_drop_by_another_lsm_is_not_judged() {
        let drop = Change::Bounding(CapabilitySet::EMPTY);
        let refused = Judgement::Unjudged(Denial::BoundingDropUnprivileged);
        let call = predicted(Ok(Verdict::Change(drop)));
        assert_eq!(judge(&call, EPERM, &call.before), refused);
        let changed = call.before.with(drop);
        assert_eq!(judge(&call, EPERM, &changed), Judgement::Diverged);
        let call = predicted(Err(Denial::BoundingDropNoCapability));
        assert_eq!(judge(&call, EPERM, &call.before), refused);
        assert_eq!(judge(&call, 0, &call.before), Judgement::Diverged);
        let call = predicted(Err(Denial::BoundingDropUnprivileged));
        assert_eq!(judge(&call, 0, &call.before), Judgement::Diverged);
    }
}
