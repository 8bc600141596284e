// SPDX-License-Identifier: GPL-2.0

//! The smallest set of capabilities under which nothing that succeeded would fail.
//!
//! Only checks of credentials in the namespace that the command was started in count: the owner of
//! a user namespace holds all capabilities over it and in it, and needs none before.

use super::collect::Counted;
use crate::{
    capabilities, explain,
    trace::{
        event::{TaskPrctl, Verdict},
        refusal::Capset,
        request::{Asked, Request},
    },
};
use commoncap::{capability::Capability, Denial};
use std::collections::{BTreeMap, BTreeSet};

/// Why a capability is in a set: how often it was used, and by which programs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Use {
    /// How often.
    pub times: u64,
    /// By which programs.
    pub programs: BTreeSet<String>,
}

/// A set of capabilities by name, with the use of each.
pub type Uses = BTreeMap<(u8, String), Use>;

/// Returns the names of a set, by their numbers.
pub fn names(uses: &Uses) -> Vec<String> {
    uses.keys().map(|(_, name)| name.clone()).collect()
}

/// The number of a capability before its name, so that those that are not known come last.
fn key(name: &str) -> (u8, String) {
    let number = capabilities::known(name).map_or(u8::MAX, Capability::number);
    (number, name.to_owned())
}

fn note<T>(uses: &mut Uses, name: &str, counted: &Counted<T>) {
    let entry = uses.entry(key(name)).or_default();
    entry.times += counted.times;
    entry.programs.extend(counted.programs.keys().cloned());
}

/// What a command needed and lacked.
pub struct Sets {
    /// The capabilities without which something that succeeded would have failed.
    pub needed: Uses,
    /// The capabilities that would have to be there as well for what was refused.
    pub missing: Uses,
    /// Both of them together, which can be fewer: one capability can replace another.
    pub all: Uses,
    /// The capabilities that the kernel checked without audit, and are in neither set.
    pub optional: Uses,
}

impl Sets {
    /// Finds them for a command that was started in this user namespace.
    pub fn of(
        home: u64,
        requests: &[Counted<Request>],
        prctls: &[Counted<TaskPrctl>],
        capsets: &[Counted<Capset>],
    ) -> Self {
        let prctls = || prctls.iter().filter(move |counted| counted.what.ns == home);
        let with =
            |verdict: Verdict| prctls().filter(move |counted| counted.what.verdict == verdict);
        let requests = || requests.iter().filter(move |counted| counted.what.own);
        let audited = || requests().filter(|counted| !counted.what.optional);
        let granted = |counted: &&Counted<Request>| granted(home, &counted.what);
        let refused = |counted: &&Counted<Request>| refused(home, &counted.what);
        let either = |counted: &&Counted<Request>| granted(counted) || refused(counted);

        let mut needed = uses(audited().filter(granted), with(Verdict::Granted));
        let mut all = uses(audited().filter(either), prctls());
        for counted in capsets.iter().filter(|counted| counted.what.needs_setpcap) {
            note(&mut needed, Capability::SETPCAP.name(), counted);
            note(&mut all, Capability::SETPCAP.name(), counted);
        }
        let mut lacking = uses(audited().filter(refused), with(Verdict::Denied));
        // What was never permitted, or not after an execve(), has to be there from the start.
        let by_execve = |until: &Option<String>| {
            let call = until.as_deref();
            call.is_none_or(|call| call.starts_with("execve("))
        };
        for counted in capsets {
            let capset = &counted.what;
            let names = capset.refused.iter();
            for name in names.filter(|_| capset.lacks_permitted() && by_execve(&capset.until)) {
                note(&mut lacking, name, counted);
                note(&mut all, name, counted);
            }
        }
        let missing = lacking
            .into_iter()
            .filter(|(name, _)| all.contains_key(name) && !needed.contains_key(name))
            .collect();
        let unaudited = requests().filter(|counted| counted.what.optional);
        let optional = uses(unaudited.filter(either), std::iter::empty())
            .into_iter()
            .filter(|(name, _)| !all.contains_key(name) && !needed.contains_key(name))
            .collect();
        Self {
            needed,
            missing,
            all,
            optional,
        }
    }
}

