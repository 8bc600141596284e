// SPDX-License-Identifier: GPL-2.0

//! A script interpreter that honours the exec securebits, as a drop-in replacement for
//! `samples/check-exec/inc.c` of the kernel.

use check_exec::{
    cli::{fail, parse, Inc},
    interpreter::{interpret, Answers},
    lines::Lines,
};
use may_interpret::{Error, Policy, Source};
use std::{io, os::unix::ffi::OsStrExt, process::ExitCode};

fn main() -> ExitCode {
    let arguments = match parse::<Inc>() {
        Ok(arguments) => arguments,
        Err(code) => return code,
    };
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail("inc", error),
    }
}

fn run(arguments: &Inc) -> Result<(), String> {
    let policy = Policy::current().map_err(|error| {
        format!("the securebits cannot be read, so nothing is interpreted: {error}")
    })?;
    let explain = |name: &str| {
        let name = name.to_owned();
        move |error| match error {
            Error::Refused(refusal) => refusal.to_string(),
            Error::Io(error) => format!("{name}: {error}"),
        }
    };
    let mut answers = Answers::From(Lines::of(io::stdin()));
    let name;
    let mut script = if let Some(command) = &arguments.command {
        name = "-c".to_owned();
        policy.command().map_err(|refusal| refusal.to_string())?;
        Lines::of(command.as_bytes())
    } else if let Some(path) = &arguments.script {
        name = Source::File(path.into()).to_string();
        Lines::of(policy.open(path).map_err(explain(&name))?)
    } else {
        name = "standard input".to_owned();
        answers = Answers::Script;
        Lines::of(policy.standard_input().map_err(explain(&name))?)
    };
    interpret(
        &mut script,
        &mut answers,
        &mut io::stdout(),
        &mut io::stderr(),
    )
    .map_err(|stopped| format!("{name}: {stopped}"))
}
