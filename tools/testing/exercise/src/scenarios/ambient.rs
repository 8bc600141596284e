// SPDX-License-Identifier: GPL-2.0

//! Securebits and ambient capabilities together.

use super::{scene::Scene, Scenario};
use crate::{programs::Program, series, who::Who};

pub(super) const SCENARIOS: &[Scenario] = &[
    ("raising forbidden", forbidden),
    ("ambient as arguments say", arguments),
    ("ambient through capset", capset),
    ("ambient through setresuid", setresuid),
    ("ambient through execve", execve),
    ("ambient through set-uid execve", setuid_execve),
    ("ambient without the bounding set", bounding),
    ("ambient through unshare", unshare),
];

/// Starts as root with everything inheritable.
fn inheritable(scene: &mut Scene<'_>) {
    scene.become_with(Who::Root, 0);
    scene.ask("capset all all all", "0");
}

/// `NO_CAP_AMBIENT_RAISE` forbids to raise, even what is raised; not to keep, to read or to lower.
fn forbidden(scene: &mut Scene<'_>) {
    inheritable(scene);
    scene.asks(&[
        ("ambient raise 40", "0"),
        ("set 0x40", "0"),
        ("amb", "40"),
        ("ambient is_set 40", "1"),
        ("ambient raise 40", "EPERM"),
        ("ambient raise 8", "EPERM"),
        ("ambient lower 8", "0"),
        ("amb", "40"),
        ("ambient lower 40", "0"),
        ("amb", "none"),
        ("ambient raise 40", "EPERM"),
        ("set 0x0", "0"),
        ("ambient raise 40", "0"),
        ("ambient raise 8", "0"),
        ("amb", "8,40"),
        ("set 0xc0", "0"),
        ("set 0x0", "EPERM"),
        ("set 0x80", "EPERM"),
        ("ambient raise 1", "EPERM"),
        ("ambient clear", "0"),
        ("amb", "none"),
        ("ambient raise 8", "EPERM"),
        ("ambient is_set 8", "0"),
    ]);
    scene.execute(
        Program::SetuidUser,
        &[
            ("securebits", "0xc0"),
            ("prm", "all"),
            ("capset all all all", "0"),
            ("ambient raise 8", "EPERM"),
        ],
    );
}

fn arguments(scene: &mut Scene<'_>) {
    // The lock alone forbids nothing.
    scene.child("locked off", |scene| {
        inheritable(scene);
        scene.asks(&[
            ("set 0x80", "0"),
            ("ambient raise 40", "0"),
            ("set 0xc0", "EPERM"),
            ("amb", "40"),
        ]);
    });
    inheritable(scene);
    scene.asks(&[
        ("set 0x40", "0"),
        // Faults of the arguments come before what is forbidden.
        ("ambient raise 41", "EINVAL"),
        ("prctl 47 2 8 1 0", "EINVAL"),
        ("prctl 47 2 8 0 1", "EINVAL"),
        ("prctl 47 2 8 0 0", "EPERM"),
        ("prctl 47 0 8 0 0", "EINVAL"),
        ("prctl 47 5 8 0 0", "EINVAL"),
        ("prctl 47 1 8 1 0", "EINVAL"),
        ("prctl 47 4 8 0 0", "EINVAL"),
        ("prctl 47 4 0 0 0", "0"),
        // Neither permitted nor inheritable.
        ("set 0x0", "0"),
        ("capset all-8 all-8 all", "0"),
        ("ambient raise 8", "EPERM"),
        ("ambient raise 40", "0"),
        ("amb", "40"),
    ]);
}

/// What is no longer both permitted and inheritable is not ambient.
fn capset(scene: &mut Scene<'_>) {
    inheritable(scene);
    for cap in [8, 21, 40] {
        scene.ask(&format!("ambient raise {cap}"), "0");
    }
    scene.asks(&[
        ("set 0x40", "0"),
        ("capset none all all", "0"),
        ("amb", "8,21,40"),
        ("capset none all all-21", "0"),
        ("amb", "8,40"),
        ("capset none all-8 all", "0"),
        ("amb", "40"),
        ("ambient raise 21", "EPERM"),
        // To clear what forbids it takes CAP_SETPCAP.
        ("set 0x0", "EPERM"),
        ("capset all-8 all-8 all", "0"),
        ("set 0x0", "EPERM"),
        ("set 0x140", "0"),
        ("capset none none all", "0"),
        ("amb", "none"),
    ]);
}

/// A change from user ID 0 to another clears the ambient set, even with `KEEP_CAPS`; with
/// `NO_SETUID_FIXUP` it clears nothing.
fn setresuid(scene: &mut Scene<'_>) {
    for (securebits, prm, eff, amb) in [
        (0x0, "none", "none", "none"),
        (0x10, "all", "none", "none"),
        (0x4, "all", "all", "8,40"),
        (0x54, "all", "all", "8,40"),
        (0x30, "all", "none", "none"),
    ] {
        scene.child(&format!("from {securebits:#x}"), |scene| {
            inheritable(scene);
            scene.asks(&[
                ("ambient raise 8", "0"),
                ("ambient raise 40", "0"),
                (&format!("set {securebits:#x}"), "0"),
                ("uids 1000 1000 1000", "0"),
                ("prm", prm),
                ("eff", eff),
                ("amb", amb),
                ("inh", "all"),
                ("securebits", &format!("{securebits:#x}")),
            ]);
        });
    }
    // Only the effective user ID: what is permitted and ambient stays, and comes back.
    inheritable(scene);
    scene.asks(&[
        ("ambient raise 40", "0"),
        ("uids -1 1000 -1", "0"),
        ("eff", "none"),
        ("prm", "all"),
        ("amb", "40"),
        ("set 0x1", "EPERM"),
        ("set 0x100", "0"),
        ("ambient raise 8", "0"),
        ("uids -1 0 -1", "0"),
        ("eff", "all"),
        ("amb", "8,40"),
        ("set 0x1", "0"),
    ]);
}

