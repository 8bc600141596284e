// SPDX-License-Identifier: GPL-2.0

//! Compares `cap_bprm_creds_from_file()` of `commoncap.c` and of the module in one kernel.
//!
//! A module of KUnit tests beside `rust_commoncap`, as `commoncap_equivalence` is one. Each case
//! has a caller, new credentials, a file and a mount that are made for it. `fixture.c` has the
//! structures that the kernel keeps to itself.

#[path = "../module/cases.rs"]
mod cases;
#[path = "../module/cred.rs"]
#[allow(dead_code)]
mod cred;

use cases::{
    equal,
    Group,
    Random, //
};
use cred::Image;
use kernel::{
    bindings::{
        self,
        group_info,
        kgid_t,
        user_namespace, //
    },
    fmt,
    prelude::*,
    types::Opaque, //
};

module! {
    type: Equivalence,
    name: "commoncap_equivalence_exec",
    authors: ["rust_commoncap maintainers"],
    description: "Compares execve() in Rust with that in C, call for call",
    license: "GPL",
    imports_ns: ["EXPORTED_FOR_KUNIT_TESTING"],
    params: {
        seed: u64 {
            default: 1,
            description: "Seed of the random cases",
        },
        one_in: u64 {
            default: 1,
            description: "Compares one case in so many, in the large groups",
        },
    },
}

/// The loaded module: its tests are all there is to it.
struct Equivalence;

impl kernel::Module for Equivalence {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        Ok(Self)
    }
}

/// `struct exec_inputs`.
#[repr(C)]
#[derive(Clone, Copy)]
struct Inputs {
    fs_ns: *mut user_namespace,
    tracer: *const bindings::cred,
    unsafe_flags: c_int,
    nosuid: bool,
    foreign: bool,
    unmapped: bool,
    file_caps_enabled: bool,
    audited: bool,
    size: c_int,
    value: [u8; 32],
}

impl Inputs {
    /// Returns those of a file without capabilities, which an untraced task executes.
    fn plain() -> Self {
        Inputs {
            fs_ns: &raw mut bindings::init_user_ns,
            tracer: core::ptr::null(),
            unsafe_flags: 0,
            nosuid: false,
            foreign: false,
            unmapped: false,
            file_caps_enabled: true,
            audited: false,
            size: 0,
            value: [0; 32],
        }
    }
}

/// `struct exec_outputs`.
#[repr(C)]
#[derive(Clone, Copy, Default, PartialEq)]
struct Outputs {
    ret: c_int,
    per_clear: c_uint,
    secureexec: bool,
    used_privilege: bool,
    records: c_uint,
    version: c_uint,
    record: [u64; 12],
    rest: u64,
}

extern "C" {
    // The types of C, which have locks that take no room, would be warned of.
    fn commoncap_exec_new() -> *mut c_void;
    fn commoncap_exec_free(fixture: *mut c_void);
    fn commoncap_exec_run(
        fixture: *mut c_void,
        inputs: *const c_void,
        old: *const c_void,
        new: *mut c_void,
        rust: bool,
        outputs: *mut Outputs,
    );
}

/// What a call has answered and done.
#[derive(PartialEq)]
struct Answer {
    outputs: Outputs,
    new: Image,
    old: Image,
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let outputs = &self.outputs;
        f.write_fmt(fmt!(
            "returns {}, privilege used {}, secureexec {}, per_clear {:#x}, {} audit records, \
             {:x?}, linux_binprm {:#x}, new credentials {}, old credentials {}",
            outputs.ret,
            outputs.used_privilege,
            outputs.secureexec,
            outputs.per_clear,
            outputs.records,
            outputs.record,
            outputs.rest,
            self.new,
            self.old
        ))
    }
}

