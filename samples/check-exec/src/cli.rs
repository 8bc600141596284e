// SPDX-License-Identifier: GPL-2.0

//! The command lines, which are those of the kernel's own samples.

use clap::{ArgGroup, Args, Parser};
use std::{
    ffi::OsString,
    fmt::Display,
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
};

/// Interpret a script of counting commands, if the securebits allow that
#[derive(Debug, Parser)]
#[command(name = "inc", version, after_help = INC, group = ArgGroup::new("what").required(true))]
#[command(override_usage = "inc SCRIPT\n       inc -i\n       inc -c COMMANDS")]
pub struct Inc {
    /// The file to interpret
    #[arg(value_name = "SCRIPT", group = "what")]
    pub script: Option<PathBuf>,
    /// Interpret the standard input: a file, a pipe, or a terminal, line by line
    #[arg(short, long = "stdin", group = "what")]
    pub interactive: bool,
    /// Interpret this, as lines
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
A command is a line of one character: + counts, and prints the number; ? asks
for the number to go on from. Lines that begin with # are comments, and empty
ones are skipped.

Under SECBIT_EXEC_RESTRICT_FILE, a SCRIPT must be a file that the kernel would
execute. Under SECBIT_EXEC_DENY_INTERACTIVE, so must be what -i reads, and -c
is refused. set-exec sets both.

Exit status: 0 if all has been interpreted; 1 if not: it was refused, could
not be read, or was not understood.";

/// Set and lock exec securebits, and execute a command under them
#[derive(Debug, Parser)]
#[command(name = "set-exec", version, after_help = SET_EXEC)]
#[command(override_usage = "set-exec [-f] [-i] [--] COMMAND [ARGUMENT]...")]
pub struct SetExec {
    /// What to set
    #[command(flatten)]
    pub securebits: Securebits,
    /// The command and its arguments
    #[arg(value_name = "COMMAND", required = true, trailing_var_arg = true)]
    pub command: Vec<OsString>,
}

/// What to set: at least one.
#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
pub struct Securebits {
    /// Set SECBIT_EXEC_RESTRICT_FILE: no script that is not executable
    #[arg(short = 'f', long)]
    pub restrict_file: bool,
    /// Set SECBIT_EXEC_DENY_INTERACTIVE: no commands but from executable files
    #[arg(short = 'i', long)]
    pub deny_interactive: bool,
}

const SET_EXEC: &str = "\
This takes no privilege. The command and all that it starts have the
securebits for good. They bind interpreters that ask for them, as inc does.

Exit status: that of the command, or 1 if it cannot be executed under them.";

/// Parses the command line. Fails with 1 where it makes no sense, as the kernel's samples do.
pub fn parse<T: Parser>() -> Result<T, ExitCode> {
    T::try_parse().map_err(|error| {
        // There is nobody to tell if that fails.
        let _ = error.print();
        ExitCode::from(u8::from(error.use_stderr()))
    })
}

/// Says what went wrong, and fails with 1, as the kernel's samples do.
pub fn fail(program: &str, error: impl Display) -> ExitCode {
    // There is nobody to tell if that fails; `eprintln!` would panic, and end with another status.
    let _ = writeln!(io::stderr(), "{program}: {error}");
    ExitCode::FAILURE
}
