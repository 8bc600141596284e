// SPDX-License-Identifier: GPL-2.0

//! The mounts that programs are executed from.

use super::setup::DIRECTORIES;
use crate::sys;
use std::{
    fs::{self, File, Permissions},
    io::{self, Read, Write},
    os::{
        fd::AsRawFd,
        unix::fs::{OpenOptionsExt, PermissionsExt},
    },
    path::{Path, PathBuf},
};

/// The mounts, each with a program and a script that it interprets.
pub struct Mounts {
    directory: PathBuf,
    /// The program and the script in `foreign`, whose mount only another process sees.
    foreign: [File; 2],
    _keeper: File,
}

/// The mount below that which maps IDs.
const BELOW: &str = "below";

impl Mounts {
    /// Makes them below a directory.
    pub fn make(directory: &Path) -> io::Result<Self> {
        for name in DIRECTORIES.into_iter().chain([BELOW]) {
            let path = directory.join(name);
            fs::create_dir_all(&path)?;
            sys::mount_tmpfs(&path, "mode=755")?;
        }
        sys::idmap(
            &directory.join(BELOW),
            &directory.join("idmapped"),
            &idmap()?,
        )?;
        let (foreign, keeper) = foreign(&directory.join("foreign"))?;
        let mut files = Vec::new();
        for (from, to) in DIRECTORIES.map(|name| match name {
            "foreign" => (foreign.clone(), foreign.clone()),
            "idmapped" => (directory.join(BELOW), directory.join(name)),
            name => (directory.join(name), directory.join(name)),
        }) {
            let [program, script] = ["program", "script"].map(|name| from.join(name));
            fs::copy("/proc/self/exe", &program)?;
            fs::set_permissions(&program, Permissions::from_mode(0o755))?;
            let path = |file: &Path| {
                let mut options = File::options();
                options.read(true).custom_flags(libc::O_PATH).open(file)
            };
            let interpreter = if from == foreign {
                files.push(path(&program)?);
                link(&files[0])
            } else {
                to.join("program")
            };
            fs::write(&script, format!("#!{}\n", interpreter.display()))?;
            fs::set_permissions(&script, Permissions::from_mode(0o6755))?;
            if from == foreign {
                files.push(path(&script)?);
            }
        }
        sys::remount(&directory.join("nosuid"), libc::MS_NOSUID)?;
        sys::remount(&directory.join("noexec"), libc::MS_NOEXEC)?;
        Ok(Self {
            directory: directory.to_owned(),
            foreign: files
                .try_into()
                .map_err(|_| io::Error::other("no foreign files"))?,
            _keeper: keeper,
        })
    }

    /// Returns the path of the program in a directory of this name, or of its script.
    pub fn path(&self, name: &str, script: bool) -> PathBuf {
        if name == "foreign" {
            return link(&self.foreign[usize::from(script)]);
        }
        let directory = self.directory.join(name);
        directory.join(if script { "script" } else { "program" })
    }

    /// Returns the path by which the program in a directory of this name is set up.
    pub fn to_set_up(&self, name: &str) -> PathBuf {
        self.path(if name == "idmapped" { BELOW } else { name }, false)
    }

    /// Unmounts them.
    pub fn unmount(&self) {
        unmount(&self.directory);
    }
}

/// Unmounts what is mounted below a directory.
pub fn unmount(directory: &Path) {
    for name in DIRECTORIES.into_iter().chain([BELOW]) {
        sys::unmount(&directory.join(name));
    }
}

/// Returns a path to an open file, for this process and those that it starts.
fn link(file: &File) -> PathBuf {
    format!("/proc/self/fd/{}", file.as_raw_fd()).into()
}

/// Mounts a file system in a mount and a user namespace of their own. Returns a path to it, and
/// what keeps it there.
fn foreign(directory: &Path) -> io::Result<(PathBuf, File)> {
    let (pid, keeper) = elsewhere("0 0 4294967295\n", || {
        sys::mount_tmpfs(directory, "mode=755")
    })?;
    let directory = directory.strip_prefix("/").unwrap_or(directory);
    Ok((
        Path::new(&format!("/proc/{pid}/root")).join(directory),
        keeper,
    ))
}

/// Returns a user namespace whose map shows the files of user 0 as those of user 100000, and of
/// user 1000 as those of user 0.
fn idmap() -> io::Result<File> {
    let (pid, _keeper) = elsewhere("0 100000 1000\n1000 0 1000\n", || Ok(()))?;
    File::open(format!("/proc/{pid}/ns/user"))
}

/// Starts a process in user and mount namespaces of its own, which maps IDs so. Returns its ID,
/// and what keeps it alive.
fn elsewhere(map: &str, act: impl FnOnce() -> io::Result<()>) -> io::Result<(String, File)> {
    let (mut wait, mut keeper) = sys::pipe()?;
    let (mut receive, mut send) = sys::pipe()?;
    let child = sys::spawn(|| {
        sys::close(&keeper);
        let pid = sys::unshare(libc::CLONE_NEWUSER | libc::CLONE_NEWNS)
            .map_err(io::Error::from)
            .and_then(|()| fs::read_link("/proc/self"));
        let _ = match pid {
            Ok(pid) => writeln!(send, "{}", pid.display()),
            Err(error) => writeln!(send, "?{error}"),
        };
        let _ = wait.read(&mut [0]);
        let done = act().map_or_else(|error| format!("?{error}"), |()| ".".to_owned());
        let _ = send.write_all(done.as_bytes());
        sys::close(&send);
        let _ = wait.read(&mut [0]);
    })?;
    let _ = child;
    drop(send);
    let mut pid = String::new();
    io::BufRead::read_line(&mut io::BufReader::with_capacity(1, &receive), &mut pid)?;
    let pid = pid.trim_end().to_owned();
    let failed = |text: &str| io::Error::other(text.to_owned());
    if let Some(error) = pid.strip_prefix('?') {
        return Err(failed(error));
    }
    for file in ["uid_map", "gid_map"] {
        fs::write(format!("/proc/{pid}/{file}"), map)?;
    }
    keeper.write_all(b".")?;
    let mut done = String::new();
    receive.read_to_string(&mut done)?;
    match done.strip_prefix('?') {
        Some(error) => Err(failed(error)),
        None => Ok((pid, keeper)),
    }
}
