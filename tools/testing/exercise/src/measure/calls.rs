// SPDX-License-Identifier: GPL-2.0

//! The calls that are measured.

use super::{files, Call, Measured};
use crate::{
    changes::calls::setuid,
    sys::{self, Caps, Errno, Result},
    who::{Start, Who},
};
use commoncap::prctl::option;
use std::{fs::File, os::unix::fs::FileExt};

/// From the namespaces of the caller to as deep as they nest, but for one.
const DEPTHS: &[usize] = &[0, 1, 8, 32];

const INHERITABLE: Start = Start {
    securebits: 0,
    inheritable: true,
    dormant: false,
};

const fn granted(name: &'static str, who: Who, call: Call) -> Measured {
    Measured {
        name,
        who,
        start: Start {
            inheritable: false,
            ..INHERITABLE
        },
        call,
        rounds: 200,
        granted: true,
        depths: &[0],
    }
}

const fn refused(name: &'static str, call: Call) -> Measured {
    Measured {
        granted: false,
        ..granted(name, Who::Nobody, call)
    }
}

const fn at_depths(measured: Measured) -> Measured {
    Measured {
        depths: DEPTHS,
        ..measured
    }
}

/// A call that takes long.
const fn long(measured: Measured) -> Measured {
    Measured {
        rounds: 10,
        ..measured
    }
}

fn ask(option: i32, args: [usize; 3]) -> Result {
    sys::prctl(option, [args[0], args[1], args[2], 0]).map(drop)
}

fn write(file: &File) -> Result {
    Ok(file.write_all_at(b"1000", 0)?)
}

/// Sets the name of the host to one that is too long: takes the capability, then fails.
fn set_host_name_too_long() -> Result {
    match sys::sethostname(&[0; 65]) {
        Err(Errno(libc::EINVAL)) => Ok(()),
        other => other,
    }
}

/// A call that checks nothing, and examples of allowed and denied calls.
pub const SOME: &[Measured] = &[
    granted("getppid()", Who::Nobody, |_| {
        let _ = std::os::unix::process::parent_id();
        Ok(())
    }),
    granted("prctl(PR_GET_SECUREBITS)", Who::Nobody, |_| {
        ask(option::GET_SECUREBITS, [0; 3])
    }),
    refused("prctl(PR_SET_SECUREBITS), refused", |_| {
        ask(option::SET_SECUREBITS, [1, 0, 0])
    }),
    refused("sethostname(), refused", |_| sys::sethostname(b"")),
    granted("write to ns_last_pid, granted", Who::Root, write),
    refused("write to ns_last_pid, refused", write),
    granted("capset(), of the sets it has", Who::Nobody, |_| {
        sys::capset(Caps::default())
    }),
    granted("setuid(), of the ID it has", Who::Root, |_| setuid(0)),
    granted("getxattr(), of capabilities", Who::Nobody, |_| {
        files::capabilities()
    }),
    granted("setxattr(), of capabilities", Who::Root, |_| {
        files::set_capabilities()
    }),
    long(refused("execve(), refused", |_| files::execute_denied())),
    long(granted(
        "execve() of set-user-ID, exit()",
        Who::Nobody,
        |_| files::execute_granted(),
    )),
];

/// All that the hooks answer.
pub const ALL: &[Measured] = &[
    at_depths(granted("capable, granted", Who::Root, |_| {
        set_host_name_too_long()
    })),
    at_depths(refused("capable, refused", |_| set_host_name_too_long())),
    at_depths(granted(
        "checkpoint_restore_ns_capable, granted",
        Who::Root,
        write,
    )),
    at_depths(refused("checkpoint_restore_ns_capable, refused", write)),
    granted("PR_CAPBSET_READ", Who::Nobody, |_| {
        ask(option::CAPBSET_READ, [21, 0, 0])
    }),
    granted("PR_CAPBSET_DROP, granted", Who::Root, |_| {
        ask(option::CAPBSET_DROP, [21, 0, 0])
    }),
    refused("PR_CAPBSET_DROP, refused", |_| {
        ask(option::CAPBSET_DROP, [21, 0, 0])
    }),
    granted("PR_SET_SECUREBITS, granted", Who::Root, |_| {
        ask(option::SET_SECUREBITS, [0; 3])
    }),
    // Twice, since what would change nothing is refused the unprivileged.
    granted(
        "PR_SET_SECUREBITS twice, granted nobody",
        Who::Nobody,
        |_| {
            ask(option::SET_SECUREBITS, [0x100, 0, 0])?;
            ask(option::SET_SECUREBITS, [0; 3])
        },
    ),
    refused("PR_SET_SECUREBITS, refused", |_| {
        ask(option::SET_SECUREBITS, [1, 0, 0])
    }),
    granted("PR_GET_SECUREBITS", Who::Nobody, |_| {
        ask(option::GET_SECUREBITS, [0; 3])
    }),
    granted("PR_GET_KEEPCAPS", Who::Nobody, |_| {
        ask(option::GET_KEEPCAPS, [0; 3])
    }),
    granted("PR_SET_KEEPCAPS", Who::Nobody, |_| {
        ask(option::SET_KEEPCAPS, [1, 0, 0])
    }),
    granted("PR_CAP_AMBIENT_IS_SET", Who::Nobody, |_| {
        ask(option::CAP_AMBIENT, [option::CAP_AMBIENT_IS_SET, 21, 0])
    }),
    Measured {
        start: INHERITABLE,
        ..granted("PR_CAP_AMBIENT_RAISE, granted", Who::Root, |_| {
            ask(option::CAP_AMBIENT, [option::CAP_AMBIENT_RAISE, 21, 0])
        })
    },
    refused("PR_CAP_AMBIENT_RAISE, refused", |_| {
        ask(option::CAP_AMBIENT, [option::CAP_AMBIENT_RAISE, 21, 0])
    }),
    granted("PR_CAP_AMBIENT_LOWER", Who::Nobody, |_| {
        ask(option::CAP_AMBIENT, [option::CAP_AMBIENT_LOWER, 21, 0])
    }),
    granted("PR_CAP_AMBIENT_CLEAR_ALL", Who::Nobody, |_| {
        ask(option::CAP_AMBIENT, [option::CAP_AMBIENT_CLEAR_ALL, 0, 0])
    }),
    // Checks nothing, but calls the hook.
    granted("an option of others", Who::Nobody, |_| {
        ask(libc::PR_GET_DUMPABLE, [0; 3])
    }),
];