/// The root user of the user namespace that most cases are in, which is no root elsewhere.
const ROOT: u32 = 100_000;
const USER: u32 = 1000;
const OTHER: u32 = 1001;
/// A group that the caller is a member of.
const MEMBER: u32 = 50;
const GROUP: u32 = 51;
const STRANGER: u32 = 52;

const CAPABILITIES: u64 = bindings::CAP_LAST_CAP as u64 + 1;
const ALL: u64 = (1 << CAPABILITIES) - 1;
const SETUID: u64 = 1 << bindings::CAP_SETUID;

const NOROOT: u32 = 1 << 0;
const KEEP_CAPS: u32 = 1 << 4;

/// The IDs of a case: those of the caller, then those of the new credentials.
#[derive(Clone, Copy)]
struct Ids {
    uid: u32,
    euid: u32,
    new_uid: u32,
    new_euid: u32,
    gid: u32,
    new_gid: u32,
    new_egid: u32,
}

/// The sets of a case.
#[derive(Clone, Copy, Default)]
struct Sets {
    permitted: u64,
    inheritable: u64,
    bounding: u64,
    ambient: u64,
    new_inheritable: u64,
    new_bounding: u64,
    new_ambient: u64,
    file_permitted: u64,
    file_inheritable: u64,
}

/// How many states a capability has in [`Sets`]: the ambient sets are within others.
const STATES: usize = 5 * 2 * 3 * 2 * 2 * 2;

impl Sets {
    /// Gives the capabilities in `bits` a state.
    #[inline]
    fn put(&mut self, bits: u64, state: usize) {
        let held = state % 5;
        let new = state / 5 % 3;
        let two = state / 15;
        let mut put = |set: fn(&mut Self) -> &mut u64, on: bool| {
            let set = set(self);
            *set = if on { *set | bits } else { *set & !bits };
        };
        put(|sets| &mut sets.permitted, matches!(held, 1 | 3 | 4));
        put(|sets| &mut sets.inheritable, matches!(held, 2..=4));
        put(|sets| &mut sets.ambient, held == 4);
        put(|sets| &mut sets.new_inheritable, new > 0);
        put(|sets| &mut sets.new_ambient, new == 2);
        put(|sets| &mut sets.bounding, two & 1 != 0);
        put(|sets| &mut sets.new_bounding, two & 2 != 0);
        put(|sets| &mut sets.file_permitted, two & 4 != 0);
        put(|sets| &mut sets.file_inheritable, two & 8 != 0);
    }
}

/// What a call depends on.
struct Case<'a> {
    ns: &'a Ns,
    inputs: Inputs,
    ids: Ids,
    securebits: u32,
    new_securebits: u32,
    setuid: bool,
    sets: Sets,
}

impl fmt::Display for Case<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (ids, sets, inputs) = (&self.ids, &self.sets, &self.inputs);
        f.write_fmt(fmt!(
            "execve({:?} {:x?}) where root is {:?}, from {} {} {} to {} {} {} {}, securebits {:#x} \
             {:#x}, CAP_SETUID {}, unsafe {}, traced {}, nosuid {}, foreign {}, unmapped {}, file \
             capabilities {}, audited {}, old {:#x} {:#x} {:#x} {:#x}, new {:#x} {:#x} {:#x}",
            inputs.size,
            inputs.value,
            self.ns.root,
            ids.uid,
            ids.euid,
            ids.gid,
            ids.new_uid,
            ids.new_euid,
            ids.new_gid,
            ids.new_egid,
            self.securebits,
            self.new_securebits,
            self.setuid,
            inputs.unsafe_flags,
            !inputs.tracer.is_null(),
            inputs.nosuid,
            inputs.foreign,
            inputs.unmapped,
            inputs.file_caps_enabled,
            inputs.audited,
            sets.permitted,
            sets.inheritable,
            sets.bounding,
            sets.ambient,
            sets.new_inheritable,
            sets.new_bounding,
            sets.new_ambient
        ))
    }
}

