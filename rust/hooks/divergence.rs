// SPDX-License-Identifier: GPL-2.0

//! Answers of the C that are not the Rust's, with everything that it takes to have one again.

use super::{
    counters::{Hook, Watched},
    reason::Reason,
};
use crate::{
    capability::CapabilitySet,
    commoncap::{
        credentials::Credentials,
        prctl::{Change, Request, Verdict},
        Denial,
    },
    kernel_ext::{cred::CredentialExt, user_namespace::UserNamespace},
    securebits::Securebits,
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

/// How many kinds of questions there are: see [`Divergence::question`].
const QUESTIONS: usize = 13;

/// Of each kind of question and reason, whether a divergence has been reported.
static REPORTED: [Atomic<bool>; QUESTIONS * Reason::COUNT] =
    [const { Atomic::new(false) }; QUESTIONS * Reason::COUNT];

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
            euid: cred.euid().into_raw().val,
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
            *owner = this.owner().into_raw().val;
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
    fn hook(&self) -> Hook {
        match self {
            Self::Capable(..) => Hook::Capable,
            Self::TaskPrctl(..) => Hook::TaskPrctl,
        }
    }

    /// Returns what the Rust would have said.
    fn reason(&self) -> Reason {
        match self {
            Self::Capable(_, reason, _) => *reason,
            Self::TaskPrctl(prctl, ..) => prctl.answer.into(),
        }
    }

    /// Returns what has been asked: a number below [`QUESTIONS`].
    fn question(&self) -> usize {
        let Self::TaskPrctl(prctl, ..) = self else {
            return 0;
        };
        match Request::parse(prctl.option, prctl.args) {
            Err(_) => 1,
            Ok(Request::BoundingRead(_)) => 2,
            Ok(Request::BoundingDrop(_)) => 3,
            Ok(Request::SetSecurebits(_)) => 4,
            Ok(Request::GetSecurebits) => 5,
            Ok(Request::GetKeepCaps) => 6,
            Ok(Request::SetKeepCaps(_)) => 7,
            Ok(Request::AmbientClearAll(_)) => 8,
            // One for each operation, and one for all that are none.
            Ok(Request::Ambient(operation @ 1..=3, ..)) => 8 + operation,
            Ok(Request::Ambient(..)) => 12,
        }
    }

    /// Counts it, keeps it as the last one, and reports it if it is the first of its kind.
    #[cold]
    pub(super) fn report(self) {
        self.hook().count_watched(Watched::Diverged);
        // In an interrupt, somebody may hold it. Then it is not the last one.
        if let Some(mut last) = LAST.try_lock() {
            *last = Some(self);
        }
        let kind = self.question() * Reason::COUNT + self.reason().number();
        let first = |reported: &Atomic<bool>| !reported.xchg(true, Relaxed);
        if REPORTED.get(kind).is_some_and(first) {
            pr_warn!("the C answered otherwise: {self}\n");
        }
    }
}

impl fmt::Display for Divergence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (verdict, reason) = (self.reason().verdict(), self.reason().name());
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

#[crate::kunit_tests(rust_commoncap_hook_divergence)]
mod tests {
    use super::*;
    use crate::{commoncap::prctl::option, kernel_ext::cred::current_cred};
    use kernel::{bindings, str::CString};

    const EPERM: c_int = -1;

    /// A namespace of an owner, below another one.
    fn below(parent: &UserNamespace, owner: u32) -> Result<KBox<bindings::user_namespace>> {
        let mut ns = KBox::<bindings::user_namespace>::init(pin_init::init_zeroed(), GFP_KERNEL)?;
        ns.parent = parent.as_ptr();
        ns.level = parent.level() + 1;
        ns.owner.val = owner;
        Ok(ns)
    }

