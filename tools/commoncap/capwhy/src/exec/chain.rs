// SPDX-License-Identifier: GPL-2.0

//! The files that `execve()` opens: the program, the interpreters of scripts, the loader.

use super::{
    caller::Caller,
    file::{permitted, read, unsearchable, File, Want},
    misc,
    view::View,
};
use crate::{
    executable::{Format, DEEPEST, START},
    facts::ids::{Id, UNMAPPED},
};
use rustix::{fd::OwnedFd, io::Errno};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Why there are no credentials to compute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// `execve()` fails with this error number, for this reason. The last one is the remedy.
    Fails(Errno, String, String),
    /// It is unknown what happens, for this reason.
    Unknown(String),
}

/// A file that `execve()` opens.
#[derive(Clone, Debug)]
pub struct Link {
    /// Its path as it is given.
    pub given: PathBuf,
    /// What is known of it.
    pub file: File,
    /// Whether it is a script, or the kernel's `binfmt_misc` takes it for one.
    pub interpreted: bool,
    /// Whether the credentials are computed of it all the same: flag `C` of `binfmt_misc`.
    pub credentials: bool,
}

/// The files that `execve()` opens, in this order.
#[derive(Clone, Debug, Default)]
pub struct Chain {
    /// The files.
    pub links: Vec<Link>,
    /// Why the last one is not executed.
    pub stop: Option<Stop>,
    /// Whether the caller may read the program: a file that it may not read is not dumpable.
    pub readable: Option<bool>,
}

impl Chain {
    /// Follows a program of this path.
    pub fn of(program: &Path, caller: &Caller, view: &View) -> Self {
        let mut chain = Self {
            readable: Some(true),
            ..Self::default()
        };
        if let Err(stop) = chain.follow(program, caller, view) {
            chain.stop = Some(stop);
        }
        chain
    }

    /// Returns the file whose mode and attribute decide about the credentials.
    pub fn decisive(&self) -> Option<&Link> {
        let chosen = self.links.iter().find(|link| link.credentials);
        chosen.or(self.links.last())
    }

    fn follow(&mut self, program: &Path, caller: &Caller, view: &View) -> Result<(), Stop> {
        let mut next = program.to_owned();
        loop {
            let file = open(&next, caller, view)?;
            let facts = File::of(&file, view, caller).map_err(|error| {
                Stop::Unknown(format!("{} cannot be looked at: {error}", next.display()))
            })?;
            let checked = check(&next, &file, &facts, caller);
            if checked.is_ok() && self.links.len() > DEEPEST {
                return Err(Stop::Fails(
                    Errno::LOOP,
                    format!("more than {DEEPEST} interpreters stand for one another"),
                    "name a program as the interpreter, not a script".to_owned(),
                ));
            }
            let may_read = permitted(caller, &file, Want::Read);
            let start = read(&file, 0, START as u64);
            let misc = start.as_ref().map(|start| misc::find(&next, start));
            let format = start.as_deref().map(Format::of);
            let interpreter = match (&misc, &format) {
                (Some(Some(entry)), _) => Some(entry.interpreter.clone()),
                (_, Some(Format::Script(interpreter))) => Some(PathBuf::from(interpreter)),
                _ => None,
            };
            let credentials = matches!(&misc, Some(Some(entry)) if entry.credentials);
            self.links.push(Link {
                given: next.clone(),
                file: facts,
                interpreted: interpreter.is_some(),
                credentials,
            });
            checked?;
            let Some(interpreter) = interpreter else {
                self.readable = match (self.readable, may_read) {
                    (Some(true), may_read) => may_read,
                    (readable, _) => readable,
                };
                return loads(&next, &file, format, caller, view);
            };
            if credentials {
                self.readable = may_read;
            }
            next = interpreter;
        }
    }
}

