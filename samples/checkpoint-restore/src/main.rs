// SPDX-License-Identifier: GPL-2.0

//! Does what checkpoint/restore asks the kernel for, and shows what it answers.
//!
//! A sample of how to use each operation, and the policy matrix by which two kernels, or a kernel
//! with and without the module, are compared.

use checkpoint_restore::{matrix, operations, sys, tell, who::Start};
use clap::{Parser, Subcommand};
use commoncap::{capability::CapabilitySet, operations::Operation};
use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
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
What is tried is done, if it is granted: a process is made, the next ID is
chosen. A guest is the place for it.

Exit status: 0 if it was granted, or the two do not differ; 1 if it failed,
or they do; 2 if the command line makes no sense, or something is missing.";

#[derive(Subcommand)]
enum Command {
    /// List the operations: what each asks for, over which namespace, and how it refuses
    List,
    /// Try one operation as the caller; tell what it takes, what came of it, and by which rule
    Try {
        /// An operation, as `list` names it, such as ns_last_pid; or a line of the policy matrix
        operation: String,
    },
    /// Try everything by everyone everywhere, as root; write a line for each cell
    Matrix,
    /// Show two outputs of `matrix` as one table; fail if they differ
    Compare {
        /// The first output
        first: PathBuf,
        /// The second output
        second: PathBuf,
        /// What to call the two
        #[arg(long, num_args = 2, value_names = ["A", "B"], default_values = ["C", "Rust"])]
        names: Vec<String>,
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
        Command::Matrix => {
            if sys::geteuid() != 0 {
                return Err(io::Error::other(
                    "the matrix becomes everyone in turn, which takes root: run it in a guest",
                ));
            }
            matrix::run(&mut out)?;
        }
        Command::Compare {
            first,
            second,
            names,
        } => {
            let read = |path: &PathBuf| {
                std::fs::read_to_string(path)
                    .map_err(|error| io::Error::other(format!("{}: {error}", path.display())))
            };
            let (first, second) = (read(&first)?, read(&second)?);
            let comparison = matrix::Comparison::of(&first, &second);
            let names = [names[0].as_str(), names[1].as_str()];
            writeln!(out, "{}", comparison.table(names))?;
            let unexpected = comparison.unexpected();
            for line in &unexpected {
                writeln!(out, "unexpected: {line}")?;
            }
            let (cells, differing) = (comparison.count(), comparison.differing());
            writeln!(
                out,
                "{cells} cells, {differing} differ, {} unexpected",
                unexpected.len()
            )?;
            if differing > 0 || !unexpected.is_empty() || cells == 0 {
                return Ok(ExitCode::FAILURE);
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn try_one(name: &str, out: &mut impl Write) -> io::Result<ExitCode> {
    let attempts = operations::attempts();
    let Some(attempt) = attempts.iter().find(|attempt| attempt.name == name) else {
        if Operation::named(name).is_some() {
            return Err(io::Error::other(format!(
                "'{name}' takes hardware that a sample cannot count on: it can only be listed"
            )));
        }
        return Err(io::Error::other(format!(
            "there is no operation '{name}': say one of {}",
            attempts
                .iter()
                .filter(|attempt| attempt.depends_on_owner)
                .map(|attempt| attempt.name.as_str())
                .collect::<Vec<_>>()
                .join(", ")
        )));
    };
    if attempt.below.is_some() || attempt.start != Start::default() {
        return Err(io::Error::other(format!(
            "'{name}' takes more to start with than can be had here: it is for the matrix"
        )));
    }
    let [_, _, effective, ..] = sys::capability_sets()?;
    let in_initial = fs::read_link("/proc/self/ns/user")? == Path::new(INITIAL);
    // Some of them leave this process with less than it had.
    let answer = (attempt.run)(None);
    let effective = CapabilitySet::from_bits(effective);
    tell::outcome(name, &answer, effective, in_initial, out)?;
    Ok(match answer {
        Ok(_) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    })
}

/// The initial user namespace: `PROC_USER_INIT_INO` of the kernel.
const INITIAL: &str = "user:[4026531837]";
