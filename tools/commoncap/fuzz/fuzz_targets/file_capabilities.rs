// SPDX-License-Identifier: GPL-2.0

//! Parses any value of `security.capability`, converts it and reads it back.
//!
//! The first bytes of the input choose the user namespaces and the privileges, the rest is the
//! value.

#![no_main]

use commoncap::{
    capability::{Capability, CapabilitySet},
    credentials::Namespace,
    file_capabilities::{convert, getsecurity, FileCapabilities, Mount, Source, Target, MAX_SIZE},
    privileges::{CapableWrtInode, NsCapable},
    Denial, UidMap,
};
use libfuzzer_sys::fuzz_target;

/// A user namespace that maps the IDs below `count` to the users from `first` on.
struct Ns<'a> {
    parent: Option<&'a Ns<'a>>,
    first: u32,
    count: u32,
}

impl Ns<'_> {
    fn user(&self, id: u32) -> Option<u32> {
        (id < self.count).then(|| self.first.checked_add(id))?
    }
}

impl Namespace for Ns<'_> {
    type Uid = u32;

    fn parent(&self) -> Option<&Self> {
        self.parent
    }

    fn level(&self) -> i32 {
        self.parent.map_or(0, |parent| parent.level() + 1)
    }

    fn owner(&self) -> u32 {
        self.first
    }
}

impl UidMap for Ns<'_> {
    fn id_of(&self, uid: u32) -> Option<u32> {
        uid.checked_sub(self.first).filter(|id| *id < self.count)
    }
}

/// A file, the user namespace of its file system and that of the current task.
struct File<'a> {
    file_system: &'a Ns<'a>,
    current: &'a Ns<'a>,
    stored: &'a [u8],
    idmapped: bool,
    owner_privileged: bool,
    file_system_privileged: bool,
}

impl<'a> Mount for File<'a> {
    type Namespace = Ns<'a>;

    fn mapped_user(&self, id: u32) -> Option<u32> {
        self.file_system.user(id)
    }

    fn current_user_ns(&self) -> &Ns<'a> {
        self.current
    }
}

impl Source for File<'_> {
    type Error = ();

    fn read(&self, value: &mut [u8; MAX_SIZE]) -> Result<Option<usize>, ()> {
        let fits = value.get_mut(..self.stored.len()).ok_or(())?;
        fits.copy_from_slice(self.stored);
        Ok(Some(self.stored.len()))
    }
}

impl CapableWrtInode for File<'_> {
    fn capable_wrt_inode_uidgid(&self, capability: Capability) -> bool {
        assert_eq!(capability, Capability::SETFCAP);
        self.owner_privileged
    }
}

impl NsCapable for File<'_> {
    fn ns_capable(&self, capability: Capability) -> bool {
        assert_eq!(capability, Capability::SETFCAP);
        self.file_system_privileged
    }
}

impl Target for File<'_> {
    type Uid = u32;

    fn is_idmapped(&self) -> bool {
        self.idmapped
    }

    fn user(&self, id: u32) -> Option<u32> {
        self.current.user(id)
    }

    fn unmapped(&self, uid: u32) -> Option<u32> {
        Some(uid)
    }

    fn stored_id(&self, uid: u32) -> Option<u32> {
        self.file_system.id_of(uid)
    }
}

/// Reads the value field by field, as `struct vfs_ns_cap_data` lays it out.
fn reference(value: &[u8]) -> Result<FileCapabilities, Denial> {
    let word = |at: usize| {
        let bytes = value.get(4 * at..4 * at + 4)?;
        Some(u32::from_le_bytes(bytes.try_into().ok()?))
    };
    let magic = word(0).ok_or(Denial::FileCapsSize)?;
    let (tocopy, size) = match magic >> 24 {
        1 => (1, 12),
        2 => (2, 20),
        3 => (2, 24),
        _ => return Err(Denial::FileCapsRevision),
    };
    if value.len() != size {
        return Err(Denial::FileCapsSize);
    }
    let mut sets = [0u64; 2];
    for half in 0..tocopy {
        for (index, set) in sets.iter_mut().enumerate() {
            let word = word(1 + 2 * half + index).ok_or(Denial::FileCapsSize)?;
            *set |= u64::from(word) << (32 * half);
        }
    }
    let known = (1 << 41) - 1;
    Ok(FileCapabilities {
        effective: magic & 1 == 1,
        permitted: CapabilitySet::from_bits(sets[0] & known),
        inheritable: CapabilitySet::from_bits(sets[1] & known),
        root_id: if size == 24 { word(5).unwrap_or(0) } else { 0 },
    })
}

/// Returns the flag and the sets, without the root ID.
fn sets(file: FileCapabilities) -> (bool, CapabilitySet, CapabilitySet) {
    (file.effective, file.permitted, file.inheritable)
}

fuzz_target!(|input: &[u8]| {
    let Some((&[flags, first, count, stored_first], value)) = input.split_first_chunk() else {
        return;
    };
    let parsed = FileCapabilities::parse(value);
    assert_eq!(parsed, reference(value));

    let initial = Ns {
        parent: None,
        first: 0,
        count: u32::MAX,
    };
    let child = Ns {
        parent: Some(&initial),
        first: first.into(),
        count: count.into(),
    };
    let mounted = Ns {
        parent: Some(&initial),
        first: stored_first.into(),
        count: 200,
    };
    let file = File {
        file_system: if flags & 1 == 0 { &initial } else { &mounted },
        current: if flags & 2 == 0 { &initial } else { &child },
        stored: value,
        idmapped: flags & 4 != 0,
        owner_privileged: flags & 8 != 0,
        file_system_privileged: flags & 16 != 0,
    };

    // A reader sees the sets that are stored, in revision 2 or 3.
    if let Ok(shown) = getsecurity(Some(value), &file) {
        let shown = FileCapabilities::parse(shown.as_bytes()).expect("a value that parses");
        assert_eq!(
            sets(shown),
            sets(parsed.expect("only a value that parses is shown"))
        );
    }

    match convert(Some(value), &file) {
        Ok(Some(stored)) => {
            assert!(file.owner_privileged);
            let to = FileCapabilities::parse(stored.as_bytes()).expect("a value that parses");
            let from = parsed.expect("only a value that parses is stored");
            assert_eq!((sets(to), stored.as_bytes().len()), (sets(from), 24));
            // The caller reads back what it has set: its own root as revision 2, another as 3.
            let file = File {
                stored: stored.as_bytes(),
                ..file
            };
            let shown = getsecurity(Some(stored.as_bytes()), &file).expect("the caller's root ID");
            let shown = FileCapabilities::parse(shown.as_bytes()).expect("a value that parses");
            assert_eq!(
                shown,
                FileCapabilities {
                    root_id: from.root_id,
                    ..to
                }
            );
        }
        Ok(None) => assert!(file.owner_privileged && file.file_system_privileged && !file.idmapped),
        Err(_) => {}
    }
});
