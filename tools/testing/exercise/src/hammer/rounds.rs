// SPDX-License-Identifier: GPL-2.0

//! The calls that each process makes in a round, and their answers. A round ends in the state in
//! which it began.

use crate::{
    call::Call,
    programs::{
        became::{EFFECTIVE, PERMITTED, ROOT, SECURE},
        Program,
    },
    series,
    sys::Caps,
    who::{Start, Who},
};
use commoncap::{
    capability::{Capability, CapabilitySet},
    prctl::option,
};
use libc::{c_int, pid_t, CLONE_NEWIPC, CLONE_NEWUSER, EACCES, EBUSY, EINVAL, EPERM};

/// A call, and the right answer.
#[derive(Clone)]
pub struct Asked {
    /// The call.
    pub call: Call,
    /// What it returns, or the error number.
    pub answer: Result<i64, c_int>,
}

/// A process that makes the same calls again and again.
pub struct Worker {
    /// What to call it.
    pub name: &'static str,
    /// How many user namespaces below the initial one it is.
    pub depth: usize,
    /// The user and capabilities of the process.
    pub who: Who,
    /// What it starts with.
    pub start: Start,
    /// Whether it has as many threads as there are CPUs, or one.
    pub threaded: bool,
    /// Returns the calls of a round, in the thread of a number.
    pub asked: fn(c_int) -> Vec<Asked>,
}

const PLAIN: Start = Start {
    securebits: 0,
    inheritable: false,
    dormant: false,
};

/// All of them.
pub const WORKERS: &[Worker] = &[
    Worker {
        name: "root",
        depth: 0,
        who: Who::Root,
        start: Start {
            inheritable: true,
            ..PLAIN
        },
        threaded: true,
        asked: |thread| {
            let executed = executed(&[
                (Program::Plain, ROOT + EFFECTIVE + PERMITTED),
                (Program::SetuidRoot, ROOT + EFFECTIVE + PERMITTED),
                (Program::SetuidUser, PERMITTED + SECURE),
                (Program::Capable, ROOT + EFFECTIVE + PERMITTED),
            ]);
            let operations = operations(thread, true, true);
            [privileged(), ambient(Ok(0)), operations, executed].concat()
        },
    },
    Worker {
        name: "nobody",
        depth: 0,
        who: Who::Nobody,
        start: PLAIN,
        threaded: true,
        asked: |thread| {
            let executed = executed(&UNPRIVILEGED);
            [unprivileged(), operations(thread, false, false), executed].concat()
        },
    },
    Worker {
        name: "nobody, locked",
        depth: 0,
        who: Who::Nobody,
        start: Start {
            securebits: 0xb63,
            ..PLAIN
        },
        threaded: false,
        asked: |_| locked(),
    },
    Worker {
        name: "holder of CAP_CHECKPOINT_RESTORE",
        depth: 0,
        who: Who::Only(Capability::CHECKPOINT_RESTORE),
        start: PLAIN,
        threaded: false,
        asked: |thread| {
            let executed = executed(&UNPRIVILEGED);
            [unprivileged(), operations(thread, true, true), executed].concat()
        },
    },
    Worker {
        name: "holder of CAP_SETPCAP",
        depth: 0,
        who: Who::Only(Capability::SETPCAP),
        start: PLAIN,
        threaded: false,
        asked: |thread| [privileged(), operations(thread, false, false)].concat(),
    },
    Worker {
        name: "root of a namespace",
        depth: 1,
        who: Who::Root,
        start: PLAIN,
        threaded: false,
        asked: |thread| {
            let executed = executed(&[(Program::Plain, ROOT + EFFECTIVE + PERMITTED)]);
            [privileged(), operations(thread, false, true), executed].concat()
        },
    },
];

fn prctl(option: c_int, args: [usize; 4], answer: Result<i64, c_int>) -> Asked {
    Asked {
        call: Call::Prctl(option, args),
        answer,
    }
}

/// What the programs become that a user without capabilities executes, or one who keeps none.
const UNPRIVILEGED: [(Program, i64); 4] = [
    (Program::Plain, 0),
    (Program::SetuidRoot, ROOT + EFFECTIVE + PERMITTED + SECURE),
    (Program::SetuidUser, 0),
    (Program::Capable, EFFECTIVE + PERMITTED + SECURE),
];

