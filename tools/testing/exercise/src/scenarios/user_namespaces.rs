// SPDX-License-Identifier: GPL-2.0

//! What becomes of the securebits in new user namespaces, in namespaces in those, and in namespaces
//! that are entered: the exec bits and their locks stay, the others are reset.

use super::{scene::Scene, Scenario};
use crate::{
    ask::in_words,
    place::Below,
    programs::Program,
    series, sys,
    who::{Start, Who},
};

pub(super) const SCENARIOS: &[Scenario] = &[
    ("securebits through unshare", unshare),
    ("securebits through nested namespaces", nested),
    ("securebits through the deepest namespaces", deepest),
    ("securebits through setns", setns),
];

/// Of what is reset, no lock is left.
fn unshare(scene: &mut Scene<'_>) {
    scene.child("nobody", |scene| {
        scene.become_with(Who::Nobody, 0);
        scene.ask("set 0x700", "0");
        scene.unshare_user(0x700);
        scene.asks(&[
            ("eff", "all"),
            ("set 0x600", "EPERM"),
            ("set 0x500", "EPERM"),
            ("set 0x701", "0"),
            ("set 0x300", "0"),
            ("securebits", "0x300"),
        ]);
    });
    for from in [0xfff, 0xaaa, 0x155, 0x0ff] {
        scene.child(&format!("root from {from:#x}"), |scene| {
            scene.become_with(Who::Root, from);
            scene.unshare_user(from);
            scene.asks(&[("keepcaps", "0"), ("keepcaps 1", "0"), ("bounding 40", "1")]);
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
    scene.ask("set 0x100", "0");
    scene.unshare_user(0x100);
    scene.asks(&[("map 0 1000", "0"), ("uid", "0/0/0"), ("set 0x302", "0")]);
    scene.unshare_user(0x302);
    scene.asks(&[("map 0 0", "0"), ("set 0x301", "0"), ("set 0x704", "0")]);
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
    scene.unshare_user(0x704);
    scene.asks(&[
        ("map 0 0", "0"),
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
            scene.unshare_user(0xb00);
            scene.asks(&[
                (&format!("map 0 {outside}"), "0"),
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

/// The owner of a namespace may enter it, and keeps the exec bits.
fn setns(scene: &mut Scene<'_>) {
    let below = Below {
        levels: 1,
        owner: 1000,
    };
    for (who, from) in [
        (Who::Nobody, 0x300),
        (Who::Nobody, 0xeff),
        (Who::Root, 0xfff),
        (Who::Root, 0x0ff),
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
            scene.needs("become a user", who.become_with(start).map_err(Into::into));
            let entered = sys::enter_user_namespace(&kept.namespace).map(|()| 0);
            scene.step("setns", &in_words(entered), "0");
            scene.asks(&[
                ("securebits", &format!("{:#x}", series::kept(from))),
                ("eff", "all"),
                ("ns_last_pid", "EPERM"),
                ("set-mm-map-exe", "ok"),
            ]);
        });
    }
}
