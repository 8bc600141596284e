// SPDX-License-Identifier: GPL-2.0

//! The decisions about a command while it runs: `capwhy run`.

mod child;
mod collect;
mod only;
mod program;
mod refused;
mod report;
mod sets;
mod smallest;
mod text;
mod user;
mod verdict;
mod verify;

#[cfg(test)]
pub use report::fixtures;

pub use child::{exec_held, SUBCOMMAND};
pub use collect::Collection;
pub use only::Only;
pub use report::{Report, VERSION};
pub use user::User;
pub use verify::{verify, Verified, Without};

use crate::{
    error::{Error, Result},
    facts::nsfs,
    shell,
    signals::Signals,
    trace::{
        instance::Instance,
        pipe::Pipe,
        source::{tracefs::Extent, Kind},
    },
};
use child::{Child, NOT_FOUND};
use program::Program;
use rustix::{
    fd::AsFd,
    process::{Signal, WaitStatus},
};
use std::{
    ffi::{OsStr, OsString},
    process::{Command, Stdio},
};

/// The exit status if capwhy itself fails, as of env(1) and timeout(1).
pub const FAILED: u8 = 125;

/// The command, and how to run it.
#[derive(Clone)]
pub struct Options {
    /// The command and its arguments.
    pub command: Vec<OsString>,
    /// The user to run it as; the caller if none.
    pub user: Option<User>,
    /// All capabilities that it can have; any if none.
    pub only: Option<Only>,
    /// The size of the kernel's buffer for each CPU in kilobytes; the kernel's default if none.
    pub buffer_size: Option<u32>,
    /// Whether to find out which other LSM refuses.
    pub lsms: bool,
    /// Where the events come from; the module if it is loaded, if none.
    pub source: Option<Kind>,
    /// A command of the shell before each run, that makes things as the command expects them.
    pub before: Option<OsString>,
    /// A command of the shell after each run, that succeeds if the command has done its work.
    pub works: Option<OsString>,
}

impl Options {
    /// Returns whether the command has done its work, if another one checks that.
    pub fn works(&self) -> Result<Option<bool>> {
        self.works.as_deref().map(succeeds).transpose()
    }
}

/// Runs a command of the shell, apart from the command that is reported on. Returns whether it
/// succeeds.
fn succeeds(command: &OsStr) -> Result<bool> {
    let status = Command::new("sh")
        .arg("-c")
        .arg(command)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .status()
        .map_err(|error| Error::of("sh cannot be executed", error))?;
    Ok(status.success())
}

/// Runs a command until it ends, and gathers what it and its descendants ask for meanwhile.
///
/// Returns nothing but a status if the command could not be run. The error is printed by then.
pub fn run(options: &Options) -> Result<(u8, Option<Report>)> {
    let name = options
        .command
        .first()
        .ok_or_else(|| Error::new("there is no command to run"))?;
    let Some(program) = shell::find(name) else {
        eprintln!(
            "capwhy: there is no command '{}' in PATH",
            name.to_string_lossy()
        );
        return Ok((NOT_FOUND, None));
    };
    if let Some(before) = &options.before {
        succeeds(before)?;
    }
    let program = Program::look_at(program);
    let user_ns = nsfs::own("user")?;
    let signals = Signals::catch()?;
    let extent = Extent {
        tree: true,
        lsms: options.lsms,
        unaudited: true,
        ..Extent::default()
    };
    let instance = Instance::create(options.source, extent)?;
    if let Some(kilobytes) = options.buffer_size {
        instance.set_buffer_size(kilobytes)?;
    }
    let mut child = match Child::start(
        &program.path,
        &options.command,
        options.user.as_ref(),
        options.only,
        &signals,
    )? {
        Ok(child) => child,
        Err(status) => return Ok((Ended::of(status).status, None)),
    };
    instance.follow(child.pid())?;
    let mut pipe = instance.start()?;
    // Until it executes the command.
    pipe.names(child.pid(), env!("CARGO_PKG_NAME"));
    child.go_on()?;

    let mut collection = Collection::default();
    let status = loop {
        pipe.wait(Some(child.as_fd()))?;
        collection.add(pipe.read()?);
        for signal in signals.to_pass_on() {
            child.signal(signal)?;
        }
        if let Some(status) = child.ended()? {
            break status;
        }
    };
    instance.stop()?;
    drain(&mut pipe, &mut collection)?;
    instance.still_has_events()?;
    collection.lost = instance.lost()?;
    let ended = Ended::of(status);
    let exit_status = ended.status;
    let report = Report::of(&options.command, program, ended, user_ns, collection);
    Ok((exit_status, Some(report)))
}

fn drain(pipe: &mut Pipe, collection: &mut Collection) -> Result {
    loop {
        let outputs = pipe.read()?;
        if outputs.is_empty() {
            collection.finish();
            return Ok(());
        }
        collection.add(outputs);
    }
}

/// How a command ended.
#[derive(Clone, Debug)]
pub struct Ended {
    /// The status, as shells have it: 128 and its number for a signal.
    pub status: u8,
    /// The name of the signal, if it was one.
    pub signal: Option<String>,
}

impl Ended {
    fn of(status: WaitStatus) -> Self {
        let signal = status.terminating_signal();
        let code = match (status.exit_status(), signal) {
            (Some(code), _) => code,
            (_, Some(signal)) => 128 + signal,
            _ => FAILED.into(),
        };
        Self {
            status: u8::try_from(code).unwrap_or(FAILED),
            signal: signal.map(|number| match Signal::from_named_raw(number) {
                Some(signal) => format!("{signal:?}")
                    .replace("Signal::", "SIG")
                    .replace('"', ""),
                None => number.to_string(),
            }),
        }
    }
}
