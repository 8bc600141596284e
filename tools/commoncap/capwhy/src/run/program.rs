// SPDX-License-Identifier: GPL-2.0

//! The file that a command is.

use crate::{
    executable::interpreter_of, mounts, printable::printable, shell::starts_as_script, tools,
};
use rustix::fs::{statvfs, StatVfsMountFlags};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// The file of a command. It is read before the command runs, which can replace it.
#[derive(Debug)]
pub struct Program {
    /// The file that is executed.
    pub path: PathBuf,
    /// The file that a link leads to, which capabilities belong to.
    pub file: PathBuf,
    /// Whether it is a script. The kernel ignores file capabilities of a script.
    pub is_script: bool,
    /// The interpreter of the script, if it does not exist.
    pub lacks: Option<PathBuf>,
    /// The mount of the file, if it is mounted with nosuid.
    pub nosuid: Option<String>,
}

impl Program {
    /// Reads a file.
    pub fn look_at(path: PathBuf) -> Self {
        Self {
            file: fs::canonicalize(&path).unwrap_or_else(|_| path.clone()),
            is_script: starts_as_script(&path).unwrap_or(false),
            lacks: interpreter_of(&path).filter(|interpreter| !interpreter.exists()),
            nosuid: nosuid(&path),
            path,
        }
    }
}

impl Program {
    /// Returns whether every user would have the power of the capabilities of its file.
    pub fn is_for_all(&self) -> bool {
        tools::is_for_all(&self.file)
    }
}

/// Returns whether a thread of this name would be one of a program itself. It has 15 bytes.
pub fn is_named(program: &Path, comm: &str) -> bool {
    let name = program.file_name().unwrap_or_default().as_encoded_bytes();
    let name = String::from_utf8_lossy(name.get(..15).unwrap_or(name));
    printable(&name) == comm
}

/// Returns the mount of a file, if it is mounted with nosuid.
fn nosuid(path: &Path) -> Option<String> {
    let flags = statvfs(path).ok()?.f_flag;
    flags.contains(StatVfsMountFlags::NOSUID).then(|| {
        let mount = mounts::of(0, &path.to_string_lossy());
        mount.unwrap_or_else(|| "a mount".to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_known_by_its_first_15_bytes() {
        let program = Path::new("/bin/checkpoint-restore");
        assert!(is_named(program, "checkpoint-rest"));
        assert!(!is_named(program, "checkpoint-restore"));
    }

    #[test]
    fn what_a_link_leads_to_is_known() {
        let directory = crate::scratch::Directory::new();
        let (link, file) = (directory.join("link"), directory.join("file"));
        fs::write(&file, "").unwrap();
        std::os::unix::fs::symlink("file", &link).unwrap();
        let program = Program::look_at(link.clone());
        fs::remove_file(&link).unwrap();
        assert_eq!((program.path, program.is_script), (link, false));
        assert_eq!(program.lacks, None);
        let script = directory.join("script");
        fs::write(&script, "#!/bin/none\r\n").unwrap();
        assert_eq!(Program::look_at(script).lacks, Some("/bin/none\r".into()));
        assert_eq!(program.file, fs::canonicalize(file).unwrap());
    }
}