/// Returns the smallest set that is enough for these requests and calls.
fn uses<'a>(
    requests: impl Iterator<Item = &'a Counted<Request>>,
    prctls: impl Iterator<Item = &'a Counted<TaskPrctl>>,
) -> Uses {
    let mut uses = Uses::new();
    for counted in prctls {
        if let Some(name) = explain::decisive(&counted.what) {
            note(&mut uses, name, counted);
        }
    }
    let (either, single): (Vec<_>, Vec<_>) =
        requests.partition(|counted| matches!(counted.what.asked, Asked::Either(_)));
    for counted in single {
        note(&mut uses, counted.what.asked.least(), counted);
    }
    // A capability that is needed anyway is enough for each check that also accepts it.
    let needed_anyway = uses.clone();
    for counted in either {
        let asked = &counted.what.asked;
        if !needed_anyway.keys().any(|(_, name)| asked.takes(name)) {
            note(&mut uses, asked.least(), counted);
        }
    }
    uses
}

/// Returns whether a capability in that namespace granted the request. The owner of a namespace
/// needs none there.
fn granted(home: u64, request: &Request) -> bool {
    request.cred_ns == home && request.verdict == Verdict::Granted && request.reason != "Owner"
}

/// Returns whether a capability in that namespace would have granted the request.
fn refused(home: u64, request: &Request) -> bool {
    request.cred_ns == home && request.reason == Denial::NotEffective.name()
}

#[cfg(test)]
mod tests {
    use super::{
        super::collect::fixtures::{capable, collect, prctl},
        *,
    };

    const HOME: u64 = 1;

    /// Returns the names of what is needed and of what is missing.
    fn sets(events: &[String]) -> (Vec<String>, Vec<String>) {
        let events: Vec<&str> = events.iter().map(String::as_str).collect();
        let collection = collect(&events);
        let (requests, prctls) = (
            collection.requests.into_list(),
            collection.prctls.into_list(),
        );
        let sets = Sets::of(HOME, &requests, &prctls, &[]);
        (names(&sets.needed), names(&sets.missing))
    }

    fn granted(cap: &str) -> String {
        capable(cap, HOME, HOME, "granted", "Effective")
    }

    fn denied(cap: &str) -> String {
        capable(cap, HOME, HOME, "denied", "NotEffective")
    }

    fn optional_names(events: &[String]) -> Vec<String> {
        let events: Vec<&str> = events.iter().map(String::as_str).collect();
        let requests = collect(&events).requests.into_list();
        names(&Sets::of(HOME, &requests, &[], &[]).optional)
    }

    const CR: &str = "cap_checkpoint_restore";
    const ADMIN: &str = "cap_sys_admin";

    #[test]
    fn what_was_granted_is_needed_and_what_was_refused_is_missing() {
        let (needed, missing) =
            sets(&[granted("cap_kill"), granted("cap_chown"), denied("cap_bpf")]);
        assert_eq!(needed, ["cap_chown", "cap_kill"]);
        assert_eq!(missing, ["cap_bpf"]);
        assert_eq!(sets(&[]), (vec![], vec![]));
    }

    #[test]
    fn what_is_optional_is_neither_needed_nor_missing() {
        let events = [
            granted(ADMIN),
            denied("cap_sys_resource"),
            denied("cap_kill"),
        ]
        .map(|event| format!("{event} audit=0"));
        assert_eq!(sets(&events), (vec![], vec![]));
        let and_needed = [&events[..], &[granted("cap_kill")]].concat();
        assert_eq!(
            optional_names(&and_needed),
            ["cap_sys_admin", "cap_sys_resource"]
        );
        let elsewhere = capable(ADMIN, HOME, 9, "denied", "TargetNotBelow") + " audit=0";
        assert!(optional_names(&[elsewhere, granted(ADMIN)]).is_empty());
    }

    #[test]
    fn a_check_of_other_credentials_needs_nothing() {
        let events = [granted(ADMIN), denied("cap_kill"), granted(CR)];
        let others = events.map(|event| format!("{event} own=0"));
        assert_eq!(sets(&others), (vec![], vec![]));
        assert!(optional_names(&others.map(|event| format!("{event} audit=0"))).is_empty());
    }

    #[test]
    fn what_was_refused_once_and_granted_later_is_not_missing() {
        let (needed, missing) = sets(&[denied("cap_kill"), granted("cap_kill")]);
        assert_eq!((needed, missing), (vec!["cap_kill".to_owned()], vec![]));
    }

    #[test]
    fn checkpoint_restore_does_where_sys_admin_was_used_for_nothing_else() {
        let pair = [denied(CR), granted(ADMIN)];
        assert_eq!(sets(&pair), (vec![CR.to_owned()], vec![]));
        let with_more = [pair[0].clone(), pair[1].clone(), granted(ADMIN)];
        assert_eq!(sets(&with_more), (vec![ADMIN.to_owned()], vec![]));
        assert_eq!(sets(&[granted(CR), granted(ADMIN)]).0, [ADMIN]);
    }

