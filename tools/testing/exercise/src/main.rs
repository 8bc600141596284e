// SPDX-License-Identifier: GPL-2.0

//! Exercises the capability LSM from user space, to compare `commoncap.c` (the C) with the module
//! in its place (the Rust).
//!
//! It is for a guest, since it becomes every user: see `tools/testing/run scenarios` and
//! `tools/testing/run stress`.

mod ask;
mod audit;
mod call;
mod changes;
mod executed;
mod faults;
mod file_capabilities;
mod hammer;
mod matrix;
mod measure;
mod place;
mod predicted;
mod programs;
mod random;
mod scenarios;
mod selftests;
mod series;
mod state;
mod sys;
mod toggle;
mod who;

use clap::{Parser, Subcommand};
use hammer::Until;
use programs::Programs;
use std::{
    fs,
    io::{self, Write},
    num::NonZeroUsize,
    path::{Path, PathBuf},
    process::ExitCode,
};

/// Exercises the capability LSM from user space, to compare two implementations
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the scenarios; write a line for each step; fail if an answer is unexpected
    Scenarios {
        /// A directory to execute programs from that are set-uid, such as a tmpfs
        #[arg(long)]
        programs: PathBuf,
    },
    /// Run random sequences of calls and record them; fail if a kind of call was never allowed or
    /// never denied
    Random {
        /// A directory to execute programs from that are set-uid, such as a tmpfs
        #[arg(long)]
        programs: PathBuf,
        /// The seed of the sequences
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// How many calls to make, or a few more
        #[arg(long, default_value_t = 20_000)]
        calls: u64,
        /// The file for each call, its answer and its changes
        #[arg(long)]
        record: PathBuf,
    },
    /// Make all calls all the time, as every user; fail if an answer is wrong
    Hammer {
        /// For how long; without it, until the standard input is closed
        #[arg(long)]
        seconds: Option<u64>,
        /// A directory to execute programs from that are set-uid, such as a tmpfs; without it,
        /// execute none
        #[arg(long)]
        programs: Option<PathBuf>,
    },
    /// Load the module and switch enforcement on and off repeatedly
    Toggle {
        /// Observe and stop to, instead
        #[arg(long)]
        observe: bool,
        /// The module, rust_commoncap.ko
        module: PathBuf,
        /// How often
        times: u64,
    },
    /// Make each allocation of each call fail; write a line for each; fail if an answer is wrong
    Faults {
        /// A directory to execute programs from that are set-uid, such as a tmpfs
        #[arg(long)]
        programs: PathBuf,
    },
    /// Run the policy matrix: every attempt by every user in every place; write a line for each
    Matrix,
    /// Run the matrix of changes: execve(), setuid(), capset(), file capabilities, ptrace() and
    /// priorities, by every caller in every place; write a line for each
    Changes {
        /// A directory for mounts to execute programs from
        #[arg(long)]
        programs: PathBuf,
    },
    /// Show two outputs of `matrix` or of `changes` as one table; fail if they differ
    Compare {
        /// The output with commoncap.c in charge
        first: PathBuf,
        /// The output with the module in charge
        second: PathBuf,
    },
    /// Set up audit, or print the audit records of the module
    Audit {
        #[command(subcommand)]
        request: Audit,
    },
    /// Compare how the kernel's selftests ended with the C and with the Rust in charge; fail if a
    /// verdict differs
    Selftests {
        /// What ran: a line each of "C" or "Rust", program, exit status, decisions of the module
        runs: PathBuf,
        /// Where the programs are, with their output beside them
        programs: PathBuf,
        /// How many tests must pass
        #[arg(long)]
        least: usize,
        /// Fail if a test does not pass with the C in charge
        #[arg(long)]
        all_must_pass: bool,
    },
    /// Let capwhy predict each cell of the policy matrix, and try it; fail if a prediction is wrong
    Predicted {
        /// The program, where everybody may execute it
        capwhy: PathBuf,
        /// Of the cells of each user, only each Nth one
        #[arg(long, default_value = "1", value_name = "N")]
        every: NonZeroUsize,
    },
    /// Let capwhy predict what execve() makes of random callers and files, and try it; fail if a
    /// prediction is wrong
    Executed {
        /// A directory for mounts to execute programs from
        #[arg(long)]
        programs: PathBuf,
        /// The seed
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// How often
        #[arg(long, default_value_t = 6000)]
        count: u64,
    },
    /// Change /proc/self/exe repeatedly
    ChangeExe {
        /// How often
        times: u64,
    },
    /// Count the instructions of some calls; write a line for each
    Measure {
        /// Count those of every `prctl()` and check instead, over user namespaces of several depths
        #[arg(long, required_unless_present = "programs")]
        all: bool,
        /// A directory to execute programs from that are set-uid, such as a tmpfs
        #[arg(long, conflicts_with = "all")]
        programs: Option<PathBuf>,
    },
    /// Continue a random sequence; the sequence executes this
    #[command(hide = true)]
    Live {
        /// Where the programs are
        programs: PathBuf,
        /// The state of the sequence
        numbers: Vec<u64>,
    },
    /// Exit with a status that says what execve() has made of this process; `hammer` executes this
    #[command(hide = true)]
    Became,
    /// Answer questions, a line for each; scenarios execute this
    #[command(hide = true)]
    Answer {
        /// Questions of scenarios
        questions: Vec<String>,
    },
}

