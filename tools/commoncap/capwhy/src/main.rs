// SPDX-License-Identifier: GPL-2.0

//! Reports which capability a program needs, and which rule denied it.

use capwhy::{
    check,
    cli::{failure, given, Arguments, Check, Command, Exec, Explain, Run, Securebits, Watch},
    error::{Error, Result},
    exec,
    facts::{Of, Reader},
    filter::Filter,
    generate, json, run,
    securebits::{self, names},
    shell,
    style::Style,
    table::wrap,
    topic,
    trace::scope::Scope,
    watch,
};
use clap::Parser;
use std::{
    fs::File,
    io::{self, BufWriter, ErrorKind, Write},
    path::Path,
    process::ExitCode,
};

fn main() -> ExitCode {
    let command = Arguments::parse_from(given(std::env::args_os())).command;
    let failure = failure(&command);
    match act(command) {
        Ok(code) => code,
        Err(error) => {
            // On a terminal, between words. A log has one line.
            match Style::of(&io::stderr()).columns() {
                Some(_) => eprint!("{}", wrap("capwhy: ", &error.to_string())),
                None => eprintln!("capwhy: {error}"),
            }
            ExitCode::from(failure)
        }
    }
}

fn act(command: Command) -> Result<ExitCode> {
    match command {
        Command::Check(arguments) => check(&arguments),
        Command::Securebits(arguments) => securebits(&arguments),
        Command::Exec(arguments) => exec(arguments),
        Command::Explain(arguments) => explain(&arguments),
        Command::Run(arguments) => run(arguments),
        Command::Watch(arguments) => watch(arguments),
        Command::Man { directory } => {
            generate::manual(&directory)?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Completions { shell } => {
            print(&generate::completions(shell))?;
            Ok(ExitCode::SUCCESS)
        }
        Command::ExecHeld {
            held_by,
            user,
            caps,
            program,
            command,
        } => run::exec_held(held_by, &program, &command, user.as_ref(), caps),
    }
}

/// Reports whether the kernel would execute a file.
fn check_script(files: &[String], arguments: &Check) -> Result<ExitCode> {
    let [file] = files else {
        return Err(Error::new(
            "check script takes one file: capwhy check script FILE",
        ));
    };
    if arguments.pid.is_some() || arguments.over.is_some() || arguments.form.is_some() {
        return Err(Error::new(
            "check script asks the kernel as this process: leave --pid, --over and --as out",
        ));
    }
    let report = check::script::Report::of(Path::new(file));
    print(&match arguments.json {
        true => json::pretty(&report)?,
        false => report.text(Style::of(&io::stdout())),
    })?;
    Ok(granted(report.answer == check::Answer::Yes))
}

fn check(arguments: &Check) -> Result<ExitCode> {
    if let [word, files @ ..] = &arguments.operations[..] {
        if word == "script" {
            return check_script(files, arguments);
        }
    }
    let of = arguments.pid.map_or(Of::Itself, Of::Pid);
    let reader = Reader::new()?;
    let process = reader.process(of)?;
    let over = arguments.over.as_deref();
    let over = over
        .map(|over| check::Over::find(over, &reader))
        .transpose()?;
    let obstacles = check::Obstacles::of(&process);
    let mut report = check::Report::over(process, &arguments.operations, over.as_ref())?
        .with_obstacles(&obstacles);
    if let Some(form) = arguments.form {
        report = report.with_form(form);
    }
    print(&match arguments.json {
        true => json::pretty(&report)?,
        false => report.text(Style::of(&io::stdout())),
    })?;
    Ok(granted(report.all_granted()))
}

fn exec(arguments: Exec) -> Result<ExitCode> {
    let name = &arguments.command[0];
    let program = shell::find(name).ok_or_else(|| {
        Error::new(format!(
            "there is no command '{}' in PATH: name its path",
            name.to_string_lossy()
        ))
    })?;
    let reader = Reader::new()?;
    let (mut caller, view) = match arguments.pid {
        None => {
            let process = reader.process(Of::Itself)?;
            (exec::Caller::of(&process, true), exec::View::own())
        }
        Some(pid) => {
            let process = reader.process(Of::Pid(pid))?;
            (exec::Caller::of(&process, false), exec::View::of(pid)?)
        }
    };
    let supposed = exec::Supposed {
        user: arguments.user,
        caps: arguments.caps,
        inheritable: arguments.inh_caps,
        bounding: arguments.bounding_set,
        ambient: arguments.ambient_caps,
        securebits: arguments.securebits,
        no_new_privs: arguments.no_new_privs,
    };
    supposed.apply(&mut caller)?;
    let prediction = exec::Prediction::of(caller, &program, &view);
    let wanted = arguments.want.unwrap_or_default();
    let report = exec::Report::wanting(&program, &prediction, wanted, arguments.form);
    print(&match arguments.json {
        true => json::pretty(&report)?,
        false => report.text(Style::of(&io::stdout())),
    })?;
    Ok(granted(report.succeeds()))
}

fn explain(arguments: &Explain) -> Result<ExitCode> {
    let report = topic::Report::of(&arguments.words)?;
    print(&match arguments.json {
        true => json::pretty(&report)?,
        false => report.text(Style::of(&io::stdout())),
    })?;
    Ok(ExitCode::SUCCESS)
}

fn securebits(arguments: &Securebits) -> Result<ExitCode> {
    let value = names::parse(&arguments.value, None)?;
    let new = arguments.new.as_deref();
    let new = new.map(|new| names::parse(new, Some(value))).transpose()?;
    let report = securebits::Report::of(value, new)?;
    print(&match arguments.json {
        true => json::pretty(&report)?,
        false => report.text(Style::of(&io::stdout())),
    })?;
    Ok(granted(report.all_granted()))
}

fn run(arguments: Run) -> Result<ExitCode> {
    let mut file = match &arguments.output {
        Some(path) => {
            let file = File::create(path);
            Some(file.map_err(|error| Error::of(path.display(), error))?)
        }
        None => None,
    };
    let options = run::Options {
        command: arguments.command,
        user: arguments.user,
        only: arguments.caps,
        lsms: arguments.lsms,
        buffer_size: arguments.buffer_size,
        source: arguments.source,
        before: arguments.before,
        works: arguments.works,
    };
    let (status, report) = run::run(&options)?;
    if let Some(mut report) = report {
        if arguments.verify {
            let works = options.works()?;
            run::verify(&options, &mut report, works, arguments.each)?;
        }
        let report = report.with_form(arguments.form);
        let style = match &file {
            Some(file) => Style::of(file),
            None => Style::of(&io::stderr()),
        };
        let text = match arguments.json {
            true => json::pretty(&report)?,
            false => report.text(style),
        };
        match &mut file {
            Some(file) => file.write_all(text.as_bytes()),
            None => io::stderr().write_all(text.as_bytes()),
        }
        .map_err(|error| Error::of("the report cannot be written", error))?;
    }
    Ok(ExitCode::from(status))
}

fn watch(arguments: Watch) -> Result<ExitCode> {
    let stdout = io::stdout();
    let scope = match (arguments.tree, arguments.cgroup, &arguments.unit) {
        (Some(root), ..) => Some(Scope::Tree(root)),
        (_, Some(directory), _) => Some(Scope::Cgroup(directory)),
        (.., Some(unit)) => Some(Scope::unit(unit)?),
        _ => None,
    };
    let options = watch::Options {
        filter: Filter {
            pids: arguments.pid,
            capabilities: arguments.cap,
            reasons: arguments.reason,
            hooks: arguments
                .hook
                .iter()
                .map(|hook| hook.name().to_owned())
                .collect(),
            denied_only: arguments.denied,
            all: arguments.all,
        },
        json: arguments.json,
        style: Style::of(&stdout),
        buffer_size: arguments.buffer_size,
        scope,
        source: arguments.source,
    };
    watch::watch(&options, &mut BufWriter::new(stdout.lock()))?;
    Ok(ExitCode::SUCCESS)
}

/// Writes to the standard output, whose reader may have closed it.
fn print(text: &str) -> Result {
    match io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Error::of("the output cannot be written", error))
        }
        _ => Ok(()),
    }
}

fn granted(all: bool) -> ExitCode {
    if all {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
