// SPDX-License-Identifier: GPL-2.0

//! Results of `commoncap.c` that are not the predicted ones, with all that it takes to repeat the
//! call.

use super::{
    counters::{Hook, Observed},
    reason::Reason,
    snapshot::Snapshot,
};
use crate::{
    capability::CapabilitySet,
    commoncap::{
        prctl::{Request, Verdict},
        Denial,
    },
    kernel_ext::{cred::CredentialExt, user_namespace::UserNamespace},
};
use kernel::{
    cred::Credential,
    fmt,
    prelude::*,
    sync::{
        atomic::{Atomic, Relaxed},
        global_lock,
    },
};

global_lock! {
    // SAFETY: `prepare()` is called when the module is loaded, before a probe is registered or a
    // file is created in debugfs, so before any other use.
    unsafe(uninit) static LAST: SpinLock<Option<Divergence>> = None;
}

/// How many kinds of requests there are: see [`Divergence::request`].
const REQUESTS: usize = 13;

/// Whether a divergence has been logged, for each kind of request and reason.
static REPORTED: [Atomic<bool>; REQUESTS * Reason::COUNT] =
    [const { Atomic::new(false) }; REQUESTS * Reason::COUNT];

/// Initializes the lock. To be called once, when the module is loaded.
///
/// # Safety
///
/// This must be called once only, and before any other use of this file.
pub unsafe fn prepare() {
    // SAFETY: By the safety requirements.
    unsafe { LAST.init() };
}

/// Writes the last divergence, if there was one.
pub(super) fn show_last(f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let last = *LAST.lock();
    last.map_or(Ok(()), |last| f.write_fmt(fmt!("last: {last}\n")))
}

/// A call of `cap_task_prctl()`, and the predicted verdict.
#[derive(Clone, Copy)]
pub(super) struct PrctlCall {
    pub(super) option: c_int,
    pub(super) args: [c_ulong; 4],
    pub(super) before: Snapshot,
    pub(super) predicted: Result<Verdict, Denial>,
}

impl fmt::Display for PrctlCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (option, [arg2, arg3, arg4, arg5]) = (self.option, self.args);
        f.write_fmt(fmt!(
            "prctl({option}, {arg2:#x}, {arg3:#x}, {arg4:#x}, {arg5:#x}) with {}",
            self.before
        ))
    }
}

/// The arguments of a call of `cap_capable()`, with what it reads of them.
#[derive(Clone, Copy)]
pub(super) struct CapableArgs {
    cap: c_int,
    euid: u32,
    effective: CapabilitySet,
    /// The level of the credentials' namespace.
    cred_level: c_int,
    /// How many levels the credentials' namespace is above the target, if it is an ancestor of it
    /// or the target itself.
    levels_above: Option<usize>,
    /// The owners of the target namespace and of its ancestors.
    owners: [u32; Self::DEPTH],
    levels: usize,
}

impl CapableArgs {
    /// How many namespaces one chain can have.
    const DEPTH: usize = 34;

    pub(super) fn new(cred: &Credential, target: &UserNamespace, cap: c_int) -> Self {
        let cred_ns = CredentialExt::user_ns(cred);
        let mut args = Self {
            cap,
            euid: cred.euid().into_raw().val,
            effective: CredentialExt::effective(cred),
            cred_level: cred_ns.level(),
            levels_above: None,
            owners: [0; Self::DEPTH],
            levels: 0,
        };
        let mut ns = Some(target);
        for owner in &mut args.owners {
            let Some(this) = ns else { break };
            if this == cred_ns {
                args.levels_above = Some(args.levels);
            }
            *owner = this.owner().into_raw().val;
            args.levels += 1;
            ns = this.parent();
        }
        args
    }
}

impl fmt::Display for CapableArgs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_fmt(fmt!(
            "cap_capable({}) by euid {} effective {:#x} of a namespace at level {}, ",
            self.cap,
            self.euid,
            self.effective.bits(),
            self.cred_level
        ))?;
        match self.levels_above {
            Some(levels) => f.write_fmt(fmt!("{levels} above the target,"))?,
            None => f.write_str("not above the target,")?,
        }
        f.write_str(" whose owner and those of its ancestors are")?;
        for owner in self.owners.iter().take(self.levels) {
            f.write_fmt(fmt!(" {owner}"))?;
        }
        Ok(())
    }
}

