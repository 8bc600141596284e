// SPDX-License-Identifier: GPL-2.0

//! What a change of user IDs does to capabilities: `cap_task_fix_setuid()`.

use super::{
    loss::{
        clear,
        take,
        Loss,
        Observer, //
    },
    sets::Sets,
    Denial, //
};
use crate::{
    capability::CapabilitySet,
    securebits::Securebits, //
};

/// The four user IDs, or the four group IDs, of credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ids<Id> {
    /// The real ID: `uid`, `gid`.
    pub real: Id,
    /// The effective ID: `euid`, `egid`.
    pub effective: Id,
    /// The saved ID: `suid`, `sgid`.
    pub saved: Id,
    /// The file system ID: `fsuid`, `fsgid`.
    pub file_system: Id,
}

impl<Id: Copy> Ids<Id> {
    /// Makes the saved and the file system ID what the effective ID is.
    #[inline]
    pub(super) fn follow_effective(&mut self) {
        self.saved = self.effective;
        self.file_system = self.effective;
    }
}

impl<Id: PartialEq> Ids<Id> {
    /// Returns whether the real, effective or saved ID is `id`.
    #[inline]
    fn any_is(&self, id: &Id) -> bool {
        self.real == *id || self.effective == *id || self.saved == *id
    }
}

/// The kind of a change of user IDs: `LSM_SETID_*`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `setuid()`, `setreuid()` or `setresuid()`.
    Process,
    /// `setfsuid()`.
    FileSystem,
}

impl Kind {
    /// Returns the kind of the `flags` that the kernel passes.
    #[inline]
    pub const fn parse(flags: i32) -> Result<Self, Denial> {
        const ID: i32 = 1;
        const RE: i32 = 2;
        const RES: i32 = 4;
        const FS: i32 = 8;
        match flags {
            ID | RE | RES => Ok(Self::Process),
            FS => Ok(Self::FileSystem),
            _ => Err(Denial::SetuidKind),
        }
    }
}

/// The change of user IDs of a task.
#[derive(Clone, Copy, Debug)]
pub struct Change<'a, Uid> {
    /// Its kind.
    pub kind: Kind,
    /// The user ID that is 0 in the user namespace of the old credentials.
    pub root: Uid,
    /// The IDs before the change.
    pub old: &'a Ids<Uid>,
    /// The IDs after the change.
    pub new: &'a Ids<Uid>,
}

/// Returns what the capability sets of the new credentials become, or `None` if they stay as they
/// are.
///
/// `securebits` are those of the current task. `before` returns the sets of the new credentials.
#[inline]
pub fn fix_setuid<Uid: PartialEq>(
    securebits: Securebits,
    change: &Change<'_, Uid>,
    before: impl FnOnce() -> Sets,
    losses: &mut impl Observer,
) -> Option<Sets> {
    if securebits.intersects(Securebits::NO_SETUID_FIXUP) {
        return None;
    }
    match change.kind {
        Kind::Process => {
            let keep_caps = securebits.intersects(Securebits::KEEP_CAPS);
            emulate_setxuid(keep_caps, change, before, losses)
        }
        Kind::FileSystem => follow_fsuid(change, before, losses),
    }
}

/// Follows the real, effective and saved user ID: `cap_emulate_setxuid()`.
#[inline]
fn emulate_setxuid<Uid: PartialEq>(
    keep_caps: bool,
    change: &Change<'_, Uid>,
    before: impl FnOnce() -> Sets,
    losses: &mut impl Observer,
) -> Option<Sets> {
    let root = &change.root;
    let leaves_root = change.old.effective == *root && change.new.effective != *root;
    // Each case gets and returns the sets for itself. Otherwise, the compiler would keep in a
    // register which case it is.
    if change.old.any_is(root) && !change.new.any_is(root) {
        let mut sets = before();
        if !keep_caps {
            clear(&mut sets.permitted, Loss::SetuidAll, losses);
            sets.effective = CapabilitySet::EMPTY;
        }
        // Programs from before there were ambient capabilities rely on this: user IDs other than
        // 0 and an execve() leave no capability.
        clear(&mut sets.ambient, Loss::SetuidAmbient, losses);
        if leaves_root {
            clear(&mut sets.effective, Loss::SetuidEffective, losses);
        }
        Some(sets)
    } else if leaves_root {
        let mut sets = before();
        clear(&mut sets.effective, Loss::SetuidEffective, losses);
        Some(sets)
    } else if change.old.effective != *root && change.new.effective == *root {
        let mut sets = before();
        sets.effective = sets.permitted;
        Some(sets)
    } else {
        None
    }
}

/// Follows the file system user ID.
#[inline]
fn follow_fsuid<Uid: PartialEq>(
    change: &Change<'_, Uid>,
    before: impl FnOnce() -> Sets,
    losses: &mut impl Observer,
) -> Option<Sets> {
    let root = &change.root;
    match (
        change.old.file_system == *root,
        change.new.file_system == *root,
    ) {
        (true, false) => {
            let mut sets = before();
            let lost = Loss::SetuidFileSystem;
            take(&mut sets.effective, CapabilitySet::FS, lost, losses);
            Some(sets)
        }
        (false, true) => {
            let mut sets = before();
            sets.effective = sets.effective | (sets.permitted & CapabilitySet::FS);
            Some(sets)
        }
        _ => None,
    }
}

#[crate::kunit_tests(rust_commoncap_setuid)]
mod tests {
    use super::super::testing::Seen;
    use super::*;

    const ROOT: u32 = 100_000;
    const OTHER: u32 = 1000;

    const fn set(bits: u64) -> CapabilitySet {
        CapabilitySet::from_bits(bits)
    }

