// SPDX-License-Identifier: GPL-2.0

//! The functions that convert the value of `security.capability`.

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
        CHILD,
        GRANDCHILD,
        NOBODY,
        OWNERS,
        SETFCAP, //
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
    fn rust_commoncap_cap_inode_getsecurity(
        idmap: *mut mnt_idmap,
        inode: *mut c_void,
        name: *const c_char,
        buffer: *mut *mut c_void,
        alloc: bool,
    ) -> c_int;
    fn rust_commoncap_cap_convert_nscap(
        idmap: *mut mnt_idmap,
        dentry: *mut c_void,
        value: *mut *const c_void,
        size: usize,
    ) -> c_int;
}

/// Values: each revision and others, each kind of flags, root IDs at and beside the borders of the
/// maps. The rest of a value does not matter, so it is a pattern. Shorter values have their start.
fn each_value(mut call: impl FnMut(&[u8; 32])) {
    const ROOTS: [u32; 16] = [
        0,
        1,
        5,
        99,
        100,
        999,
        1000,
        1001,
        65535,
        65536,
        CHILD - 1,
        CHILD,
        GRANDCHILD,
        GRANDCHILD + 100,
        u32::MAX - 1,
        u32::MAX,
    ];
    for revision in [0, 1, 2, 3, 4, 0x82, 0xff] {
        for flags in [0, 1, 2, 3, 0x80_0000, 0xff_ffff] {
            for root in ROOTS {
                let mut value: [u8; 32] = core::array::from_fn(|index| index as u8 ^ 0xa5);
                let magic: u32 = revision << 24 | flags;
                value[..4].copy_from_slice(&magic.to_le_bytes());
                value[20..24].copy_from_slice(&root.to_le_bytes());
                call(&value);
            }
        }
    }
}

/// Takes over a value that a call has allocated: copies and frees it.
///
/// # Safety
///
/// `memory` must be null or from `kmalloc()`, with `size` bytes in it.
unsafe fn take(memory: *mut c_void, size: c_int) -> Option<[u8; 24]> {
    if memory.is_null() {
        return None;
    }
    let mut value = [0xee; 24];
    let size = usize::try_from(size).unwrap_or(0);
    // SAFETY: By the safety requirements.
    let bytes = unsafe { core::slice::from_raw_parts(memory.cast::<u8>(), size) };
    for (to, from) in value.iter_mut().zip(bytes) {
        *to = *from;
    }
    // SAFETY: By the safety requirements.
    unsafe { bindings::kfree(memory) };
    Some(value)
}

#[kunit_tests(commoncap_equivalence_nscap)]
mod tests {
    use super::*;

    /// Reads the attribute by both.
    fn read(group: &mut Group, world: &mut World, place: &Place, name: &CStr, script: &Script) {
        world.file.script(*script);
        let (inode, idmap) = (world.file.inode(), world.idmap(place.idmap));
        let raw = name.as_char_ptr();
        for alloc in [false, true] {
            // SAFETY: All arguments are valid for the call, which allocates a value of the size
            // that it returns.
            let (c, rust) = unsafe {
                (
                    world.answer(place, || {
                        let mut value = core::ptr::null_mut();
                        let ret = bindings::cap_inode_getsecurity(
                            idmap,
                            inode,
                            raw,
                            &raw mut value,
                            alloc,
                        );
                        (ret, take(value, ret))
                    }),
                    world.answer(place, || {
                        let mut value = core::ptr::null_mut();
                        let ret = rust_commoncap_cap_inode_getsecurity(
                            idmap,
                            inode.cast(),
                            raw,
                            &raw mut value,
                            alloc,
                        );
                        (ret, take(value, ret))
                    }),
                )
            };
            let case = Case {
                what: "inode_getsecurity",
                value: &script.value[..24],
                size: script.size as usize,
                place,
            };
            group.compare(case, &c, &rust);
        }
    }

    fn script(value: &[u8; 32], size: c_int) -> Script {
        let mut script = Script {
            size,
            read: size,
            ..Script::EMPTY
        };
        script.value[..32].copy_from_slice(value);
        script
    }

