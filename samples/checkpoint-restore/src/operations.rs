// SPDX-License-Identifier: GPL-2.0

//! Each operation of [`commoncap::operations::OPERATIONS`] that needs no special hardware, as a
//! function that does it.

use crate::sys::{self, Result};
use libc::pid_t;
use std::{
    fs::{self, File},
    io::Write,
};

/// An operation with the arguments that it is tried with.
#[derive(Clone, Copy)]
pub struct Attempt {
    /// The name of the operation; if there are several attempts, with a suffix such as `-2-levels`.
    pub name: &'static str,
    /// Does the operation as this process. Returns "ok", or "kept" if the kernel returned success
    /// and changed nothing.
    pub run: fn() -> Result<String>,
}

/// All attempts.
pub const ATTEMPTS: [Attempt; 13] = [
    Attempt {
        name: "clone3-set_tid",
        run: || set_tid(&[PID]),
    },
    Attempt {
        name: "clone3-set_tid-2-levels",
        run: || set_tid(&[PID, PID + 1]),
    },
    Attempt {
        name: "clone3-set_tid-3-levels",
        run: || set_tid(&[PID, PID + 1, PID + 2]),
    },
    Attempt {
        name: "clone3-set_tid-out-of-range",
        run: || set_tid(&[-1]),
    },
    Attempt {
        name: "clone3-set_tid-33-levels",
        run: || set_tid(&[PID; 33]),
    },
    Attempt {
        name: "ns_last_pid",
        run: || {
            let path = "/proc/sys/kernel/ns_last_pid";
            let last = fs::read(path)?;
            ok(write(path, &last))
        },
    },
    Attempt {
        name: "map_files",
        run: || ok(sys::follow_map_files()),
    },
    Attempt {
        name: "set-mm-map-exe",
        run: || change_exe(sys::set_exe_by_map),
    },
    Attempt {
        name: "set-mm-exe-file",
        run: || change_exe(sys::set_exe_file),
    },
    Attempt {
        name: "tiocslcktrmios",
        run: || ok(sys::lock_terminal_settings()),
    },
    Attempt {
        name: "sem_next_id",
        run: || write_next_id("sem"),
    },
    Attempt {
        name: "msg_next_id",
        run: || write_next_id("msg"),
    },
    Attempt {
        name: "shm_next_id",
        run: || write_next_id("shm"),
    },
];

fn ok(result: Result) -> Result<String> {
    result.map(|()| "ok".to_owned())
}

/// An unused PID: a guest has few processes, with low PIDs.
const PID: pid_t = 30_000;

fn set_tid(tids: &[pid_t]) -> Result<String> {
    ok(sys::clone3_set_tid(tids))
}

fn write(path: &str, text: &[u8]) -> Result {
    Ok(File::options().write(true).open(path)?.write_all(text)?)
}

fn write_next_id(kind: &str) -> Result<String> {
    ok(write(&format!("/proc/sys/kernel/{kind}_next_id"), b"7"))
}

fn change_exe(change: fn(&File) -> Result) -> Result<String> {
    let exe = File::open("/bin/sh")?;
    sys::unmap_exe()?;
    change(&exe)?;
    let now = fs::read_link("/proc/self/exe")?;
    let asked = fs::canonicalize("/bin/sh")?;
    Ok(if now == asked { "ok" } else { "kept" }.to_owned())
}
