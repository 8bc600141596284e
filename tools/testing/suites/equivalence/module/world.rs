// SPDX-License-Identifier: GPL-2.0

//! Who makes a call about which file, and what a call has answered and done.

use crate::{
    cred::noting_privilege,
    files::{
        namespace,
        Caller,
        File,
        Handler,
        Idmap,
        Removed, //
    },
};
use kernel::{
    bindings::{
        self,
        mnt_idmap,
        user_namespace, //
    },
    fmt,
    prelude::*,
    types::Opaque, //
};

/// What a call has answered and done.
#[derive(PartialEq)]
pub(crate) struct Answer {
    ret: c_int,
    used_privilege: bool,
    /// The value that the call has allocated.
    value: Option<[u8; 24]>,
    removed: Option<Removed>,
    references: c_int,
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "returns {}, privilege used {}, value {:02x?}, removed {:x?}, references {}",
            self.ret, self.used_privilege, self.value, self.removed, self.references
        )
    }
}

/// Where a call is made.
pub(crate) struct World {
    pub(crate) file: File,
    caller: Caller,
    /// Namespaces below the initial one: a child, a child of that, and one without a map.
    namespaces: [KBox<Opaque<user_namespace>>; 3],
    idmaps: [KBox<Idmap>; 3],
}

pub(crate) const CHILD: u32 = 100_000;
pub(crate) const GRANDCHILD: u32 = 101_000;

impl World {
    pub(crate) fn new() -> Result<Self> {
        let initial = &raw mut bindings::init_user_ns;
        let child = namespace(initial, 1, 1000, &[(0, CHILD, 65536)])?;
        let grandchild = namespace(child.get(), 2, CHILD, &[(0, GRANDCHILD, 100)])?;
        let mut file = File::new()?;
        file.handle(Handler::Full);
        file.link(true, true);
        Ok(Self {
            file,
            caller: Caller::new()?,
            namespaces: [child, grandchild, namespace(initial, 1, 0, &[])?],
            idmaps: [
                Idmap::new(&[(0, CHILD, 65536)])?,
                Idmap::new(&[(0, 1000, 1), (1000, 0, 1)])?,
                Idmap::new(&[(0, GRANDCHILD, 1), (5, CHILD, 1)])?,
            ],
        })
    }

    fn user_ns(&self, number: usize) -> *mut user_namespace {
        match self.namespaces.get(number) {
            Some(ns) => ns.get(),
            None => &raw mut bindings::init_user_ns,
        }
    }

    pub(crate) fn idmap(&self, number: usize) -> *mut mnt_idmap {
        match self.idmaps.get(number) {
            Some(idmap) => idmap.as_ptr(),
            None if number == self.idmaps.len() => &raw mut bindings::invalid_mnt_idmap,
            None => &raw mut bindings::nop_mnt_idmap,
        }
    }

    /// Makes a call. It returns its result, and the value that it has allocated.
    #[inline]
    pub(crate) fn answer(
        &mut self,
        place: &Place,
        call: impl FnOnce() -> (c_int, Option<[u8; 24]>),
    ) -> Answer {
        let fs_ns = self.user_ns(place.fs_ns);
        self.file.place(fs_ns, place.owner, place.group);
        let who = (self.user_ns(place.ns), place.euid, place.effective);
        let mut value = None;
        let (ret, used_privilege) = self.caller.call(who, || {
            noting_privilege(|| {
                let (ret, allocated) = call();
                value = allocated;
                ret
            })
        });
        Answer {
            ret,
            used_privilege,
            value,
            removed: self.file.removed(),
            references: self.file.references(),
        }
    }
}

/// Who makes a call about which file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    /// The caller's user namespace: 0 to 2 is one of the world, 3 the initial one.
    pub(crate) ns: usize,
    pub(crate) euid: u32,
    pub(crate) effective: u64,
    pub(crate) fs_ns: usize,
    pub(crate) idmap: usize,
    pub(crate) owner: u32,
    pub(crate) group: u32,
}

pub(crate) const SETFCAP: u64 = 1 << bindings::CAP_SETFCAP;
pub(crate) const SYS_ADMIN: u64 = 1 << bindings::CAP_SYS_ADMIN;

/// Calls a function for each place.
pub(crate) fn each_place(
    world: &mut World,
    sets: &[u64],
    owners: &[(u32, u32)],
    mut call: impl FnMut(&mut World, &Place),
) {
    for ns in 0..4 {
        for fs_ns in 0..4 {
            for idmap in 0..5 {
                for &(owner, group) in owners {
                    for euid in [0, 1000, CHILD] {
                        for &effective in sets {
                            let place = Place {
                                ns,
                                euid,
                                effective,
                                fs_ns,
                                idmap,
                                owner,
                                group,
                            };
                            call(world, &place);
                        }
                    }
                }
            }
        }
    }
}

/// A call, for the report of a difference.
pub(crate) struct Case<'a> {
    pub(crate) what: &'static str,
    pub(crate) value: &'a [u8],
    pub(crate) size: usize,
    pub(crate) place: &'a Place,
}

impl fmt::Display for Case<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}({:02x?}, size {}) with {:?}",
            self.what, self.value, self.size, self.place
        )
    }
}

pub(crate) const NOBODY: Place = Place {
    ns: 3,
    euid: 0,
    effective: 0,
    fs_ns: 3,
    idmap: 4,
    owner: 0,
    group: 0,
};

pub(crate) const OWNERS: [(u32, u32); 5] = [
    (0, 0),
    (1000, 1000),
    (CHILD, CHILD),
    (GRANDCHILD + 1, 5),
    (5, GRANDCHILD + 1),
];
