// SPDX-License-Identifier: GPL-2.0

//! The command line.

use crate::{
    capabilities,
    deploy::Form,
    exec, filter,
    run::{Only, User, FAILED, SUBCOMMAND},
    trace::source::Kind,
};
use clap::{builder::NonEmptyStringValueParser, Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use commoncap::capability::{Capability, CapabilitySet};
use std::{ffi::OsString, path::PathBuf};

/// Report which capability a program needs, and which rule denied it
#[derive(Parser)]
#[command(name = "capwhy", version, max_term_width = 100, after_long_help = AFTER)]
pub struct Arguments {
    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

const AFTER: &str = "\
check, exec, explain and securebits need neither privilege nor the kernel module, and decide by \
the same rules as it. run and watch need root. They read the tracepoints of the module \
rust_commoncap if it is loaded, and define probes in tracefs otherwise, which takes a kernel with \
BTF, such as Debian's.

Exit status: 0 if all went well, 1 if something is denied or unknown (check, exec, securebits), \
2 if the command line is invalid or the system lacks something. run exits as its command does; \
with 125 if it fails itself, 126 or 127 if the command cannot be executed or found, 128 and the \
number of the signal that ended it.

With --json, each object has a \"version\", which grows if a field changes its meaning or is \
removed. New fields may appear at any time.";

/// What to do.
#[derive(Subcommand)]
pub enum Command {
    /// Report which capabilities a process holds, what it may do by them, and why not
    Check(Check),
    /// Decode securebits, and judge a change of them rule by rule
    Securebits(Securebits),
    /// Predict the credentials that execve() of a program would give, step by step
    #[command(after_long_help = "\
The caller is a process like this one, the process of --pid, or this one as --user. The other \
options change it further, as setpriv does: a list such as -all,+net_raw, or names without a sign \
for a new set. execve() is not called. Whether it succeeds is judged by the mode of the files, \
their mounts and the rules of commoncap.c. Another LSM or a seccomp filter can still refuse it. \
The exit status is 0 if it is known that execve() succeeds and what it makes of the credentials, \
1 if it fails, something is unknown, or what --want names is not effective.")]
    Exec(Exec),
    /// Explain a message, the error of a system call, a rule, a capability or a setting
    Explain(Explain),
    /// Run a command, and report what it asked for, what it got and what it needs
    #[command(after_long_help = "\
The smallest set is the one with which everything that was granted is granted again. It leaves \
out what the kernel checks without audit, which the report calls optional: mostly such a check \
only skips another check or a limit, such as that of memory. It also leaves out checks of other \
credentials than those of the process, which the report calls not its own: overlayfs acts with \
the credentials of its mounter. \
capset() always checks cap_setpcap, and needs it only to make inheritable what is not permitted: \
the report has that check all the same. \
--verify runs the command again with that set, and mends the set. \
What processes do after the command has ended is not in the report.")]
    Run(Run),
    /// Show what is asked for on the whole system, until interrupted
    Watch(Watch),
    /// Write the manual pages into a directory
    #[command(hide = true)]
    Man {
        /// The directory, which must be there
        directory: PathBuf,
    },
    /// Write the completions for a shell
    #[command(hide = true)]
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Execute a program on a signal from run: its child process
    #[command(hide = true, name = SUBCOMMAND)]
    ExecHeld {
        /// The descriptor of a socket: a byte out of it is waited for
        #[arg(long, value_parser = clap::value_parser!(i32).range(0..))]
        held_by: i32,
        /// The user to execute the program as
        #[arg(long, value_parser = User::find)]
        user: Option<User>,
        /// The only capabilities of the program
        #[arg(long, value_parser = Only::find)]
        caps: Option<Only>,
        /// The file to execute
        program: PathBuf,
        /// Its name and arguments
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        command: Vec<OsString>,
    },
}

/// Arguments of `capwhy check`.
#[derive(Args)]
pub struct Check {
    /// The process to judge; without it, one that is started as this one was
    #[arg(long, short, value_name = "PID", value_parser = clap::value_parser!(i32).range(1..))]
    pub pid: Option<i32>,
    /// Check capabilities over the owner of this: a kind of namespace (net, mnt, uts, ipc, pid,
    /// user, cgroup, time, initial), the file of a namespace, or any other file
    #[arg(long, value_name = "KIND|PATH")]
    pub over: Option<String>,
    /// How to write what is missing
    #[arg(long = "as", value_enum, value_name = "FORM")]
    pub form: Option<Form>,
    /// Write JSON
    #[arg(long)]
    pub json: bool,
    /// Judge these alone: operations by the names that are shown, or any capabilities; or, after
    /// the word script, whether the kernel would execute a file
    #[arg(value_name = "OPERATION|CAPABILITY|script FILE")]
    pub operations: Vec<String>,
}

/// Arguments of `capwhy securebits`.
#[derive(Args)]
pub struct Securebits {
    /// A number, such as 0x300, or names with commas or blanks between, as setpriv, capsh and
    /// systemd have them
    #[arg(value_parser = NonEmptyStringValueParser::new())]
    pub value: String,
    /// What to change them to: the same, or names with + or - before each
    #[arg(allow_hyphen_values = true)]
    pub new: Option<String>,
    /// Write JSON
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `capwhy exec`.
#[derive(Args)]
pub struct Exec {
    /// The process that would call execve()
    #[arg(long, short, value_name = "PID", value_parser = clap::value_parser!(i32).range(1..))]
    pub pid: Option<i32>,
    /// Another user, who has no capabilities
    #[arg(long, short, value_name = "NAME|UID[:GID,...]", value_parser = User::find)]
    pub user: Option<User>,
    /// The permitted and the effective set
    #[arg(long, value_name = "LIST", allow_hyphen_values = true)]
    pub caps: Option<String>,
    /// The inheritable set
    #[arg(long, value_name = "LIST", allow_hyphen_values = true)]
    pub inh_caps: Option<String>,
    /// The ambient set, whose members are permitted and inheritable, too
    #[arg(long, value_name = "LIST", allow_hyphen_values = true)]
    pub ambient_caps: Option<String>,
    /// The bounding set
    #[arg(long, value_name = "LIST", allow_hyphen_values = true)]
    pub bounding_set: Option<String>,
    /// The securebits
    #[arg(long, value_name = "LIST", allow_hyphen_values = true)]
    pub securebits: Option<String>,
    /// With no_new_privs set
    #[arg(long)]
    pub no_new_privs: bool,
    /// Capabilities that the program is to have effective: say how, if it does not
    #[arg(long, value_name = "LIST", value_parser = exec::set)]
    pub want: Option<CapabilitySet>,
    /// How to write the ways out
    #[arg(long = "as", value_enum, value_name = "FORM")]
    pub form: Option<Form>,
    /// Write JSON
    #[arg(long)]
    pub json: bool,
    /// The program, looked for in PATH; after it or after --, its arguments, which do not matter
    #[arg(required = true, value_name = "PROGRAM")]
    pub command: Vec<OsString>,
}

/// Returns the arguments, a message that `explain` is given without the dash of a login shell, such
/// as `-bash: ./program: Operation not permitted`. No option has a colon.
pub fn given(arguments: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = arguments.collect();
    if arguments.get(1).is_some_and(|command| command == "explain") {
        for argument in &mut arguments[2..] {
            let message = argument.to_str().and_then(|text| text.strip_prefix('-'));
            if let Some(message) = message.filter(|message| message.contains(':')) {
                *argument = message.into();
            }
        }
    }
    arguments
}

/// Arguments of `capwhy explain`.
#[derive(Args)]
pub struct Explain {
    /// Write JSON
    #[arg(long)]
    pub json: bool,
    /// A rule or loss that a report names, a capability, an error and a system call, a word of a
    /// manual page, or the message of a program in quotation marks
    #[arg(
        required = true,
        value_name = "RULE|CAPABILITY|ERRNO CALL|WORD|MESSAGE"
    )]
    pub words: Vec<String>,
}

/// Arguments of `capwhy run`.
#[derive(Args)]
pub struct Run {
    /// Run the command as this user, with no capabilities unless its file has some
    #[arg(long, short, value_name = "NAME|UID[:GID,...]", value_parser = User::find)]
    pub user: Option<User>,
    /// Run the command with just these capabilities, such as cap_net_raw,cap_setuid, or none
    #[arg(long, value_name = "LIST", value_parser = Only::find)]
    pub caps: Option<Only>,
    /// Run the command again with just the smallest set, add what it lacks until that is enough,
    /// and report the set with which it ends as with all capabilities
    #[arg(long, conflicts_with = "caps")]
    pub verify: bool,
    /// With --verify: also run it without each capability of the set in turn, and leave out those
    /// without which it ends alike and no call fails
    #[arg(long, requires = "verify")]
    pub each: bool,
    /// With --verify: run this by sh before each run, to restore what the command changes
    #[arg(long, requires = "verify", value_name = "COMMAND")]
    pub before: Option<OsString>,
    /// With --verify: run this by sh after each run; the command has done its work only if this
    /// succeeds
    #[arg(long, requires = "verify", value_name = "COMMAND")]
    pub works: Option<OsString>,
    /// How to write the smallest set; without it, for the file, or for a process if the file is a
    /// script
    #[arg(long = "as", value_enum, value_name = "FORM")]
    pub form: Option<Form>,
    /// Write the report to a file, not to the standard error output
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Write the report as JSON
    #[arg(long)]
    pub json: bool,
    /// How many kilobytes of events to keep for each CPU
    #[arg(long, value_name = "KB", value_parser = clap::value_parser!(u32).range(4..))]
    pub buffer_size: Option<u32>,
    /// Where the events come from: the module's tracepoints, or probes that tracefs defines; by
    /// default the module if it is loaded
    #[arg(long, value_enum, value_name = "SOURCE")]
    pub source: Option<Kind>,
    /// Also report which other LSM refuses, and by which hook; takes longer to start
    #[arg(long)]
    pub lsms: bool,
    /// The command and its arguments
    #[arg(required = true, trailing_var_arg = true, value_name = "CMD")]
    pub command: Vec<OsString>,
}

/// Arguments of `capwhy watch`.
#[derive(Args)]
pub struct Watch {
    /// Watch only this process and its descendants, such as a container by its first process, and
    /// show also which of their system calls fail
    #[arg(long, short, value_name = "PID", group = "scope",
        value_parser = clap::value_parser!(i32).range(1..))]
    pub tree: Option<i32>,
    /// The same for the processes that are in this control group now, and their descendants
    #[arg(long, value_name = "DIRECTORY", group = "scope")]
    pub cgroup: Option<PathBuf>,
    /// The same for those of this systemd unit
    #[arg(long, short, value_name = "UNIT", group = "scope")]
    pub unit: Option<String>,
    /// Show only this PID or TID (repeatable, as the other filters)
    #[arg(long, short, value_name = "PID")]
    pub pid: Vec<i32>,
    /// Show only this capability
    #[arg(long, short, value_name = "CAPABILITY", value_parser = capabilities::parse)]
    pub cap: Vec<Capability>,
    /// Show only what is denied
    #[arg(long, short)]
    pub denied: bool,
    /// Show also what does not matter: checks without audit, and checks of other credentials than
    /// the process's own
    #[arg(long, short)]
    pub all: bool,
    /// Show only this reason: Effective, Owner, Value, Change or the name of a rule
    #[arg(long, short, value_name = "REASON", value_parser = filter::parse_reason)]
    pub reason: Vec<String>,
    /// Show only this hook
    #[arg(long, value_enum)]
    pub hook: Vec<Hook>,
    /// Write JSON, an object a line
    #[arg(long)]
    pub json: bool,
    /// How many kilobytes of events to keep for each CPU
    #[arg(long, value_name = "KB", value_parser = clap::value_parser!(u32).range(4..))]
    pub buffer_size: Option<u32>,
    /// Where the events come from: the module's tracepoints, or probes that tracefs defines; by
    /// default the module if it is loaded
    #[arg(long, value_enum, value_name = "SOURCE")]
    pub source: Option<Kind>,
}