/// A result of `commoncap.c` that is not the predicted one.
#[derive(Clone, Copy)]
pub(super) enum Divergence {
    /// A call of `cap_capable()`, the predicted reason, and the result.
    Capable(CapableArgs, Reason, c_int),
    /// A call of `cap_task_prctl()`, the result, and the credentials after it.
    TaskPrctl(PrctlCall, c_int, Snapshot),
}

impl Divergence {
    fn hook(&self) -> Hook {
        match self {
            Self::Capable(..) => Hook::Capable,
            Self::TaskPrctl(..) => Hook::TaskPrctl,
        }
    }

    /// Returns the predicted reason.
    fn reason(&self) -> Reason {
        match self {
            Self::Capable(_, reason, _) => *reason,
            Self::TaskPrctl(call, ..) => call.predicted.into(),
        }
    }

    /// Returns the kind of the request, as a number below [`REQUESTS`].
    fn request(&self) -> usize {
        let Self::TaskPrctl(call, ..) = self else {
            return 0;
        };
        match Request::parse(call.option, call.args) {
            Err(_) => 1,
            Ok(Request::BoundingRead(_)) => 2,
            Ok(Request::BoundingDrop(_)) => 3,
            Ok(Request::SetSecurebits(_)) => 4,
            Ok(Request::GetSecurebits) => 5,
            Ok(Request::GetKeepCaps) => 6,
            Ok(Request::SetKeepCaps(_)) => 7,
            Ok(Request::AmbientClearAll(_)) => 8,
            // One for each valid operation, and one for all invalid ones.
            Ok(Request::Ambient(operation @ 1..=3, ..)) => 8 + operation,
            Ok(Request::Ambient(..)) => 12,
        }
    }

    /// Counts the divergence, keeps it as the last one, and logs it if it is the first of its kind.
    #[cold]
    pub(super) fn report(self) {
        self.hook().count_observed(Observed::Diverged);
        // This may be an interrupt of a task that holds the lock. Then the older one is kept.
        if let Some(mut last) = LAST.try_lock() {
            *last = Some(self);
        }
        let kind = self.request() * Reason::COUNT + self.reason().number();
        let first = |reported: &Atomic<bool>| !reported.xchg(true, Relaxed);
        if REPORTED.get(kind).is_some_and(first) {
            pr_warn!("commoncap.c diverged: {self}\n");
        }
    }
}

impl fmt::Display for Divergence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (verdict, reason) = (self.reason().verdict(), self.reason().name());
        match self {
            Self::Capable(args, _, ret) => f.write_fmt(fmt!(
                "{args}; returned: {ret}; predicted: {verdict}, {reason}"
            )),
            Self::TaskPrctl(call, ret, after) => {
                f.write_fmt(fmt!(
                    "{call}; returned: {ret}, then {after}; predicted: {verdict}, {reason}"
                ))?;
                match call.predicted {
                    Ok(Verdict::Value(value)) => f.write_fmt(fmt!(" {value:#x}")),
                    Ok(Verdict::Change(change)) => {
                        f.write_fmt(fmt!(", then {}", call.before.with(change)))
                    }
                    Err(_) => Ok(()),
                }
            }
        }
    }
}

#[crate::kunit_tests(rust_commoncap_hook_divergence)]
mod tests {
    use super::*;
    use crate::{
        commoncap::prctl::{option, Change},
        kernel_ext::cred::current_cred,
        securebits::Securebits,
    };
    use kernel::{bindings, str::CString};

    const EPERM: c_int = -1;

    /// Makes a namespace of an owner, below another one.
    fn below(parent: &UserNamespace, owner: u32) -> Result<KBox<bindings::user_namespace>> {
        let mut ns = KBox::<bindings::user_namespace>::init(pin_init::init_zeroed(), GFP_KERNEL)?;
        ns.parent = parent.as_ptr();
        ns.level = parent.level() + 1;
        ns.owner.val = owner;
        Ok(ns)
    }

