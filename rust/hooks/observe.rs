// SPDX-License-Identifier: GPL-2.0

//! `mode=observe`: `commoncap.c` decides, and the module predicts its results from the same facts.
//!
//! A result that differs from the prediction is counted and logged, and stays. The prediction has
//! no side effects: it fires no tracepoint of the kernel's own, and records no use of privilege.

use super::{
    counters::{Hook, Observed},
    divergence::{CapableArgs, Divergence, PrctlCall},
    reason::Reason,
    snapshot::Snapshot,
    to_errno,
    trace::{self, ReturnedPrctl},
};
use crate::{
    capability::Capability,
    commoncap::{
        capable::{capable, parse, Grant},
        credentials::Privileges,
        prctl::{decide, Change, Request, Verdict},
        Denial,
    },
    kernel_ext::{
        cred::{current_cred, CredentialExt},
        fprobe::{Arguments, Fprobe, Probe, Registration},
        module::ModuleRef,
        user_namespace::UserNamespace,
    },
};
use kernel::{bindings, cred::Credential, prelude::*};

static CAPABLE: Fprobe<Capable> = Fprobe::new();
static TASK_PRCTL: Fprobe<TaskPrctl> = Fprobe::new();

/// The probes on both functions, registered until this is dropped.
pub struct Observing {
    _capable: Registration,
    _task_prctl: Registration,
}

impl Observing {
    /// Registers the probes. If that fails, the kernel's log says why. If it succeeds, loading the
    /// module must not fail any more.
    ///
    /// Fails with `EOPNOTSUPP` on a kernel without fprobe, or with the error of
    /// [`Fprobe::register`].
    pub fn start() -> Result<Self> {
        let log = |error: &Error| pr_err!("cannot observe: {}\n", explain(*error));
        Ok(Self {
            _capable: CAPABLE.register().inspect_err(log)?,
            _task_prctl: TASK_PRCTL.register().inspect_err(log)?,
        })
    }
}

/// Says why a probe cannot be registered, and what to do.
fn explain(error: Error) -> &'static str {
    match error {
        e if e == EOPNOTSUPP => {
            "this kernel was built without CONFIG_FPROBE: use mode=enforce or mode=off, or boot \
             another kernel"
        }
        e if e == ENOENT || e == EINVAL => {
            "this kernel lacks cap_capable() or cap_task_prctl(), or cannot trace it"
        }
        e if e == ENOMEM => "there is no memory for the probes: try again",
        _ => "the kernel refused the probes: see the lines above",
    }
}

/// Returns how many calls of a function the kernel has skipped.
pub(super) fn missed(hook: Hook) -> usize {
    match hook {
        Hook::Capable => CAPABLE.missed(),
        Hook::TaskPrctl => TASK_PRCTL.missed(),
    }
}

/// The probe on `cap_capable()`.
struct Capable;

/// A call of `cap_capable()`, and the predicted verdict.
#[derive(Clone, Copy)]
struct CapableCall {
    cred: *const bindings::cred,
    target: *const bindings::user_namespace,
    cap: c_int,
    opts: c_uint,
    predicted: Result<Grant, Denial>,
}

impl CapableCall {
    /// Returns the arguments that are pointers.
    ///
    /// # Safety
    ///
    /// The call must not have returned to its caller.
    unsafe fn facts(&self) -> (&Credential, &UserNamespace) {
        // SAFETY: The caller keeps its arguments valid until the call has returned.
        let cred = unsafe { Credential::from_ptr(self.cred) };
        // SAFETY: As above. Nothing writes to the parent, level or owner of a user namespace once
        // it is complete, and only complete ones are passed to `cap_capable()`.
        (cred, unsafe { UserNamespace::from_ptr(self.target) })
    }
}

// SAFETY: `cap_capable()` does not sleep.
unsafe impl Probe for Capable {
    const FUNCTION: &'static CStr = c"cap_capable";
    type Call = CapableCall;

    fn entry(arguments: &Arguments<'_>) -> Option<CapableCall> {
        Hook::Capable.count_observed(Observed::Entered);
        let mut call = CapableCall {
            cred: arguments.get(0) as *const _,
            target: arguments.get(1) as *const _,
            // The C types are `int` and `unsigned int`.
            cap: arguments.get(2) as c_int,
            opts: arguments.get(3) as c_uint,
            predicted: Err(Denial::NoSuchCapability),
        };
        // SAFETY: The call has just begun.
        let (cred, target) = unsafe { call.facts() };
        call.predicted = parse(call.cap).and_then(|cap| capable(cred, target, cap));
        Some(call)
    }

    fn exit(call: CapableCall, returned: usize) {
        let ret = returned as c_int;
        let reason = call.predicted.into();
        Hook::Capable.count_observed(Observed::Returned);
        Hook::Capable.count(reason);
        // SAFETY: The call is about to return.
        let (cred, target) = unsafe { call.facts() };
        if trace::capable_enabled() {
            trace::capable(cred, target, call.cap, reason, call.opts);
        }
        if ret != call.predicted.map_or_else(to_errno, |_| 0) {
            let args = CapableArgs::new(cred, target, call.cap);
            Divergence::Capable(args, reason, ret).report();
        }
    }
}

