// SPDX-License-Identifier: GPL-2.0

//! Checks whether a process holds a capability.

use super::{
    but::But,
    over::Over,
    remedy,
    row::{Answer, By, Cases, Row, Target},
};
use crate::{
    capabilities, either_or,
    facts::{Credentials, Owner, Process},
};
use commoncap::{capability::Capability, capable::capable, Denial};

/// Checks a capability, or the one that the kernel accepts in its place.
pub fn row(process: &Process, capability: Capability, over: &Over) -> Row {
    let (what, owner) = over.of(process);
    let other = either_or::always(capability.name()).and_then(|check| {
        let other = if check.first == capability.name() {
            check.second
        } else {
            check.first
        };
        capabilities::known(other)
    });
    let asks: Vec<Capability> = [capability].into_iter().chain(other).collect();
    let mut cases = Cases::default();
    for target in owner.targets(process) {
        for cred in process.possible_credentials() {
            match asks.iter().find_map(|ask| granted(&cred, *ask, &target)) {
                Some(by) => cases.granted(by),
                None => {
                    let rule = capable(&cred, &*target, capability).err();
                    cases.refused(rule.as_slice());
                }
            }
        }
    }
    let (mut answer, mut by, rules) = cases.sum_up();
    let (mut reason, mut advice) = (None, None);
    match answer {
        Answer::Yes if !over.is_mapped(process) => {
            (answer, by) = (Answer::No, None);
            reason = Some(
                "the user namespace of the process does not map the owner and the group of that \
                 file, so its capabilities do not count for it"
                    .to_owned(),
            );
            advice = Some("do it in a user namespace that maps both".to_owned());
        }
        Answer::Yes => {}
        Answer::No => {
            reason = remedy::reason(&rules);
            advice = rules
                .last()
                .and_then(|rule| remedy::of(process, &asks, *rule, what, &owner));
        }
        Answer::Unknown => {
            let why = match &owner {
                Owner::Unknown(why) => why,
                _ => {
                    "capwhy's own user namespace does not map the user of the process, so it is \
                     unknown whether it made that namespace"
                }
            };
            reason = Some(why.to_owned());
            advice = Some(remedy::of_unknown(why).to_owned());
        }
    }
    Row {
        operation: capability.name().to_owned(),
        purpose: format!("use {} over {}", capability.name(), over.text()),
        changes: Vec::new(),
        asks: asks.iter().map(|ask| ask.name()).collect(),
        over: Target {
            what,
            user_ns: owner.number(),
        },
        answer,
        by,
        rules: rules.iter().map(|rule| rule.name()).collect(),
        errno: rules
            .last()
            .map(|rule: &Denial| format!("{:?}", rule.errno())),
        reason,
        remedy: advice,
        but: setns(process, capability, over, answer)
            .into_iter()
            .collect(),
    }
}

/// Returns what `setns()` to a namespace also checks: `pidns_install()` and its like.
fn setns(process: &Process, capability: Capability, over: &Over, answer: Answer) -> Option<But> {
    let enters = capability == Capability::SYS_ADMIN && matches!(over, Over::Namespace(_));
    let lacks = !process.effective.contains(Capability::SYS_ADMIN);
    (enters && lacks && answer == Answer::Yes).then(|| But {
        what: "setns",
        certain: false,
        sentence: "to enter that namespace, setns() also checks cap_sys_admin over the process's \
                   own user namespace, which it lacks: enter the user namespace first (nsenter \
                   --user --preserve-credentials --target PID, then the other options)"
            .to_owned(),
    })
}

