// SPDX-License-Identifier: GPL-2.0

//! What becomes of the securebits, the exec bits and their locks above all: through `fork()`,
//! threads, `execve()`, set-uid programs, new user namespaces and namespaces in namespaces.

use super::{scene::Scene, Scenario};
use crate::programs::Program;
use checkpoint_restore::{
    place::Below,
    sys,
    who::{Start, Who},
};

pub(super) const SCENARIOS: &[Scenario] = &[
    ("securebits through fork", fork),
    ("securebits through threads", threads),
    ("securebits through execve", execve),
    ("securebits through set-uid execve", setuid_execve),
    ("securebits through unshare", unshare),
    ("securebits through nested namespaces", nested),
    ("securebits through the deepest namespaces", deepest),
    ("securebits through setns", setns),
];

fn fork(scene: &mut Scene<'_>) {
    scene.become_with(Who::Nobody, 0);
    scene.ask("set 0x300", "0");
    scene.child("child", |scene| {
        scene.asks(&[
            ("securebits", "0x300"),
            ("set 0x200", "EPERM"),
            ("set 0x100", "EPERM"),
            ("set 0x700", "0"),
        ]);
        scene.child("child", |scene| {
            scene.asks(&[
                ("securebits", "0x700"),
                ("set 0xf00", "0"),
                ("set 0xb00", "EPERM"),
            ]);
        });
        scene.ask("securebits", "0x700");
        scene.ask("set 0x300", "0");
    });
    scene.ask("securebits", "0x300");
}

/// Each thread has credentials of its own, with which it starts as a copy of its maker's.
fn threads(scene: &mut Scene<'_>) {
    scene.child("root", |scene| {
        scene.become_with(Who::Root, 0x100);
        scene.thread("thread", |scene| {
            scene.asks(&[
                ("securebits", "0x100"),
                ("set 0x301", "0"),
                ("drop 40", "0"),
                ("bounding 40", "0"),
                ("securebits", "0x301"),
            ]);
        });
        scene.ask("securebits", "0x100");
        scene.ask("bounding 40", "1");
    });
    scene.become_with(Who::Nobody, 0);
    scene.ask("set 0x400", "0");
    scene.thread("thread", |scene| {
        scene.ask("securebits", "0x400");
        scene.ask("set 0xc00", "0");
        scene.thread("thread", |scene| {
            scene.asks(&[
                ("securebits", "0xc00"),
                ("set 0x800", "EPERM"),
                ("set 0xd00", "0"),
                // A namespace is of a whole process.
                ("unshare user", "EINVAL"),
            ]);
        });
        scene.ask("securebits", "0xc00");
    });
    scene.asks(&[
        ("securebits", "0x400"),
        ("set 0x500", "0"),
        ("securebits", "0x500"),
    ]);
    // A program gets the credentials of the thread that executes it.
    scene.execute_in_thread(
        Program::Plain,
        &[("securebits", "0x500"), ("set 0xf00", "0")],
        &[("securebits", "0xf00"), ("set 0x500", "EPERM")],
    );
    scene.ask("securebits", "0x500");
}

fn execve(scene: &mut Scene<'_>) {
    for (from, after) in [
        (0xfff, "0xfef"),
        (0x555, "0x545"),
        (0x10, "0x0"),
        (0x30, "0x20"),
        (0x20, "0x20"),
    ] {
        scene.child(&format!("root from {from:#x}"), |scene| {
            scene.become_with(Who::Root, from);
            scene.execute(Program::Plain, &[("securebits", after), ("keepcaps", "0")]);
        });
    }
    scene.become_with(Who::Nobody, 0);
    scene.ask("set 0x700", "0");
    scene.execute(
        Program::Plain,
        &[
            ("securebits", "0x700"),
            ("set 0x600", "EPERM"),
            ("set 0x500", "EPERM"),
            ("set 0x300", "0"),
            ("set 0xb00", "0"),
            ("set 0xf00", "EPERM"),
            ("securebits", "0xb00"),
        ],
    );
    scene.ask("securebits", "0x700");
}