    /// Asks as user 1000 in the initial namespace, or in its child, about its grandchild.
    fn ask(in_child: bool) -> Result<CString> {
        let initial = UserNamespace::initial();
        let mut child = below(initial, 1000)?;
        // SAFETY: It is valid, and so is its parent.
        let child = unsafe { UserNamespace::from_ptr(&raw mut *child) };
        let mut grandchild = below(child, 1001)?;
        // SAFETY: As above.
        let grandchild = unsafe { UserNamespace::from_ptr(&raw mut *grandchild) };
        let mut cred = KBox::<bindings::cred>::init(pin_init::init_zeroed(), GFP_KERNEL)?;
        cred.user_ns = if in_child { grandchild } else { initial }.as_ptr();
        cred.euid.val = 1000;
        cred.cap_effective.val = 1 << 21;
        // SAFETY: It is valid, and what is read of it is initialized.
        let cred = unsafe { Credential::from_ptr(&*cred) };
        let target = if in_child { child } else { grandchild };
        let question = Question::new(cred, target, 21);
        let divergence = Divergence::Capable(question, Reason::Effective, EPERM);
        CString::try_from_fmt(fmt!("{divergence}"))
    }

    fn prctl(option: c_int, arg2: c_ulong, answer: Result<Verdict, Denial>) -> Prctl {
        // SAFETY: Nothing is committed here.
        let cred = unsafe { current_cred() };
        let mut before = Facts::of(cred);
        before.securebits = Securebits::EXEC_RESTRICT_FILE;
        before.ambient = CapabilitySet::from_bits(2);
        Prctl {
            option,
            args: [arg2, 2, 3, 4],
            before,
            answer,
        }
    }

    /// Whether a divergence is told as this.
    fn told(divergence: &Divergence, text: &[u8]) -> bool {
        CString::try_from_fmt(fmt!("{divergence}"))
            .is_ok_and(|told| told.to_bytes().ends_with(text))
    }

    #[test]
    fn a_question_is_told_with_the_whole_chain_of_namespaces() {
        let text = ask(false);
        assert!(text.is_ok_and(|text| text.to_bytes()
            == b"cap_capable(21) by euid 1000 effective 0x200000 of a namespace at level 0, 2 \
                above the target, whose owner and those of its ancestors are 1001 1000 0; C: -1; \
                Rust: granted, Effective"));
        let text = ask(true);
        assert!(text.is_ok_and(|text| text.to_bytes()
            == b"cap_capable(21) by euid 1000 effective 0x200000 of a namespace at level 2, not \
                above the target, whose owner and those of its ancestors are 1000 0; C: -1; \
                Rust: granted, Effective"));
    }

    #[test]
    fn a_prctl_is_told_with_what_the_c_and_the_rust_made_of_it() {
        let change = Change::Ambient(CapabilitySet::from_bits(6));
        let asked = prctl(option::CAP_AMBIENT, 2, Ok(Verdict::Change(change)));
        let divergence = Divergence::TaskPrctl(asked, EPERM, asked.before);
        assert!(told(&divergence, b" ambient 0x6"));

        let asked = prctl(option::GET_SECUREBITS, 0, Ok(Verdict::Value(0x100)));
        let divergence = Divergence::TaskPrctl(asked, 0, asked.before);
        assert!(told(
            &divergence,
            b" ambient 0x2; Rust: granted, Value 0x100"
        ));

        let asked = prctl(option::SET_SECUREBITS, 1, Err(Denial::SecurebitsPrivileged));
        let divergence = Divergence::TaskPrctl(asked, 0, asked.before);
        assert!(told(&divergence, b"; Rust: denied, SecurebitsPrivileged"));
        let text = CString::try_from_fmt(fmt!("{divergence}"));
        assert!(text.is_ok_and(|text| text
            .to_bytes()
            .starts_with(b"prctl(28, 0x1, 0x2, 0x3, 0x4) with securebits 0x100 effective 0x")));
    }

    #[test]
    fn each_question_is_a_kind_of_its_own() {
        let questions = [
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
        for (number, (option, arg2)) in questions.into_iter().enumerate() {
            let asked = prctl(option, arg2, Err(Denial::NotOurs));
            let divergence = Divergence::TaskPrctl(asked, 0, asked.before);
            assert_eq!(divergence.question(), number + 1);
        }
        assert_eq!(questions.len() + 1, QUESTIONS);
        let others = prctl(option::CAP_AMBIENT, 5, Err(Denial::NotOurs));
        let divergence = Divergence::TaskPrctl(others, 0, others.before);
        assert_eq!(divergence.question(), QUESTIONS - 1);
    }
}
