// SPDX-License-Identifier: GPL-2.0

//! `execve()`: kinds of files by kinds of callers on kinds of mounts.

use super::{
    callers::{EXECUTING, NET_RAW},
    in_process, Attempt, Scene,
};
use crate::{
    executed::{report, FileSetup, ALL},
    file_capabilities::Capabilities,
    sys,
};
use std::io::{self, Write};

const MOUNTS: &[&str] = &["plain", "nosuid", "idmapped"];

/// A program of user 0 with these mode bits and capabilities.
const fn program(mode: u32, capabilities: Option<Capabilities>) -> FileSetup {
    FileSetup {
        directory: "plain",
        by_script: false,
        ids: [0, 0],
        mode,
        capabilities,
    }
}

const fn raised(effective: bool, permitted: u64, inheritable: u64) -> Option<Capabilities> {
    Some((effective, permitted, inheritable, None))
}

const FILES: [(&str, FileSetup); 12] = [
    ("plain", program(0o755, None)),
    ("set-user-ID 0", program(0o4755, None)),
    ("set-group-ID 0", program(0o2755, None)),
    (
        "set-user-ID 1000",
        FileSetup {
            ids: [1000, 1000],
            ..program(0o4755, None)
        },
    ),
    ("net_raw=ep", program(0o755, raised(true, NET_RAW, 0))),
    ("net_raw=p", program(0o755, raised(false, NET_RAW, 0))),
    ("net_raw=ei", program(0o755, raised(true, 0, NET_RAW))),
    ("all=ep", program(0o755, raised(true, ALL, 0))),
    (
        "net_raw=ep of 100000",
        program(0o755, Some((true, NET_RAW, 0, Some(100_000)))),
    ),
    (
        "net_raw=ep of 101000",
        program(0o755, Some((true, NET_RAW, 0, Some(101_000)))),
    ),
    (
        "set-user-ID 0, net_raw=ep",
        program(0o4755, raised(true, NET_RAW, 0)),
    ),
    (
        "script of net_raw=ep",
        FileSetup {
            by_script: true,
            ..program(0o755, raised(true, NET_RAW, 0))
        },
    ),
];

pub fn attempts() -> Vec<Attempt> {
    FILES
        .into_iter()
        .map(|(name, file)| Attempt {
            name: format!("exec {name}"),
            callers: EXECUTING,
            mounts: MOUNTS,
            run: Box::new(move |scene, caller| {
                scene
                    .outside
                    .set_up(&scene.mounts.to_set_up(scene.mount), &file)?;
                executed(scene, file.by_script, || caller.setup.become_it())
            }),
        })
        .collect()
}

/// Executes the program of a mount in a process that prepares itself first. Returns the error, or
/// what has changed.
fn executed(
    scene: &Scene<'_>,
    by_script: bool,
    prepare: impl FnOnce() -> io::Result<()>,
) -> io::Result<String> {
    let path = scene.mounts.path(scene.mount, by_script);
    let text = in_process(|mut out| {
        prepare()?;
        writeln!(out, "{}", report::real()?)?;
        let error = sys::execute(&path, report::DESCRIPTOR, out);
        write!(out, "{error}")
    })?;
    let (before, after) = text
        .split_once('\n')
        .ok_or_else(|| io::Error::other("the program reported nothing"))?;
    Ok(changes(before, after))
}

/// Returns the fields of a line, each a name and a value, that differ from those of another one.
fn changes(before: &str, after: &str) -> String {
    let fields = |line: &str| -> Vec<String> {
        let words: Vec<&str> = line.split(' ').collect();
        words.chunks(2).map(|field| field.join(" ")).collect()
    };
    let before = fields(before);
    let changed: Vec<String> = fields(after)
        .into_iter()
        .filter(|field| !before.contains(field))
        .collect();
    if changed.is_empty() {
        "as before".to_owned()
    } else {
        changed.join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_changed_fields_are_shown() {
        assert_eq!(changes("uid 1 eff 2", "uid 1 eff 3"), "eff 3");
        assert_eq!(changes("uid 1 eff 2", "uid 1 eff 2"), "as before");
        assert_eq!(changes("uid 1 eff 2", "EPERM"), "EPERM");
    }
}
