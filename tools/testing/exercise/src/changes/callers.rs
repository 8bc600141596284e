// SPDX-License-Identifier: GPL-2.0

//! The callers of the matrix of changes.

use crate::executed::{CallerSetup, Traced, ALL};
use commoncap::{capability::Capability, securebits::Securebits};

/// A caller: its credentials, under a name.
pub struct Caller {
    pub name: &'static str,
    pub setup: CallerSetup,
}

/// The capability that differs between callers, and that files have.
pub const NET_RAW: u64 = 1 << Capability::NET_RAW.number();

const fn with(name: &'static str, setup: CallerSetup) -> Caller {
    Caller { name, setup }
}

/// User ID 0 with all capabilities.
const ROOT: CallerSetup = CallerSetup {
    user_ids: [0; 3],
    group_ids: [0; 3],
    groups: [7, 7],
    bounding: ALL,
    inheritable: 0,
    permitted: ALL,
    effective: ALL,
    ambient: 0,
    securebits: 0,
    no_new_privs: false,
    shares_fs: false,
    traced: Traced::Not,
};

/// A user without a capability.
const USER: CallerSetup = CallerSetup {
    user_ids: [1000; 3],
    group_ids: [1000; 3],
    permitted: 0,
    effective: 0,
    ..ROOT
};

/// A user with all capabilities, as from a file or from `PR_SET_KEEPCAPS`.
const HOLDER: CallerSetup = CallerSetup {
    permitted: ALL,
    effective: ALL,
    ..USER
};

/// A user who has executed a set-user-ID program of user 0.
const SETUID: CallerSetup = CallerSetup {
    user_ids: [1000, 0, 0],
    ..HOLDER
};

/// A user with one ambient capability.
const AMBIENT: CallerSetup = CallerSetup {
    inheritable: NET_RAW,
    permitted: NET_RAW,
    effective: NET_RAW,
    ambient: NET_RAW,
    ..USER
};

const fn secured(setup: CallerSetup, bit: Securebits) -> CallerSetup {
    CallerSetup {
        securebits: bit.bits() as usize,
        ..setup
    }
}

/// Who executes files.
pub const EXECUTING: &[Caller] = &[
    with("root", ROOT),
    with("root noroot", secured(ROOT, Securebits::NOROOT)),
    with("set-user-ID", SETUID),
    with("user", USER),
    with(
        "inheritable",
        CallerSetup {
            inheritable: NET_RAW,
            ..USER
        },
    ),
    with("ambient", AMBIENT),
    with(
        "no_new_privs",
        CallerSetup {
            no_new_privs: true,
            ..USER
        },
    ),
    with(
        "bounded",
        CallerSetup {
            bounding: ALL & !NET_RAW,
            ..USER
        },
    ),
    with(
        "traced",
        CallerSetup {
            traced: Traced::AsItself,
            ..USER
        },
    ),
];

/// Who changes its user IDs.
pub const CHANGING_IDS: &[Caller] = &[
    with("root", ROOT),
    with("root noroot", secured(ROOT, Securebits::NOROOT)),
    with("root no_fixup", secured(ROOT, Securebits::NO_SETUID_FIXUP)),
    with("root keep_caps", secured(ROOT, Securebits::KEEP_CAPS)),
    with(
        "root ambient",
        CallerSetup {
            inheritable: NET_RAW,
            ambient: NET_RAW,
            ..ROOT
        },
    ),
    with("set-user-ID", SETUID),
    with(
        "saved 0",
        CallerSetup {
            user_ids: [1000, 1000, 0],
            effective: 0,
            ..HOLDER
        },
    ),
    with("holder", HOLDER),
    with("user", USER),
];

/// Who changes its sets, and files, and other tasks.
pub const OTHERS: &[Caller] = &[
    with("root", ROOT),
    with(
        "root without",
        CallerSetup {
            permitted: 0,
            effective: 0,
            ..ROOT
        },
    ),
    with("holder", HOLDER),
    with(
        "dormant",
        CallerSetup {
            effective: 0,
            ..HOLDER
        },
    ),
    with(
        "bounded",
        CallerSetup {
            bounding: ALL & !NET_RAW,
            inheritable: NET_RAW,
            ..HOLDER
        },
    ),
    with("ambient", AMBIENT),
    with("user", USER),
];