/// A hook, by the name of its event.
#[derive(Clone, Copy, ValueEnum)]
pub enum Hook {
    /// `cap_capable()`.
    #[value(name = "capable")]
    Capable,
    /// `cap_task_prctl()`.
    #[value(name = "task_prctl")]
    TaskPrctl,
    /// A change of `/proc/PID/exe`.
    #[value(name = "exe_link")]
    ExeLink,
}

impl Hook {
    /// Returns the name of the event.
    pub fn name(self) -> &'static str {
        match self {
            Self::Capable => "capable",
            Self::TaskPrctl => "task_prctl",
            Self::ExeLink => "exe_link",
        }
    }
}

/// Returns what to exit with if a command fails, for want of something.
pub fn failure(command: &Command) -> u8 {
    match command {
        Command::Run(_) | Command::ExecHeld { .. } => FAILED,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn options_after_the_command_are_its_own() {
        let parse = |words: &[&str]| match Arguments::parse_from(words).command {
            Command::Run(run) => run,
            _ => panic!("not run"),
        };
        let run = parse(&["capwhy", "run", "--json", "ls", "--json", "-l"]);
        assert_eq!((run.json, run.command.len()), (true, 3));
        let run = parse(&["capwhy", "run", "--", "--json"]);
        assert_eq!((run.json, run.command), (false, vec!["--json".into()]));
    }

    #[test]
    fn a_message_may_begin_with_the_dash_of_a_login_shell() {
        let given = |words: &str| {
            let words = words.split(' ').map(OsString::from);
            super::given(words).join(" ".as_ref())
        };
        let words = "capwhy explain --json -bash: ./x: Permission denied";
        let plain = "capwhy explain --json bash: ./x: Permission denied";
        assert_eq!(given(words), plain);
        let words = "capwhy run ./x -o:y";
        assert_eq!(given(words), words);
    }

    #[test]
    fn a_change_of_securebits_may_begin_with_a_sign() {
        let words = ["capwhy", "securebits", "noroot", "-noroot", "--json"];
        let Command::Securebits(securebits) = Arguments::parse_from(words).command else {
            panic!("not securebits");
        };
        assert_eq!(
            (securebits.new.as_deref(), securebits.json),
            (Some("-noroot"), true)
        );
    }
}