fn execve(scene: &mut Scene<'_>) {
    // Root without being special: what is ambient is all that is left.
    scene.child("root, noroot", |scene| {
        inheritable(scene);
        scene.asks(&[
            ("ambient raise 8", "0"),
            ("ambient raise 40", "0"),
            ("set 0x51", "0"),
        ]);
        scene.execute(
            Program::Plain,
            &[
                ("securebits", "0x41"),
                ("prm", "8,40"),
                ("eff", "8,40"),
                ("amb", "8,40"),
                ("inh", "all"),
                ("ns_last_pid", "ok"),
                ("ambient raise 40", "EPERM"),
                // It still has CAP_SETPCAP.
                ("set 0x1", "0"),
                ("ambient raise 21", "EPERM"),
                ("ambient lower 40", "0"),
                ("ambient raise 40", "0"),
            ],
        );
    });
    scene.child("root", |scene| {
        inheritable(scene);
        scene.ask("ambient raise 40", "0");
        scene.execute(Program::Plain, &[("eff", "all"), ("amb", "40")]);
    });
    scene.child("a user", |scene| {
        inheritable(scene);
        scene.asks(&[
            ("set 0x10", "0"),
            ("uids 1000 1000 1000", "0"),
            ("capset 40 40 40", "0"),
            ("ambient raise 40", "0"),
            ("set 0x310", "0"),
        ]);
        scene.execute(
            Program::Plain,
            &[
                ("securebits", "0x300"),
                ("eff", "40"),
                ("amb", "40"),
                ("ns_last_pid", "ok"),
                ("set 0x310", "EPERM"),
                ("keepcaps 1", "0"),
                ("ambient clear", "0"),
                ("eff", "40"),
            ],
        );
        scene.ask("ambient clear", "0");
        scene.execute(
            Program::Plain,
            &[("prm", "none"), ("inh", "40"), ("amb", "none")],
        );
    });
}

/// A program that is set-uid or has capabilities of its own clears the ambient set.
fn setuid_execve(scene: &mut Scene<'_>) {
    inheritable(scene);
    scene.asks(&[
        ("keepcaps 1", "0"),
        ("uids 1000 1000 1000", "0"),
        ("capset 21,40 21,40 21,40", "0"),
        ("ambient raise 21", "0"),
        ("ambient raise 40", "0"),
    ]);
    scene.execute(
        Program::SetuidRoot,
        &[
            ("uid", "1000/0/0"),
            ("eff", "all"),
            ("amb", "none"),
            ("inh", "21,40"),
        ],
    );
    // CAP_SYS_ADMIN is inheritable of both the file and the thread.
    scene.execute(
        Program::Capable,
        &[("eff", "8,21,40"), ("amb", "none"), ("inh", "21,40")],
    );
    scene.execute(Program::SetuidUser, &[("eff", "21,40"), ("amb", "21,40")]);
    scene.ask("prctl 38 1", "0");
    scene.execute(
        Program::SetuidRoot,
        &[("uid", "1000/1000/1000"), ("amb", "21,40")],
    );
    scene.execute(Program::Capable, &[("prm", "21,40"), ("amb", "none")]);
}

/// What is ambient does not depend on the bounding set.
fn bounding(scene: &mut Scene<'_>) {
    inheritable(scene);
    scene.asks(&[
        ("drop 40", "0"),
        ("drop 21", "0"),
        ("ambient raise 40", "0"),
        ("set 0x41", "0"),
    ]);
    scene.execute(
        Program::Plain,
        &[
            ("bounding 40", "0"),
            ("eff", "40"),
            ("amb", "40"),
            ("ns_last_pid", "ok"),
            ("drop 8", "EPERM"),
        ],
    );
    scene.asks(&[
        ("capset all all all-40", "0"),
        ("amb", "none"),
        // What is not in the bounding set can be made inheritable no more.
        ("capset all all all", "EPERM"),
        ("set 0x1", "0"),
        ("ambient raise 40", "EPERM"),
        ("ambient raise 21", "0"),
    ]);
}

fn unshare(scene: &mut Scene<'_>) {
    inheritable(scene);
    scene.asks(&[
        ("ambient raise 40", "0"),
        ("set 0x1c0", "0"),
        ("drop 40", "0"),
        ("unshare user", "0"),
        ("amb", "none"),
        ("inh", "none"),
        ("bounding 40", "1"),
        ("securebits", &format!("{:#x}", series::kept(0x1c0))),
        ("ambient raise 40", "EPERM"),
        ("capset all all 40", "0"),
        ("ambient raise 40", "0"),
        ("ambient is_set 40", "1"),
        ("ns_last_pid", "EPERM"),
        ("set-mm-map-exe", "ok"),
    ]);
}
