// SPDX-License-Identifier: GPL-2.0

//! The file that a command is.

use crate::shell::starts_as_script;
use std::{fs, path::PathBuf};

/// The file of a command. It is read before the command runs, which can replace it.
#[derive(Debug)]
pub struct Program {
    /// The file that is executed.
    pub path: PathBuf,
    /// The file that a link leads to, which capabilities belong to.
    pub file: PathBuf,
    /// Whether it is a script. The kernel ignores file capabilities of a script.
    pub is_script: bool,
}

impl Program {
    /// Reads a file.
    pub fn look_at(path: PathBuf) -> Self {
        Self {
            file: fs::canonicalize(&path).unwrap_or_else(|_| path.clone()),
            is_script: starts_as_script(&path).unwrap_or(false),
            path,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_link_leads_to_is_known() {
        let directory = crate::scratch::Directory::new();
        let (link, file) = (directory.join("link"), directory.join("file"));
        fs::write(&file, "").unwrap();
        std::os::unix::fs::symlink("file", &link).unwrap();
        let program = Program::look_at(link.clone());
        fs::remove_file(&link).unwrap();
        assert_eq!((program.path, program.is_script), (link, false));
        assert_eq!(program.file, fs::canonicalize(file).unwrap());
    }
}
