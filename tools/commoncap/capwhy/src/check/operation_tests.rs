// SPDX-License-Identifier: GPL-2.0

//! Tests of the operations of checkpoint/restore, with facts of their own.

use super::{operations, Answer, By, Row};
use crate::facts::{
    fixtures::{below, in_child, in_child_with_its_own, in_initial, set, CHILD},
    Owner, Process, Uid, UserNs, HIDDEN,
};
use commoncap::{
    capability::{Capability, CapabilitySet},
    operations::OPERATIONS,
};

const INITIAL: u64 = 4_026_531_837;

fn row(process: &Process, name: &str) -> Row {
    let found = operations(process)
        .into_iter()
        .find(|row| row.operation == name);
    found.unwrap_or_else(|| panic!("no row {name}"))
}

fn answers(process: &Process, names: &[&str]) -> Vec<Answer> {
    names.iter().map(|name| row(process, name).answer).collect()
}

fn remedy(process: &Process, name: &str) -> String {
    row(process, name).remedy.unwrap_or_default()
}

#[test]
fn every_operation_has_a_row() {
    let rows = operations(&in_initial(&[]));
    for operation in OPERATIONS {
        assert!(rows.iter().any(|row| row.operation == operation.name));
    }
}

#[test]
fn a_capability_grants_the_operations_that_check_it() {
    let process = in_initial(&[Capability::CHECKPOINT_RESTORE]);
    for operation in OPERATIONS {
        let row = row(&process, operation.name);
        if operation.name == "set-mm-exe-file" {
            assert_eq!(row.answer, Answer::No);
            assert_eq!(row.asks, ["cap_sys_resource"]);
            assert_eq!(row.rules, ["NotEffective"]);
        } else {
            assert_eq!(row.by, Some(By::Effective("cap_checkpoint_restore")));
            assert_eq!((row.rules.len(), row.errno, row.remedy), (0, None, None));
        }
    }
    let admin = row(&in_initial(&[Capability::SYS_ADMIN]), "map_files");
    assert_eq!(admin.by, Some(By::Effective("cap_sys_admin")));
}

#[test]
fn a_denial_names_the_rules_the_errno_and_the_namespace() {
    let row = row(&in_initial(&[]), "ns_last_pid");
    let rules = ["NeitherCheckpointRestoreNorSysAdmin", "NotEffective"];
    assert_eq!((row.answer, row.rules.as_slice()), (Answer::No, &rules[..]));
    assert_eq!(row.errno.as_deref(), Some("EPERM"));
    assert_eq!(
        (row.over.what, row.over.user_ns),
        ("pid-namespace-owner", Some(INITIAL))
    );
    let errno = |name| self::row(&in_initial(&[]), name).errno.unwrap();
    assert_eq!(
        (errno("amdkfd").as_str(), errno("sem_next_id").as_str()),
        ("EACCES", "EACCES")
    );
}

#[test]
fn from_a_child_namespace_nothing_reaches_the_initial_one() {
    let process = in_child(&[Capability::CHECKPOINT_RESTORE]);
    for name in [
        "clone3-set_tid",
        "ns_last_pid",
        "map_files",
        "sem_next_id",
        "tiocslcktrmios",
    ] {
        let row = row(&process, name);
        assert_eq!(
            (row.answer, row.rule()),
            (Answer::No, "TargetNotBelow"),
            "{name}"
        );
    }
    assert_eq!(row(&process, "set-mm-map-exe").answer, Answer::Yes);
    assert!(remedy(&process, "ns_last_pid").contains("unshare --pid --fork"));
    assert!(remedy(&process, "sem_next_id").contains("unshare --ipc"));
    assert!(remedy(&process, "map_files").contains("a process of the initial user namespace"));
}

#[test]
fn an_owner_that_cannot_be_seen_is_not_below() {
    let mut process = in_child(&[Capability::CHECKPOINT_RESTORE]);
    process.pid_ns_owner = Owner::NotBelow;
    let row = row(&process, "ns_last_pid");
    assert_eq!((row.answer, row.rule()), (Answer::No, "TargetNotBelow"));
    assert_eq!(row.over.user_ns, None);
    assert!(remedy(&process, "ns_last_pid").contains("that capwhy cannot see"));
}