#[derive(Subcommand)]
enum Audit {
    /// Turn auditing on
    Enable,
    /// Turn auditing off
    Disable,
    /// Add a rule that excludes the records of the module
    Exclude,
    /// Delete that rule
    Include,
    /// Print "listening", then each record of the module, until killed
    Listen,
}

fn main() -> ExitCode {
    if let Some(code) = executed::report::if_executed() {
        return code;
    }
    match run(Arguments::parse().command) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("exercise: {error}");
            ExitCode::from(2)
        }
    }
}

fn run(command: Command) -> io::Result<ExitCode> {
    // Never locked for long: children write there, and threads of children.
    let mut out = io::stdout();
    match command {
        Command::Scenarios { programs } => {
            must_be_root()?;
            let programs = Programs::install(&programs)?;
            let outcome = scenarios::run(&programs, &mut out)?;
            for line in &outcome.unexpected {
                eprintln!("unexpected: {line}");
            }
            eprintln!(
                "{} steps of {} scenarios, {} unexpected",
                outcome.steps,
                outcome.scenarios,
                outcome.unexpected.len()
            );
            if !outcome.unexpected.is_empty() {
                return Ok(ExitCode::FAILURE);
            }
        }
        Command::Random {
            programs,
            seed,
            calls,
            record,
        } => {
            must_be_root()?;
            let programs = Programs::install(&programs)?;
            let coverage = random::run(&programs, seed, calls, &record)?;
            print!("{coverage}");
            let missing = coverage.missing();
            for line in &missing {
                eprintln!("{line}");
            }
            println!("{} calls of seed {seed}", coverage.calls());
            if !missing.is_empty() {
                return Ok(ExitCode::FAILURE);
            }
        }
        Command::Hammer { seconds, programs } => {
            must_be_root()?;
            let until = seconds.map_or(Until::StdinCloses, Until::Seconds);
            let programs = programs.map(|dir| Programs::install(&dir)).transpose()?;
            let outcome = hammer::run(&until, programs.as_ref())?;
            println!("{} calls, {} wrong", outcome.calls, outcome.wrong);
            if outcome.wrong > 0 || outcome.calls == 0 {
                return Ok(ExitCode::FAILURE);
            }
        }
        Command::Toggle {
            observe: true,
            module,
            times,
        } => {
            must_be_root()?;
            let observed = toggle::observe(&module, times)?;
            println!("{times} times observed, {observed} decisions");
            if observed == 0 {
                return Ok(ExitCode::FAILURE);
            }
        }
        Command::Toggle {
            observe: false,
            module,
            times,
        } => {
            must_be_root()?;
            let outcome = toggle::run(&module, times)?;
            eprintln!(
                "a toggle took {} ms, the longest {} ms; {} transitions were reversed",
                outcome.time.as_millis() / u128::from(times.max(1)),
                outcome.longest.as_millis(),
                outcome.reversed
            );
            println!(
                "{} toggles, {} decisions of the Rust",
                outcome.toggles, outcome.decided
            );
            if outcome.decided == 0 || outcome.reversed == 0 && times >= 100 {
                return Ok(ExitCode::FAILURE);
            }
        }
        Command::Executed {
            programs,
            seed,
            count,
        } => {
            must_be_root()?;
            executed::clean(&programs)?;
            let outcome = executed::run(&programs, seed, count)?;
            for (kind, count) in &outcome.kinds {
                println!("{count:6} {kind}");
            }
            for line in &outcome.wrong {
                println!("wrong: {line}");
            }
            let missing = outcome.missing();
            for kind in &missing {
                println!("there was no {kind}");
            }
            for (side, name) in ["the process itself", "root outside"]
                .into_iter()
                .enumerate()
            {
                let (right, unknown) = (outcome.right[side], outcome.unknown[side]);
                println!("by {name}: {right} predicted, {unknown} not to be known");
            }
            let (executed, wrong) = (outcome.executed, outcome.wrong.len());
            println!("{executed} executed, {wrong} wrong");
            if wrong > 0 || !missing.is_empty() || executed < count {
                return Ok(ExitCode::FAILURE);
            }
        }
        Command::Faults { programs } => {
            must_be_root()?;
            let wrong = faults::run(&Programs::install(&programs)?, &mut out)?;
            for line in &wrong {
                eprintln!("wrong: {line}");
            }
            if !wrong.is_empty() {
                return Ok(ExitCode::FAILURE);
            }
        }
        Command::Matrix => {
            must_be_root()?;
            matrix::run(&mut out)?;
        }
        Command::Changes { programs } => {
            must_be_root()?;
            executed::clean(&programs)?;
            changes::run(&programs, &mut out)?;
        }
        Command::Compare { first, second } => {
            let (first, second) = (read(&first)?, read(&second)?);
            let comparison = matrix::Comparison::of(&first, &second);
            println!("{}", comparison.table(["C", "Rust"]));
            let unexpected = comparison.unexpected();
            for line in &unexpected {
                println!("unexpected: {line}");
            }
            let (cells, differing) = (comparison.count(), comparison.differing());
            println!(
                "{cells} cells, {differing} differ, {} unexpected",
                unexpected.len()
            );
            if differing > 0 || !unexpected.is_empty() || cells == 0 {
                return Ok(ExitCode::FAILURE);
            }
        }
        Command::Audit { request } => match request {
            Audit::Enable => audit::enable(true)?,
            Audit::Disable => audit::enable(false)?,
            Audit::Exclude => audit::exclude(true)?,
            Audit::Include => audit::exclude(false)?,
            Audit::Listen => audit::listen(&mut out)?,
        },
        Command::Selftests {
            runs,
            programs,
            least,
            all_must_pass,
        } => {
            let runs = selftests::Runs::read(&runs, &programs)?;
            let outcome = selftests::compare(&runs, all_must_pass, &mut out)?;
            let few = outcome.passed < least;
            if few {
                println!(
                    "fewer than {least} tests pass: find out what keeps the programs from running"
                );
            }
            println!(
                "{} tests, {} differ, {} do not pass with the C; the Rust decided {} times",
                outcome.tests, outcome.differ, outcome.not_passed, outcome.decided
            );
            let failed = outcome.differ > 0 || outcome.timed_out > 0 || outcome.decided <= 0;
            if failed || few || all_must_pass && outcome.not_passed > 0 {
                return Ok(ExitCode::FAILURE);
            }
        }
        Command::Predicted { capwhy, every } => {
            must_be_root()?;
            let outcome = predicted::run(&capwhy, every)?;
            println!("{outcome}");
            if !outcome.wrong.is_empty() || outcome.predicted.contains(&0) {
                return Ok(ExitCode::FAILURE);
            }
        }
        Command::Became => return Ok(programs::became()?.into()),
        Command::Measure { all: _, programs } => {
            must_be_root()?;
            measure::run(programs.as_deref(), &mut out)?;
        }
        Command::ChangeExe { times } => {
            let exe = fs::File::open("/bin/sh")?;
            checkpoint_restore::sys::unmap_exe()?;
            for _ in 0..times {
                checkpoint_restore::sys::set_exe_file(&exe)?;
            }
        }
        Command::Live { programs, numbers } => {
            random::Life::resume(&Programs::at(&programs), &numbers)?.run()?;
        }
        Command::Answer { questions } => {
            for question in questions {
                writeln!(out, "{}", ask::ask(&question))?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn read(path: &Path) -> io::Result<String> {
    fs::read_to_string(path)
        .map_err(|error| io::Error::other(format!("{}: {error}", path.display())))
}

fn must_be_root() -> io::Result<()> {
    if sys::geteuid() == 0 {
        Ok(())
    } else {
        Err(io::Error::other(
            "this becomes every user in turn, which takes root: run it in a guest",
        ))
    }
}