/// Executes programs, and what becomes of them.
fn executed(programs: &[(Program, i64)]) -> Vec<Asked> {
    let asked = |&(program, became)| Asked {
        call: Call::Execute(program),
        answer: Ok(became),
    };
    programs.iter().map(asked).collect()
}

/// A call that sets the securebits.
pub fn set(bits: usize, answer: Result<i64, c_int>) -> Asked {
    prctl(option::SET_SECUREBITS, [bits, 0, 0, 0], answer)
}

fn securebits(bits: i64) -> Asked {
    prctl(option::GET_SECUREBITS, [0; 4], Ok(bits))
}

fn ambient_op(operation: usize, cap: usize, answer: Result<i64, c_int>) -> Asked {
    prctl(option::CAP_AMBIENT, [operation, cap, 0, 0], answer)
}

/// Calls that check no capability, and calls that the capability LSM does not answer.
fn for_all() -> Vec<Asked> {
    vec![
        prctl(option::CAPBSET_READ, [40, 0, 0, 0], Ok(1)),
        prctl(option::CAPBSET_READ, [41, 0, 0, 0], Err(EINVAL)),
        prctl(option::GET_KEEPCAPS, [0; 4], Ok(0)),
        prctl(option::SET_KEEPCAPS, [1, 0, 0, 0], Ok(0)),
        prctl(option::GET_KEEPCAPS, [0; 4], Ok(1)),
        securebits(0x10),
        prctl(option::SET_KEEPCAPS, [2, 0, 0, 0], Err(EINVAL)),
        prctl(option::SET_KEEPCAPS, [0; 4], Ok(0)),
        prctl(libc::PR_GET_NO_NEW_PRIVS, [0; 4], Ok(0)),
        prctl(0x7fff_fff0, [0; 4], Err(EINVAL)),
        ambient_op(option::CAP_AMBIENT_LOWER, 40, Ok(0)),
        ambient_op(option::CAP_AMBIENT_CLEAR_ALL, 0, Ok(0)),
        ambient_op(option::CAP_AMBIENT_IS_SET, 41, Err(EINVAL)),
        ambient_op(9, 40, Err(EINVAL)),
    ]
}

/// By who has `CAP_SETPCAP` over its own namespace.
fn privileged() -> Vec<Asked> {
    let mut asked = for_all();
    asked.extend([
        set(0x145, Ok(0)),
        securebits(0x145),
        set(0x145, Ok(0)),
        set(0x1145, Err(EPERM)),
        set(0x145 | (1 << 32), Err(EPERM)),
        set(0x400, Ok(0)),
        securebits(0x400),
        set(0, Ok(0)),
        securebits(0),
        prctl(option::CAPBSET_DROP, [41, 0, 0, 0], Err(EINVAL)),
    ]);
    asked
}

/// By who has not.
fn unprivileged() -> Vec<Asked> {
    let mut asked = for_all();
    asked.extend([
        set(0x100, Ok(0)),
        securebits(0x100),
        set(0x100, Err(EPERM)),
        set(0x101, Err(EPERM)),
        set(0x1100, Err(EPERM)),
        set(0x500, Ok(0)),
        securebits(0x500),
        set(0, Ok(0)),
        set(0, Err(EPERM)),
        set(1, Err(EPERM)),
        securebits(0),
        prctl(option::CAPBSET_DROP, [40, 0, 0, 0], Err(EPERM)),
        prctl(option::CAPBSET_DROP, [41, 0, 0, 0], Err(EPERM)),
        prctl(option::CAPBSET_READ, [40, 0, 0, 0], Ok(1)),
        Asked {
            call: Call::UserIds([u32::MAX, 0, u32::MAX]),
            answer: Err(EPERM),
        },
        Asked {
            call: Call::Unshare(CLONE_NEWIPC),
            answer: Err(EPERM),
        },
        Asked {
            call: Call::HostName,
            answer: Err(EPERM),
        },
    ]);
    asked.extend(ambient(Err(EPERM)));
    asked
}

