// SPDX-License-Identifier: GPL-2.0

//! The user outside: root of the initial namespaces, who sets files up and predicts for others.

use super::{report, setup::FileSetup};
use crate::{file_capabilities, sys};
use capwhy::{
    exec::{Caller, Prediction, View},
    facts::{Of, Reader},
};
use std::{
    fs::{self, File, Permissions},
    io::{self, BufRead, BufReader, Write},
    os::{
        fd::OwnedFd,
        unix::{
            fs::{chown, PermissionsExt},
            net::UnixStream,
        },
    },
    path::{Path, PathBuf},
};

/// A process that stays where it was started.
pub struct Outside(File);

impl Outside {
    /// Starts it.
    pub fn start() -> io::Result<Self> {
        let (ours, theirs) = UnixStream::pair()?;
        let [ours, theirs] = [ours, theirs].map(|end| File::from(OwnedFd::from(end)));
        sys::spawn(|| {
            sys::close(&ours);
            for request in BufReader::new(&theirs).lines().map_while(Result::ok) {
                let answer = answer(&request).unwrap_or_else(|error| format!("error: {error}"));
                let _ = writeln!(&theirs, "{}", answer.replace('\n', " "));
            }
        })?;
        Ok(Self(ours))
    }

    fn ask(&self, request: &str) -> io::Result<String> {
        writeln!(&self.0, "{request}")?;
        let mut answer = String::new();
        BufReader::new(&self.0).read_line(&mut answer)?;
        match answer.trim_end() {
            error if error.starts_with("error: ") => Err(io::Error::other(error.to_owned())),
            answer => Ok(answer.to_owned()),
        }
    }

    /// Sets a file up.
    pub fn set_up(&self, path: &Path, file: &FileSetup) -> io::Result<()> {
        let [uid, gid] = file.ids;
        let (mode, path) = (file.mode, path.display());
        let value = hex(&file
            .capabilities
            .map_or(Vec::new(), file_capabilities::value));
        self.ask(&format!("file {path} {uid} {gid} {mode} {value}"))
            .map(drop)
    }

    /// Predicts what a process becomes that executes a program. `first` is the ID that is 0 there.
    pub fn predict(&self, pid: &str, path: &Path, first: u64) -> io::Result<String> {
        self.ask(&format!("predict {pid} {} {first}", path.display()))
    }
}

/// Returns bytes as hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}

fn answer(request: &str) -> io::Result<String> {
    let words: Vec<&str> = request.split(' ').collect();
    let number = |word: &str| word.parse::<u32>().map_err(io::Error::other);
    match words[..] {
        ["file", path, uid, gid, mode, value] => {
            // The owner first: changing it clears the mode bits and the capabilities.
            chown(path, Some(number(uid)?), Some(number(gid)?))?;
            fs::set_permissions(path, Permissions::from_mode(number(mode)?))?;
            let bytes: Vec<u8> = (0..value.len() / 2)
                .filter_map(|at| u8::from_str_radix(value.get(2 * at..2 * at + 2)?, 16).ok())
                .collect();
            file_capabilities::set_or_remove(Path::new(path), &bytes)?;
            Ok("done".to_owned())
        }
        ["predict", pid, path, first] => {
            let pid = pid.parse().map_err(io::Error::other)?;
            let reader = Reader::new().map_err(io::Error::other)?;
            let process = reader.process(Of::Pid(pid)).map_err(io::Error::other)?;
            let caller = Caller::of(&process, false);
            let view = View::of(pid).map_err(io::Error::other)?;
            let prediction = Prediction::of(caller, &PathBuf::from(path), &view);
            Ok(report::predicted(&prediction, number(first)?.into()))
        }
        _ => Err(io::Error::other(format!("'{request}' is no request"))),
    }
}
