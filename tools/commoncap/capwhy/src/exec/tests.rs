// SPDX-License-Identifier: GPL-2.0

//! Tests of predictions, on facts that are made up.

use super::{
    decide::Doubt,
    file::Attribute,
    fixtures::{ids, of_path, predict, program, user, value, RAW},
    report::Report,
    Prediction, Stop, Tracer,
};
use crate::facts::ids::{IdMap, UNMAPPED};
use crate::{deploy::Form, style::Style};
use commoncap::{
    capability::{Capability, CapabilitySet},
    securebits::Securebits,
    Denial, Loss,
};
use rustix::io::Errno;
use std::{fs, os::unix::fs::PermissionsExt, path::Path};

fn capable(effective: bool, root: Option<u32>) -> super::file::File {
    program(Attribute::Value(value(effective, root, false)))
}

/// Returns the effective set, if the `execve()` succeeds and it is known.
fn effective(prediction: &Prediction) -> Option<CapabilitySet> {
    let after = prediction.known()?.as_ref().ok()?;
    Some(after.cred.sets.effective)
}

fn report(prediction: &Prediction) -> String {
    let text = Report::of(Path::new("/usr/bin/prog"), prediction, None).text(Style::PLAIN);
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_file_grants_its_capabilities_whatever_its_revision() {
    for (attribute, expected) in [
        (value(true, None, false), RAW),
        (value(true, None, true), RAW),
        (value(true, Some(0), false), RAW),
        (value(false, None, false), CapabilitySet::EMPTY),
        (value(true, Some(100_000), false), CapabilitySet::EMPTY),
    ] {
        let prediction = predict(user(1000), program(Attribute::Value(attribute)));
        assert_eq!(effective(&prediction), Some(expected));
    }
    let prediction = predict(user(1000), capable(true, None));
    let after = prediction.known().unwrap().as_ref().unwrap();
    assert!(after.secure && !after.dumpable);
    let text = report(&prediction);
    assert!(
        text.contains("LD_LIBRARY_PATH") && text.contains("/proc/self belongs to root"),
        "{text}"
    );
}

#[test]
fn a_capability_outside_of_the_bounding_set_makes_execve_fail() {
    let mut caller = user(1000);
    caller.sets.bounding = CapabilitySet::FULL - RAW;
    let prediction = predict(caller.clone(), capable(true, None));
    let denial = Denial::ExecFileCapsUnavailable;
    assert!(matches!(prediction.known(), Some(Err(known)) if *known == denial));
    let text = report(&prediction);
    for words in [
        "fails with EPERM, ExecFileCapsUnavailable",
        "/usr/bin/prog has cap_net_raw=ep",
        "bounding set lacks cap_net_raw",
        "--cap-add=NET_RAW",
        "CapabilityBoundingSet=CAP_NET_RAW",
        "setcap cap_net_raw=p /usr/bin/prog",
        "setcap -r /usr/bin/prog",
    ] {
        assert!(text.contains(words), "no {words} in: {text}");
    }
    let prediction = predict(caller, capable(false, None));
    assert_eq!(effective(&prediction), Some(CapabilitySet::EMPTY));
}

#[test]
fn a_nosuid_mount_takes_capabilities_and_set_user_id() {
    let mut file = capable(true, None);
    file.mount.nosuid = true;
    file.mode |= 0o4000;
    file.uid = 7;
    let prediction = predict(user(1000), file);
    let after = prediction.known().unwrap().as_ref().unwrap();
    assert_eq!(
        (after.cred.uids, after.cred.sets.permitted),
        (ids(1000), CapabilitySet::EMPTY)
    );
    let text = report(&prediction);
    for words in [
        "Nosuid",
        "mounted nosuid",
        "--ambient-caps +net_raw",
        "remount,suid /",
    ] {
        assert!(text.contains(words), "no {words} in: {text}");
    }
    let report = Report::of(Path::new("prog"), &prediction, Some(Form::Podman));
    assert!(report.ways[0].contains("podman run"), "{:?}", report.ways);
    // Docker gives another user than root nothing by that alone.
    let report = Report::of(Path::new("prog"), &prediction, Some(Form::Docker));
    assert!(
        report.ways[0].contains("setcap the file in the image"),
        "{:?}",
        report.ways
    );
}

#[test]
fn what_is_inheritable_alone_gives_nothing() {
    let mut caller = user(1000);
    caller.sets.inheritable = RAW;
    let prediction = predict(caller, program(Attribute::None));
    assert_eq!(effective(&prediction), Some(CapabilitySet::EMPTY));
    let text = report(&prediction);
    let words = "in the bounding and inheritable sets, which give nothing by themselves";
    assert!(
        text.contains(words) && text.contains("--ambient-caps +net_raw"),
        "{text}"
    );
}

#[test]
fn what_is_wanted_and_not_given_has_ways_out() {
    let mut caller = user(1000);
    let prediction = predict(caller.clone(), program(Attribute::None));
    let report = Report::wanting(Path::new("p"), &prediction, RAW, None);
    assert!(!report.succeeds() && report.ways[0].contains("--ambient-caps +net_raw"));
    assert!(
        report.ways[1].contains("setcap cap_net_raw=ep"),
        "{:?}",
        report.ways
    );
    let text = report.text(Style::PLAIN);
    assert!(
        text.contains("cap_net_raw: not effective after execve()"),
        "{text}"
    );
    caller.sets.bounding = CapabilitySet::EMPTY;
    let prediction = predict(caller, program(Attribute::None));
    let report = Report::wanting(Path::new("p"), &prediction, RAW, None);
    assert!(
        report.ways[0].contains("--cap-add=NET_RAW"),
        "{:?}",
        report.ways
    );
    let prediction = predict(user(1000), capable(true, None));
    assert!(Report::wanting(Path::new("p"), &prediction, RAW, None).succeeds());
}

#[test]
fn what_depends_on_unknown_securebits_is_unknown() {
    let mut caller = user(0);
    caller.securebits = None;
    let prediction = predict(caller.clone(), program(Attribute::None));
    assert!(prediction.known().is_none());
    assert_eq!(prediction.doubts, [Doubt::Securebits]);
    let json = serde_json::to_value(Report::of(Path::new("p"), &prediction, None)).unwrap();
    assert_eq!(json["answer"], "yes");
    assert!(json["after"]["effective"].is_null());
    assert_eq!(json["after"]["user_ids"][0], 0);
    // They do not matter to another user.
    caller.uids = ids(1000);
    assert!(predict(caller, program(Attribute::None)).known().is_some());
}

#[test]
fn a_tracer_matters_only_where_something_is_granted() {
    let mut caller = user(1000);
    for (tracer, expected) in [
        (Tracer::Known(true), Some(RAW)),
        (Tracer::Known(false), Some(CapabilitySet::EMPTY)),
        (Tracer::Unknown(9), None),
    ] {
        caller.tracer = tracer;
        let prediction = predict(caller.clone(), capable(true, None));
        assert_eq!(effective(&prediction), expected, "{tracer:?}");
        assert!(predict(caller.clone(), program(Attribute::None))
            .known()
            .is_some());
    }
    let text = report(&predict(caller, capable(true, None)));
    assert!(text.contains("process 9 traces the caller"), "{text}");
}

#[test]
fn no_new_privs_takes_all_but_ambient_capabilities() {
    let mut caller = user(1000);
    caller.no_new_privs = true;
    let prediction = predict(caller.clone(), capable(true, None));
    assert_eq!(effective(&prediction), Some(CapabilitySet::EMPTY));
    assert!(prediction.outcomes[0]
        .lost
        .contains(&(Loss::NoNewPrivs, RAW)));
    assert!(report(&prediction).contains("allowPrivilegeEscalation: true"));
    let sets = &mut caller.sets;
    (sets.ambient, sets.permitted, sets.inheritable) = (RAW, RAW, RAW);
    assert_eq!(
        effective(&predict(caller, program(Attribute::None))),
        Some(RAW)
    );
}

#[test]
fn set_user_id_root_gives_all_unless_noroot_is_set() {
    let mut caller = user(1000);
    let mut file = program(Attribute::None);
    file.mode |= 0o4000;
    let prediction = predict(caller.clone(), file.clone());
    assert_eq!(effective(&prediction), Some(CapabilitySet::FULL));
    caller.securebits = Some(Securebits::NOROOT);
    let prediction = predict(caller.clone(), file.clone());
    assert_eq!(effective(&prediction), Some(CapabilitySet::EMPTY));
    assert!(report(&prediction).contains("Noroot"));
    // An owner without a mapping is ignored.
    caller.place.users = IdMap::read("uid_map", "0 1000 1\n", false);
    file.uid = UNMAPPED;
    let prediction = predict(caller, file);
    assert_eq!(
        prediction.known().unwrap().as_ref().unwrap().cred.uids,
        ids(1000)
    );
}

#[test]
fn capabilities_for_another_root_user_count_below_it_alone() {
    let mut caller = user(101_000);
    caller.place.users = IdMap::read("uid_map", "0 100000 65536\n", false);
    caller.place.groups = caller.place.users.clone();
    for (root, expected) in [(100_000, Some(RAW)), (100_001, Some(CapabilitySet::EMPTY))] {
        let prediction = predict(caller.clone(), capable(true, Some(root)));
        assert_eq!(effective(&prediction), expected, "{root}");
    }
    // It may be the root user of a namespace between.
    caller.place.deep = true;
    assert_eq!(
        effective(&predict(caller.clone(), capable(true, Some(100_001)))),
        None
    );
    caller.place.in_reach = false;
    assert_eq!(effective(&predict(caller, capable(true, None))), None);
}

#[test]
fn an_attribute_that_the_kernel_does_not_show_makes_it_unknown() {
    let prediction = predict(user(1000), program(Attribute::Malformed));
    assert!(matches!(prediction.chain.stop, Some(Stop::Unknown(_))));
    let text = report(&prediction);
    for words in ["are of revision 1", "setcap -r /"] {
        assert!(text.contains(words), "{text}");
    }
    let mut file = program(Attribute::Malformed);
    file.mount.nosuid = true;
    assert!(predict(user(1000), file).known().is_some());
}

#[test]
fn capabilities_of_a_file_are_no_way_out_where_they_do_not_count() {
    let ways = |caller, nosuid| {
        let mut file = program(Attribute::None);
        file.mount.nosuid = nosuid;
        let prediction = predict(caller, file);
        Report::wanting("prog".as_ref(), &prediction, RAW, None)
            .ways
            .join(" ")
    };
    let nosuid = ways(user(1000), true);
    assert!(
        nosuid.contains("=ep COPY") && !nosuid.contains("to the file"),
        "{nosuid}"
    );
    let mut caller = user(1000);
    caller.no_new_privs = true;
    let without = ways(caller, false);
    assert!(
        without.contains("without no_new_privs (NoNewPrivileges=no"),
        "{without}"
    );
}

#[test]
fn where_a_file_holds_no_capabilities_a_copy_does() {
    let way = |holds_none| {
        let file = super::file::File {
            holds_none,
            ..program(Attribute::None)
        };
        let prediction = predict(user(1000), file);
        let wanted = CapabilitySet::EMPTY.with(Capability::NET_RAW);
        let report = Report::wanting("prog".as_ref(), &prediction, wanted, None);
        report.ways.join(" ")
    };
    assert!(way(true).contains("=ep COPY") && !way(true).contains("give them to the file"));
    assert!(way(false).contains("a copy of the file does not have them"));
}

#[test]
fn set_user_id_without_effect_has_ways_out() {
    let mut file = program(Attribute::None);
    file.mode |= 0o4000;
    let mut caller = user(1000);
    caller.no_new_privs = true;
    let text = report(&predict(caller, file.clone()));
    assert!(text.contains("1. start it without no_new_privs"), "{text}");
    file.mount.nosuid = true;
    let text = report(&predict(user(1000), file));
    assert!(text.contains("remount,suid /"), "{text}");
}

#[test]
fn ways_out_are_about_what_is_wanted_if_that_is_known() {
    let mut root = user(0);
    (root.sets.permitted, root.sets.effective) = (CapabilitySet::FULL, CapabilitySet::FULL);
    root.securebits = Some(Securebits::NOROOT);
    let prediction = predict(root, program(Attribute::None));
    let ways = |wanted| Report::wanting("prog".as_ref(), &prediction, wanted, None).ways;
    assert!(
        ways(RAW)[0].contains("--ambient-caps +net_raw,"),
        "{:?}",
        ways(RAW)
    );
    assert!(
        ways(RAW).iter().all(|way| !way.contains("cap_chown")),
        "{:?}",
        ways(RAW)
    );
    let all = ways(CapabilitySet::EMPTY);
    assert!(all.iter().all(|way| way.len() < 200), "{all:?}");
}

#[test]
fn a_script_is_followed_to_its_interpreter() {
    let directory = crate::scratch::Directory::new();
    let make = |name: &str, text: &str, mode: u32| {
        let path = directory.join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        path
    };
    let script = make("script", "#!/bin/sh -e\n", 0o4755);
    let mut caller = user(0);
    caller.supposed = false;
    let prediction = of_path(caller.clone(), &script);
    assert!(prediction.chain.stop.is_none(), "{:?}", prediction.chain);
    assert_eq!(prediction.chain.links.len(), 2);
    let text = report(&prediction);
    assert!(
        text.contains("is a script, run by /bin/sh, so its set-user-ID"),
        "{text}"
    );
    // What its file has is what it is to get.
    fs::set_permissions(&*directory, fs::Permissions::from_mode(0o755)).unwrap();
    let mut prediction = of_path(user(1000), &script);
    prediction.chain.links[0].file.attribute = Attribute::Value(value(true, None, false));
    let text = report(&prediction);
    assert!(
        text.contains("1. start it with them ambient: setpriv --inh-caps +net_raw"),
        "{text}"
    );
    assert!(!text.contains("setcap cap_net_raw"), "{text}");

    let fails = |path: &Path| match of_path(caller.clone(), path).chain.stop {
        Some(Stop::Fails(errno, ..)) => Some(errno),
        _ => None,
    };
    for (name, text, mode, errno) in [
        ("not-executable", "#!/bin/sh\n", 0o644, Errno::ACCESS),
        ("no-interpreter", "#!/no/such/file\n", 0o755, Errno::NOENT),
        ("directory", "#!/\n", 0o755, Errno::ACCESS),
        ("no-format", "echo\n", 0o755, Errno::NOEXEC),
        ("empty", "", 0o755, Errno::NOEXEC),
    ] {
        assert_eq!(fails(&make(name, text, mode)), Some(errno), "{name}");
    }
    assert_eq!(fails(&directory.join("none")), Some(Errno::NOENT));
    let own = directory.join("loop");
    make("loop", &format!("#!{}\n", own.display()), 0o755);
    assert_eq!(fails(&own), Some(Errno::LOOP));
}

#[test]
fn another_user_is_judged_by_the_mode() {
    let directory = crate::scratch::Directory::new();
    fs::set_permissions(&*directory, fs::Permissions::from_mode(0o755)).unwrap();
    let path = directory.join("prog");
    fs::copy("/bin/true", &path).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
    let stranger = of_path(user(12_345), &path);
    let text = report(&stranger);
    assert!(
        text.contains("fails with EACCES") && text.contains("mode 0700 owner"),
        "{text}"
    );
    fs::set_permissions(&path, fs::Permissions::from_mode(0o750)).unwrap();
    let text = report(&of_path(user(12_345), &path));
    assert!(text.contains("1. join its group, "), "{text}");
    let mut mighty = user(12_345);
    let overrides = CapabilitySet::EMPTY.with(Capability::DAC_OVERRIDE);
    mighty.sets.effective = overrides;
    assert!(of_path(mighty, &path).chain.stop.is_none());
}
