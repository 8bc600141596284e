// SPDX-License-Identifier: GPL-2.0

//! The functions that only answer, and `cap_capget()`: every relation of what they look at.

use crate::{
    cases::{
        equal,
        Group, //
    },
    cred::{
        noting_privilege,
        Facts,
        Start, //
    },
    prctl::{
        ALL,
        CAPABILITIES,
        NOBODY,
        NONE, //
    },
};
use kernel::{
    bindings::{
        self,
        cred,
        kernel_cap_t,
        task_struct,
        user_namespace, //
    },
    fmt,
    prelude::*,
    types::Opaque, //
};

extern "C" {
    // The types of C, which have locks that take no room, would be warned of.
    fn rust_commoncap_cap_settime(time: *const c_void, zone: *const c_void) -> c_int;
    fn rust_commoncap_cap_vm_enough_memory(mm: *mut c_void, pages: c_long) -> c_int;
    fn rust_commoncap_cap_ptrace_access_check(child: *mut c_void, mode: c_uint) -> c_int;
    fn rust_commoncap_cap_ptrace_traceme(parent: *mut c_void) -> c_int;
    fn rust_commoncap_cap_mmap_addr(address: c_ulong) -> c_int;
    fn rust_commoncap_cap_task_setnice(target: *mut c_void, nice: c_int) -> c_int;
    fn rust_commoncap_cap_task_setioprio(target: *mut c_void, ioprio: c_int) -> c_int;
    fn rust_commoncap_cap_task_setscheduler(target: *mut c_void) -> c_int;
    fn rust_commoncap_cap_capget(
        target: *const c_void,
        effective: *mut kernel_cap_t,
        inheritable: *mut kernel_cap_t,
        permitted: *mut kernel_cap_t,
    ) -> c_int;
}

/// What a call has answered and done.
#[derive(PartialEq)]
struct Answer {
    ret: c_int,
    used_privilege: bool,
    sets: [u64; 3],
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "returns {}, privilege used {}, sets {:#x?}",
            self.ret, self.used_privilege, self.sets
        )
    }
}

fn answer(call: impl FnOnce() -> c_int) -> Answer {
    let (ret, used_privilege) = noting_privilege(call);
    Answer {
        ret,
        used_privilege,
        sets: [0; 3],
    }
}

/// A task with credentials, in one of three user namespaces.
struct Target {
    task: KBox<Opaque<task_struct>>,
    cred: KBox<cred>,
    namespaces: [KBox<Opaque<user_namespace>>; 2],
}

impl Target {
    fn new() -> Result<Self> {
        let target = Self {
            task: KBox::init(pin_init::init_zeroed(), GFP_KERNEL)?,
            cred: KBox::init(pin_init::init_zeroed(), GFP_KERNEL)?,
            namespaces: [
                KBox::init(pin_init::init_zeroed(), GFP_KERNEL)?,
                KBox::init(pin_init::init_zeroed(), GFP_KERNEL)?,
            ],
        };
        // Two children of the initial namespace: of root, which the test runs as, and of another.
        for (ns, owner) in target.namespaces.iter().zip([0, 1000]) {
            // SAFETY: It has been initialized, and nobody else has it.
            unsafe {
                (*ns.get()).parent = &raw mut bindings::init_user_ns;
                (*ns.get()).level = 1;
                (*ns.get()).owner.val = owner;
            }
        }
        // SAFETY: As above. The credentials stay as long as the task does.
        unsafe { (*target.task.get()).real_cred = &raw const *target.cred };
        Ok(target)
    }

    fn set(&mut self, ns: usize, sets: [u64; 3]) {
        self.cred.user_ns = match self.namespaces.get(ns) {
            Some(ns) => ns.get(),
            None => &raw mut bindings::init_user_ns,
        };
        let [effective, inheritable, permitted] = sets;
        self.cred.cap_effective.val = effective;
        self.cred.cap_inheritable.val = inheritable;
        self.cred.cap_permitted.val = permitted;
        self.cred.cap_bset.val = !permitted;
        self.cred.cap_ambient.val = !permitted;
    }
}

/// The capabilities that the functions check.
const CHECKED: u64 = 1 << bindings::CAP_SYS_TIME
    | 1 << bindings::CAP_SYS_NICE
    | 1 << bindings::CAP_SYS_PTRACE
    | 1 << bindings::CAP_SYS_RAWIO
    | 1 << bindings::CAP_SYS_ADMIN;

/// What a call is about, for the report of a difference.
struct Case<'a> {
    what: &'static str,
    number: i64,
    ns: usize,
    target: [u64; 3],
    caller: &'a Facts,
}

impl fmt::Display for Case<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_fmt(fmt!(
            "{}({}) of a task in namespace {} with {:#x?}, by a task with {}",
            self.what,
            self.number,
            self.ns,
            self.target,
            self.caller
        ))
    }
}