/// A user namespace that maps 0 to a user ID, or maps none. Its parent is the initial one.
struct Ns {
    ns: KBox<Opaque<user_namespace>>,
    root: Option<u32>,
}

impl Ns {
    fn new(root: Option<u32>) -> Result<Self> {
        let ns: KBox<Opaque<user_namespace>> = KBox::init(pin_init::init_zeroed(), GFP_KERNEL)?;
        // SAFETY: It has been initialized, and nobody else has it.
        unsafe {
            (*ns.get()).parent = &raw mut bindings::init_user_ns;
            (*ns.get()).level = 1;
            (*ns.get()).owner.val = OTHER;
            if let Some(root) = root {
                // An extent of a map that has few of them is in the array of the union.
                let map = &mut (*ns.get()).uid_map.__bindgen_anon_1.__bindgen_anon_1;
                map.nr_extents = 1;
                map.extent[0].lower_first = root;
                map.extent[0].count = 1000;
            }
        }
        Ok(Self { ns, root })
    }

    /// Returns credentials of a tracer in this namespace, with `CAP_SYS_PTRACE` or without.
    fn tracer(&self, capable: bool) -> Result<KBox<bindings::cred>> {
        let mut cred: KBox<bindings::cred> = KBox::init(pin_init::init_zeroed(), GFP_KERNEL)?;
        cred.user_ns = self.ns.get();
        cred.cap_effective.val = u64::from(capable) << bindings::CAP_SYS_PTRACE;
        Ok(cred)
    }
}

/// All that the calls of a group use.
struct Bench {
    fixture: *mut c_void,
    old: KBox<bindings::cred>,
    new: KBox<bindings::cred>,
    groups: *mut group_info,
}

impl Bench {
    fn new() -> Result<Self> {
        // SAFETY: It takes no argument.
        let fixture = unsafe { commoncap_exec_new() };
        if fixture.is_null() {
            return Err(ENOMEM);
        }
        // SAFETY: It takes a number.
        let groups = unsafe { bindings::groups_alloc(1) };
        if groups.is_null() {
            return Err(ENOMEM);
        }
        // SAFETY: It has room for one group, and nobody else has it.
        unsafe { *(*groups).gid.as_mut_ptr() = kgid_t { val: MEMBER } };
        Ok(Self {
            fixture,
            old: KBox::init(pin_init::init_zeroed(), GFP_KERNEL)?,
            new: KBox::init(pin_init::init_zeroed(), GFP_KERNEL)?,
            groups,
        })
    }

    #[inline]
    fn answer(&mut self, case: &Case<'_>, rust: bool) -> Answer {
        let (old, new) = (&mut *self.old, &mut *self.new);
        let (ids, sets) = (&case.ids, &case.sets);
        *old = pin_init::zeroed();
        old.user_ns = case.ns.ns.get();
        old.group_info = self.groups;
        old.uid.val = ids.uid;
        old.euid.val = ids.euid;
        old.suid.val = USER;
        old.fsuid.val = OTHER;
        old.gid.val = ids.gid;
        old.egid.val = STRANGER;
        old.sgid.val = STRANGER;
        old.fsgid.val = GROUP;
        old.securebits = case.securebits;
        old.cap_effective.val = if case.setuid { SETUID } else { ALL & !SETUID };
        old.cap_permitted.val = sets.permitted;
        old.cap_inheritable.val = sets.inheritable;
        old.cap_bset.val = sets.bounding;
        old.cap_ambient.val = sets.ambient;

        *new = pin_init::zeroed();
        new.user_ns = case.ns.ns.get();
        new.uid.val = ids.new_uid;
        new.euid.val = ids.new_euid;
        new.suid.val = OTHER;
        new.fsuid.val = ROOT;
        new.gid.val = ids.new_gid;
        new.egid.val = ids.new_egid;
        new.sgid.val = STRANGER;
        new.fsgid.val = MEMBER;
        new.securebits = case.new_securebits;
        // What the call must not read.
        new.cap_effective.val = !sets.permitted;
        new.cap_permitted.val = !sets.inheritable;
        new.cap_inheritable.val = sets.new_inheritable;
        new.cap_bset.val = sets.new_bounding;
        new.cap_ambient.val = sets.new_ambient;

        let mut outputs = Outputs::default();
        // SAFETY: All are valid for the call, and nobody else has them.
        unsafe {
            commoncap_exec_run(
                self.fixture,
                (&raw const case.inputs).cast(),
                (&raw const *old).cast(),
                (&raw mut *new).cast(),
                rust,
                &mut outputs,
            );
            Answer {
                outputs,
                new: Image::of(new),
                old: Image::of(old),
            }
        }
    }

