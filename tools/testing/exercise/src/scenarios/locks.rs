// SPDX-License-Identifier: GPL-2.0

//! Locks: a securebit stays as it is for as long as its lock does, and that is for good.

use super::{scene::Scene, Scenario};
use crate::who::Who;

pub(super) const SCENARIOS: &[Scenario] = &[
    ("locked bits", locked_bits),
    ("all locked", all_locked),
    ("locked keep_caps", locked_keep_caps),
];

/// The six settings. The lock of each is the bit above it.
const SETTINGS: [(&str, usize); 6] = [
    ("noroot", 0x1),
    ("no_setuid_fixup", 0x4),
    ("keep_caps", 0x10),
    ("no_cap_ambient_raise", 0x40),
    ("exec_restrict_file", 0x100),
    ("exec_deny_interactive", 0x400),
];

fn set(bits: usize) -> String {
    format!("set {bits:#x}")
}

/// Each setting, locked off and on: changed while its lock is kept, with the lock given up, and
/// together with what may be changed.
fn locked_bits(scene: &mut Scene<'_>) {
    for who in [Who::Root, Who::Nobody] {
        for (name, setting) in SETTINGS {
            let lock = setting << 1;
            for (how, from) in [("off", lock), ("on", lock | setting)] {
                let context = format!("{}, {name} locked {how}", who.name());
                scene.child(&context, |scene| {
                    scene.become_with(who, from);
                    let changed = from ^ setting;
                    // A bit that everyone may change.
                    let free = if setting == 0x100 { 0x400 } else { 0x100 };
                    for refused in [
                        changed,
                        changed | free,
                        from & !lock,
                        changed & !lock,
                        (from & !lock) | free,
                    ] {
                        scene.ask(&set(refused), "EPERM");
                        scene.ask("securebits", &format!("{from:#x}"));
                    }
                    scene.ask(&set(from | free), "0");
                    scene.ask("securebits", &format!("{:#x}", from | free));
                    scene.ask(&set(changed | free), "EPERM");
                    scene.ask(&set(from), "0");
                    scene.ask("securebits", &format!("{from:#x}"));
                });
            }
        }
    }
}

/// Every setting locked at a time, off and on: no bit changes for anyone any more.
fn all_locked(scene: &mut Scene<'_>) {
    for (who, unchanged) in [(Who::Root, "0"), (Who::Nobody, "EPERM")] {
        for from in [0xaaa, 0xfff] {
            scene.child(&format!("{} from {from:#x}", who.name()), |scene| {
                scene.become_with(who, from);
                for bit in 0..12 {
                    scene.ask(&set(from ^ (1 << bit)), "EPERM");
                }
                scene.ask(&set(from), unchanged);
                scene.ask("securebits", &format!("{from:#x}"));
            });
        }
    }
}

/// `PR_SET_KEEPCAPS` sets one of the bits, and its lock holds there, too.
fn locked_keep_caps(scene: &mut Scene<'_>) {
    for who in [Who::Root, Who::Nobody] {
        for (from, kept) in [(0x20, "0"), (0x30, "1")] {
            scene.child(&format!("{} from {from:#x}", who.name()), |scene| {
                scene.become_with(who, from);
                scene.asks(&[
                    ("keepcaps", kept),
                    ("keepcaps 0", "EPERM"),
                    ("keepcaps 1", "EPERM"),
                    ("keepcaps 2", "EINVAL"),
                    ("keepcaps", kept),
                    ("securebits", &format!("{from:#x}")),
                ]);
            });
        }
        scene.child(who.name(), |scene| {
            scene.become_with(who, 0xb);
            scene.asks(&[
                ("keepcaps 1", "0"),
                ("keepcaps", "1"),
                ("securebits", "0x1b"),
                ("keepcaps 0", "0"),
                ("keepcaps", "0"),
                ("securebits", "0xb"),
            ]);
        });
    }
}
