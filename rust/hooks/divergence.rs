// SPDX-License-Identifier: GPL-2.0

//! Answers of the C that are not the Rust's, with everything that it takes to have one again.

use super::{
    counters::{Hook, Watched},
    reason::Reason,
};
use crate::{
    capability::CapabilitySet,
    commoncap::{
        facts::Credentials,
        prctl::{Change, Verdict},
        securebits::Securebits,
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
    // SAFETY: `prepare()` is called when the module is loaded, before anything is watched or shown.
    unsafe(uninit) static LAST: SpinLock<Option<Divergence>> = None;
}

/// Of each hook and reason, whether a divergence has been reported.
static REPORTED: [Atomic<bool>; 2 * Reason::COUNT] =
    [const { Atomic::new(false) }; 2 * Reason::COUNT];

/// Makes ready to keep the last one. To be called once, when the module is loaded.
pub fn prepare() {
    // SAFETY: By the above, this is the only call.
    unsafe { LAST.init() };
}

/// Writes the last one, if there was any.
pub(super) fn show_last(f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let last = *LAST.lock();
    last.map_or(Ok(()), |last| f.write_fmt(fmt!("last: {last}\n")))
}

/// What of credentials a `prctl()` may depend on or change.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Facts {
    securebits: Securebits,
    effective: CapabilitySet,
    permitted: CapabilitySet,
    inheritable: CapabilitySet,
    bounding: CapabilitySet,
    ambient: CapabilitySet,
}

impl Facts {
    pub(super) fn of(cred: &impl Credentials) -> Self {
        Self {
            securebits: cred.securebits(),
            effective: cred.effective(),
            permitted: cred.permitted(),
            inheritable: cred.inheritable(),
            bounding: cred.bounding(),
            ambient: cred.ambient(),
        }
    }

    /// Returns what becomes of them by a change.
    pub(super) fn with(mut self, change: Change) -> Self {
        match change {
            Change::Bounding(set) => self.bounding = set,
            Change::Securebits(securebits) => self.securebits = securebits,
            Change::Ambient(set) => self.ambient = set,
        }
        self
    }

    /// Returns the securebits as C has them.
    #[cfg(CONFIG_TRACEPOINTS)]
    pub(super) fn securebits(&self) -> u32 {
        self.securebits.bits()
    }
}

impl fmt::Display for Facts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_fmt(fmt!(
            "securebits {:#x} effective {:#x} permitted {:#x} inheritable {:#x} bounding {:#x} \
             ambient {:#x}",
            self.securebits.bits(),
            self.effective.bits(),
            self.permitted.bits(),
            self.inheritable.bits(),
            self.bounding.bits(),
            self.ambient.bits()
        ))
    }
}

/// A `prctl()`, and what the Rust would have answered.
#[derive(Clone, Copy)]
pub(super) struct Prctl {
    pub(super) option: c_int,
    pub(super) args: [c_ulong; 4],
    pub(super) before: Facts,
    pub(super) answer: Result<Verdict, Denial>,
}

impl fmt::Display for Prctl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (option, [arg2, arg3, arg4, arg5]) = (self.option, self.args);
        f.write_fmt(fmt!(
            "prctl({option}, {arg2:#x}, {arg3:#x}, {arg4:#x}, {arg5:#x}) with {}",
            self.before
        ))
    }
}

/// A question to `cap_capable()`.
#[derive(Clone, Copy)]
pub(super) struct Question {
    cap: c_int,
    euid: u32,
    effective: CapabilitySet,
    /// The level of the namespace of the credentials.
    home: c_int,
    /// How many steps up from the target it is, if it is there.
    steps: Option<usize>,
    /// The owners of the target and of its ancestors.
    owners: [u32; Self::DEPTH],
    levels: usize,
}

impl Question {
    /// How many namespaces there can be in one chain.
    const DEPTH: usize = 34;

    pub(super) fn new(cred: &Credential, target: &UserNamespace, cap: c_int) -> Self {
        let home = CredentialExt::user_ns(cred);
        let mut question = Self {
            cap,
            euid: cred.euid_number(),
            effective: CredentialExt::effective(cred),
            home: home.level(),
            steps: None,
            owners: [0; Self::DEPTH],
            levels: 0,
        };
        let mut ns = Some(target);
        for owner in &mut question.owners {
            let Some(this) = ns else { break };
            if this == home {
                question.steps = Some(question.levels);
            }
            *owner = this.owner_number();
            question.levels += 1;
            ns = this.parent();
        }
        question
    }
}

impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_fmt(fmt!(
            "cap_capable({}) by euid {} effective {:#x} of a namespace at level {}, ",
            self.cap,
            self.euid,
            self.effective.bits(),
            self.home
        ))?;
        match self.steps {
            Some(steps) => f.write_fmt(fmt!("{steps} above the target,"))?,
            None => f.write_str("not above the target,")?,
        }
        f.write_str(" whose owner and those of its ancestors are")?;
        for owner in self.owners.iter().take(self.levels) {
            f.write_fmt(fmt!(" {owner}"))?;
        }
        Ok(())
    }
}

/// An answer of the C that is not the Rust's.
#[derive(Clone, Copy)]
pub(super) enum Divergence {
    /// Of `cap_capable()`: what the Rust would have said, and what the C has.
    Capable(Question, Reason, c_int),
    /// Of `cap_task_prctl()`: what the C has said, and what it has made of the credentials.
    TaskPrctl(Prctl, c_int, Facts),
}

impl Divergence {
    fn kind(&self) -> (Hook, Reason) {
        match self {
            Self::Capable(_, reason, _) => (Hook::Capable, *reason),
            Self::TaskPrctl(prctl, ..) => (Hook::TaskPrctl, prctl.answer.into()),
        }
    }

    /// Counts it, keeps it as the last one, and reports it if it is the first of its kind.
    #[cold]
    pub(super) fn report(self) {
        let (hook, reason) = self.kind();
        hook.count_watched(Watched::Diverged);
        // In an interrupt, somebody may hold it. Then it is not the last one.
        if let Some(mut last) = LAST.try_lock() {
            *last = Some(self);
        }
        let reported = REPORTED.get(hook as usize * Reason::COUNT + reason.number());
        if reported.is_some_and(|reported| !reported.xchg(true, Relaxed)) {
            pr_warn!("the C answered otherwise: {self}\n");
        }
    }
}

impl fmt::Display for Divergence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (_, reason) = self.kind();
        let (verdict, reason) = (reason.verdict(), reason.name());
        match self {
            Self::Capable(question, _, ret) => {
                f.write_fmt(fmt!("{question}; C: {ret}; Rust: {verdict}, {reason}"))
            }
            Self::TaskPrctl(prctl, ret, after) => {
                f.write_fmt(fmt!(
                    "{prctl}; C: {ret}, then {after}; Rust: {verdict}, {reason}"
                ))?;
                match prctl.answer {
                    Ok(Verdict::Value(value)) => f.write_fmt(fmt!(" {value:#x}")),
                    Ok(Verdict::Change(change)) => {
                        f.write_fmt(fmt!(", then {}", prctl.before.with(change)))
                    }
                    Err(_) => Ok(()),
                }
            }
        }
    }
}
