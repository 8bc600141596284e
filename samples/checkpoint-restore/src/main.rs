// SPDX-License-Identifier: GPL-2.0

//! Does each operation of checkpoint/restore that the kernel checks a capability for, and reports
//! the result.

use checkpoint_restore::{operations::ATTEMPTS, sys, tell};
use clap::{Parser, Subcommand};
use commoncap::{capability::CapabilitySet, operations::Operation};
use std::{
    fs,
    io::{self, Write},
    path::Path,
    process::ExitCode,
};

/// Does what checkpoint/restore asks the kernel for, and shows what it answers
#[derive(Parser)]
#[command(version, after_help = AFTER)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

const AFTER: &str = "\
An operation that the kernel allows takes effect: it creates a process, or
chooses the next ID. Run this in a guest.

Exit status: 0 if the operation succeeded, 1 if it failed, 2 if the command
line is wrong or something is missing.";

#[derive(Subcommand)]
enum Command {
    /// List the operations: what each asks for, over which namespace, and how it refuses
    List,
    /// Try one operation as the caller; tell what it takes, what came of it, and by which rule
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
        Command::List => tell::list(&mut out)?,
        Command::Try { operation } => return try_one(&operation, &mut out),
    }
    Ok(ExitCode::SUCCESS)
}

fn try_one(name: &str, out: &mut impl Write) -> io::Result<ExitCode> {
    let Some(attempt) = ATTEMPTS.iter().find(|attempt| attempt.name == name) else {
        if Operation::named(name).is_some() {
            return Err(io::Error::other(format!(
                "'{name}' takes hardware that a sample cannot count on: it can only be listed"
            )));
        }
        return Err(io::Error::other(format!(
            "there is no operation '{name}': say one of {}",
            ATTEMPTS.map(|attempt| attempt.name).join(", ")
        )));
    };
    let [_, _, effective, ..] = sys::capability_sets()?;
    let in_initial = fs::read_link("/proc/self/ns/user")? == Path::new(INITIAL);
    // Some of them leave this process with less than it had.
    let answer = (attempt.run)();
    let effective = CapabilitySet::from_bits(effective);
    tell::outcome(name, &answer, effective, in_initial, out)?;
    Ok(match answer {
        Ok(_) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    })
}

/// The initial user namespace: `PROC_USER_INIT_INO` of the kernel.
const INITIAL: &str = "user:[4026531837]";