fn setuid_execve(scene: &mut Scene<'_>) {
    scene.child("nobody", |scene| {
        scene.become_with(Who::Nobody, 0);
        scene.ask("set 0xe00", "0");
        // What was locked binds the set-uid program, which else may do as it likes.
        scene.execute(
            Program::SetuidRoot,
            &[
                ("uid", "1000/0/0"),
                ("eff", "all"),
                ("securebits", "0xe00"),
                ("set 0xf00", "EPERM"),
                ("set 0x600", "EPERM"),
                ("set 0xa00", "EPERM"),
                ("set 0xe01", "0"),
                ("securebits", "0xe01"),
            ],
        );
        scene.execute(
            Program::Capable,
            &[
                ("uid", "1000/1000/1000"),
                ("eff", "8,40"),
                ("securebits", "0xe00"),
                ("set 0xf00", "EPERM"),
                ("set 0xe03", "0"),
                ("securebits", "0xe03"),
            ],
        );
        scene.ask("securebits", "0xe00");
    });
    scene.child("nobody, unlocked", |scene| {
        scene.become_with(Who::Nobody, 0);
        scene.ask("set 0x500", "0");
        scene.execute(
            Program::SetuidRoot,
            &[
                ("securebits", "0x500"),
                ("set 0x0", "0"),
                ("securebits", "0x0"),
            ],
        );
    });
    scene.child("nobody, noroot", |scene| {
        scene.become_with(Who::Nobody, 0x303);
        scene.execute(
            Program::SetuidRoot,
            &[
                ("uid", "1000/0/0"),
                ("prm", "none"),
                ("securebits", "0x303"),
                ("set 0x300", "EPERM"),
                ("set 0x703", "0"),
            ],
        );
    });
    scene.child("nobody, no_new_privs", |scene| {
        scene.become_with(Who::Nobody, 0);
        scene.ask("set 0x300", "0");
        scene.ask("prctl 38 1", "0");
        for program in [Program::SetuidRoot, Program::Capable] {
            scene.execute(
                program,
                &[
                    ("uid", "1000/1000/1000"),
                    ("prm", "none"),
                    ("securebits", "0x300"),
                    ("set 0x301", "EPERM"),
                    ("set 0xf00", "0"),
                ],
            );
        }
    });
    scene.child("root", |scene| {
        scene.become_with(Who::Root, 0x311);
        // All capabilities would be permitted, but for noroot.
        scene.execute(
            Program::SetuidUser,
            &[
                ("uid", "0/1000/1000"),
                ("prm", "none"),
                ("securebits", "0x301"),
            ],
        );
        scene.ask("set 0x310", "0");
        scene.execute(
            Program::SetuidUser,
            &[
                ("uid", "0/1000/1000"),
                ("prm", "all"),
                ("eff", "none"),
                ("securebits", "0x300"),
                ("set 0x301", "EPERM"),
                ("capset all all none", "0"),
                ("set 0x301", "0"),
            ],
        );
    });
}

/// A new user namespace keeps the exec bits and resets the others, locked or not.
fn unshare(scene: &mut Scene<'_>) {
    scene.child("nobody", |scene| {
        scene.become_with(Who::Nobody, 0);
        scene.asks(&[
            ("set 0x700", "0"),
            ("unshare user", "0"),
            ("eff", "all"),
            ("securebits", "0x700"),
            ("set 0x600", "EPERM"),
            ("set 0x500", "EPERM"),
            ("set 0x701", "0"),
            ("set 0x300", "0"),
            ("securebits", "0x300"),
        ]);
    });
    for (from, after) in [
        (0xfff, "0xf00"),
        (0xaaa, "0xa00"),
        (0x155, "0x100"),
        (0x0ff, "0x0"),
    ] {
        scene.child(&format!("root from {from:#x}"), |scene| {
            scene.become_with(Who::Root, from);
            scene.asks(&[
                ("unshare user", "0"),
                ("securebits", after),
                ("keepcaps", "0"),
                ("keepcaps 1", "0"),
                ("bounding 40", "1"),
            ]);
        });
    }
    scene.child("root, unlocked by it", |scene| {
        scene.become_with(Who::Root, 0xfff);
        scene.asks(&[
            ("set 0xffe", "EPERM"),
            ("unshare user", "0"),
            ("set 0xf01", "0"),
            ("set 0xf00", "0"),
            ("set 0x700", "EPERM"),
            ("set 0xe00", "EPERM"),
        ]);
    });
}

