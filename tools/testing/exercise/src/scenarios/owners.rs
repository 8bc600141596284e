// SPDX-License-Identifier: GPL-2.0

//! Checkpoint/restore in PID and IPC namespaces by who is outside of the user namespace that owns
//! them: the owner of that, members of its siblings, and others.

use super::{
    namespaces::{Level, Made},
    scene::{Scene, Step},
    Scenario,
};
use crate::who::Who;
use commoncap::capability::Capability;

pub(super) const SCENARIOS: &[Scenario] = &[
    ("the owner from outside", owner),
    ("the owner of the parent from outside", owner_of_parent),
    ("the owner of the grandchild only", owner_of_grandchild),
    ("a member of a sibling", sibling),
    ("a member", member),
];

/// The owner of the namespaces.
const OWNER: u32 = 2000;

const OWNED: Level = Level {
    owner: OWNER,
    wide: false,
};

/// Operations whose answer depends on the owner of the PID or IPC namespace only.
const ALLOWED: [Step<'_>; 6] = [
    ("ns_last_pid", "ok"),
    ("clone3-set_tid", "ok"),
    ("sem_next_id", "ok"),
    ("msg_next_id", "ok"),
    ("shm_next_id", "ok"),
    ("clone3 user 30000", "0"),
];

/// The same, and refused.
const REFUSED: [Step<'_>; 6] = [
    ("ns_last_pid", "EPERM"),
    ("clone3-set_tid", "EPERM"),
    ("sem_next_id", "EACCES"),
    ("msg_next_id", "EACCES"),
    ("shm_next_id", "EACCES"),
    ("clone3 user 30000", "EPERM"),
];

/// Operations that check the initial user namespace, or the caller's if it is that.
const OUTSIDE_REFUSED: [Step<'_>; 6] = [
    // The PID in the initial namespace is another's to choose.
    ("clone3-set_tid-2-levels", "EPERM"),
    ("clone3-set_tid-3-levels", "EINVAL"),
    ("map_files", "EPERM"),
    ("tiocslcktrmios", "EPERM"),
    ("sethostname", "EPERM"),
    ("set-mm-exe-file", "EPERM"),
];

/// Goes on as a visitor of namespaces, first as root.
fn visit(scene: &mut Scene<'_>, context: &str, made: &Made, run: impl FnOnce(&mut Scene<'_>)) {
    scene.child(context, |scene| {
        scene.needs("visit namespaces", made.visit());
        scene.child("", run);
    });
}

fn made(scene: &mut Scene<'_>, levels: &[Level]) -> Option<Made> {
    match Made::by(levels) {
        Ok(made) => Some(made),
        Err(error) => {
            scene.needs("make namespaces", Err(error));
            None
        }
    }
}

/// Visits as a user without capabilities, by the real, effective and saved ID.
fn visit_as(scene: &mut Scene<'_>, ids: &str, made: &Made, steps: &[Step<'_>]) {
    visit(scene, ids, made, |scene| {
        scene.asks(&[
            (&format!("uids {ids}"), "0"),
            ("capset none none none", "0"),
            ("dumpable", "0"),
        ]);
        scene.asks(steps);
        scene.asks(&OUTSIDE_REFUSED);
        scene.asks(&[
            ("set-mm-map-exe", "EPERM"),
            // What one owns is not one's own namespace.
            ("set 0x1", "EPERM"),
            ("set 0x100", "0"),
            ("drop 40", "EPERM"),
        ]);
    });
}