    fn reads(group: &mut Group) -> Result {
        let mut world = World::new()?;
        let mut value = [0; 32];
        each_value(|given| {
            value = *given;
            // The root ID counts in values of 24 bytes, and any other size is as good once.
            let once = given[20..24] == [0; 4];
            for size in 0..=32 {
                if once || size == 24 {
                    each_place(&mut world, &[0], &[(0, 0)], |world, place| {
                        if place.euid == 0 {
                            let script = script(given, size);
                            read(group, world, place, c"capability", &script);
                        }
                    });
                }
            }
        });
        // Errors, at the size and at the value; values that have become shorter; long values.
        let name = c"capability";
        for size in [-95, -61, -34, -5, -1, 0, 1, 20, 24] {
            for now in [-95, -61, -34, -5, -1, 0, 4, 20, 24] {
                if now > size {
                    continue;
                }
                each_value(|given| {
                    let mut script = script(given, size);
                    script.read = now;
                    read(group, &mut world, &NOBODY, name, &script);
                });
            }
        }
        for size in [33, 63, 64, 255, 4096, 65535, 65536] {
            read(group, &mut world, &NOBODY, name, &script(&value, size));
        }
        for handler in [Handler::Useless, Handler::Missing, Handler::Unsupported] {
            world.file.handle(handler);
            read(group, &mut world, &NOBODY, name, &script(&value, 24));
        }
        world.file.handle(Handler::Full);
        for name in [c"", c"capabilit", c"capability2", c"selinux", c"Capability"] {
            read(group, &mut world, &NOBODY, name, &script(&value, 24));
        }
        world.file.link(true, false);
        read(group, &mut world, &NOBODY, name, &script(&value, 24));
        Ok(())
    }

    #[test]
    fn each_value_is_read_in_each_place() {
        assert!(equal("cap_inode_getsecurity", reads));
    }

    /// Converts a value by both.
    fn convert(
        group: &mut Group,
        world: &mut World,
        place: &Place,
        value: Option<&[u8; 32]>,
        size: usize,
    ) {
        let (dentry, idmap) = (world.file.dentry(), world.idmap(place.idmap));
        let given: *const c_void = value.map_or(core::ptr::null(), |value| value.as_ptr().cast());
        let converted = |place: *const c_void, ret| {
            if place == given {
                return (ret, None);
            }
            // SAFETY: The call has allocated a value of the size that it returns.
            (ret, unsafe { take(place.cast_mut(), ret) })
        };
        // SAFETY: All arguments are valid for the call, which reads at most 24 bytes.
        let (c, rust) = unsafe {
            (
                world.answer(place, || {
                    let mut value = given;
                    let ret = bindings::cap_convert_nscap(idmap, dentry, &raw mut value, size);
                    converted(value, ret)
                }),
                world.answer(place, || {
                    let mut value = given;
                    let ret = rust_commoncap_cap_convert_nscap(
                        idmap,
                        dentry.cast(),
                        &raw mut value,
                        size,
                    );
                    converted(value, ret)
                }),
            )
        };
        let case = Case {
            what: "convert_nscap",
            value: value.map_or(&[], |value| &value[..24]),
            size,
            place,
        };
        group.compare(case, &c, &rust);
    }

    const SETS: [u64; 3] = [0, SETFCAP, !SETFCAP];

    fn in_each_place(group: &mut Group, world: &mut World, value: Option<&[u8; 32]>, size: usize) {
        each_place(world, &SETS, &OWNERS, |world, place| {
            convert(group, world, place, value, size);
        });
    }

    fn conversions(group: &mut Group) -> Result {
        let mut world = World::new()?;
        each_value(|value| {
            let once = value[20..24] == [0; 4];
            let valid = matches!(value[3], 2 | 3) && value[2] == 0 && value[1] == 0 && value[0] < 2;
            for size in 0..=32 {
                // Each place for what can be valid, one for the others.
                if valid && (size == 24 || size == 20 && once) {
                    in_each_place(group, &mut world, Some(value), size);
                } else if once || size == 24 {
                    for effective in SETS {
                        let place = Place {
                            effective,
                            ..NOBODY
                        };
                        convert(group, &mut world, &place, Some(value), size);
                    }
                }
            }
        });
        let value = [2; 32];
        for size in [33, 64, 65535, 65536, isize::MAX as usize, usize::MAX] {
            convert(group, &mut world, &NOBODY, Some(&value), size);
        }
        for size in 0..=32 {
            convert(group, &mut world, &NOBODY, None, size);
        }
        Ok(())
    }

    #[test]
    fn each_value_is_converted_in_each_place() {
        assert!(equal("cap_convert_nscap", conversions));
    }
}
