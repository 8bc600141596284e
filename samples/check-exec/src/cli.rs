// SPDX-License-Identifier: GPL-2.0

//! The command lines of `inc` and `set-exec`, as in the kernel's own samples.

use clap::{ArgGroup, Args, Parser};
use std::{
    ffi::OsString,
    fmt::Display,
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
};

/// Interpret a script of counting commands, if the securebits allow it
#[derive(Debug, Parser)]
#[command(name = "inc", version, after_help = INC, group = ArgGroup::new("what").required(true))]
#[command(override_usage = "inc SCRIPT\n       inc -i\n       inc -c COMMANDS")]
pub struct Inc {
    /// The file to interpret
    #[arg(value_name = "SCRIPT", group = "what")]
    pub script: Option<PathBuf>,
    /// Interpret standard input: a file, a pipe, or a terminal, line by line
    #[arg(short, long = "stdin", group = "what")]
    pub interactive: bool,
    /// Interpret these lines
    #[arg(
        short,
        long,
        value_name = "COMMANDS",
        group = "what",
        allow_hyphen_values = true
    )]
    pub command: Option<OsString>,
}

const INC: &str = "\
A command is a line of one character: + adds one and prints the number; ?
requests a new number. Lines that begin with # are comments. Empty lines are
skipped.

Under SECBIT_EXEC_RESTRICT_FILE, SCRIPT must be a file that the kernel would
execute. Under SECBIT_EXEC_DENY_INTERACTIVE, -i must read such a file, and -c is
refused. set-exec sets both.

Exit status: 0 after the whole script; 1 if it was refused, could not be read,
or has an invalid line.";

/// Set and lock exec securebits, and execute a command under them
#[derive(Debug, Parser)]
#[command(name = "set-exec", version, after_help = SET_EXEC)]
#[command(override_usage = "set-exec [-f] [-i] [--] COMMAND [ARGUMENT]...")]
pub struct SetExec {
    /// The securebits to set
    #[command(flatten)]
    pub securebits: Securebits,
    /// The command and its arguments
    #[arg(value_name = "COMMAND", required = true, trailing_var_arg = true)]
    pub command: Vec<OsString>,
}

/// The securebits to set: at least one.
#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
pub struct Securebits {
    /// Set SECBIT_EXEC_RESTRICT_FILE: interpret only executable files
    #[arg(short = 'f', long)]
    pub restrict_file: bool,
    /// Set SECBIT_EXEC_DENY_INTERACTIVE: interpret no commands from elsewhere
    #[arg(short = 'i', long)]
    pub deny_interactive: bool,
}

const SET_EXEC: &str = "\
This needs no privilege. The command and its children cannot clear the
securebits. Only interpreters that check them, like inc, are restricted.

Exit status: that of the command, or 1 if it cannot be executed under them.";

/// Parses the command line. An invalid one exits with 1, as in the kernel's samples.
pub fn parse<T: Parser>() -> Result<T, ExitCode> {
    T::try_parse().map_err(|error| {
        // If this fails, there is no output for another message.
        let _ = error.print();
        ExitCode::from(u8::from(error.use_stderr()))
    })
}

/// Prints an error, and returns the exit status 1, as the kernel's samples do.
pub fn fail(program: &str, error: impl Display) -> ExitCode {
    // If this fails, there is no output left. `eprintln!` would panic, with another status.
    let _ = writeln!(io::stderr(), "{program}: {error}");
    ExitCode::FAILURE
}