    /// Asks both, compares, and returns what the C has returned and done.
    #[inline]
    fn ask(&mut self, group: &mut Group, case: &Case<'_>) -> Outputs {
        let c = self.answer(case, false);
        let rust = self.answer(case, true);
        group.compare(case, &c, &rust);
        c.outputs
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        // SAFETY: Both are this value's own.
        unsafe {
            commoncap_exec_free(self.fixture);
            bindings::groups_free(self.groups);
        }
    }
}

/// Returns a value of `security.capability`.
fn value(revision: u32, flags: u32, permitted: u64, inheritable: u64, root: u32) -> [u8; 32] {
    let words = [
        revision << 24 | flags,
        permitted as u32,
        inheritable as u32,
        (permitted >> 32) as u32,
        (inheritable >> 32) as u32,
        root,
        !0,
        !0,
    ];
    let mut value = [0; 32];
    for (to, word) in value.chunks_exact_mut(4).zip(words) {
        to.copy_from_slice(&word.to_le_bytes());
    }
    value
}

#[kunit_tests(commoncap_equivalence_exec)]
mod tests {
    use super::*;

    /// Every pattern of IDs, flags and kinds of a file, with a capability in every state.
    fn patterns(group: &mut Group, random: &mut Random) -> Result {
        let ns = Ns::new(Some(ROOT))?;
        let tracers = [ns.tracer(false)?, ns.tracer(true)?];
        let mut bench = Bench::new()?;
        let users = [USER, ROOT];
        for uid in users {
            for euid in users {
                for new_uid in users {
                    for new_euid in [USER, ROOT, OTHER] {
                        for (new_egid, gid) in
                            [(MEMBER, MEMBER), (GROUP, MEMBER), (STRANGER, GROUP)]
                        {
                            for flags in 0..8 * 3 * 2 * 2 * 5 {
                                let ids = Ids {
                                    uid,
                                    euid,
                                    new_uid,
                                    new_euid,
                                    gid,
                                    new_gid: if flags & 1 == 0 { gid } else { STRANGER },
                                    new_egid,
                                };
                                pattern(group, random, &mut bench, &ns, &tracers, ids, flags);
                            }
                        }
                    }
                }
            }
        }
        Ok(())
    }

