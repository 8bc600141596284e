// SPDX-License-Identifier: GPL-2.0

//! File capabilities and set-ID bits: how they are set, read and removed, and what kills them.

use super::{
    as_caller,
    callers::{NET_RAW, OTHERS},
    calls, ok, Attempt, Scene,
};
use crate::{
    executed::{hex, FileSetup, Mounts},
    file_capabilities::{self, value, Capabilities},
    sys::Result,
};
use std::{
    fs::{self, File, Permissions},
    io,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
};

const MOUNTS: &[&str] = &["plain", "idmapped"];

const FILE: &str = "file";

/// Puts a file into each mount.
pub fn make(mounts: &Mounts) -> io::Result<()> {
    for &mount in MOUNTS {
        fs::write(mounts.to_set_up(mount).with_file_name(FILE), "text")?;
    }
    Ok(())
}

/// A value with the root ID, if there is one.
const fn raised(root: Option<u32>) -> Capabilities {
    (true, NET_RAW, 0, root)
}

/// What is done with a file, given the value for attributes.
type Act = fn(&Path, &[u8]) -> Result<String>;

const SET: Act = |path, value| ok(file_capabilities::set(path, value));

/// Values to set.
fn values() -> Vec<(&'static str, Vec<u8>)> {
    let mut wrong_size = value(raised(None));
    wrong_size.pop();
    let mut revision_4 = value(raised(None));
    revision_4[3] = 4;
    let mut revision_1 = value(raised(None));
    revision_1[3] = 1;
    revision_1.truncate(12);
    vec![
        ("revision 2", value(raised(None))),
        ("revision 3 of 0", value(raised(Some(0)))),
        ("revision 3 of 1000", value(raised(Some(1000)))),
        ("revision 3 of 100000", value(raised(Some(100_000)))),
        ("revision 3 of nobody", value(raised(Some(u32::MAX)))),
        ("revision 1", revision_1),
        ("revision 4", revision_4),
        ("19 bytes", wrong_size),
        ("no byte", Vec::new()),
        ("32 bytes", vec![2; 32]),
    ]
}

pub fn attempts() -> Vec<Attempt> {
    let mut attempts = Vec::new();
    let mut add = |name: String, capabilities, value: Vec<u8>, act: Act| {
        attempts.push(Attempt {
            name: format!("file {name}"),
            callers: OTHERS,
            mounts: MOUNTS,
            run: Box::new(move |scene, caller| {
                let path = set_up(scene, capabilities)?;
                let before = shown(&path);
                let answer = as_caller(caller, || act(&path, &value))?;
                let after = shown(&path);
                Ok(match before == after {
                    true => answer,
                    false => format!("{answer} {before} -> {after}"),
                })
            }),
        });
    };
    for (name, value) in values() {
        add(format!("set {name}"), None, value, SET);
    }
    for (name, root) in [
        ("revision 2", None),
        ("revision 3 of 100000", Some(100_000)),
        ("revision 3 of 101000", Some(101_000)),
    ] {
        let now = Some(raised(root));
        add(format!("read {name}"), now, Vec::new(), |path, _| {
            file_capabilities::get(path).map(|value| hex(&value))
        });
        add(format!("remove {name}"), now, Vec::new(), |path, _| {
            ok(file_capabilities::remove(path))
        });
        add(format!("replace {name}"), now, value(raised(None)), SET);
    }
    let kills: [(&str, Act); 6] = [
        ("write", |path, _| {
            let file = File::options().write(true).open(path)?;
            ok(io::Write::write_all(&mut &file, b"t").map_err(Into::into))
        }),
        ("truncate", |path, _| {
            let file = File::options().write(true).open(path)?;
            ok(file.set_len(4).map_err(Into::into))
        }),
        ("chown to itself", |path, _| {
            let now = fs::metadata(path)?;
            ok(calls::chown(path, now.uid(), now.gid()))
        }),
        ("chown to nothing else", |path, _| {
            ok(calls::chown(path, u32::MAX, u32::MAX))
        }),
        ("chown to 1001", |path, _| {
            ok(calls::chown(path, 1001, 1001))
        }),
        ("chmod", |path, _| {
            ok(fs::set_permissions(path, Permissions::from_mode(0o7777)).map_err(Into::into))
        }),
    ];
    for (name, act) in kills {
        for (of, capabilities) in [("with", Some(raised(None))), ("without", None)] {
            let name = format!("{name}, {of} capabilities");
            add(name, capabilities, Vec::new(), act);
        }
    }
    attempts
}

/// Sets the file up that the attempt is made on, and returns its path there.
fn set_up(scene: &Scene<'_>, capabilities: Option<Capabilities>) -> io::Result<PathBuf> {
    // On the one, the user 1000 of the place owns it. On the other, what maps to user 100000.
    let owner = if scene.mount == "plain" {
        scene.first + 1000
    } else {
        0
    };
    let file = FileSetup {
        directory: scene.mount,
        by_script: false,
        ids: [owner, owner],
        mode: 0o6777,
        capabilities,
    };
    let there = scene.mounts.to_set_up(scene.mount).with_file_name(FILE);
    scene.outside.set_up(&there, &file)?;
    Ok(scene.mounts.path(scene.mount, false).with_file_name(FILE))
}

/// Returns the owner, the mode and the capabilities of a file, as root of this place sees them.
fn shown(path: &Path) -> String {
    let capabilities = match file_capabilities::get(path) {
        Ok(value) => hex(&value),
        Err(errno) => errno.to_string(),
    };
    match fs::metadata(path) {
        Ok(about) => format!(
            "{}:{} {:o} {capabilities}",
            about.uid(),
            about.gid(),
            about.mode() & 0o7777
        ),
        Err(error) => error.to_string(),
    }
}
