// SPDX-License-Identifier: GPL-2.0

//! Sets and locks the exec securebits and executes a command, as a drop-in replacement for
//! `samples/check-exec/set-exec.c` of the kernel.

use check_exec::cli::{fail, parse, SetExec};
use may_interpret::{Policy, Rule, Source};
use std::{
    os::unix::process::CommandExt,
    process::{Command, ExitCode},
};

fn main() -> ExitCode {
    let arguments = match parse::<SetExec>() {
        Ok(arguments) => arguments,
        Err(code) => return code,
    };
    let mut policy = Policy::NONE;
    if arguments.securebits.restrict_file {
        policy = policy.with(Rule::RestrictFile);
    }
    if arguments.securebits.deny_interactive {
        policy = policy.with(Rule::DenyInteractive);
    }
    if let Err(error) = policy.lock() {
        return fail("set-exec", error);
    }
    let (program, its_arguments) = arguments.command.split_first().expect("clap requires one");
    let error = Command::new(program).args(its_arguments).exec();
    // A selftest of the kernel expects 1, where a shell returns 126 or 127.
    fail(
        "set-exec",
        format!("{}: {error}", Source::File(program.into())),
    )
}
