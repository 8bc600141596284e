// SPDX-License-Identifier: GPL-2.0

//! The credentials after an `execve()`, as a line: those that were predicted, and the real ones.

use crate::{state::State, sys};
use capwhy::exec::{After, Prediction, Stop};
use std::{
    env,
    fs::File,
    io::{self, Write},
    os::fd::FromRawFd,
    process::ExitCode,
};

/// The variable of the environment that has the descriptor for the report.
pub const DESCRIPTOR: &str = "EXERCISE_REPORT";

/// The answer that names no credentials.
pub const UNKNOWN: &str = "unknown";

/// Reports the credentials of this process, if it has been executed for that.
pub fn if_executed() -> Option<ExitCode> {
    let descriptor = env::var(DESCRIPTOR).ok()?.parse().ok()?;
    // SAFETY: The process that has set the variable has opened the descriptor for this one.
    let mut file = unsafe { File::from_raw_fd(descriptor) };
    let written = real().and_then(|line| file.write_all(line.as_bytes()));
    Some(match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    })
}

/// Returns the credentials of this process.
pub fn real() -> io::Result<String> {
    let state = State::now()?;
    let sets = ["inh", "prm", "eff", "bnd", "amb"].map(|name| state.set(name).bits());
    Ok(line(
        state.field("uid"),
        state.field("gid"),
        sets,
        state.securebits,
        sys::is_secure(),
        sys::prctl(libc::PR_GET_DUMPABLE, [0; 4])? == 1,
    ))
}

fn line(
    uids: &str,
    gids: &str,
    sets: [u64; 5],
    securebits: usize,
    secure: bool,
    dumpable: bool,
) -> String {
    let [inheritable, permitted, effective, bounding, ambient] = sets;
    format!(
        "uid {uids} gid {gids} inh {inheritable:x} prm {permitted:x} eff {effective:x} \
         bnd {bounding:x} amb {ambient:x} securebits {securebits:x} secure {secure} \
         dumpable {dumpable}"
    )
}

/// Returns a prediction as a line, in the IDs of a user namespace that maps this number to 0.
pub fn predicted(prediction: &Prediction, first: u64) -> String {
    match (&prediction.chain.stop, prediction.known()) {
        (Some(Stop::Fails(error, ..)), _) => format!("errno {}", error.raw_os_error()),
        (None, Some(Err(denial))) => format!("errno {}", denial.errno() as i32),
        (None, Some(Ok(after))) => after_line(after, first),
        _ => UNKNOWN.to_owned(),
    }
}

fn after_line(after: &After, first: u64) -> String {
    let cred = &after.cred;
    let ids = |ids: &commoncap::setuid::Ids<u64>| {
        [ids.real, ids.effective, ids.saved, ids.file_system]
            .map(|id| (id - first).to_string())
            .join(",")
    };
    let sets = [
        cred.sets.inheritable,
        cred.sets.permitted,
        cred.sets.effective,
        cred.sets.bounding,
        cred.sets.ambient,
    ]
    .map(|set| set.bits());
    line(
        &ids(&cred.uids),
        &ids(&cred.gids),
        sets,
        cred.securebits.bits() as usize,
        after.secure,
        after.dumpable,
    )
}
