// SPDX-License-Identifier: GPL-2.0

//! Everything through `clone3()` into new namespaces, which the caller owns from the first moment.

use super::{scene::Scene, Scenario};
use crate::{programs::Program, series, who::Who};
use commoncap::capability::Capability;
use libc::{CLONE_NEWIPC, CLONE_NEWPID, CLONE_NEWUSER};

pub(super) const SCENARIOS: &[Scenario] = &[
    ("everything after clone3", everything),
    ("PIDs chosen in new namespaces", chosen),
    ("PIDs chosen in namespaces in new namespaces", nested),
];

/// All questions in a new user namespace, alone and with namespaces that it owns.
fn everything(scene: &mut Scene<'_>) {
    for (name, namespaces, owned) in [
        ("user", CLONE_NEWUSER, false),
        (
            "user+pid+ipc",
            CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWIPC,
            true,
        ),
    ] {
        for (who, uid, from) in [
            (Who::Root, "0", 0xfff),
            (Who::Root, "0", 0x055),
            (Who::Only(Capability::SETPCAP), "1000", 0x0),
            (Who::Nobody, "1000", 0x300),
            (Who::Nobody, "1000", 0xeff),
        ] {
            scene.child(&format!("{} from {from:#x}", who.name()), |scene| {
                scene.become_with(who, from);
                scene.clone3(name, namespaces, &[], |scene| {
                    in_new_namespaces(scene, uid, series::kept(from), owned);
                });
                scene.ask("securebits", &format!("{from:#x}"));
            });
        }
    }
}

fn in_new_namespaces(scene: &mut Scene<'_>, uid: &str, bits: usize, owned: bool) {
    scene.asks(&[
        ("uid", "65534/65534/65534"),
        ("securebits", &format!("{bits:#x}")),
        ("prm", "all"),
        ("eff", "all"),
        ("bnd", "all"),
        ("inh", "none"),
        ("amb", "none"),
        (&format!("map 0 {uid}"), "0"),
        ("uid", "0/0/0"),
    ]);
    let (ok, zero) = if owned {
        ("ok", "0")
    } else {
        ("EPERM", "EPERM")
    };
    scene.asks(&[
        ("ns_last_pid", ok),
        ("clone3-set_tid", ok),
        ("clone3 none 30000", zero),
        ("clone3 user 30000", zero),
        ("clone3-set_tid-out-of-range", "EINVAL"),
        ("sem_next_id", if owned { "ok" } else { "EACCES" }),
        ("set-mm-map-exe", "ok"),
        ("set-mm-exe-file", "EPERM"),
        ("map_files", "EPERM"),
        ("tiocslcktrmios", "EPERM"),
        ("sethostname", "EPERM"),
    ]);
    // Every prctl(), with the privilege that one has here.
    let with = |more: usize| format!("set {:#x}", bits | more);
    scene.asks(&[
        (&with(0x1), "0"),
        (&with(0x1000), "EPERM"),
        (&with(1 << 32), "EPERM"),
        (&with(0x0), "0"),
        (&with(0x0), "0"),
        ("keepcaps 1", "0"),
        ("keepcaps", "1"),
        ("keepcaps 0", "0"),
        ("drop 5", "0"),
        ("bounding 5", "0"),
        ("drop 41", "EINVAL"),
        ("ambient raise 40", "EPERM"),
        ("capset all all 8,40", "0"),
        ("ambient raise 40", "0"),
        ("ambient raise 8", "0"),
        ("ambient lower 8", "0"),
        ("amb", "40"),
        (&with(0x41), "0"),
        ("ambient raise 8", "EPERM"),
    ]);
    scene.execute(
        Program::Plain,
        &[
            ("securebits", &format!("{:#x}", bits | 0x41)),
            ("eff", "40"),
            ("ns_last_pid", ok),
            ("clone3 none 30000", zero),
            (&with(0), "EPERM"),
            ("drop 6", "EPERM"),
        ],
    );
    // Without capabilities one is nobody here, too.
    scene.asks(&[
        ("capset none none none", "0"),
        ("ns_last_pid", "EPERM"),
        ("clone3 none 30000", "EPERM"),
        ("set-mm-map-exe", "EPERM"),
        ("drop 6", "EPERM"),
        (&with(0), "EPERM"),
        ("clone3 user+pid 1", "0"),
        ("clone3 user+pid 1 30000", "EPERM"),
    ]);
}

/// Choosing a PID checks the owner of each PID namespace. The caller owns a new one already.
fn chosen(scene: &mut Scene<'_>) {
    for (who, initial, pid) in [
        (Who::Root, "0", "0"),
        (Who::Only(Capability::SYS_ADMIN), "0", "0"),
        (Who::Only(Capability::CHECKPOINT_RESTORE), "0", "EPERM"),
        (Who::Only(Capability::SETPCAP), "EPERM", "EPERM"),
        (Who::Nobody, "EPERM", "EPERM"),
    ] {
        scene.child(who.name(), |scene| {
            scene.become_with(who, 0x300);
            scene.asks(&[
                ("clone3 user+pid 1", "0"),
                ("clone3 user+pid+ipc 1", "0"),
                ("clone3 user+pid 1 30000", initial),
                ("clone3 user 30000", initial),
                ("clone3 none 30000", initial),
                ("clone3 pid 1", pid),
                // The first process of a namespace is 1.
                ("clone3 user+pid 2", "EINVAL"),
                (
                    "clone3 user+pid 2 30000",
                    if initial == "0" { "EINVAL" } else { initial },
                ),
                ("clone3 user+pid 0", "EINVAL"),
                ("clone3 user+pid -1", "EINVAL"),
                ("clone3 user+pid 1 0", "EINVAL"),
                ("clone3 user+pid 1 30000 30000", "EINVAL"),
                ("clone3 none 30000 30000", "EINVAL"),
                (
                    "clone3 user+pid 1 1",
                    if initial == "0" { "EEXIST" } else { initial },
                ),
            ]);
        });
    }
}

fn nested(scene: &mut Scene<'_>) {
    for (who, uid) in [(Who::Root, "0"), (Who::Nobody, "1000")] {
        scene.child(who.name(), |scene| {
            scene.become_with(who, 0);
            let namespaces = CLONE_NEWUSER | CLONE_NEWPID;
            scene.clone3("user+pid", namespaces, &[1], |scene| {
                scene.asks(&[
                    (&format!("map 0 {uid}"), "0"),
                    ("clone3 user+pid 1 300", "0"),
                    ("clone3 user+pid 1 300 30000", "EPERM"),
                    ("clone3 none 300 30000", "EPERM"),
                ]);
                scene.clone3("user+pid", namespaces, &[1, 300], |scene| {
                    scene.asks(&[
                        ("map 0 0", "0"),
                        ("clone3 none 300", "0"),
                        // The namespace above is its creator's, who holds capabilities there only.
                        ("clone3 none 300 301", "EPERM"),
                        ("clone3 user+pid 1 300", "0"),
                        ("clone3 user+pid 1 300 301", "EPERM"),
                        ("ns_last_pid", "ok"),
                    ]);
                });
                scene.asks(&[
                    ("capset all-21,40 all none", "0"),
                    ("clone3 none 300", "EPERM"),
                    ("clone3 user+pid 1 300", "EPERM"),
                    ("clone3 user+pid 1", "0"),
                ]);
            });
        });
    }
}
