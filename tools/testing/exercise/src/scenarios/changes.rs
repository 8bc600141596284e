// SPDX-License-Identifier: GPL-2.0

//! Checkpoint/restore by those who gave something up: a user ID, a capability, the bounding set.

use super::{
    scene::{Scene, Step},
    Scenario,
};
use crate::{programs::Program, who::Who};

pub(super) const SCENARIOS: &[Scenario] = &[
    ("checkpoint/restore after setuid", setuid),
    ("checkpoint/restore after seteuid", seteuid),
    ("checkpoint/restore after capset", capset),
    (
        "checkpoint/restore after a drop from the bounding set",
        bounding,
    ),
];

/// What is asked of the initial user namespace, or of one's own, and allowed.
const ALLOWED: [Step<'_>; 8] = [
    ("ns_last_pid", "ok"),
    ("clone3-set_tid", "ok"),
    ("map_files", "ok"),
    ("tiocslcktrmios", "ok"),
    ("sem_next_id", "ok"),
    ("msg_next_id", "ok"),
    ("shm_next_id", "ok"),
    ("set-mm-map-exe", "ok"),
];

/// The same, and refused.
const REFUSED: [Step<'_>; 8] = [
    ("ns_last_pid", "EPERM"),
    ("clone3-set_tid", "EPERM"),
    ("map_files", "EPERM"),
    ("tiocslcktrmios", "EPERM"),
    ("sem_next_id", "EACCES"),
    ("msg_next_id", "EACCES"),
    ("shm_next_id", "EACCES"),
    ("set-mm-map-exe", "EPERM"),
];

fn setuid(scene: &mut Scene<'_>) {
    scene.child("plain", |scene| {
        scene.asks(&ALLOWED);
        scene.asks(&[("uids 1000 1000 1000", "0"), ("dumpable", "0")]);
        scene.asks(&REFUSED);
        scene.ask("uids 0 0 0", "EPERM");
        scene.execute(Program::Plain, &REFUSED);
        scene.execute(
            Program::SetuidRoot,
            &[&[("dumpable", "0")], &ALLOWED[..]].concat(),
        );
        scene.execute(
            Program::Capable,
            &[&[("dumpable", "0")], &ALLOWED[..]].concat(),
        );
    });
    scene.child("keep_caps", |scene| {
        scene.asks(&[
            ("keepcaps 1", "0"),
            ("uids 1000 1000 1000", "0"),
            ("dumpable", "0"),
        ]);
        scene.asks(&REFUSED);
        scene.asks(&[("capset 40 all none", "0"), ("dumpable", "0")]);
        scene.asks(&ALLOWED);
        scene.execute(Program::Plain, &REFUSED);
    });
    scene.child("no_setuid_fixup", |scene| {
        scene.asks(&[
            ("set 0x4", "0"),
            ("uids 1000 1000 1000", "0"),
            ("dumpable", "0"),
        ]);
        scene.asks(&ALLOWED);
        scene.asks(&[("capset none all none", "0"), ("uids 0 0 0", "EPERM")]);
        scene.asks(&REFUSED);
    });
}

/// With user ID 0 saved or real, what is permitted waits, and nothing is effective.
fn seteuid(scene: &mut Scene<'_>) {
    for ids in ["0 1000 1000", "1000 1000 0", "1000 1001 0"] {
        scene.child(ids, |scene| {
            scene.asks(&[(&format!("uids {ids}"), "0"), ("dumpable", "0")]);
            scene.asks(&REFUSED);
            scene.asks(&[("uids -1 0 -1", "0"), ("dumpable", "0")]);
            scene.asks(&ALLOWED);
        });
    }
}

fn capset(scene: &mut Scene<'_>) {
    for enough in ["40", "21", "21,40"] {
        scene.child(&format!("only {enough}"), |scene| {
            scene.ask(&format!("capset {enough} all none"), "0");
            scene.asks(&ALLOWED);
            scene.ask(&format!("capset all-{enough} all none"), "0");
            scene.ask(
                "ns_last_pid",
                if enough == "21,40" { "EPERM" } else { "ok" },
            );
            scene.ask("capset none none none", "0");
            scene.asks(&REFUSED);
            scene.ask(&format!("capset {enough} {enough} none"), "EPERM");
        });
    }
    scene.child("all but these", |scene| {
        scene.ask("capset all-21,40 all-21,40 none", "0");
        scene.asks(&REFUSED);
        scene.execute(Program::Plain, &ALLOWED);
    });
}

/// What was dropped stays effective until the next program, in which it can be had no more.
fn bounding(scene: &mut Scene<'_>) {
    scene.child("one of two", |scene| {
        scene.ask("drop 40", "0");
        scene.asks(&ALLOWED);
        scene.execute(Program::Plain, &[("eff", "all-40")]);
        scene.execute(Program::Plain, &ALLOWED);
    });
    scene.ask("drop 40", "0");
    scene.ask("drop 21", "0");
    scene.asks(&ALLOWED);
    scene.execute(
        Program::Plain,
        &[&[("eff", "all-21,40")], &REFUSED[..]].concat(),
    );
    // What is dropped is not had by way of a program, either.
    scene.child("a user", |scene| {
        scene.become_with(Who::Nobody, 0);
        scene.ask("drop 8", "EPERM");
        scene.execute(
            Program::SetuidRoot,
            &[&[("prm", "all-21,40"), ("dumpable", "0")], &REFUSED[..]].concat(),
        );
        scene.execute(Program::Capable, &[("eff", "not executed: EPERM")]);
    });
    // In a namespace of one's own there is all again, over no more than that.
    scene.asks(&[
        ("unshare user", "0"),
        ("bnd", "all"),
        ("eff", "all"),
        ("map 0 0", "0"),
    ]);
    scene.asks(&REFUSED[..7]);
    scene.asks(&[
        ("set-mm-map-exe", "ok"),
        ("clone3 user+pid 1", "0"),
        ("clone3 user+pid 1 30000", "EPERM"),
    ]);
}
