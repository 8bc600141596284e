// SPDX-License-Identifier: GPL-2.0

//! Commands as a shell reads them.

use crate::executable::start_of;
use rustix::io::Result;
use std::{
    env,
    ffi::OsStr,
    fs,
    os::unix::{ffi::OsStrExt, fs::PermissionsExt},
    path::{Path, PathBuf},
};

/// Returns the file of a command, looked for in `PATH` if its name has no slash.
///
/// The search is done before the run, so that its events are not those of the command.
pub fn find(name: &OsStr) -> Option<PathBuf> {
    if name.as_bytes().contains(&b'/') {
        return Some(name.into());
    }
    let path = env::var_os("PATH").unwrap_or_else(|| "/usr/bin:/bin".into());
    env::split_paths(&path)
        .map(|directory| directory.join(name))
        .find(|file| is_executable(file))
}

fn is_executable(file: &Path) -> bool {
    let metadata = fs::metadata(file);
    metadata.is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
}

/// Returns a path as one word for a shell.
pub fn quoted(path: &Path) -> String {
    let text = path.to_string_lossy();
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+:@%,".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.into_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

/// Returns whether a regular file starts as a script does.
pub fn starts_as_script(path: &Path) -> Result<bool> {
    Ok(start_of(path)?.starts_with(b"#!"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::executable::interpreter_of;
    use rustix::{
        fs::{FileType, Mode},
        io::Errno,
    };

    #[test]
    fn a_command_is_looked_for_in_path() {
        assert!(find(OsStr::new("sh")).unwrap().ends_with("sh"));
        assert_eq!(find(OsStr::new("./no such")), Some("./no such".into()));
        assert_eq!(find(OsStr::new("no-such-command")), None);
    }

    #[test]
    fn a_path_is_quoted_where_a_shell_needs_it() {
        assert_eq!(quoted(Path::new("/usr/bin/g++-14")), "/usr/bin/g++-14");
        assert_eq!(quoted(Path::new("/a b")), "'/a b'");
        assert_eq!(quoted(Path::new("/it's")), r"'/it'\''s'");
    }

    #[test]
    fn only_a_regular_file_is_opened_to_find_a_script() {
        let directory = crate::scratch::Directory::new();
        let (script, fifo) = (directory.join("script"), directory.join("fifo"));
        fs::write(&script, "#!/bin/sh\n").unwrap();
        rustix::fs::mknodat(
            rustix::fs::CWD,
            &fifo,
            FileType::Fifo,
            Mode::RUSR | Mode::WUSR,
            0,
        )
        .unwrap();
        assert_eq!(starts_as_script(&script), Ok(true));
        assert_eq!(starts_as_script(&fifo), Err(Errno::NOEXEC));
        assert_eq!(interpreter_of(&script), Some("/bin/sh".into()));
        assert_eq!(interpreter_of(&fifo), None);
        let null = Path::new("/dev/null");
        assert_eq!(starts_as_script(null), Err(Errno::NOEXEC));
        assert_eq!(starts_as_script(&directory.join("none")), Err(Errno::NOENT));
    }
}