/// Securebits 0xb63: four locks, of noroot and `EXEC_RESTRICT_FILE` on, of `KEEP_CAPS` and
/// `EXEC_DENY_INTERACTIVE` off.
fn locked() -> Vec<Asked> {
    let mut asked = vec![securebits(0xb63)];
    for bit in [0x1, 0x2, 0x10, 0x20, 0x40, 0x80, 0x100, 0x200, 0x400, 0x800] {
        asked.push(set(0xb63 ^ bit, Err(EPERM)));
    }
    asked.extend([
        set(0xb63, Err(EPERM)),
        prctl(option::SET_KEEPCAPS, [0; 4], Err(EPERM)),
        prctl(option::SET_KEEPCAPS, [1, 0, 0, 0], Err(EPERM)),
        securebits(0xb63),
    ]);
    asked
}

/// By who has everything permitted and inheritable, or by who has nothing.
fn ambient(raised: Result<i64, c_int>) -> Vec<Asked> {
    let is_raised = i64::from(raised.is_ok());
    let all = CapabilitySet::FULL.bits();
    let mut asked = vec![
        ambient_op(option::CAP_AMBIENT_RAISE, 40, raised),
        ambient_op(option::CAP_AMBIENT_IS_SET, 40, Ok(is_raised)),
        ambient_op(option::CAP_AMBIENT_RAISE, 41, Err(EINVAL)),
        ambient_op(option::CAP_AMBIENT_LOWER, 40, Ok(0)),
        ambient_op(option::CAP_AMBIENT_IS_SET, 40, Ok(0)),
    ];
    if raised.is_ok() {
        asked.extend([
            set(0x40, Ok(0)),
            ambient_op(option::CAP_AMBIENT_RAISE, 40, Err(EPERM)),
            set(0, Ok(0)),
            Asked {
                call: Call::Capset(Caps {
                    effective: all,
                    permitted: all,
                    inheritable: all,
                }),
                answer: Ok(0),
            },
            Asked {
                call: Call::HostName,
                answer: Ok(0),
            },
        ]);
    }
    asked
}

/// Calls that check a capability: over the initial namespace, and over the caller's.
fn operations(thread: c_int, over_initial: bool, over_own: bool) -> Vec<Asked> {
    let ask = |call, refused| Asked {
        call,
        answer: if over_initial { Ok(0) } else { Err(refused) },
    };
    // A PID that no other thread chooses.
    let pid: pid_t = 20_000 + thread;
    vec![
        ask(Call::SetTid(vec![pid]), EPERM),
        Asked {
            call: Call::SetTid(vec![-1]),
            answer: Err(EINVAL),
        },
        ask(Call::LastPid(300), EPERM),
        ask(Call::MapFiles, EPERM),
        ask(Call::NextId, EACCES),
        ask(Call::LockTerminal, EPERM),
        // The executed file is still mapped: after the capability check, the call fails with EBUSY.
        Asked {
            call: Call::SetExe,
            answer: Err(if over_own { EBUSY } else { EPERM }),
        },
    ]
}

/// The calls of a process in new user and PID namespaces, made by root with securebits 0x505.
pub fn in_new_namespace() -> Vec<Asked> {
    let refused = |call| Asked {
        call,
        answer: Err(EPERM),
    };
    let granted = |call| Asked {
        call,
        answer: Ok(0),
    };
    vec![
        securebits(series::kept(0x505) as i64),
        granted(Call::SetTid(vec![300])),
        granted(Call::LastPid(300)),
        refused(Call::SetTid(vec![300, 20_000])),
        refused(Call::HostName),
        set(0xf05, Ok(0)),
        set(0xb05, Err(EPERM)),
        prctl(option::CAPBSET_DROP, [40, 0, 0, 0], Ok(0)),
        prctl(option::CAPBSET_READ, [40, 0, 0, 0], Ok(0)),
        // It has no name in the namespace, and so may make no other.
        refused(Call::Unshare(CLONE_NEWUSER)),
        granted(Call::Capset(Caps::default())),
        refused(Call::SetTid(vec![300])),
        refused(Call::LastPid(300)),
        refused(prctl(option::CAPBSET_DROP, [8, 0, 0, 0], Ok(0)).call),
        set(0xf01, Err(EPERM)),
        securebits(0xf05),
    ]
}