    const SETS: Sets = Sets {
        effective: set(0x0f_0f0f),
        permitted: set(0xff_ffff),
        inheritable: set(0x33_3333),
        bounding: set(0x55_5555),
        ambient: set(0x11_1111),
    };

    /// Returns IDs that are root where the bit is set: real, effective, saved, file system.
    fn ids(bits: u32) -> Ids<u32> {
        let id = |number: u32| {
            if (bits >> number) & 1 == 1 {
                ROOT
            } else {
                OTHER
            }
        };
        Ids {
            real: id(0),
            effective: id(1),
            saved: id(2),
            file_system: id(3),
        }
    }

    fn decide(securebits: Securebits, kind: Kind, old: u32, new: u32) -> (Option<Sets>, Seen) {
        let mut seen = Seen::default();
        let change = Change {
            kind,
            root: ROOT,
            old: &ids(old),
            new: &ids(new),
        };
        let sets = fix_setuid(securebits, &change, || SETS, &mut seen);
        assert_eq!(fix_setuid(securebits, &change, || SETS, &mut ()), sets);
        (sets, seen)
    }

    fn fix(securebits: Securebits, kind: Kind, old: u32, new: u32) -> (Sets, Seen) {
        let (sets, seen) = decide(securebits, kind, old, new);
        (sets.unwrap_or(SETS), seen)
    }

    #[test]
    fn sets_that_stay_are_not_returned() {
        let stays = |securebits, kind, old, new| {
            assert_eq!(decide(securebits, kind, old, new).0, None);
        };
        for bits in 0..16 {
            for kind in [Kind::Process, Kind::FileSystem] {
                stays(Securebits::DEFAULT, kind, bits, bits);
                stays(Securebits::NO_SETUID_FIXUP, kind, bits, 15 - bits);
            }
            stays(Securebits::DEFAULT, Kind::Process, bits, bits ^ 8);
            stays(Securebits::DEFAULT, Kind::FileSystem, bits, bits ^ 7);
        }
    }

    #[test]
    fn the_kinds_are_those_of_the_c() {
        for flags in [1, 2, 4] {
            assert_eq!(Kind::parse(flags), Ok(Kind::Process));
        }
        assert_eq!(Kind::parse(8), Ok(Kind::FileSystem));
        for flags in [0, 3, 5, 6, 7, 9, 16, -1, i32::MAX, i32::MIN] {
            assert_eq!(Kind::parse(flags), Err(Denial::SetuidKind));
        }
    }

    #[test]
    fn no_setuid_fixup_keeps_every_set() {
        for kind in [Kind::Process, Kind::FileSystem] {
            for (old, new) in [(0, 15), (15, 0), (2, 0), (8, 0)] {
                let (sets, seen) = fix(Securebits::NO_SETUID_FIXUP, kind, old, new);
                assert_eq!(sets, SETS);
                assert!(seen.is_nothing());
            }
        }
    }

    #[test]
    fn the_last_user_id_to_leave_root_takes_the_permitted_set() {
        for old in 0..16 {
            for new in 0..16 {
                for keep_caps in [false, true] {
                    let securebits = if keep_caps {
                        Securebits::KEEP_CAPS
                    } else {
                        Securebits::DEFAULT
                    };
                    let (sets, seen) = fix(securebits, Kind::Process, old, new);
                    let left = old & 7 != 0 && new & 7 == 0;
                    let cleared = left && !keep_caps;
                    assert_eq!(sets.permitted.is_empty(), cleared);
                    assert_eq!(sets.ambient.is_empty(), left);
                    assert_eq!(seen.of(Loss::SetuidAll).is_empty(), !cleared);
                    assert_eq!(seen.of(Loss::SetuidAmbient).is_empty(), !left);

                    let expected = match (old & 2 != 0, new & 2 != 0) {
                        (false, true) => SETS.permitted,
                        (true, false) => CapabilitySet::EMPTY,
                        _ if cleared => CapabilitySet::EMPTY,
                        _ => SETS.effective,
                    };
                    assert_eq!(sets.effective, expected);
                    let effective = old & 2 != 0 && new & 2 == 0 && !cleared;
                    assert_eq!(seen.of(Loss::SetuidEffective).is_empty(), !effective);

                    assert_eq!(sets.inheritable, SETS.inheritable);
                    assert_eq!(sets.bounding, SETS.bounding);
                }
            }
        }
    }

    #[test]
    fn a_loss_names_all_that_is_taken() {
        let (_, seen) = fix(Securebits::DEFAULT, Kind::Process, 7, 0);
        assert_eq!(seen.of(Loss::SetuidAll), SETS.permitted);
        assert_eq!(seen.of(Loss::SetuidAmbient), SETS.ambient);
        let (_, seen) = fix(Securebits::DEFAULT, Kind::Process, 7, 5);
        assert_eq!(seen.of(Loss::SetuidEffective), SETS.effective);
    }

    #[test]
    fn the_file_system_user_id_moves_only_file_system_capabilities() {
        for old in 0..16 {
            for new in 0..16 {
                let (sets, seen) = fix(Securebits::KEEP_CAPS, Kind::FileSystem, old, new);
                let (effective, lost) = match (old & 8 != 0, new & 8 != 0) {
                    (true, false) => (set(0x0f_0d00), set(0x00_020f)),
                    (false, true) => (set(0x0f_0f1f), CapabilitySet::EMPTY),
                    _ => (SETS.effective, CapabilitySet::EMPTY),
                };
                assert_eq!(sets, Sets { effective, ..SETS });
                assert_eq!(seen.of(Loss::SetuidFileSystem), lost);
            }
        }
    }
}
