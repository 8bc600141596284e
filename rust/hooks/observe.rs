// SPDX-License-Identifier: GPL-2.0

//! `mode=observe`: the C decides, and the Rust beside it, on the same facts.
//!
//! Where the answers differ, that is counted and reported; what the C answers stays. The Rust does
//! nothing of what the C does beyond answering: it fires no tracepoint of the C's and notes no use
//! of privilege.

use super::{
    counters::{Hook, Watched},
    divergence::{Divergence, Facts, Prctl, Question},
    reason::Reason,
    to_errno,
    trace::{self, Answered},
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

/// Both functions are watched for as long as there is one of these.
pub struct Observing {
    _capable: Registration,
    _task_prctl: Registration,
}

impl Observing {
    /// Starts to watch. Says why if it cannot.
    ///
    /// Fails with `EOPNOTSUPP` on a kernel without fprobe, or with the error of
    /// [`Fprobe::register`].
    pub fn start() -> Result<Self> {
        let told = |error: &Error| pr_err!("cannot observe: {}\n", explain(*error));
        Ok(Self {
            _capable: CAPABLE.register().inspect_err(told)?,
            _task_prctl: TASK_PRCTL.register().inspect_err(told)?,
        })
    }
}

fn explain(error: Error) -> &'static str {
    match error {
        e if e == EOPNOTSUPP => {
            "this kernel was built without CONFIG_FPROBE: say mode=enforce or mode=off, or boot \
             one with it"
        }
        e if e == ENOENT || e == EINVAL => {
            "this kernel lacks cap_capable() or cap_task_prctl(), or cannot trace it"
        }
        e if e == ENOMEM => "there is no memory for it: try again",
        _ => "the kernel refused it: see the lines above",
    }
}

/// Returns how many calls of a function were not watched although they should have been.
pub(super) fn missed(hook: Hook) -> usize {
    match hook {
        Hook::Capable => CAPABLE.missed(),
        Hook::TaskPrctl => TASK_PRCTL.missed(),
    }
}

/// The probe on `cap_capable()`.
struct Capable;

/// A call of it, and what the Rust would answer.
#[derive(Clone, Copy)]
struct Asked {
    cred: *const bindings::cred,
    target: *const bindings::user_namespace,
    cap: c_int,
    opts: c_uint,
    answer: Result<Grant, Denial>,
}

impl Asked {
    /// # Safety
    ///
    /// The call must not have returned to whoever made it.
    unsafe fn facts(&self) -> (&Credential, &UserNamespace) {
        // SAFETY: C keeps what it passes valid at least until the call has returned.
        let cred = unsafe { Credential::from_ptr(self.cred) };
        // SAFETY: As above, and nothing but `create_user_ns()` makes user namespaces.
        (cred, unsafe { UserNamespace::from_ptr(self.target) })
    }
}

// SAFETY: `cap_capable()` does not sleep.
unsafe impl Probe for Capable {
    const FUNCTION: &'static CStr = c"cap_capable";
    type Call = Asked;

    fn entry(arguments: &Arguments<'_>) -> Option<Asked> {
        Hook::Capable.count_watched(Watched::Entered);
        let mut asked = Asked {
            cred: arguments.get(0) as *const _,
            target: arguments.get(1) as *const _,
            // As C takes them: an `int`, an `unsigned int`.
            cap: arguments.get(2) as c_int,
            opts: arguments.get(3) as c_uint,
            answer: Err(Denial::NoSuchCapability),
        };
        // SAFETY: The call has only begun.
        let (cred, target) = unsafe { asked.facts() };
        asked.answer = parse(asked.cap).and_then(|cap| capable(cred, target, cap));
        Some(asked)
    }

    fn exit(asked: Asked, returned: usize) {
        let ret = returned as c_int;
        let reason = asked.answer.into();
        Hook::Capable.count_watched(Watched::Returned);
        Hook::Capable.count(reason);
        // SAFETY: The call is about to return.
        let (cred, target) = unsafe { asked.facts() };
        if trace::capable_enabled() {
            trace::capable(cred, target, asked.cap, reason, asked.opts);
        }
        if ret != asked.answer.map_or_else(to_errno, |_| 0) {
            let question = Question::new(cred, target, asked.cap);
            Divergence::Capable(question, reason, ret).report();
        }
    }
}

/// The probe on `cap_task_prctl()`.
struct TaskPrctl;

/// The credentials of the caller, asked without anybody noticing.
struct Bystander<'a>(&'a Credential);

impl Privileges for Bystander<'_> {
    fn cap_capable(&self, capability: Capability) -> bool {
        capable(self.0, CredentialExt::user_ns(self.0), capability).is_ok()
    }

    /// Of all LSMs that are asked, this one: [`judge`] knows.
    fn ns_capable(&self, capability: Capability) -> bool {
        self.cap_capable(capability)
    }
}

// SAFETY: Each call holds a `ModuleRef`.
unsafe impl Probe for TaskPrctl {
    const FUNCTION: &'static CStr = c"cap_task_prctl";
    type Call = (Prctl, ModuleRef);

