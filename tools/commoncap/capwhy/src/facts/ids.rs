// SPDX-License-Identifier: GPL-2.0

//! User and group IDs, and the maps of a user namespace.

use std::fs;

/// A user or group ID as capwhy's own user namespace maps it, or a number beyond those of IDs.
pub type Id = u64;

/// Stands for an ID that capwhy's user namespace does not map. `/proc` shows all such IDs as the
/// same one.
pub const UNMAPPED: Id = 1 << 32;

/// Returns an ID as text.
pub fn text(id: Id) -> String {
    if id < UNMAPPED {
        id.to_string()
    } else {
        "unmapped".to_owned()
    }
}

/// Returns the ID that the kernel shows for those that are not mapped.
fn overflow() -> Id {
    let text = fs::read_to_string("/proc/sys/kernel/overflowuid").unwrap_or_default();
    text.trim().parse().unwrap_or(65534)
}

/// Returns whether one of these IDs may stand for one that is not mapped.
pub fn overflows(ids: &[u32]) -> bool {
    let overflow = overflow();
    ids.iter().any(|id| Id::from(*id) == overflow)
}

/// The IDs that a user namespace maps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IdMap {
    /// The first ID inside, the same one as capwhy's user namespace maps it, and how many follow.
    ranges: Vec<(Id, Id, Id)>,
    /// The ID that capwhy sees in place of each unmapped one, if there are such.
    overflow: Option<Id>,
}

impl IdMap {
    /// Reads a map of this kind, `uid_map` or `gid_map`. `own` is whether it is that of capwhy's
    /// user namespace: the file then has the IDs of the parent namespace in place of those that
    /// capwhy sees.
    pub fn read(kind: &str, map: &str, own: bool) -> Self {
        let ours = if own {
            map.to_owned()
        } else {
            fs::read_to_string(format!("/proc/self/{kind}")).unwrap_or_default()
        };
        let mapped: Id = ranges(&ours).iter().map(|(_, _, count)| count).sum();
        let mut ranges = ranges(map);
        for (inside, seen, _) in &mut ranges {
            if own {
                *seen = *inside;
            }
        }
        Self {
            ranges,
            overflow: (mapped < Id::from(u32::MAX)).then(overflow),
        }
    }

    /// Returns an ID that the kernel has shown to capwhy.
    pub fn shown(&self, id: u32) -> Id {
        let id = Id::from(id);
        if self.overflow == Some(id) {
            UNMAPPED
        } else {
            id
        }
    }

    /// Returns whether an ID is mapped.
    pub fn has(&self, id: Id) -> bool {
        let within = |(_, seen, count): &(Id, Id, Id)| id >= *seen && id - seen < *count;
        id < UNMAPPED && self.ranges.iter().any(within)
    }

    /// Returns the ID that is 0 in the namespace.
    pub fn root(&self) -> Option<Id> {
        let range = self.ranges.iter().find(|(inside, _, _)| *inside == 0)?;
        Some(range.1)
    }
}

fn ranges(map: &str) -> Vec<(Id, Id, Id)> {
    map.lines()
        .filter_map(|line| {
            let mut numbers = line.split_whitespace().map(|word| word.parse().ok());
            match [numbers.next()??, numbers.next()??, numbers.next()??] {
                // The parent maps it, and capwhy's user namespace does not.
                [inside, 0xffff_ffff, count] => Some((inside, UNMAPPED, count)),
                [inside, seen, count] => Some((inside, seen, count)),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_of_another_namespace_has_the_ids_that_capwhy_sees() {
        let map = IdMap::read(
            "uid_map",
            "         0     100000      65536\n 70000 5 1\n",
            false,
        );
        assert_eq!(map.root(), Some(100_000));
        for (id, has) in [
            (100_000, true),
            (165_535, true),
            (165_536, false),
            (5, true),
            (0, false),
        ] {
            assert_eq!(map.has(id), has, "{id}");
        }
        assert!(!map.has(UNMAPPED));
    }

    #[test]
    fn a_map_of_capwhys_own_namespace_has_the_ids_inside() {
        let map = IdMap::read("uid_map", "0 1000 1\n", true);
        assert_eq!(
            (map.root(), map.has(0), map.has(1000)),
            (Some(0), true, false)
        );
        assert_eq!(map.shown(65534), UNMAPPED);
        let all = IdMap::read("uid_map", "0 0 4294967295\n", true);
        assert_eq!(all.shown(65534), 65534);
    }

    #[test]
    fn a_namespace_without_user_0_has_no_root() {
        assert_eq!(IdMap::read("uid_map", "1000 1000 1\n", true).root(), None);
        assert_eq!(IdMap::read("uid_map", "", false).root(), None);
    }
}
