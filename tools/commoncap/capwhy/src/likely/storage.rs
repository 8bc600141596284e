// SPDX-License-Identifier: GPL-2.0

//! Why the file system of a file, or the device list of a control group, refuses what the mode
//! and the capabilities allow.

use super::{ptrace::is_device, Called, CREAT};
use crate::{
    mounts::{self, Mounted},
    printable::printable,
};
use std::path::Path;

/// `S_IFCHR` and `S_IFBLK`.
const DEVICES: [u64; 2] = [0o020_000, 0o060_000];

/// Returns the reasons that apply. `found` is where capwhy finds the path.
pub fn of(called: &Called<'_>, path: &str, found: &Path) -> Vec<String> {
    if !called.refused.is_empty() {
        return Vec::new();
    }
    let listed = unlisted(called, path, found);
    let mount = mounts::find(called.tid, path);
    let refused = mount.and_then(|mount| file_system(called, path, &mount, found.exists()));
    listed.into_iter().chain(refused).collect()
}

/// `devcgroup_check_permission()`.
fn unlisted(called: &Called<'_>, path: &str, found: &Path) -> Option<String> {
    let mode = called.args[if called.name == "mknod" { 1 } else { 2 }];
    let is_one = match called.name {
        "open" | "openat" | "openat2" => is_device(found),
        "mknod" | "mknodat" => DEVICES.contains(&(mode & 0o170_000)),
        _ => false,
    };
    let path = printable(path);
    (is_one && called.errno == "EPERM").then(|| {
        format!(
            "the control group of the process does not list the device {path}, as that of a \
             container does not, and no capability overrides that: pass the device \
             (--device={path} of Docker and Podman, DeviceAllow={path} of systemd)"
        )
    })
}

/// Returns what a file system refuses to users that the mode and their capabilities permit.
fn file_system(called: &Called<'_>, path: &str, mount: &Mounted, exists: bool) -> Option<String> {
    let (kind, point) = (&*mount.kind, printable(&mount.point));
    let path = printable(path);
    let user = mount.option("user_id");
    let other = user != called.euid.map(|euid| euid.to_string()).as_deref();
    let changes = called.is("chown lchown fchownat chmod fchmodat fchmodat2");
    let links = called.is("link linkat symlink symlinkat mknod mknodat");
    let creates = called.is("open openat") && called.file_flags() & CREAT != 0 && !exists;
    let makes = creates
        || links
        || called.is("mkdir mkdirat rmdir unlink unlinkat rename renameat renameat2");
    match (kind.split('.').next().unwrap_or(kind), called.errno) {
        ("fuse", "EACCES") if other && mount.option("allow_other").is_none() => {
            let user = user.unwrap_or("another user");
            Some(format!(
                "{point} is a FUSE mount of user {user} without allow_other, so it refuses all \
                 others, root with all capabilities, too: act as that user (setpriv --reuid \
                 {user}), or mount it with -o allow_other"
            ))
        }
        ("nfs" | "nfs4", "EACCES" | "EPERM") if called.euid == Some(0) => Some(format!(
            "{point} is NFS, whose server takes root of a client for nobody (root_squash), so \
             capabilities of the client do not count: act as the owner of {path}, or export it \
             with no_root_squash"
        )),
        ("vfat" | "exfat" | "msdos" | "cifs" | "smb3" | "ntfs3" | "fuseblk", "EPERM")
            if changes =>
        {
            Some(format!(
                "{point} is {kind}, which keeps no owners and modes of Linux as it is mounted: \
                 mount it with the owner and the modes that the files are to have (-o \
                 uid=USER,gid=GROUP,umask=022; file_mode= and dir_mode= of cifs)"
            ))
        }
        ("vfat" | "exfat" | "msdos" | "cifs" | "smb3", "EPERM") if links => Some(format!(
            "{point} is {kind}, which has no links and device files: copy the file, or use another \
             file system"
        )),
        ("sysfs" | "proc" | "tracefs" | "debugfs" | "securityfs", "EPERM" | "EACCES") if makes => {
            Some(format!(
                "{point} is {kind}, whose files come from the kernel, so nobody can make or remove \
                 one there: load the driver or enable the feature that it belongs to, or choose \
                 another directory"
            ))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mount(kind: &str, options: &str) -> Mounted {
        Mounted {
            point: "/m".to_owned(),
            kind: kind.to_owned(),
            options: options.to_owned(),
        }
    }

    #[test]
    fn a_file_system_that_refuses_root_is_named() {
        let root = |name: &'static str, errno: &'static str| Called {
            name,
            errno,
            euid: Some(0),
            ..Called::default()
        };
        let fuse = mount("fuse.sshfs", "rw,user_id=1000,group_id=1000");
        let said = file_system(&root("openat", "EACCES"), "/m/f", &fuse, true).unwrap();
        assert!(said.contains("of user 1000 without allow_other"), "{said}");
        let open = mount("fuse.sshfs", "rw,user_id=1000,allow_other");
        let own = mount("fuse", "rw,user_id=0");
        for mount in [open, own, mount("ext4", "rw")] {
            assert_eq!(
                file_system(&root("openat", "EACCES"), "/m/f", &mount, true),
                None
            );
        }
        let nfs = mount("nfs4", "rw,vers=4.2");
        let said = file_system(&root("fchownat", "EPERM"), "/m/f", &nfs, true).unwrap();
        assert!(said.contains("root_squash"), "{said}");
        let vfat = mount("vfat", "rw,uid=0");
        let said = file_system(&root("fchownat", "EPERM"), "/m/f", &vfat, true).unwrap();
        assert!(said.contains("no owners and modes"), "{said}");
        let said = file_system(&root("symlink", "EPERM"), "/m/f", &vfat, false).unwrap();
        assert!(said.contains("has no links"), "{said}");
        let sysfs = mount("sysfs", "rw");
        let said = file_system(&root("mkdir", "EPERM"), "/m/f", &sysfs, false).unwrap();
        assert!(said.contains("come from the kernel"), "{said}");
        let mut opens = root("openat", "EACCES");
        assert_eq!(file_system(&opens, "/m/f", &sysfs, false), None);
        opens.args[2] = 0o101;
        assert!(file_system(&opens, "/m/f", &sysfs, false).is_some());
        assert_eq!(file_system(&opens, "/m/f", &sysfs, true), None);
        assert_eq!(
            file_system(&root("openat", "EPERM"), "/m/f", &vfat, true),
            None
        );
    }

    #[test]
    fn a_device_that_no_capability_opens_is_not_in_the_list() {
        let null = Path::new("/dev/null");
        let mut called = Called {
            name: "openat",
            errno: "EPERM",
            tid: -1,
            ..Called::default()
        };
        let said = of(&called, "/dev/null", null).join("");
        assert!(said.contains("--device=/dev/null"), "{said}");
        assert!(of(&called, "/etc/passwd", Path::new("/etc/passwd")).is_empty());
        called.name = "mknodat";
        assert!(of(&called, "/x", Path::new("/x")).is_empty());
        called.args[2] = 0o020_666;
        assert_eq!(of(&called, "/x", Path::new("/x")).len(), 1);
        let refused = ["cap_mknod".to_owned()];
        let lacks = Called {
            refused: &refused,
            ..called
        };
        assert!(of(&lacks, "/x", Path::new("/x")).is_empty());
    }
}