/// Opens a file as `execve()` does.
fn open(path: &Path, caller: &Caller, view: &View) -> Result<OwnedFd, Stop> {
    let shown = path.display();
    let found = view.find(path).map_err(|error| {
        let remedy = match error {
            Errno::NOENT => "name a file that exists",
            Errno::LOOP => "name a file, not a link that leads to itself",
            Errno::NOTDIR => "name a path of directories",
            Errno::ACCESS if caller.supposed || caller.process.is_some() => {
                return Stop::Unknown(format!(
                    "capwhy may not search a directory on the way to {shown}: run it as root"
                ))
            }
            Errno::ACCESS => "chmod +x the directories on the way, as their owner",
            _ => "name another file",
        };
        Stop::Fails(
            error,
            format!("{shown} cannot be opened"),
            remedy.to_owned(),
        )
    })?;
    let place = View::path_of(&found);
    match unsearchable(caller, view, path).or_else(|| unsearchable(caller, view, &place)) {
        None => Ok(found),
        Some((directory, Some(_))) => Err(Stop::Fails(
            Errno::ACCESS,
            format!("the caller may not search {}", directory.display()),
            format!("chmod +x {}, as its owner", directory.display()),
        )),
        Some((directory, None)) => Err(Stop::Unknown(format!(
            "it is unknown whether the caller may search {}, which has an access control list or \
             an owner that capwhy does not see",
            directory.display()
        ))),
    }
}

/// Checks that the caller may execute a file.
fn check(path: &Path, file: &OwnedFd, facts: &File, caller: &Caller) -> Result<(), Stop> {
    let shown = path.display();
    let fails = |why: String, remedy: &str| Err(Stop::Fails(Errno::ACCESS, why, remedy.to_owned()));
    let group = group_name(facts.gid);
    let other = match facts.mode & 0o011 {
        0o010 if facts.gid != UNMAPPED => format!(
            "join its group, {group} (usermod -aG {group} USER, and log in again), or chmod o+x \
             it, as its owner"
        ),
        _ => "chmod +x it, as its owner, or choose a user or group that may".to_owned(),
    };
    if !facts.is_regular() {
        return fails(format!("{shown} is not a regular file"), "name a program");
    }
    if facts.mount.noexec {
        return fails(
            format!("{shown} is on {}, mounted noexec", facts.mount.place()),
            "move it to another mount, or remount this one with exec",
        );
    }
    match permitted(caller, file, Want::Execute) {
        Some(true) => Ok(()),
        Some(false) => fails(
            format!(
                "the caller may not execute {shown} (mode {:04o})",
                facts.mode & 0o7777
            ),
            &other,
        ),
        None => Err(Stop::Unknown(format!(
            "it is unknown whether the caller may execute {shown}, which has an access control \
             list or an owner that capwhy does not see"
        ))),
    }
}

/// Returns the name of a group, or its number if it has none.
fn group_name(gid: Id) -> String {
    let groups = fs::read_to_string("/etc/group").unwrap_or_default();
    let mut names = groups.lines().filter_map(|line| {
        let mut fields = line.split(':');
        let (name, id) = (fields.next()?, fields.nth(1)?);
        (id.parse() == Ok(gid)).then(|| name.to_owned())
    });
    names.next().unwrap_or_else(|| gid.to_string())
}

/// Checks that the kernel can load a program, which is not interpreted.
fn loads(
    path: &Path,
    file: &OwnedFd,
    format: Option<Format>,
    caller: &Caller,
    view: &View,
) -> Result<(), Stop> {
    let shown = path.display();
    match format {
        None => Err(Stop::Unknown(format!(
            "capwhy may not read {shown}, so it may be a script: run capwhy as root"
        ))),
        Some(Format::Elf(headers)) => {
            let Some(loader) = headers.loader(|at, size| read(file, at, size)) else {
                return Ok(());
            };
            let loader = PathBuf::from(loader);
            let found = open(&loader, caller, view).map_err(|stop| match stop {
                Stop::Fails(error, why, _) => Stop::Fails(
                    error,
                    format!("{why}, which is the loader of {shown}"),
                    "install the C library that it was built with, or build it static".to_owned(),
                ),
                stop => stop,
            })?;
            match permitted(caller, &found, Want::Execute) {
                Some(false) => Err(Stop::Fails(
                    Errno::ACCESS,
                    format!(
                        "the caller may not execute {}, its loader",
                        loader.display()
                    ),
                    "chmod +x it, as its owner".to_owned(),
                )),
                _ => Ok(()),
            }
        }
        Some(_) => Err(Stop::Fails(
            Errno::NOEXEC,
            format!("{shown} is neither a program of this machine nor starts with #! and a path"),
            "start it with a line such as #!/bin/sh (shells take it for a script of their own)"
                .to_owned(),
        )),
    }
}