/// Compares all functions that look at a target.
fn about_target(group: &mut Group, start: &Start, target: &mut Target, ns: usize, sets: [u64; 3]) {
    target.set(ns, sets);
    let task = target.task.get();
    let mut compare = |what, number, c: Answer, rust: Answer| {
        let case = Case {
            what,
            number,
            ns,
            target: sets,
            caller: &start.facts,
        };
        group.compare(case, &c, &rust);
    };
    // SAFETY: In each block, the task and its credentials are valid for the call.
    unsafe {
        for mode in [0, 1, 2, 4, 8, 9, 0x10, 0x18, 0x1f, c_uint::MAX] {
            compare(
                "ptrace_access_check",
                mode.into(),
                answer(|| bindings::cap_ptrace_access_check(task, mode)),
                answer(|| rust_commoncap_cap_ptrace_access_check(task.cast(), mode)),
            );
        }
        compare(
            "ptrace_traceme",
            0,
            answer(|| bindings::cap_ptrace_traceme(task)),
            answer(|| rust_commoncap_cap_ptrace_traceme(task.cast())),
        );
        for value in [-20, 0, 19] {
            compare(
                "task_setnice",
                value.into(),
                answer(|| bindings::cap_task_setnice(task, value)),
                answer(|| rust_commoncap_cap_task_setnice(task.cast(), value)),
            );
            compare(
                "task_setioprio",
                value.into(),
                answer(|| bindings::cap_task_setioprio(task, value)),
                answer(|| rust_commoncap_cap_task_setioprio(task.cast(), value)),
            );
        }
        compare(
            "task_setscheduler",
            0,
            answer(|| bindings::cap_task_setscheduler(task)),
            answer(|| rust_commoncap_cap_task_setscheduler(task.cast())),
        );
        let mut got = [[kernel_cap_t { val: !0 }; 3]; 2];
        let [c, rust] = &mut got;
        let (c_ret, rust_ret) = (
            noting_privilege(|| bindings::cap_capget(task, &mut c[0], &mut c[1], &mut c[2])),
            noting_privilege(|| {
                let [effective, inheritable, permitted] = rust;
                rust_commoncap_cap_capget(task.cast(), effective, inheritable, permitted)
            }),
        );
        let [c, rust] =
            [(c_ret, got[0]), (rust_ret, got[1])].map(|((ret, used_privilege), sets)| Answer {
                ret,
                used_privilege,
                sets: sets.map(|set| set.val),
            });
        compare("capget", 0, c, rust);
    }
}

/// Compares the functions that look at the caller only.
fn about_caller(group: &mut Group, start: &Start) {
    let mut compare = |what, number, c: Answer, rust: Answer| {
        let case = Case {
            what,
            number,
            ns: 2,
            target: [0; 3],
            caller: &start.facts,
        };
        group.compare(case, &c, &rust);
    };
    let null = core::ptr::null_mut::<c_void>();
    // SAFETY: In each block, the function reads none of the pointers.
    unsafe {
        compare(
            "settime",
            0,
            answer(|| bindings::cap_settime(null.cast(), null.cast())),
            answer(|| rust_commoncap_cap_settime(null, null)),
        );
        for pages in [c_long::MIN, -1, 0, 1, c_long::MAX] {
            compare(
                "vm_enough_memory",
                pages as i64,
                answer(|| bindings::cap_vm_enough_memory(null.cast(), pages)),
                answer(|| rust_commoncap_cap_vm_enough_memory(null, pages)),
            );
        }
        // The minimum is a page, or 64 KiB.
        for address in [0, 1, 4095, 4096, 4097, 65535, 65536, 65537, usize::MAX] {
            compare(
                "mmap_addr",
                address as i64,
                answer(|| bindings::cap_mmap_addr(address)),
                answer(|| rust_commoncap_cap_mmap_addr(address)),
            );
        }
    }
}

#[kunit_tests(commoncap_equivalence_questions)]
mod tests {
    use super::*;

    /// Each relation of one bit and of the others of the caller's and of the target's sets, with
    /// each capability that is checked, and without.
    fn relations(group: &mut Group) -> Result {
        let mut target = Target::new()?;
        for number in 0..CAPABILITIES {
            let one = 1 << number;
            let sets = [NONE, one, ALL & !one, ALL];
            for effective in [NONE, one, ALL & !one, ALL, CHECKED, ALL & !CHECKED] {
                for permitted in sets {
                    let start = Start::with(Facts {
                        effective,
                        permitted,
                        inheritable: !permitted & ALL,
                        ..NOBODY
                    })?;
                    about_caller(group, &start);
                    for ns in 0..3 {
                        for set in sets {
                            about_target(group, &start, &mut target, ns, [!set, set ^ one, set]);
                        }
                    }
                }
            }
        }
        Ok(())
    }

    #[test]
    fn every_relation_of_caller_and_target() {
        assert!(equal("questions about the caller or a target", relations));
    }
}
