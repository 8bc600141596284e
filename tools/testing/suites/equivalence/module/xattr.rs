// SPDX-License-Identifier: GPL-2.0

//! The functions that check who may set and remove attributes, and those that remove capabilities.

use crate::{
    cases::{
        equal,
        Group, //
    },
    files::{
        Handler,
        Script, //
    },
    world::{
        each_place,
        Case,
        Place,
        World,
        NOBODY,
        OWNERS,
        SETFCAP,
        SYS_ADMIN, //
    },
};
use kernel::{
    bindings::{
        self,
        mnt_idmap, //
    },
    prelude::*,
    str::CStrExt, //
};

extern "C" {
    // The types of C, which have locks that take no room, would be warned of.
    fn rust_commoncap_cap_inode_setxattr(
        dentry: *mut c_void,
        name: *const c_char,
        value: *const c_void,
        size: usize,
        flags: c_int,
    ) -> c_int;
    fn rust_commoncap_cap_inode_removexattr(
        idmap: *mut mnt_idmap,
        dentry: *mut c_void,
        name: *const c_char,
    ) -> c_int;
    fn rust_commoncap_cap_inode_need_killpriv(dentry: *mut c_void) -> c_int;
    fn rust_commoncap_cap_inode_killpriv(idmap: *mut mnt_idmap, dentry: *mut c_void) -> c_int;
}

#[kunit_tests(commoncap_equivalence_xattr)]
mod tests {
    use super::*;

    fn each_name(group: &mut Group, names: &[&CStr]) -> Result {
        let mut world = World::new()?;
        let sets = [
            0,
            SETFCAP,
            SYS_ADMIN,
            SETFCAP | SYS_ADMIN,
            !SETFCAP,
            !SYS_ADMIN,
        ];
        for name in names {
            let raw = name.as_char_ptr();
            for positive in [true, false] {
                world.file.link(positive, positive);
                each_place(&mut world, &sets, &OWNERS, |world, place| {
                    let (dentry, idmap) = (world.file.dentry(), world.idmap(place.idmap));
                    let null = core::ptr::null();
                    // SAFETY: All arguments are valid for the call.
                    let (c, rust) = unsafe {
                        (
                            world.answer(place, || {
                                let ret = bindings::cap_inode_removexattr(idmap, dentry, raw);
                                (ret, None)
                            }),
                            world.answer(place, || {
                                let ret =
                                    rust_commoncap_cap_inode_removexattr(idmap, dentry.cast(), raw);
                                (ret, None)
                            }),
                        )
                    };
                    let case = |what| Case {
                        what,
                        value: name.to_bytes(),
                        size: usize::from(positive),
                        place,
                    };
                    group.compare(case("inode_removexattr"), &c, &rust);
                    // SAFETY: As above. The functions do not look at the value.
                    let (c, rust) = unsafe {
                        (
                            world.answer(place, || {
                                (bindings::cap_inode_setxattr(dentry, raw, null, 0, 0), None)
                            }),
                            world.answer(place, || {
                                let ret = rust_commoncap_cap_inode_setxattr(
                                    dentry.cast(),
                                    raw,
                                    null,
                                    0,
                                    0,
                                );
                                (ret, None)
                            }),
                        )
                    };
                    group.compare(case("inode_setxattr"), &c, &rust);
                });
            }
        }
        Ok(())
    }

    fn names(group: &mut Group) -> Result {
        const LONG: [u8; 256] = {
            let mut name = [b'a'; 256];
            let mut index = 0;
            while index < 19 {
                name[index] = b"security.capability"[index];
                index += 1;
            }
            name[255] = 0;
            name
        };
        let names = [
            c"",
            c"security",
            c"security.",
            c"security.capability",
            c"security.capabilit",
            c"security.capability.",
            c"security.selinux",
            c"Security.capability",
            c"user.security.capability",
            c"trusted.x",
            c"system.posix_acl_access",
            CStr::from_bytes_with_nul(&LONG).map_err(|_| EINVAL)?,
        ];
        each_name(group, &names)
    }

    #[test]
    fn who_may_set_and_remove_each_kind_of_name() {
        assert!(equal("cap_inode_setxattr, cap_inode_removexattr", names));
    }

    fn each_answer(group: &mut Group, answers: impl Iterator<Item = c_int> + Clone) -> Result {
        let mut world = World::new()?;
        for handler in [
            Handler::Full,
            Handler::Useless,
            Handler::Missing,
            Handler::Unsupported,
        ] {
            world.file.handle(handler);
            for ret in answers.clone() {
                world.file.script(Script {
                    size: ret,
                    set: ret,
                    ..Script::EMPTY
                });
                for number in 0..5 {
                    let (dentry, idmap) = (world.file.dentry(), world.idmap(number));
                    let place = Place {
                        idmap: number,
                        ..NOBODY
                    };
                    let case = |what| Case {
                        what,
                        value: &[],
                        size: ret as usize,
                        place: &place,
                    };
                    // SAFETY: All arguments are valid for the call.
                    let (c, rust) = unsafe {
                        (
                            world.answer(&place, || {
                                (bindings::cap_inode_killpriv(idmap, dentry), None)
                            }),
                            world.answer(&place, || {
                                (
                                    rust_commoncap_cap_inode_killpriv(idmap, dentry.cast()),
                                    None,
                                )
                            }),
                        )
                    };
                    group.compare(case("inode_killpriv"), &c, &rust);
                    // SAFETY: As above.
                    let (c, rust) = unsafe {
                        (
                            world.answer(&place, || {
                                (bindings::cap_inode_need_killpriv(dentry), None)
                            }),
                            world.answer(&place, || {
                                (rust_commoncap_cap_inode_need_killpriv(dentry.cast()), None)
                            }),
                        )
                    };
                    group.compare(case("inode_need_killpriv"), &c, &rust);
                }
            }
        }
        Ok(())
    }

    fn killpriv(group: &mut Group) -> Result {
        let far = [i32::MIN, i32::MIN + 1, -65536, 65535, 65536, i32::MAX];
        each_answer(group, Iterator::chain(-4200..4200, far))
    }

    #[test]
    fn each_result_of_the_file_system() {
        assert!(equal(
            "cap_inode_need_killpriv, cap_inode_killpriv",
            killpriv
        ));
    }
}