fn granted(
    cred: &Credentials<'_>,
    capability: Capability,
    target: &crate::facts::UserNs,
) -> Option<By> {
    let how = capable(cred, target, capability).ok()?;
    Some(By::grant(capability, how))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{
        fixtures::{below, in_child, in_child_with_its_own, in_initial},
        Uid, HIDDEN, KINDS,
    };

    const RAW: Capability = Capability::NET_RAW;

    fn check(process: &Process, over: &Over) -> Row {
        row(process, RAW, over)
    }

    #[test]
    fn a_capability_counts_over_the_owner_of_the_namespace() {
        let net = Over::usual(RAW);
        assert_eq!(
            check(&in_initial(&[RAW]), &net).by,
            Some(By::Effective("cap_net_raw"))
        );
        let row = check(&in_child(&[RAW]), &net);
        assert_eq!((row.answer, row.rule()), (Answer::No, "TargetNotBelow"));
        assert_eq!(row.over.what, "net-namespace-owner");
        assert_eq!(
            check(&in_child_with_its_own(&[RAW]), &net).answer,
            Answer::Yes
        );
        assert_eq!(
            check(&in_child_with_its_own(&[RAW]), &Over::Initial).answer,
            Answer::No
        );
        assert_eq!(check(&in_child(&[RAW]), &Over::Own).answer, Answer::Yes);
    }

    #[test]
    fn real_time_takes_cap_sys_nice_over_the_initial_namespace() {
        let nice = Capability::SYS_NICE;
        let row = row(&in_child(&[nice]), nice, &Over::usual(nice));
        assert_eq!((row.answer, row.rule()), (Answer::No, "TargetNotBelow"));
        assert!(row.remedy.unwrap().contains("--ulimit rtprio="));
    }

    #[test]
    fn the_owner_of_a_namespace_is_named_in_the_remedy() {
        let process = in_initial(&[]);
        let mine = Over::Namespace(Owner::Is(below(&process.initial, 1000)));
        assert_eq!(check(&process, &mine).by, Some(By::Owner("cap_net_raw")));
        let enter = |over: &Over| row(&process, Capability::SYS_ADMIN, over).but;
        assert!(enter(&mine)[0]
            .sentence
            .contains("enter the user namespace first"));
        let user_ns = Over::UserNamespace(Owner::Is(below(&process.initial, 1000)));
        assert!(enter(&user_ns).is_empty() && check(&process, &mine).but.is_empty());
        let other = Over::Namespace(Owner::Is(below(&process.initial, 7)));
        let row = check(&process, &other);
        assert_eq!((row.answer, row.rule()), (Answer::No, "NotEffective"));
        let remedy = row.remedy.unwrap();
        assert!(
            remedy.starts_with("user 7 made user:[4026532202]: do it as user 7"),
            "{remedy}"
        );
        let strange = below(&process.initial, 7);
        let strange = crate::facts::UserNs::below(&strange, 1, Uid::Unmapped { same: true });
        let row = check(&process, &Over::Namespace(Owner::Is(strange)));
        assert!(row.remedy.unwrap().contains("user 7 made"));
    }

    #[test]
    fn the_kernel_accepts_sys_admin_in_place_of_bpf() {
        let admin = in_initial(&[Capability::SYS_ADMIN]);
        let bpf = row(&admin, Capability::BPF, &Over::usual(Capability::BPF));
        assert_eq!(bpf.by, Some(By::Effective("cap_sys_admin")));
        assert_eq!(bpf.asks, ["cap_bpf", "cap_sys_admin"]);
        let bpf = in_initial(&[Capability::BPF]);
        let admin = row(&bpf, Capability::SYS_ADMIN, &Over::Own);
        assert_eq!(
            (admin.answer, admin.asks),
            (Answer::No, vec!["cap_sys_admin"])
        );
    }

    #[test]
    fn what_is_in_the_other_sets_gives_nothing() {
        let mut process = in_initial(&[]);
        let raw = crate::facts::fixtures::set(&[RAW]);
        (process.inheritable, process.bounding) = (raw, raw);
        let remedy = check(&process, &Over::usual(RAW)).remedy.unwrap();
        let words = "cap_net_raw is in its bounding and inheritable sets, which give nothing by \
                     themselves";
        assert!(
            remedy.contains(words) && remedy.contains("ambient"),
            "{remedy}"
        );
        assert!(remedy.contains("setcap"), "{remedy}");
        process.program.nosuid = true;
        let remedy = check(&process, &Over::usual(RAW)).remedy.unwrap();
        assert!(
            remedy.contains("nosuid") && !remedy.contains("setcap"),
            "{remedy}"
        );
        process.inheritable = crate::facts::fixtures::set(&[]);
        let remedy = check(&process, &Over::usual(RAW)).remedy.unwrap();
        assert!(
            remedy.contains("in its bounding set, which gives nothing by itself"),
            "{remedy}"
        );
    }

    #[test]
    fn the_remedy_depends_on_what_keeps_the_capability_away() {
        let remedy = |process: &Process| check(process, &Over::usual(RAW)).remedy.unwrap();
        let container = remedy(&in_child(&[RAW]));
        assert!(
            container.contains("make a network namespace in that user namespace"),
            "{container}"
        );
        let mut process = in_initial(&[]);
        process.bounding = crate::facts::fixtures::set(&[]);
        assert!(remedy(&process).contains("--cap-add=NET_RAW"));
        process.no_new_privs = true;
        let text = remedy(&process);
        assert!(text.contains("or with it ambient"), "{text}");
        assert!(text.contains("AmbientCapabilities=CAP_NET_RAW"), "{text}");
    }

    #[test]
    fn a_file_counts_if_its_owner_and_group_are_mapped() {
        let mut process = in_initial(&[RAW]);
        let file = Over::File { uid: 5, gid: 6 };
        assert_eq!(check(&process, &file).answer, Answer::Yes);
        process.maps[1] = crate::facts::ids::IdMap::read("gid_map", "0 0 6\n", true);
        assert_eq!(check(&process, &file).answer, Answer::No);
    }

    #[test]
    fn what_is_effective_in_the_initial_namespace_counts_over_hidden_ones() {
        let hidden = |held| {
            let mut process = in_initial(held);
            process.owners = KINDS.map(|kind| (kind, Owner::Unknown(HIDDEN))).into();
            check(&process, &Over::usual(RAW))
        };
        assert_eq!(hidden(&[RAW]).by, Some(By::Effective("cap_net_raw")));
        let row = hidden(&[]);
        assert_eq!(row.answer, Answer::Unknown);
        assert_eq!(row.remedy.unwrap(), "run capwhy as root");
        let mut process = in_child(&[RAW]);
        process.owners = in_initial(&[]).owners;
        process.owners.insert("net", Owner::Unknown(HIDDEN));
        assert_eq!(check(&process, &Over::usual(RAW)).answer, Answer::Unknown);
    }

    #[test]
    fn every_capability_is_checked_over_something() {
        for &capability in Capability::ALL {
            let row = row(
                &in_initial(&[capability]),
                capability,
                &Over::usual(capability),
            );
            assert_eq!(row.answer, Answer::Yes, "{}", capability.name());
        }
    }
}
