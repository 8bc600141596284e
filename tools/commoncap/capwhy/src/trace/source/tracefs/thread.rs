// SPDX-License-Identifier: GPL-2.0

//! What is known of a thread: the call that it is in, and what it could do earlier.

use super::{
    call::{self, Call, Caller, Calls, Check, Rule},
    capable::{predict, Predicted},
    capset,
    credentials::{self, holding, History},
    exec::{exec, Read},
    lsm,
    prctl::{self, Before},
    text::text,
};
use crate::{
    capabilities,
    trace::{
        entry::Entry,
        event::{Capable, Event, TaskPrctl, Verdict, What},
        refusal::{Held, Mismatch, OtherLsm, Removed},
    },
};
use commoncap::{
    capability::Capability,
    capable::Grant,
    prctl::{option, Verdict as Decided},
    securebits::Securebits,
    Denial,
};

/// The reason where the facts do not show it.
pub const UNKNOWN: &str = "unknown";

/// `CAP_OPT_NOAUDIT`.
const NOAUDIT: u64 = 1 << 1;

/// What is known of a thread.
#[derive(Default)]
pub struct State {
    /// Its process.
    pub tgid: Option<i32>,
    /// The credentials before their last change, if that was by a `prctl()`, or if the kernel does
    /// not show by which call.
    before: Option<Before>,
    /// Its credentials, where probes cannot read those of the current task.
    own: Own,
    /// What all LSMs answered when they were last asked for `CAP_SETPCAP`.
    setpcap: Option<bool>,
    /// The last decision of `cap_capable()`.
    decided: Option<Decision>,
    /// The system call that it is in.
    call: Call,
    /// Its user, as the last decision had it.
    caller: Caller,
    /// The rule that refused without a check in that call.
    rule: Option<Rule>,
    /// The file capabilities that an `execve()` has read.
    read: Option<Read>,
    history: History,
}

/// A decision of `cap_capable()`.
struct Decision {
    capability: String,
    granted: bool,
    /// Whether it was without audit.
    optional: bool,
    /// The call that it was in, if the entry has it.
    call: Option<call::Id>,
    /// Whether it was about a user namespace that the thread is not above and not in.
    outside: bool,
}

/// The credentials of a thread as its last change left them, as far as known.
#[derive(Clone, Copy, Debug, Default)]
struct Own {
    /// Where they are.
    address: Option<u64>,
    content: Option<Before>,
    /// The user namespace, by its number.
    ns: Option<u64>,
    /// How deep that is.
    level: Option<i32>,
}

impl Own {
    /// Takes a change.
    fn of(entry: &Entry) -> Self {
        Self {
            address: entry.number("cred"),
            content: Before::of(entry, ""),
            ns: entry.number("inum"),
            level: entry.number("level"),
        }
    }
}

/// Takes an event of the thread.
type Add<'a> = dyn FnMut(What) + 'a;

impl State {
    /// Takes over what a new thread has of its creator.
    pub fn inherit(&mut self, parent: &Self) {
        self.history = parent.history.clone();
        self.history.execve = None;
        // A new process has a copy.
        self.own = Own {
            address: self.own.address,
            ..parent.own
        };
    }

    /// Returns where its credentials are.
    pub fn address(&self) -> Option<u64> {
        self.own.address
    }

    /// Notes where its credentials are.
    pub fn has(&mut self, address: Option<u64>) {
        self.own.address = address;
    }

    /// Adds an event of the module, and what is known besides.
    pub fn of_module(&mut self, event: Event, events: &mut Vec<Event>) {
        let thread = event.thread.clone();
        let held = match &event.what {
            What::Capable(capable) => self.held(capable, None),
            What::TaskPrctl(prctl) => self.held_for_prctl(prctl),
            _ => None,
        };
        events.push(event);
        events.extend(held.map(|held| Event {
            thread,
            what: What::Held(held),
        }));
    }