#[test]
fn pids_are_chosen_as_far_up_as_capabilities_reach() {
    let names = ["clone3-set_tid", "clone3-set_tid-2-levels"];
    let held = [Capability::CHECKPOINT_RESTORE];
    let own = in_child_with_its_own(&held);
    assert_eq!(answers(&own, &names), [Answer::Yes, Answer::No]);
    assert_eq!(row(&own, names[0]).over.user_ns, Some(CHILD));
    assert_eq!(row(&own, names[1]).over.user_ns, Some(INITIAL));

    // A process above may choose both.
    let mut above = in_child_with_its_own(&held);
    above.user_ns = above.initial.clone();
    assert_eq!(answers(&above, &names), [Answer::Yes; 2]);

    // Without the capability the innermost denies, and no other is checked.
    let nobody = in_child_with_its_own(&[]);
    assert_eq!(row(&nobody, names[1]).over.user_ns, Some(CHILD));
    assert_eq!(row(&nobody, names[1]).rule(), "NotEffective");
}

#[test]
fn a_pid_namespace_above_the_readers_is_unknown_unless_a_nearer_one_denies() {
    let name = "clone3-set_tid-2-levels";
    let mut process = in_child_with_its_own(&[Capability::CHECKPOINT_RESTORE]);
    process.pid_namespaces.owners.truncate(1);
    process.pid_namespaces.complete = false;
    assert_eq!(row(&process, name).answer, Answer::Unknown);
    assert_eq!(row(&process, name).errno, None);
    process.effective = CapabilitySet::EMPTY;
    assert!(operations(&process).iter().all(|row| row.operation != name));
}

#[test]
fn the_owner_of_a_namespace_holds_all_over_it() {
    let mut process = in_initial(&[]);
    process.pid_ns_owner = Owner::Is(below(&process.initial, 1000));
    let owner = Some(By::Owner("cap_checkpoint_restore"));
    assert_eq!(row(&process, "ns_last_pid").by, owner);
    process.euid = Uid::Is(1001);
    assert_eq!(row(&process, "ns_last_pid").rule(), "NotEffective");
}

#[test]
fn whether_an_unmapped_user_is_the_owner_is_unknown() {
    let mut process = in_initial(&[]);
    process.euid = Uid::Unmapped { same: true };
    process.pid_ns_owner = Owner::Is(UserNs::below(&process.initial, CHILD, process.euid));
    let unknown = row(&process, "ns_last_pid");
    assert_eq!(unknown.answer, Answer::Unknown);
    assert!(unknown
        .reason
        .unwrap()
        .contains("whether its user made that namespace"));
    // A mapped user is another one.
    process.pid_ns_owner = Owner::Is(UserNs::below(&process.initial, CHILD, Uid::Is(1000)));
    assert_eq!(row(&process, "ns_last_pid").answer, Answer::No);
    // Where it does not matter, the answer is known.
    process.effective = set(&[Capability::SYS_ADMIN]);
    process.pid_ns_owner = Owner::Is(UserNs::below(&process.initial, CHILD, process.euid));
    assert_eq!(
        row(&process, "ns_last_pid").by,
        Some(By::Effective("cap_sys_admin"))
    );
}

#[test]
fn the_remedy_depends_on_the_sets_of_the_process() {
    let mut process = in_initial(&[]);
    assert!(remedy(&process, "map_files").contains("setcap cap_checkpoint_restore=ep"));
    assert!(remedy(&process, "map_files").contains("AmbientCapabilities=CAP_CHECKPOINT_RESTORE"));
    process.bounding = CapabilitySet::FULL.without(Capability::CHECKPOINT_RESTORE);
    assert!(remedy(&process, "map_files").contains("setcap cap_sys_admin=ep"));
    process.bounding = CapabilitySet::EMPTY;
    assert!(remedy(&process, "map_files").contains("not in its bounding set"));
    process.no_new_privs = true;
    assert!(remedy(&process, "map_files").contains("no_new_privs is set"));
    process.permitted = set(&[Capability::SYS_ADMIN]);
    assert!(remedy(&process, "map_files").contains("cap_sys_admin is permitted to it already"));
}

#[test]
fn a_hidden_owner_matters_to_who_lacks_the_capability() {
    let mut process = in_initial(&[Capability::CHECKPOINT_RESTORE]);
    process.pid_ns_owner = Owner::Unknown(HIDDEN);
    assert_eq!(row(&process, "ns_last_pid").answer, Answer::Yes);
    process.effective = CapabilitySet::EMPTY;
    assert_eq!(row(&process, "ns_last_pid").answer, Answer::Unknown);
    assert_eq!(remedy(&process, "ns_last_pid"), "run capwhy as root");
    assert_eq!(row(&process, "map_files").answer, Answer::No);
}
