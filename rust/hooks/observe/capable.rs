// SPDX-License-Identifier: GPL-2.0

//! The observation of `cap_capable()`.
//!
//! The kernel's tracepoint reports each decision for a tenth of what a probe on the return of a
//! function costs, but lacks `opts`, which only the event `rust_commoncap:capable` needs. So a
//! probe on the entry of the function fires that event, while it has readers.

use crate::{
    capability::CapabilitySet,
    commoncap::capable::{capable, parse},
    hooks::{
        divergence::Divergence,
        hook::Hook,
        reason::Reason,
        returned,
        trace, //
    },
    kernel_ext::{
        cred::CredentialExt,
        fprobe::{
            Arguments,
            EntryProbe,
            Fprobe,
            Registration,
            StaticProbe, //
        },
        tracepoint::{
            CapCapableProbe,
            CapCapableRegistration, //
        },
        user_namespace::UserNamespace, //
    },
};
use kernel::{
    cred::Credential,
    fmt,
    prelude::*,
    sync::global_lock, //
};

/// The observation of `cap_capable()`, until this is dropped.
pub(super) struct Observing {
    _events: trace::WhileRead<Events>,
    _decisions: CapCapableRegistration<Decisions>,
}

impl Observing {
    /// Starts to observe.
    ///
    /// Fails with `EOPNOTSUPP` on a kernel without tracepoints, with `ENOMEM`, or with the error of
    /// [`StaticProbe::register`].
    ///
    /// # Safety
    ///
    /// This must be called once only.
    pub(super) unsafe fn start() -> Result<Self> {
        // SAFETY: By the safety requirements, and nothing uses it before.
        unsafe { EVENTS.init() };
        Ok(Self {
            _decisions: CapCapableRegistration::new()?,
            _events: trace::WhileRead::new()?,
        })
    }
}

/// Predicts each decision, and compares.
struct Decisions;

impl CapCapableProbe for Decisions {
    fn decided(cred: &Credential, target: &UserNamespace, cap: c_int, ret: c_int) {
        let predicted = parse(cap).and_then(|cap| capable(cred, target, cap));
        Hook::Capable.count_verdict(predicted);
        if ret != returned(predicted) {
            Diverged {
                args: Args::new(cred, target, cap),
                reason: predicted.into(),
                ret,
            }
            .report();
        }
    }
}

/// Predicts each decision for `rust_commoncap:capable`.
struct Events;

global_lock! {
    // SAFETY: `Observing::start()` initializes it before any use.
    unsafe(uninit) static EVENTS: Mutex<Option<Registration>> = None;
}

impl trace::Source for Events {
    fn start() -> Result {
        static PROBE: Fprobe<Events> = Fprobe::at_entry();
        *EVENTS.lock() = Some(PROBE.register()?);
        Ok(())
    }

    fn stop() {
        *EVENTS.lock() = None;
    }
}

impl EntryProbe for Events {
    const FUNCTION: &'static CStr = c"cap_capable";

    fn entry(arguments: &Arguments<'_>) {
        // SAFETY: The caller keeps its arguments valid until the call has returned.
        let cred = unsafe { Credential::from_ptr(arguments.get(0) as *const _) };
        // SAFETY: Valid for the call, too. Each namespace holds a reference on its parent. Nothing
        // writes to the parent, level or owner of one that is complete, and only complete ones are
        // passed to `cap_capable()`.
        let target = unsafe { UserNamespace::from_ptr(arguments.get(1) as *mut _) };
        // The C types are `int` and `unsigned int`.
        let (cap, opts) = (arguments.get(2) as c_int, arguments.get(3) as c_uint);
        if trace::capable_enabled() {
            let predicted = parse(cap).and_then(|cap| capable(cred, target, cap));
            trace::capable(cred, target, cap, predicted.into(), opts);
        }
    }
}

/// The arguments of a call of `cap_capable()`, with what it reads of them.
struct Args {
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

impl Args {
    /// How many namespaces one chain can have.
    const DEPTH: usize = 34;

    fn new(cred: &Credential, target: &UserNamespace, cap: c_int) -> Self {
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
            args.levels = args.levels.saturating_add(1);
            ns = this.parent();
        }
        args
    }
}

impl fmt::Display for Args {
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

/// A call whose result is not the predicted one.
struct Diverged {
    args: Args,
    /// The predicted one.
    reason: Reason,
    ret: c_int,
}

impl Divergence for Diverged {
    const HOOK: Hook = Hook::Capable;

    fn reason(&self) -> Reason {
        self.reason
    }
}

impl fmt::Display for Diverged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_fmt(fmt!(
            "{}; returned: {}; predicted: {}, {}",
            self.args,
            self.ret,
            self.reason.verdict(),
            self.reason.name()
        ))
    }
}

#[crate::kunit_tests(rust_commoncap_hook_observe_capable)]
mod tests {
    use super::*;
    use kernel::{
        bindings,
        str::CString, //
    };

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
        // SAFETY: It and its ancestors outlive the reference, and nothing writes to them.
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
        let divergence = Diverged {
            args: Args::new(cred, target, 21),
            reason: Reason::Effective,
            ret: EPERM,
        };
        CString::try_from_fmt(fmt!("{divergence}"))
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
}