    #[test]
    fn checkpoint_restore_is_missing_where_neither_was_held() {
        assert_eq!(
            sets(&[denied(CR), denied(ADMIN)]),
            (vec![], vec![CR.to_owned()])
        );
        // With what is needed anyway, nothing would be missing.
        let unlike = [granted(ADMIN), denied(CR), denied(ADMIN)];
        assert_eq!(sets(&unlike), (vec![ADMIN.to_owned()], vec![]));
    }

    #[test]
    fn the_smaller_of_two_capabilities_is_enough_whatever_the_order_and_the_audit_of_the_checks() {
        let without_audit = |event: String| event + " audit=0";
        for (least, other) in [(CR, ADMIN), ("cap_bpf", ADMIN), ("cap_perfmon", ADMIN)] {
            let rust = [without_audit(denied(least)), granted(other)];
            assert_eq!(sets(&rust), (vec![least.to_owned()], vec![]));
            let rust = [without_audit(denied(least)), denied(other), denied(least)];
            assert_eq!(sets(&rust), (vec![], vec![least.to_owned()]));
            let c = [denied(least), granted(other)];
            assert_eq!(sets(&c), (vec![least.to_owned()], vec![]));
        }
    }

    #[test]
    fn the_owner_of_a_namespace_needs_nothing_over_it_or_in_it() {
        let owner = capable(ADMIN, HOME, 2, "granted", "Owner");
        let inside = capable("cap_setuid", 2, 2, "granted", "Effective");
        let refused_inside = capable("cap_setuid", 2, HOME, "denied", "TargetNotBelow");
        assert_eq!(sets(&[owner, inside, refused_inside]), (vec![], vec![]));
    }

    #[test]
    fn what_no_capability_would_have_changed_is_not_missing() {
        let above = capable(ADMIN, HOME, 9, "denied", "TargetNotBelow");
        assert_eq!(sets(&[above]), (vec![], vec![]));
    }

    #[test]
    fn prctls_take_what_the_rules_say() {
        let securebits = |from: &str, to: &str, verdict: &str, reason: &str| {
            let more = format!("securebits={from} asked={to} after={to}");
            prctl("PR_SET_SECUREBITS", [0x1, 0], verdict, reason, &more)
        };
        let setpcap = || vec!["cap_setpcap".to_owned()];
        let privileged = securebits("0x0", "0x1", "granted", "Change");
        assert_eq!(sets(&[privileged]), (setpcap(), vec![]));
        let unprivileged = securebits("0x0", "0x100", "granted", "Change");
        assert_eq!(sets(&[unprivileged]), (vec![], vec![]));
        let refused = securebits("0x0", "0x1", "denied", "SecurebitsPrivileged");
        assert_eq!(sets(&[refused]), (vec![], setpcap()));
        let unchanged = securebits("0x0", "0x0", "denied", "SecurebitsUnchanged");
        assert_eq!(sets(&[unchanged]), (vec![], vec![]));

        let ambient = |operation, verdict, reason| {
            prctl("PR_CAP_AMBIENT", [operation, 40], verdict, reason, "")
        };
        assert_eq!(sets(&[ambient(2, "granted", "Change")]).0, [CR]);
        assert_eq!(
            sets(&[ambient(3, "granted", "Change")]).0,
            Vec::<String>::new()
        );
        assert_eq!(sets(&[ambient(2, "denied", "AmbientNotPermitted")]).1, [CR]);

        let drop = |verdict, reason| prctl("PR_CAPBSET_DROP", [3, 0], verdict, reason, "");
        assert_eq!(sets(&[drop("granted", "Change")]).0, ["cap_setpcap"]);
        assert_eq!(
            sets(&[drop("denied", "BoundingDropUnprivileged")]).1,
            ["cap_setpcap"]
        );
    }

    #[test]
    fn a_capability_that_is_not_known_yet_comes_last() {
        assert_eq!(sets(&[granted("cap_new"), granted(CR)]).0, [CR, "cap_new"]);
    }

    #[test]
    fn uses_are_counted() {
        let events = [granted("cap_kill"), granted("cap_kill")];
        let events: Vec<&str> = events.iter().map(String::as_str).collect();
        let requests = collect(&events).requests.into_list();
        let used = &Sets::of(HOME, &requests, &[], &[]).needed[&key("cap_kill")];
        assert_eq!((used.times, used.programs.len()), (2, 1));
    }
}