    /// Formats a divergence of user 1000 with a chain of three namespaces: over the grandchild from
    /// the initial namespace, or over the child from the grandchild.
    fn formatted(from_grandchild: bool) -> Result<CString> {
        let initial = UserNamespace::initial();
        let mut child = below(initial, 1000)?;
        // SAFETY: It is valid, and so is its parent.
        let child = unsafe { UserNamespace::from_ptr(&raw mut *child) };
        let mut grandchild = below(child, 1001)?;
        // SAFETY: As above.
        let grandchild = unsafe { UserNamespace::from_ptr(&raw mut *grandchild) };
        let mut cred = KBox::<bindings::cred>::init(pin_init::init_zeroed(), GFP_KERNEL)?;
        cred.user_ns = if from_grandchild { grandchild } else { initial }.as_ptr();
        cred.euid.val = 1000;
        cred.cap_effective.val = 1 << 21;
        // SAFETY: It is valid, and what is read of it is initialized.
        let cred = unsafe { Credential::from_ptr(&*cred) };
        let target = if from_grandchild { child } else { grandchild };
        let args = CapableArgs::new(cred, target, 21);
        let divergence = Divergence::Capable(args, Reason::Effective, EPERM);
        CString::try_from_fmt(fmt!("{divergence}"))
    }

    fn prctl(option: c_int, arg2: c_ulong, predicted: Result<Verdict, Denial>) -> PrctlCall {
        // SAFETY: Nothing is committed while `cred` is in use.
        let cred = unsafe { current_cred() };
        let before = Snapshot::of(cred)
            .with(Change::Securebits(Securebits::EXEC_RESTRICT_FILE))
            .with(Change::Ambient(CapabilitySet::from_bits(2)));
        PrctlCall {
            option,
            args: [arg2, 2, 3, 4],
            before,
            predicted,
        }
    }

    /// Returns whether a divergence, formatted, ends in a text.
    fn ends_with(divergence: &Divergence, text: &[u8]) -> bool {
        CString::try_from_fmt(fmt!("{divergence}"))
            .is_ok_and(|formatted| formatted.to_bytes().ends_with(text))
    }

    #[test]
    fn a_divergence_of_cap_capable_shows_the_whole_chain_of_namespaces() {
        let text = formatted(false);
        assert!(text.is_ok_and(|text| text.to_bytes()
            == b"cap_capable(21) by euid 1000 effective 0x200000 of a namespace at level 0, 2 \
                above the target, whose owner and those of its ancestors are 1001 1000 0; \
                returned: -1; predicted: granted, Effective"));
        let text = formatted(true);
        assert!(text.is_ok_and(|text| text.to_bytes()
            == b"cap_capable(21) by euid 1000 effective 0x200000 of a namespace at level 2, not \
                above the target, whose owner and those of its ancestors are 1000 0; \
                returned: -1; predicted: granted, Effective"));
    }

    #[test]
    fn a_divergence_of_cap_task_prctl_shows_the_result_and_the_prediction() {
        let change = Change::Ambient(CapabilitySet::from_bits(6));
        let call = prctl(option::CAP_AMBIENT, 2, Ok(Verdict::Change(change)));
        let divergence = Divergence::TaskPrctl(call, EPERM, call.before);
        assert!(ends_with(&divergence, b" ambient 0x6"));

        let call = prctl(option::GET_SECUREBITS, 0, Ok(Verdict::Value(0x100)));
        let divergence = Divergence::TaskPrctl(call, 0, call.before);
        assert!(ends_with(
            &divergence,
            b" ambient 0x2; predicted: granted, Value 0x100"
        ));

        let call = prctl(option::SET_SECUREBITS, 1, Err(Denial::SecurebitsPrivileged));
        let divergence = Divergence::TaskPrctl(call, 0, call.before);
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
            let divergence = Divergence::TaskPrctl(call, 0, call.before);
            assert_eq!(divergence.request(), number + 1);
        }
        assert_eq!(requests.len() + 1, REQUESTS);
        let others = prctl(option::CAP_AMBIENT, 5, Err(Denial::NotOurs));
        let divergence = Divergence::TaskPrctl(others, 0, others.before);
        assert_eq!(divergence.request(), REQUESTS - 1);
    }
}
