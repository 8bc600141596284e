// SPDX-License-Identifier: GPL-2.0

//! What becomes of the securebits, the exec bits and their locks above all: through `fork()`,
//! threads, `execve()` and set-uid programs.

use super::{scene::Scene, Scenario};
use crate::{programs::Program, who::Who};

pub(super) const SCENARIOS: &[Scenario] = &[
    ("securebits through fork", fork),
    ("securebits through threads", threads),
    ("securebits through execve", execve),
    ("securebits through set-uid execve", setuid_execve),
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

/// Each thread has credentials of its own, with which it starts as a copy of its creator's.
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
