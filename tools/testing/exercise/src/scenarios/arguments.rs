// SPDX-License-Identifier: GPL-2.0

//! Arguments as wide as they are: all 64 bits of them count, but those that an option ignores.

use super::{scene::Scene, Scenario};
use crate::who::Who;

pub(super) const SCENARIOS: &[Scenario] = &[
    ("high bits of securebits", securebits),
    ("high bits of the others", others),
    ("high bits of what is ignored", ignored),
];

/// Each bit beyond the twelve: alone, on top of what is set, with a change that is
/// allowed, and with one that is not.
fn securebits(scene: &mut Scene<'_>) {
    for who in [Who::Root, Who::Nobody] {
        for from in [0, 0x300] {
            scene.child(&format!("{} from {from:#x}", who.name()), |scene| {
                scene.become_with(who, from);
                for bit in 12..64 {
                    for bits in [0, from, from | 0x400, from | 0x1] {
                        scene.ask(&format!("set {:#x}", bits | (1 << bit)), "EPERM");
                    }
                }
                for bits in [u64::MAX, !0xfff, 0xffff_ffff_0000_0000, 0xffff_f000] {
                    scene.ask(&format!("set {:#x}", bits | from as u64), "EPERM");
                }
                scene.ask("securebits", &format!("{from:#x}"));
                scene.ask(&format!("set {:#x}", from | 0x400), "0");
            });
        }
    }
}

/// What is a capability, a truth value or an operation in the lower half is none with more.
fn others(scene: &mut Scene<'_>) {
    for (who, unprivileged) in [(Who::Root, "EINVAL"), (Who::Nobody, "EPERM")] {
        scene.child(who.name(), |scene| {
            scene.become_with(who, 0);
            for high in [32, 33, 48, 63].map(|bit| 1u64 << bit) {
                let cap = high | 8;
                scene.asks(&[
                    (&format!("bounding {cap:#x}"), "EINVAL"),
                    (&format!("bounding {high:#x}"), "EINVAL"),
                    (&format!("drop {cap:#x}"), unprivileged),
                    (&format!("drop {high:#x}"), unprivileged),
                    (&format!("keepcaps {high:#x}"), "EINVAL"),
                    (&format!("keepcaps {:#x}", high | 1), "EINVAL"),
                    (&format!("ambient is_set {cap:#x}"), "EINVAL"),
                    (&format!("ambient raise {cap:#x}"), "EINVAL"),
                    (&format!("ambient lower {cap:#x}"), "EINVAL"),
                    // An operation that there is not, and CAP_CHOWN, which is valid.
                    (&format!("prctl 47 {:#x} 0 0 0", high | 1), "EINVAL"),
                    (&format!("prctl 47 {:#x} 0 0 0", high | 4), "EINVAL"),
                    (&format!("prctl 47 4 {high:#x} 0 0"), "EINVAL"),
                    (&format!("prctl 47 4 0 {high:#x} 0"), "EINVAL"),
                    (&format!("prctl 47 4 0 0 {high:#x}"), "EINVAL"),
                    (&format!("prctl 47 3 8 {high:#x} 0"), "EINVAL"),
                    (&format!("prctl 47 3 8 0 {high:#x}"), "EINVAL"),
                ]);
            }
            for cap in [41, 63, 64, 104, 1u64 << 31] {
                scene.asks(&[
                    (&format!("bounding {cap}"), "EINVAL"),
                    (&format!("drop {cap}"), unprivileged),
                    (&format!("ambient is_set {cap}"), "EINVAL"),
                ]);
            }
            scene.asks(&[
                ("bnd", "all"),
                ("amb", "none"),
                ("securebits", "0x0"),
                ("bounding 40", "1"),
                ("ambient lower 40", "0"),
                ("ambient clear", "0"),
            ]);
        });
    }
}

/// Arguments that an option does not take may be anything, and so may the upper half of the option,
/// which is an `int`.
fn ignored(scene: &mut Scene<'_>) {
    scene.become_with(Who::Root, 0x100);
    let junk = "0xdeadbeefdeadbeef";
    for high in [0, 1 << 32, 0xffff_ffff << 32] {
        let option = |low: usize| format!("prctl {:#x}", high | low);
        scene.asks(&[
            (
                &format!("{} {junk} {junk} {junk} {junk}", option(27)),
                "256",
            ),
            (&format!("{} {junk} {junk} {junk} {junk}", option(7)), "0"),
            (&format!("{} 40 {junk} {junk} {junk}", option(23)), "1"),
            (&format!("{} 0x101 {junk} {junk} {junk}", option(28)), "0"),
            (&format!("{} 0x100 {junk} {junk} {junk}", option(28)), "0"),
            (&format!("{} 1 {junk} {junk} {junk}", option(8)), "0"),
            (&format!("{} 0 {junk} {junk} {junk}", option(8)), "0"),
        ]);
    }
    scene.asks(&[
        (&format!("prctl 24 5 {junk} {junk} {junk}"), "0"),
        ("bnd", "all-5"),
        ("securebits", "0x100"),
        // An option that nobody has.
        (
            &format!("prctl 0x7ffffff0 {junk} {junk} {junk} {junk}"),
            "EINVAL",
        ),
    ]);
}