fn nested(scene: &mut Scene<'_>) {
    scene.become_with(Who::Nobody, 0);
    scene.asks(&[
        ("set 0x100", "0"),
        ("unshare user", "0"),
        ("map 0 1000", "0"),
        ("uid", "0/0/0"),
        ("securebits", "0x100"),
        ("set 0x302", "0"),
        ("unshare user", "0"),
        ("map 0 0", "0"),
        ("securebits", "0x300"),
        ("set 0x301", "0"),
        ("set 0x704", "0"),
    ]);
    scene.execute(
        Program::Plain,
        &[
            ("securebits", "0x704"),
            ("set 0x604", "EPERM"),
            ("eff", "all"),
        ],
    );
    // The program belongs to user ID 0 of the initial namespace, which has no name here.
    scene.execute(
        Program::SetuidRoot,
        &[("uid", "0/0/0"), ("securebits", "0x704")],
    );
    scene.asks(&[
        ("unshare user", "0"),
        ("map 0 0", "0"),
        ("securebits", "0x700"),
        ("set 0x500", "EPERM"),
        ("set 0xf00", "0"),
        ("securebits", "0xf00"),
    ]);
    scene.child("fork", |scene| scene.ask("set 0x700", "EPERM"));
}

/// As deep as user namespaces go, which is 33 below the initial one.
fn deepest(scene: &mut Scene<'_>) {
    scene.become_with(Who::Nobody, 0);
    scene.ask("set 0xb00", "0");
    let mut outside = "1000";
    for level in 1..=33 {
        scene.within(&format!("level {level}"), |scene| {
            scene.asks(&[
                ("unshare user", "0"),
                (&format!("map 0 {outside}"), "0"),
                ("securebits", "0xb00"),
                ("set 0x300", "EPERM"),
                ("set 0xb01", "0"),
                ("drop 40", "0"),
            ]);
        });
        outside = "0";
    }
    scene.asks(&[
        ("unshare user", "ENOSPC"),
        ("securebits", "0xb01"),
        ("map_files", "EPERM"),
        ("ns_last_pid", "EPERM"),
        ("sethostname", "EPERM"),
    ]);
}

/// Whoever made a namespace may enter it, and takes the exec bits along.
fn setns(scene: &mut Scene<'_>) {
    let below = Below {
        levels: 1,
        maker: 1000,
    };
    for (who, from, after) in [
        (Who::Nobody, 0x300, "0x300"),
        (Who::Nobody, 0xeff, "0xe00"),
        (Who::Root, 0xfff, "0xf00"),
        (Who::Root, 0x0ff, "0x0"),
    ] {
        scene.child(&format!("{} from {from:#x}", who.name()), |scene| {
            let kept = match below.make() {
                Ok(kept) => kept,
                Err(error) => return scene.needs("a namespace", Err(error)),
            };
            let start = Start {
                securebits: from,
                ..Start::default()
            };
            scene.needs(
                "become somebody",
                who.become_with(start).map_err(Into::into),
            );
            let entered = sys::enter_user_namespace(&kept.namespace).map(|()| 0);
            scene.step("setns", &crate::ask::told(entered), "0");
            scene.asks(&[
                ("securebits", after),
                ("eff", "all"),
                ("ns_last_pid", "EPERM"),
                ("set-mm-map-exe", "ok"),
            ]);
        });
    }
}
