// SPDX-License-Identifier: GPL-2.0

//! Does what checkpoint/restore asks the kernel for, and shows what it answers.
//!
//! A sample of how to use each operation, and the policy matrix by which two kernels, or a kernel
//! with and without the module, are compared.

use checkpoint_restore::{matrix, operations, sys, who::Start};
use clap::{Parser, Subcommand};
use commoncap::checkpoint_restore::{Asks, Operation, Over, Refusal, OPERATIONS};
use std::{
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
};

/// Does what checkpoint/restore asks the kernel for, and shows what it answers
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// List the operations: what each asks for, over which namespace, and how it refuses
    List,
    /// Try one operation as the caller, with the caller's own capabilities
    Try {
        /// An operation of the policy matrix, such as ns_last_pid
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
        Command::List => list(&mut out)?,
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

fn list(out: &mut impl Write) -> io::Result<()> {
    for operation in OPERATIONS {
        let refusal = match operation.refusal {
            Refusal::Fails(errno) => format!("{errno:?}"),
            Refusal::FileMode => "as the mode bits of the file say, EACCES".to_owned(),
        };
        writeln!(out, "{}: {}", operation.name, operation.purpose)?;
        writeln!(out, "    asks:      {}", asks(operation))?;
        writeln!(out, "    over:      {}", over(operation))?;
        writeln!(out, "    refused:   {refusal}")?;
        writeln!(out, "    asked in:  {}", operation.asked_in)?;
    }
    Ok(())
}

fn asks(operation: &Operation) -> &'static str {
    match operation.asks {
        Asks::CheckpointRestore => "CAP_CHECKPOINT_RESTORE or CAP_SYS_ADMIN",
        Asks::CheckpointRestoreNoAudit => "CAP_CHECKPOINT_RESTORE or CAP_SYS_ADMIN (not audited)",
        Asks::SysResource => "CAP_SYS_RESOURCE",
    }
}

fn over(operation: &Operation) -> &'static str {
    match operation.over {
        Over::Initial => "the initial user namespace",
        Over::Own => "the caller's user namespace",
        Over::PidNamespaceOwner => "the owner of the caller's PID namespace",
        Over::EachPidNamespaceOwner => "the owner of each PID namespace a PID is chosen in",
        Over::IpcNamespaceOwner => "the owner of the IPC namespace",
    }
}

fn try_one(name: &str, out: &mut impl Write) -> io::Result<ExitCode> {
    let attempts = operations::attempts();
    let Some(attempt) = attempts.iter().find(|attempt| attempt.name == name) else {
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
    match (attempt.run)(None) {
        Ok(answer) => {
            writeln!(out, "{name}: {answer}")?;
            Ok(ExitCode::SUCCESS)
        }
        Err(errno) => {
            writeln!(out, "{name}: {errno}")?;
            if let Some(operation) = Operation::named(name) {
                let (asks, over) = (asks(operation), over(operation));
                writeln!(out, "    it asks for {asks} over {over}")?;
            }
            Ok(ExitCode::FAILURE)
        }
    }
}