    /// Takes an entry of a probe.
    pub fn take(&mut self, entry: &Entry, add: &mut Add) -> Option<()> {
        match entry.event() {
            "capwhy_capable" => self.capable(entry, add)?,
            "capwhy_answer" => self.answer(entry, add)?,
            "capwhy_prctl" => self.prctl(entry, add)?,
            "capwhy_capset" => {
                let (capset, differs) = capset::decide(entry, &self.history)?;
                if differs {
                    add(What::Mismatch(Mismatch::of(entry, &capset.reason)));
                } else if capset.verdict == Verdict::Denied {
                    self.refuses(Calls::Capset, &capset.reason);
                }
                let rule = [Denial::CapsetInheritableUnprivileged];
                let held = self.held_for_rule(&rule, &capset.reason);
                add(What::Capset(capset));
                held.into_iter().map(What::Held).for_each(add);
            }
            "capwhy_file_caps" => self.read = Read::of(entry),
            "capwhy_exec" => {
                let in_container =
                    self.caller.in_container || self.own.level.is_some_and(|level| level > 0);
                let (path, report) = exec(entry, self.read.take(), in_container)?;
                self.history.execve = Some(format!("execve({path:?})"));
                if let Some(report) = report {
                    if report.verdict == Verdict::Denied {
                        self.refuses(Calls::Exec, &report.reason);
                    }
                    add(What::Exec(report));
                }
            }
            "capwhy_commit" => {
                self.before = match entry.number::<u64>("nr") {
                    Some(_) if call::of_number(entry) != Some(Calls::Prctl) => None,
                    _ => Before::of(entry, "_old").or(self.own.content),
                };
                self.own = Own::of(entry);
                self.history.commit(entry)?;
            }
            "capwhy_seccomp" => {
                self.call.enter(entry);
                self.call.seccomp = true;
            }
            "capwhy_failed" => {
                self.decided_alone(entry);
                let caller = Caller {
                    sets: self.history.sets,
                    ..self.caller
                };
                let failed = self.call.failed(entry, self.rule.take(), caller)?;
                add(What::Failed(failed));
            }
            "capwhy_capable_wrt_inode_uidgid" | "capwhy_inode_owner_or_capable" => {
                self.call.enter(entry);
                self.call.not_owned = Some([entry.number("uid")?, entry.number("gid")?]);
            }
            "capwhy_removed" => add(What::Removed(Removed {
                file: text(entry, "n")?,
                by: credentials::call(entry),
            })),
            "capwhy_netlink" => {
                let failed = self.call.answered(entry)?;
                add(What::Failed(failed));
            }
            other => {
                let (lsm, hook) = lsm::of_event(other)?;
                self.call.enter(entry);
                self.call.others = vec![lsm.to_owned()];
                self.call.hook = Some(hook.to_owned());
            }
        }
        Some(())
    }

    fn capable(&mut self, entry: &Entry, add: &mut Add) -> Option<()> {
        let predicted = predict(entry)?;
        let cap = name(entry.number("cap")?);
        let audit = entry.number::<u64>("opts")? & NOAUDIT == 0;
        let granted = entry.number::<i128>("ret")? == 0;
        let reason = match &predicted {
            Predicted::Is(Ok(Grant::Effective)) => "Effective",
            Predicted::Is(Ok(Grant::Owner)) => "Owner",
            Predicted::Is(Err(denial)) => denial.name(),
            Predicted::Unknown => UNKNOWN,
        };
        let differs = matches!(&predicted, Predicted::Is(decided) if decided.is_ok() != granted);
        if differs {
            add(What::Mismatch(Mismatch::of(entry, reason)));
        }
        let capable = Capable {
            cred_ns: entry.number("inum")?,
            cred_level: entry.number("level")?,
            target_ns: entry.number("over_inum")?,
            target_level: entry.number("over_level")?,
            cap,
            verdict: verdict(granted),
            reason: if differs { UNKNOWN } else { reason }.to_owned(),
            audit,
            own: entry
                .number("own")
                .or(self.own.address)
                .is_none_or(|own| entry.number("cred") == Some(own)),
            call: call::id(entry),
        };
        if capable.own {
            self.caller.euid = entry.number("euid").or(self.caller.euid);
            self.caller.in_container = capable.cred_level > 0;
        }
        let held = self.held(&capable, entry.number("owner0"));
        add(What::Capable(capable));
        held.into_iter().map(What::Held).for_each(add);
        Some(())
    }

