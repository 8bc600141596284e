// SPDX-License-Identifier: GPL-2.0

//! What a random sequence does next: anything, but rather what can succeed where it has got to.

use super::rng::Rng;
use crate::{
    call::{Call, FileCall},
    programs::Program,
    state::State,
    sys::Caps,
};
use commoncap::{capability::CapabilitySet, prctl::option};
use libc::{c_int, CLONE_NEWIPC, CLONE_NEWPID, CLONE_NEWUSER};

type Choose = fn(&mut Rng, &State, u64) -> Vec<Call>;

/// What there is to choose from, with weights.
const CHOICES: [(u64, Choose); 27] = [
    (130, set_securebits),
    (30, |rng, _, _| prctl(option::GET_SECUREBITS, junk(rng))),
    (70, set_keepcaps),
    (20, |rng, _, _| prctl(option::GET_KEEPCAPS, junk(rng))),
    (60, |rng, _, _| {
        let [_, rest @ ..] = junk(rng);
        with_first(option::CAPBSET_READ, capability(rng), rest)
    }),
    (50, |rng, _, _| {
        let [_, rest @ ..] = junk(rng);
        with_first(option::CAPBSET_DROP, capability(rng), rest)
    }),
    (160, ambient),
    (20, |rng, _, _| {
        let others = [
            libc::PR_GET_DUMPABLE,
            libc::PR_GET_TIMERSLACK,
            libc::PR_GET_NO_NEW_PRIVS,
        ];
        prctl(rng.pick(&others), [0; 4])
    }),
    (10, |rng, _, _| {
        prctl(rng.pick(&[48, 1000, 0x7fff_fff0, -5]), junk(rng))
    }),
    (2, |_, _, _| prctl(libc::PR_SET_NO_NEW_PRIVS, [1, 0, 0, 0])),
    (140, capset),
    (70, |rng, _, _| vec![Call::UserIds(ids(rng))]),
    (20, |rng, _, _| vec![Call::GroupIds(ids(rng))]),
    (12, unshare),
    (8, |_, _, _| vec![Call::Fork]),
    (10, execute),
    (20, set_tid),
    (30, |rng, _, _| vec![Call::LastPid(300 + rng.below(600))]),
    (25, |_, _, _| vec![Call::Dumpable, Call::MapFiles]),
    (20, |_, _, _| vec![Call::NextId]),
    (8, |_, _, _| vec![Call::SetExe]),
    (10, |_, _, _| vec![Call::LockTerminal]),
    (20, |_, _, _| vec![Call::HostName]),
    (5, |_, _, _| vec![Call::Dumpable]),
    (20, |_, _, _| vec![Call::TraceParent]),
    (60, on_file),
    // Back to where more is possible.
    (80, restore),
];

/// Returns what to do next, often one call. `life` is the number of the sequence.
pub fn next(rng: &mut Rng, state: &State, life: u64) -> Vec<Call> {
    rng.weighted(&CHOICES)(rng, state, life)
}

/// Returns what a sequence begins with, as root: it becomes one or another.
pub fn first(rng: &mut Rng) -> Vec<Call> {
    let all = CapabilitySet::FULL.bits();
    let caps = |effective, permitted, inheritable| {
        Call::Capset(Caps {
            effective,
            permitted,
            inheritable,
        })
    };
    let user = [1000; 3];
    let keep = Call::Prctl(option::SET_KEEPCAPS, [1, 0, 0, 0]);
    match rng.below(10) {
        0..=3 => vec![caps(all, all, all)],
        4 => vec![],
        5 => vec![Call::UserIds(user)],
        6 | 7 => vec![keep, Call::UserIds(user), caps(all, all, all)],
        8 => {
            let some = (rng.next() & rng.next() & all) | (1 << rng.pick(&[8, 21, 40]));
            vec![keep, Call::UserIds(user), caps(some, some, some)]
        }
        _ => vec![
            Call::UserIds(user),
            Call::Dumpable,
            Call::Unshare(CLONE_NEWUSER),
            Call::MapByItself(1000, 0),
        ],
    }
}

fn prctl(option: c_int, args: [usize; 4]) -> Vec<Call> {
    vec![Call::Prctl(option, args)]
}

fn with_first(option: c_int, arg2: usize, [arg3, arg4, arg5]: [usize; 3]) -> Vec<Call> {
    prctl(option, [arg2, arg3, arg4, arg5])
}

