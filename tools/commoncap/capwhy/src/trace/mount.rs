// SPDX-License-Identifier: GPL-2.0

//! Where tracefs is mounted, and whether it can be used.

use crate::{
    error::{Error, Result},
    facts::nsfs::{self, INITIAL_PID_NS, INITIAL_USER_NS},
};
use std::{
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};

/// Returns where tracefs is mounted. Fails if events cannot be traced there.
pub fn find() -> Result<PathBuf> {
    if nsfs::own("pid")? != INITIAL_PID_NS {
        return Err(Error::new(
            "events have process IDs of the initial PID namespace, and capwhy is in another one: \
             run capwhy outside of the container",
        ));
    }
    let mounts = fs::read_to_string("/proc/self/mounts")
        .map_err(|error| Error::of("/proc/self/mounts cannot be read", error))?;
    let contained = nsfs::own("user")? != INITIAL_USER_NS;
    let root = mounted(&mounts).ok_or_else(|| match contained {
        true => outside(),
        false => Error::new(
            "tracefs is not mounted: as root, mount -t tracefs tracefs /sys/kernel/tracing",
        ),
    })?;
    usable(&root, contained)?;
    Ok(root)
}

fn outside() -> Error {
    Error::new(
        "tracing needs root of the initial user namespace, and capwhy is in another one: run \
        capwhy outside \
         of the container",
    )
}

/// Returns where tracefs is, going by `/proc/self/mounts`.
fn mounted(mounts: &str) -> Option<PathBuf> {
    mounts.lines().find_map(|line| {
        let mut fields = line.split(' ');
        let (_, place, kind) = (fields.next()?, fields.next()?, fields.next()?);
        (kind == "tracefs").then(|| PathBuf::from(place.replace("\\040", " ")))
    })
}

fn usable(root: &Path, contained: bool) -> Result {
    let not_allowed = || match contained {
        true => outside(),
        false => Error::new(
            "tracing needs root: run capwhy as root (capwhy run --user NAME runs the command as \
             another user)",
        ),
    };
    match fs::read_dir(root.join("instances")) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::PermissionDenied => Err(not_allowed()),
        // In such a lockdown, the kernel mounts tracefs without any file.
        Err(error) if error.kind() == ErrorKind::NotFound => Err(Error::new(format!(
            "{} has no instances: the kernel is locked down for confidentiality, or lacks \
             CONFIG_EVENT_TRACING: see /sys/kernel/security/lockdown, and boot without \
             lockdown=confidentiality (lockdown=integrity allows tracing)",
            root.display()
        ))),
        Err(error) => Err(Error::of(root.join("instances").display(), error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tracefs_without_files_is_that_of_a_locked_down_kernel() {
        let directory = crate::scratch::Directory::new();
        let error = usable(&directory, false).err().unwrap().to_string();
        assert!(
            error.contains("boot without lockdown=confidentiality"),
            "{error}"
        );
    }

    #[test]
    fn tracefs_is_found_by_its_type() {
        let mounts = "proc /proc proc rw 0 0\n\
            tracefs /sys/kernel/tracing tracefs rw,nosuid 0 0\nnone /a\\040b tracefs rw 0 0\n";
        assert_eq!(mounted(mounts), Some("/sys/kernel/tracing".into()));
        assert_eq!(mounted("tracefs /x tmpfs rw 0 0\n"), None);
        assert_eq!(
            mounted("none /a\\040b tracefs rw 0 0\n"),
            Some("/a b".into())
        );
        assert_eq!(mounted(""), None);
    }
}