    /// Notes a decision. Returns where the capability was, if it was refused.
    fn held(&mut self, capable: &Capable, owner: Option<u32>) -> Option<Held> {
        self.decided = Some(Decision {
            capability: capable.cap.clone(),
            granted: capable.verdict == Verdict::Granted,
            optional: !capable.audit,
            call: capable.call,
            outside: capable.reason == Denial::TargetNotBelow.name(),
        });
        let matters = capable.own && capable.audit && capable.reason == Denial::NotEffective.name();
        // capset() checks CAP_SETPCAP each time, and seldom needs it.
        let is_setpcap = capable.cap == Capability::SETPCAP.name();
        (matters && !is_setpcap).then(|| {
            let is_child = capable.target_level == capable.cred_level + 1;
            Held {
                owner: owner.filter(|_| is_child),
                in_user_ns: capable.cred_level > 0,
                ..self.where_it_was(&capable.cap)
            }
        })
    }

    fn refuses(&mut self, of: Calls, rule: &str) {
        let name = rule.to_owned();
        self.rule = Some(Rule { of, name });
    }

    /// Notes a `prctl()`. Returns where `CAP_SETPCAP` was, if it was refused for that.
    fn held_for_prctl(&mut self, prctl: &TaskPrctl) -> Option<Held> {
        if prctl.verdict == Verdict::Denied {
            self.refuses(Calls::Prctl, &prctl.reason);
        }
        let privileged = [
            Denial::SecurebitsPrivileged,
            Denial::BoundingDropUnprivileged,
        ];
        let is_privileged = privileged.iter().any(|rule| rule.name() == prctl.reason);
        is_privileged.then(|| self.where_it_was(Capability::SETPCAP.name()))
    }

    /// Returns where `CAP_SETPCAP` was, if one of these rules refused for the lack of it.
    fn held_for_rule(&self, rules: &[Denial], reason: &str) -> Option<Held> {
        let is = rules.iter().any(|rule| rule.name() == reason);
        is.then(|| self.where_it_was(Capability::SETPCAP.name()))
    }

    fn where_it_was(&self, capability: &str) -> Held {
        let known = capabilities::known(capability);
        let until = |call: Option<&str>| call.map(str::to_owned);
        Held {
            capability: capability.to_owned(),
            sets: self
                .history
                .sets
                .and_then(|sets| Some(holding(&sets, known?))),
            effective_until: known.and_then(|cap| until(self.history.effective_until(cap))),
            permitted_until: known.and_then(|cap| until(self.history.permitted_until(cap))),
            ambient_until: known.and_then(|cap| until(self.history.ambient_until(cap))),
            executed_since: known.is_some_and(|cap| self.history.is_executed_since(cap)),
            in_user_ns: false,
            without_root: self.caller.euid == Some(0)
                && self
                    .own
                    .content
                    .is_some_and(|own| own.known_securebits().intersects(Securebits::NOROOT)),
            owner: None,
        }
    }

    /// Takes a decision that no answer of all LSMs came to, as `cap_mmap_addr()` calls
    /// `cap_capable()` itself. So does `cap_task_prctl()`, whose rule says more.
    fn decided_alone(&mut self, entry: &Entry) {
        let of = call::of_number(entry);
        let has_rule = self.rule.as_ref().is_some_and(|rule| Some(rule.of) == of);
        let is_of =
            |decided: &Decision| !has_rule && !decided.granted && decided.call == call::id(entry);
        if let Some(decided) = self.decided.take().filter(is_of) {
            self.call.enter(entry);
            self.call.refused(Check {
                capability: decided.capability,
                optional: decided.optional,
                outside: decided.outside,
            });
        }
    }