    fn pattern(
        group: &mut Group,
        random: &mut Random,
        bench: &mut Bench,
        ns: &Ns,
        tracers: &[KBox<bindings::cred>; 2],
        ids: Ids,
        flags: usize,
    ) {
        let kind = flags / 96;
        let mut inputs = Inputs {
            unsafe_flags: (flags % 8) as c_int,
            tracer: match flags / 8 % 3 {
                0 => core::ptr::null(),
                number => &raw const *tracers[number - 1],
            },
            nosuid: kind == 3,
            foreign: kind == 4,
            size: if kind == 0 { ENODATA.to_errno() } else { 20 },
            ..Inputs::plain()
        };
        for state in 0..STATES {
            // All others are in no set, in random ones, or in those of a state that another
            // capability differs from.
            for rest in 0..REST {
                if group.skips() {
                    continue;
                }
                let mut sets = Sets::default();
                match rest {
                    0 => {}
                    1 => sets.put(ALL, random.below(STATES)),
                    2 => {
                        sets.put(ALL, random.below(STATES));
                        sets.put(
                            1 << random.below(CAPABILITIES as usize),
                            random.below(STATES),
                        );
                    }
                    _ => {
                        for number in 0..CAPABILITIES {
                            sets.put(1 << number, random.below(STATES));
                        }
                    }
                }
                sets.put(1 << random.below(CAPABILITIES as usize), state);
                let chance = random.next();
                inputs.audited = chance & 1 == 0;
                inputs.file_caps_enabled = chance & 0xf0 != 0;
                let flag = u32::from(kind != 1);
                inputs.value = value(2, flag, sets.file_permitted, sets.file_inheritable, 0);
                let noroot = if flags / 24 % 2 == 0 { 0 } else { NOROOT };
                let others = (chance >> 32) as u32 & 0xfff;
                let case = Case {
                    ns,
                    inputs,
                    ids,
                    securebits: others & !NOROOT | noroot,
                    new_securebits: others ^ (chance >> 48) as u32 & KEEP_CAPS,
                    setuid: flags / 48 % 2 == 0,
                    sets,
                };
                bench.ask(group, &case);
            }
        }
    }

    /// How many sets of the other capabilities there are for each state of one.
    const REST: usize = 10;

    /// Every size, revision and root ID of the attribute, on each kind of mount.
    fn attributes(group: &mut Group, random: &mut Random) -> Result {
        let namespaces = [Ns::new(Some(ROOT))?, Ns::new(Some(USER))?, Ns::new(None)?];
        let mut bench = Bench::new()?;
        let errors = [ENODATA, EOPNOTSUPP, EIO, EINVAL, ERANGE, ENOMEM, EPERM].map(Error::to_errno);
        for ns in &namespaces {
            for fs_ns in 0..=namespaces.len() {
                for revision in [0, 1, 2, 3, 4, 0xff] {
                    for size in Iterator::chain(errors.into_iter(), 0..=32) {
                        for root in [0, 1, 5, 999, ROOT, USER, ROOT + 1, u32::MAX] {
                            let mut sets = Sets::default();
                            for number in 0..CAPABILITIES {
                                sets.put(1 << number, random.below(STATES));
                            }
                            let chance = random.next();
                            let (permitted, inheritable) = (random.next(), random.next());
                            let flags = (chance & 3) as u32;
                            let case = Case {
                                ns,
                                inputs: Inputs {
                                    fs_ns: match namespaces.get(fs_ns) {
                                        Some(ns) => ns.ns.get(),
                                        None => &raw mut bindings::init_user_ns,
                                    },
                                    nosuid: chance & 0x30 == 0,
                                    foreign: chance & 0xc0 == 0,
                                    unmapped: chance & 0x300 == 0,
                                    audited: chance & 4 == 0,
                                    size,
                                    value: value(revision, flags, permitted, inheritable, root),
                                    ..Inputs::plain()
                                },
                                ids: Ids {
                                    uid: USER,
                                    euid: USER,
                                    new_uid: USER,
                                    new_euid: USER,
                                    gid: GROUP,
                                    new_gid: GROUP,
                                    new_egid: GROUP,
                                },
                                securebits: 0,
                                new_securebits: 0,
                                setuid: false,
                                sets,
                            };
                            bench.ask(group, &case);
                        }
                    }
                }
            }
        }
        Ok(())
    }

    #[test]
    fn every_pattern_of_ids_and_flags_with_a_capability_in_every_state() {
        assert!(equal("execve, every pattern", |group| patterns(
            group,
            &mut Random::seeded()
        )));
    }

    #[test]
    fn every_attribute_on_every_mount() {
        assert!(equal("execve, attributes", |group| attributes(
            group,
            &mut Random::seeded()
        )));
    }
}
