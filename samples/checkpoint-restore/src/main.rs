// SPDX-License-Identifier: GPL-2.0

//! Tries each operation of the kernel that checkpoint/restore needs, and explains the result.

use checkpoint_restore::{operations::ATTEMPTS, report, sys};
use clap::{Parser, Subcommand};
use commoncap::{capability::CapabilitySet, operations::Operation};
use std::{
    fs,
    io::{self, Write},
    path::Path,
    process::ExitCode,
};

/// Try each operation of the kernel that checkpoint/restore needs
#[derive(Parser)]
#[command(version, after_help = AFTER)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

const AFTER: &str = "\
A granted operation takes effect: it creates a process, or chooses the next ID.
Run this in a guest.

Exit status: 0 if the operation succeeded, 1 if it failed, 2 if the command
line is invalid or something is missing.";

#[derive(Subcommand)]
enum Command {
    /// List the operations: capability, namespace and error of each
    List,
    /// Try one operation as the caller: print what it needs, the result and the rule
    Try {
        /// An operation, as `list` names it, such as ns_last_pid
        operation: String,
    },
}

fn main() -> ExitCode {
    match run(Arguments::parse().command) {
        Ok(code) => code,
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("checkpoint-restore: {error}");
            ExitCode::from(2)
        }
    }
}

fn run(command: Command) -> io::Result<ExitCode> {
    let mut out = io::stdout().lock();
    match command {
        Command::List => report::list(&mut out)?,
        Command::Try { operation } => return try_one(&operation, &mut out),
    }
    Ok(ExitCode::SUCCESS)
}

fn try_one(name: &str, out: &mut impl Write) -> io::Result<ExitCode> {
    let Some(attempt) = ATTEMPTS.iter().find(|attempt| attempt.name == name) else {
        if Operation::named(name).is_some() {
            return Err(io::Error::other(format!(
                "'{name}' needs special hardware: run 'list' to see what it checks"
            )));
        }
        return Err(io::Error::other(format!(
            "there is no operation '{name}': choose one of {}",
            ATTEMPTS.map(|attempt| attempt.name).join(", ")
        )));
    };
    let [_, _, effective, ..] = sys::capability_sets()?;
    let in_initial = fs::read_link("/proc/self/ns/user")? == Path::new(INITIAL);
    // The attempt can change the capabilities of this process, so they are read before.
    let answer = (attempt.run)();
    let effective = CapabilitySet::from_bits(effective);
    report::outcome(name, &answer, effective, in_initial, out)?;
    Ok(match answer {
        Ok(_) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    })
}

/// The initial user namespace: `PROC_USER_INIT_INO` of the kernel.
const INITIAL: &str = "user:[4026531837]";