/// The same visitors to namespaces that the user [`OWNER`] made, or made what they are in.
fn visitors(scene: &mut Scene<'_>, made: &Made) {
    visit_as(scene, "2000 2000 2000", made, &ALLOWED);
    // It is the effective user ID that counts.
    visit_as(scene, "1000 2000 1000", made, &ALLOWED);
    visit_as(scene, "2000 1000 2000", made, &REFUSED);
    visit_as(scene, "1000 1000 1000", made, &REFUSED);
    visit_as(scene, "0 0 0", made, &REFUSED);
    for (who, steps) in [
        (Who::Root, &ALLOWED),
        (Who::Only(Capability::CHECKPOINT_RESTORE), &ALLOWED),
        (Who::Only(Capability::SYS_ADMIN), &ALLOWED),
        (Who::Only(Capability::SETPCAP), &REFUSED),
        (Who::Nobody, &REFUSED),
    ] {
        visit(scene, who.name(), made, |scene| {
            scene.become_with(who, 0);
            scene.asks(steps);
            let allowed = steps == &ALLOWED;
            scene.ask("map_files", if allowed { "ok" } else { "EPERM" });
            let (two, three) = if allowed {
                ("ok", "EINVAL")
            } else {
                ("EPERM", "EINVAL")
            };
            scene.ask("clone3-set_tid-2-levels", two);
            scene.ask("clone3-set_tid-3-levels", three);
        });
    }
}

fn owner(scene: &mut Scene<'_>) {
    if let Some(made) = made(scene, &[OWNED]) {
        visitors(scene, &made);
    }
}

/// Who made a namespace owns all that is below it, too.
fn owner_of_parent(scene: &mut Scene<'_>) {
    let inner = Level {
        owner: 0,
        wide: false,
    };
    for depth in 1..=3 {
        let levels = [&[OWNED][..], &vec![inner; depth]].concat();
        if let Some(made) = made(scene, &levels) {
            scene.within(&format!("{} levels", levels.len()), |scene| {
                visitors(scene, &made);
            });
        }
    }
}

/// Who made a namespace owns it where that was made, and not from further outside.
fn owner_of_grandchild(scene: &mut Scene<'_>) {
    let child = Level {
        owner: 0,
        wide: true,
    };
    let grandchild = Level {
        owner: 5,
        wide: false,
    };
    if let Some(made) = made(scene, &[child, grandchild]) {
        visit_as(scene, "100005 100005 100005", &made, &REFUSED);
        visit_as(scene, "100000 100000 100000", &made, &REFUSED);
        // User ID 0 made the child.
        visit_as(scene, "0 0 0", &made, &ALLOWED);
    }
}

/// Capabilities in a namespace do not count in one that is not below it, even with the same owner.
fn sibling(scene: &mut Scene<'_>) {
    let Some(made) = made(scene, &[OWNED]) else {
        return;
    };
    for ids in ["2000", "1000", "0"] {
        visit(scene, &format!("made by {ids}"), &made, |scene| {
            scene.asks(&[
                (&format!("ids {ids}"), "0"),
                ("unshare user", "0"),
                ("eff", "all"),
                (&format!("map 0 {ids}"), "0"),
            ]);
            scene.asks(&REFUSED);
            scene.asks(&OUTSIDE_REFUSED);
            scene.asks(&[
                ("set-mm-map-exe", "ok"),
                ("set 0x1", "0"),
                // Nor can a PID namespace be below one of a namespace that one is not in.
                ("clone3 user+pid 1", "EINVAL"),
            ]);
            scene.child("a child of it", |scene| {
                scene.asks(&[("unshare user", "0"), ("map 0 0", "0"), ("eff", "all")]);
                scene.asks(&REFUSED);
            });
        });
    }
}

/// In the namespace itself, all capabilities are what they are.
fn member(scene: &mut Scene<'_>) {
    for levels in [1, 2] {
        let inner = Level {
            owner: 0,
            wide: false,
        };
        let Some(made) = made(scene, &[&[OWNED][..], &vec![inner; levels - 1]].concat()) else {
            return;
        };
        visit(scene, &format!("{levels} levels"), &made, |scene| {
            scene.needs("join", made.join());
            scene.ask("eff", "all");
            scene.asks(&ALLOWED);
            scene.asks(&OUTSIDE_REFUSED);
            scene.asks(&[
                ("set-mm-map-exe", "ok"),
                ("clone3 user+pid 1 30000", "0"),
                ("clone3 user+pid 1 30000 30000", "EPERM"),
                ("clone3 none 30000 30000", "EPERM"),
                ("capset 40 all none", "0"),
            ]);
            scene.asks(&ALLOWED);
            scene.ask("capset all-21,40 all none", "0");
            scene.asks(&REFUSED);
        });
    }
}