/// The probe on `cap_task_prctl()`.
struct TaskPrctl;

/// Checks of the caller's capabilities without side effects.
struct WithoutSideEffects<'a>(&'a Credential);

impl Privileges for WithoutSideEffects<'_> {
    fn cap_capable(&self, capability: Capability) -> bool {
        capable(self.0, CredentialExt::user_ns(self.0), capability).is_ok()
    }

    /// Checks with this LSM only. [`judge`] allows for the verdicts of the others.
    fn ns_capable(&self, capability: Capability) -> bool {
        self.cap_capable(capability)
    }
}

// SAFETY: Each call holds a `ModuleRef`. `Observing::start` registers this probe last, and is
// itself the last step of loading the module that can fail.
unsafe impl Probe for TaskPrctl {
    const FUNCTION: &'static CStr = c"cap_task_prctl";
    type Call = (PrctlCall, ModuleRef);

    fn entry(arguments: &Arguments<'_>) -> Option<(PrctlCall, ModuleRef)> {
        let module = ModuleRef::get()?;
        Hook::TaskPrctl.count_observed(Observed::Entered);
        // The C type is `int`.
        let option = arguments.get(0) as c_int;
        let args = [1, 2, 3, 4].map(|number| arguments.get(number));
        // SAFETY: The task commits no credentials before `cred` is last used, in this handler.
        let cred = unsafe { current_cred() };
        let call = PrctlCall {
            option,
            args,
            before: Snapshot::of(cred),
            predicted: Request::parse(option, args)
                .and_then(|request| decide(cred, &WithoutSideEffects(cred), request)),
        };
        Some((call, module))
    }

    fn exit((call, _module): (PrctlCall, ModuleRef), returned: usize) {
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
                before: call.before,
                after,
            };
            trace::task_prctl(&returned, reason);
        }
        match judgement {
            Judgement::Equal => {}
            Judgement::Unjudged(_) => Hook::TaskPrctl.count_observed(Observed::Unjudged),
            Judgement::Diverged => Divergence::TaskPrctl(call, ret, after).report(),
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
fn judge(call: &PrctlCall, ret: c_int, after: &Snapshot) -> Judgement {
    let (expected, facts) = match call.predicted {
        Ok(Verdict::Value(value)) => (value as c_int, call.before),
        Ok(Verdict::Change(change)) => (0, call.before.with(change)),
        Err(denial) => (to_errno(denial), call.before),
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
            if ret == to_errno(Denial::BoundingDropUnprivileged) =>
        {
            Judgement::Unjudged(Denial::BoundingDropUnprivileged)
        }
        Ok(Verdict::Change(_)) if ret == to_errno(Denial::NoMemory) => {
            Judgement::Unjudged(Denial::NoMemory)
        }
        _ => Judgement::Diverged,
    }
}

#[crate::kunit_tests(rust_commoncap_hook_observe)]
mod tests {
    use super::*;
    use crate::{capability::CapabilitySet, securebits::Securebits};

    const EPERM: c_int = -1;
    const ENOMEM: c_int = -12;

    fn prctl(predicted: Result<Verdict, Denial>) -> PrctlCall {
        // SAFETY: The task commits no credentials while `cred` is in use.
        let cred = unsafe { current_cred() };
        PrctlCall {
            option: 0,
            args: [0; 4],
            before: Snapshot::of(cred),
            predicted,
        }
    }

    #[test]
    fn a_result_is_judged_by_its_value_and_by_what_it_changes() {
        let locked = Change::Securebits(Securebits::EXEC_RESTRICT_FILE.with_locks());
        let call = prctl(Ok(Verdict::Change(locked)));
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
        let call = prctl(Ok(Verdict::Value(3)));
        for (ret, after, expected) in [
            (3, call.before, Judgement::Equal),
            (3, changed, Judgement::Diverged),
            (2, call.before, Judgement::Diverged),
            (ENOMEM, call.before, Judgement::Diverged),
        ] {
            assert_eq!(judge(&call, ret, &after), expected);
        }
        let call = prctl(Err(Denial::SecurebitsLocked));
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
        let call = prctl(Ok(Verdict::Change(drop)));
        assert_eq!(judge(&call, EPERM, &call.before), refused);
        let changed = call.before.with(drop);
        assert_eq!(judge(&call, EPERM, &changed), Judgement::Diverged);
        let call = prctl(Err(Denial::BoundingDropNoCapability));
        assert_eq!(judge(&call, EPERM, &call.before), refused);
        assert_eq!(judge(&call, 0, &call.before), Judgement::Diverged);
        let call = prctl(Err(Denial::BoundingDropUnprivileged));
        assert_eq!(judge(&call, 0, &call.before), Judgement::Diverged);
    }
}