/// Returns arguments for who ignores them.
fn junk(rng: &mut Rng) -> [usize; 4] {
    [(); 4].map(|()| {
        if rng.chance(70) {
            0
        } else {
            rng.next() as usize
        }
    })
}

/// Returns the number of a capability, or now and then of none.
fn capability(rng: &mut Rng) -> usize {
    match rng.below(20) {
        0 => 41 + rng.below(30) as usize,
        1 => rng.next() as usize,
        2 => (1 << (32 + rng.below(32))) | rng.below(41) as usize,
        3..=8 => rng.pick(&[8, 21, 40]),
        _ => rng.below(41) as usize,
    }
}

fn set_securebits(rng: &mut Rng, state: &State, _: u64) -> Vec<Call> {
    let now = state.securebits;
    let (settings, locks) = (0x555, 0xaaa);
    let free = settings & !((now & locks) >> 1);
    let one_of = |rng: &mut Rng, bits: usize| {
        let bits: Vec<usize> = (0..64)
            .map(|bit| 1 << bit)
            .filter(|bit| bits & bit != 0)
            .collect();
        if bits.is_empty() {
            0
        } else {
            rng.pick(&bits)
        }
    };
    let bits = match rng.below(100) {
        0..=29 => now ^ one_of(rng, free),
        30..=54 => now ^ one_of(rng, free & 0x500),
        55..=56 => now | one_of(rng, locks),
        57..=59 => now | one_of(rng, locks & 0xa00),
        // A bit that is locked, or a lock; with something that is free.
        60..=66 => now ^ one_of(rng, (now & locks) >> 1),
        67..=71 => now & !one_of(rng, now & locks),
        72..=75 => now ^ one_of(rng, (now & locks) >> 1) ^ one_of(rng, free),
        76..=79 => now,
        // Back to where capabilities come and go as usual.
        80..=86 => (now & locks) | (now & settings & !free) | (now & 0x500),
        87..=91 => now ^ one_of(rng, !0xfff),
        92..=94 => now ^ one_of(rng, !0xfff) ^ one_of(rng, free),
        95..=98 => (rng.next() as usize & settings & free) | (now & !free),
        _ => rng.next() as usize,
    };
    let [_, rest @ ..] = junk(rng);
    with_first(option::SET_SECUREBITS, bits, rest)
}

fn set_keepcaps(rng: &mut Rng, _: &State, _: u64) -> Vec<Call> {
    let keep = match rng.below(20) {
        0 => 2,
        1 => rng.next() as usize,
        2 => 1 << 32,
        3..=13 => 1,
        _ => 0,
    };
    let [_, rest @ ..] = junk(rng);
    with_first(option::SET_KEEPCAPS, keep, rest)
}

fn ambient(rng: &mut Rng, state: &State, _: u64) -> Vec<Call> {
    let operation = rng.weighted(&[
        (25, option::CAP_AMBIENT_IS_SET),
        (55, option::CAP_AMBIENT_RAISE),
        (20, option::CAP_AMBIENT_LOWER),
        (8, option::CAP_AMBIENT_CLEAR_ALL),
        (2, 0),
        (2, 5),
        (1, (1 << 32) | option::CAP_AMBIENT_RAISE),
    ]);
    let faulty = rng.chance(6);
    let rest = if faulty {
        rng.pick(&[[1, 0], [0, 1], [1 << 63, 0]])
    } else {
        [0; 2]
    };
    let raisable = state.set("prm").bits() & state.set("inh").bits();
    let number = match operation {
        option::CAP_AMBIENT_CLEAR_ALL => usize::from(rng.chance(15)),
        // One that can be raised, if there is one.
        option::CAP_AMBIENT_RAISE if raisable != 0 && rng.chance(60) => {
            let start = rng.below(41);
            (0..41)
                .map(|n| (n + start) % 41)
                .find(|n| raisable & (1 << n) != 0)
                .unwrap_or(0) as usize
        }
        _ => capability(rng),
    };
    prctl(option::CAP_AMBIENT, [operation, number, rest[0], rest[1]])
}

fn capset(rng: &mut Rng, state: &State, _: u64) -> Vec<Call> {
    let [mut effective, mut permitted, mut inheritable] =
        ["eff", "prm", "inh"].map(|name| state.set(name).bits());
    let one = 1 << rng.below(41);
    match rng.below(100) {
        0..=24 => effective = permitted,
        25..=39 => effective &= !one,
        40..=59 => inheritable |= permitted,
        60..=69 => inheritable |= permitted & rng.next(),
        70..=77 => inheritable &= !one,
        78..=84 => {
            permitted &= !one;
            effective &= !one;
        }
        85..=87 => effective = 0,
        88..=91 => permitted |= one,
        92..=94 => effective |= one,
        95..=97 => inheritable |= one,
        _ => (effective, permitted, inheritable) = (rng.next(), rng.next(), rng.next()),
    }
    vec![Call::Capset(Caps {
        effective,
        permitted,
        inheritable,
    })]
}