    /// Takes the answer of all LSMs.
    fn answer(&mut self, entry: &Entry, add: &mut Add) -> Option<()> {
        let capability = name(entry.number("cap")?);
        let granted = entry.number::<i128>("ret")? == 0;
        self.call.enter(entry);
        if capability == Capability::SETPCAP.name() {
            self.setpcap = Some(granted);
        }
        let decided = self.decided.take();
        let decided = decided.filter(|decided| decided.capability == capability);
        match decided {
            Some(Decision { granted: true, .. }) if !granted => {
                if self.call.others.is_empty() {
                    self.call.others = lsm::of_capabilities();
                }
                let lsms = self.call.others.clone();
                add(What::OtherLsm(OtherLsm { capability, lsms }));
            }
            _ if !granted => {
                self.call.refused(Check {
                    capability,
                    optional: entry.number::<u64>("opts")? & NOAUDIT != 0,
                    outside: decided.is_some_and(|decided| decided.outside),
                });
            }
            _ => {}
        }
        Some(())
    }

    fn prctl(&mut self, entry: &Entry, add: &mut Add) -> Option<()> {
        let number: i32 = entry.number("option")?;
        let ret: i64 = entry.number("ret")?;
        let args = [
            entry.number("arg2")?,
            entry.number("arg3")?,
            entry.number("arg4")?,
            entry.number("arg5")?,
        ];
        // The last change can be by an earlier call, unless this one made a change. If it made
        // none, the credentials after the call are those before it.
        let is_change = ret == 0 && prctl::changes(number, args[0]);
        let before = self.before.take().filter(|_| is_change);
        let before = before
            .or_else(|| Before::of(entry, ""))
            .or(self.own.content.filter(|_| !is_change));
        let setpcap = self.setpcap.take();
        let decided = before.map(|before| before.decide(number, args, setpcap));
        let (expected, reason) = match &decided {
            Some(Ok(Decided::Value(value))) => (Some(i64::from(*value)), "Value"),
            Some(Ok(Decided::Change(_))) => (Some(0), "Change"),
            Some(Err(denial)) => (Some(-i64::from(denial.errno() as i32)), denial.name()),
            None => (None, UNKNOWN),
        };
        let differs = expected.is_some_and(|expected| expected != ret);
        if differs {
            add(What::Mismatch(Mismatch::of(entry, reason)));
        }
        let option = prctl::name(number)?;
        let prctl = TaskPrctl {
            ns: entry.number("inum").or(self.own.ns).unwrap_or_default(),
            level: entry.number("level").or(self.own.level).unwrap_or_default(),
            option: option.to_owned(),
            args,
            ret,
            verdict: verdict(ret >= 0),
            reason: if differs { UNKNOWN } else { reason }.to_owned(),
            securebits: before.map(|before| before.securebits),
            asked: Some(match number {
                option::SET_SECUREBITS => args[0],
                _ => 0,
            }),
            after: entry
                .number("bits")
                .or(self.own.content.map(|own| own.securebits)),
        };
        let held = self.held_for_prctl(&prctl);
        add(What::TaskPrctl(prctl));
        held.into_iter().map(What::Held).for_each(add);
        Some(())
    }
}

fn verdict(granted: bool) -> Verdict {
    match granted {
        true => Verdict::Granted,
        false => Verdict::Denied,
    }
}

/// Returns the name of a capability, also of one that a later kernel has.
fn name(number: u64) -> String {
    let known = usize::try_from(number).ok().and_then(Capability::new);
    known.map_or_else(|| format!("cap_{number}"), |cap| cap.name().to_owned())
}