    fn entry(arguments: &Arguments<'_>) -> Option<(Prctl, ModuleRef)> {
        let module = ModuleRef::get()?;
        Hook::TaskPrctl.count_watched(Watched::Entered);
        // As C takes it: an `int`.
        let option = arguments.get(0) as c_int;
        let args = [1, 2, 3, 4].map(|number| arguments.get(number));
        // SAFETY: Nothing is committed here.
        let cred = unsafe { current_cred() };
        let prctl = Prctl {
            option,
            args,
            before: Facts::of(cred),
            answer: Request::parse(option, args)
                .and_then(|request| decide(cred, &Bystander(cred), request)),
        };
        Some((prctl, module))
    }

    fn exit((prctl, _module): (Prctl, ModuleRef), returned: usize) {
        let ret = returned as c_int;
        // SAFETY: Nothing is committed here.
        let after = Facts::of(unsafe { current_cred() });
        let judgement = judge(&prctl, ret, &after);
        let reason = match judgement {
            Judgement::Unjudged(denial) => Reason::Denied(denial),
            _ => Reason::from(prctl.answer),
        };
        Hook::TaskPrctl.count_watched(Watched::Returned);
        if reason != Reason::Denied(Denial::NotOurs) {
            Hook::TaskPrctl.count(reason);
        }
        if trace::task_prctl_enabled() {
            let answered = Answered {
                option: prctl.option,
                args: prctl.args,
                ret,
                before: prctl.before,
                after,
            };
            trace::task_prctl(&answered, reason);
        }
        match judgement {
            Judgement::Equal => {}
            Judgement::Unjudged(_) => Hook::TaskPrctl.count_watched(Watched::Unjudged),
            Judgement::Diverged => Divergence::TaskPrctl(prctl, ret, after).report(),
        }
    }
}

/// What to think of an answer of the C.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Judgement {
    /// It is the Rust's.
    Equal,
    /// It hangs on what the Rust cannot foresee, memory and other LSMs: this is what it means.
    Unjudged(Denial),
    /// It is not the Rust's.
    Diverged,
}

fn judge(prctl: &Prctl, ret: c_int, after: &Facts) -> Judgement {
    let (expected, facts) = match prctl.answer {
        Ok(Verdict::Value(value)) => (value as c_int, prctl.before),
        Ok(Verdict::Change(change)) => (0, prctl.before.with(change)),
        Err(denial) => (to_errno(denial), prctl.before),
    };
    if ret == expected && *after == facts {
        return Judgement::Equal;
    }
    if *after != prctl.before {
        return Judgement::Diverged;
    }
    match prctl.answer {
        // Past having asked all LSMs.
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

    fn prctl(answer: Result<Verdict, Denial>) -> Prctl {
        // SAFETY: Nothing is committed here.
        let cred = unsafe { current_cred() };
        Prctl {
            option: 0,
            args: [0; 4],
            before: Facts::of(cred),
            answer,
        }
    }

    #[test]
    fn an_answer_is_judged_by_its_value_and_by_what_it_changes() {
        let locked = Change::Securebits(Securebits::EXEC_RESTRICT_FILE.with_locks());
        let asked = prctl(Ok(Verdict::Change(locked)));
        let changed = asked.before.with(locked);
        for (ret, after, expected) in [
            (0, changed, Judgement::Equal),
            (0, asked.before, Judgement::Diverged),
            (1, changed, Judgement::Diverged),
            (EPERM, asked.before, Judgement::Diverged),
            (EPERM, changed, Judgement::Diverged),
            (ENOMEM, asked.before, Judgement::Unjudged(Denial::NoMemory)),
            (ENOMEM, changed, Judgement::Diverged),
        ] {
            assert_eq!(judge(&asked, ret, &after), expected);
        }
        let asked = prctl(Ok(Verdict::Value(3)));
        for (ret, after, expected) in [
            (3, asked.before, Judgement::Equal),
            (3, changed, Judgement::Diverged),
            (2, asked.before, Judgement::Diverged),
            (ENOMEM, asked.before, Judgement::Diverged),
        ] {
            assert_eq!(judge(&asked, ret, &after), expected);
        }
        let asked = prctl(Err(Denial::SecurebitsLocked));
        for (ret, after, expected) in [
            (EPERM, asked.before, Judgement::Equal),
            (EPERM, changed, Judgement::Diverged),
            (0, asked.before, Judgement::Diverged),
            (0, changed, Judgement::Diverged),
        ] {
            assert_eq!(judge(&asked, ret, &after), expected);
        }
    }

    #[test]
    fn that_another_lsm_refuses_to_drop_cannot_be_foreseen() {
        let drop = Change::Bounding(CapabilitySet::EMPTY);
        let refused = Judgement::Unjudged(Denial::BoundingDropUnprivileged);
        let asked = prctl(Ok(Verdict::Change(drop)));
        assert_eq!(judge(&asked, EPERM, &asked.before), refused);
        let changed = asked.before.with(drop);
        assert_eq!(judge(&asked, EPERM, &changed), Judgement::Diverged);
        let asked = prctl(Err(Denial::BoundingDropNoCapability));
        assert_eq!(judge(&asked, EPERM, &asked.before), refused);
        assert_eq!(judge(&asked, 0, &asked.before), Judgement::Diverged);
        let asked = prctl(Err(Denial::BoundingDropUnprivileged));
        assert_eq!(judge(&asked, 0, &asked.before), Judgement::Diverged);
    }
}