fn ids(rng: &mut Rng) -> [u32; 3] {
    const KEEP: u32 = u32::MAX;
    let common = [0, 0, 0, 1000, 1000, 1001];
    match rng.below(10) {
        0..=6 => [KEEP, rng.pick(&common), KEEP],
        7 => [rng.pick(&common); 3],
        _ => [(); 3].map(|()| rng.pick(&[KEEP, KEEP, 0, 1, 1000, 1001, 65534, 100_000])),
    }
}

/// Changes of the file's capabilities, and then a look at them.
fn on_file(rng: &mut Rng, _: &State, _: u64) -> Vec<Call> {
    const KEEP: u32 = u32::MAX;
    let set = FileCall::SetCapabilities((
        rng.chance(50),
        1 << rng.below(41),
        1 << rng.below(41),
        rng.pick(&[None, None, Some(0), Some(1000), Some(100_000)]),
    ));
    let mut calls = match rng.below(10) {
        0..=3 => vec![set],
        4 | 5 => vec![set, FileCall::RemoveCapabilities],
        6 | 7 => vec![set, FileCall::Write],
        8 => vec![FileCall::RemoveCapabilities],
        _ => vec![FileCall::Chown(
            rng.pick(&[KEEP, 0, 1000, 1001, 100_000]),
            rng.pick(&[KEEP, 0, 1000]),
        )],
    };
    calls.push(FileCall::Capabilities);
    calls.into_iter().map(Call::OnFile).collect()
}

/// A new user namespace, to be mapped in one way or another, with or without others that it owns.
fn unshare(rng: &mut Rng, state: &State, _: u64) -> Vec<Call> {
    let [_, user, _] = state.user_ids();
    let group = state
        .field("gid")
        .split(',')
        .nth(1)
        .and_then(|id| id.parse().ok());
    let flags = rng.weighted(&[
        (6, 0),
        (1, CLONE_NEWPID),
        (1, CLONE_NEWPID | CLONE_NEWIPC),
        (1, CLONE_NEWIPC),
    ]);
    let mut calls = vec![Call::Dumpable, Call::Unshare(CLONE_NEWUSER | flags)];
    match rng.below(10) {
        0..=4 => calls.push(Call::MapByItself(user, group.unwrap_or(0))),
        5 => calls.push(Call::MapFromOutside(0, 100_000, 65_536)),
        6..=8 => calls.push(Call::MapFromOutside(0, 0, 2000)),
        _ => {}
    }
    if flags & CLONE_NEWPID != 0 {
        calls.push(Call::Fork);
    }
    calls
}

/// A program; one that gives capabilities rather if there are none.
fn execute(rng: &mut Rng, state: &State, _: u64) -> Vec<Call> {
    if state.set("prm") == CapabilitySet::EMPTY && rng.chance(50) {
        return vec![Call::Execute(Program::SetuidRoot)];
    }
    vec![Call::Execute(rng.pick(&Program::ALL))]
}

fn set_tid(rng: &mut Rng, _: &State, life: u64) -> Vec<Call> {
    let inner = rng.pick(&[300, 301, 302, 303, 1, 0, -1, 5_000_000]);
    // Above what comes by itself, and of no other sequence at the same time.
    let outer = 4_000_000 + (life % 1000) as i32;
    vec![Call::SetTid(match rng.below(10) {
        0..=6 => vec![inner],
        7 | 8 => vec![inner, outer],
        _ => vec![inner, outer, outer],
    })]
}

/// What brings effective capabilities back, or may.
fn restore(rng: &mut Rng, state: &State, life: u64) -> Vec<Call> {
    let permitted = state.set("prm").bits();
    if permitted == 0 {
        return if rng.chance(12) {
            vec![Call::Execute(Program::SetuidRoot)]
        } else {
            vec![Call::UserIds([u32::MAX, 0, u32::MAX])]
        };
    }
    if state.set("eff").bits() == permitted {
        return set_securebits(rng, state, life);
    }
    vec![Call::Capset(Caps {
        effective: permitted,
        permitted,
        inheritable: state.set("inh").bits(),
    })]
}
