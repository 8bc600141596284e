// SPDX-License-Identifier: GPL-2.0

//! The probe on `cap_capable()`.

use crate::{
    capability::CapabilitySet,
    commoncap::{
        capable::{capable, parse, Grant},
        Denial, //
    },
    hooks::{
        counters::Observed,
        divergence::Divergence,
        hook::Hook,
        reason::Reason,
        to_errno,
        trace, //
    },
    kernel_ext::{
        cred::CredentialExt,
        fprobe::{Arguments, Probe},
        user_namespace::UserNamespace, //
    },
};
use kernel::{
    bindings,
    cred::Credential,
    fmt,
    prelude::*, //
};

/// The probe on `cap_capable()`.
pub(super) struct Handlers;

/// A call of `cap_capable()`, and the predicted verdict.
#[derive(Clone, Copy)]
pub(super) struct Call {
    cred: *const bindings::cred,
    target: *const bindings::user_namespace,
    cap: c_int,
    opts: c_uint,
    predicted: Result<Grant, Denial>,
}

impl Call {
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
unsafe impl Probe for Handlers {
    const FUNCTION: &'static CStr = c"cap_capable";
    type Call = Call;

    fn entry(arguments: &Arguments<'_>) -> Option<Call> {
        Hook::Capable.count_observed(Observed::Entered);
        let mut call = Call {
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

    fn exit(call: Call, returned: usize) {
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
            Diverged {
                args: Args::new(cred, target, call.cap),
                reason,
                ret,
            }
            .report();
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
    use kernel::str::CString;

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
