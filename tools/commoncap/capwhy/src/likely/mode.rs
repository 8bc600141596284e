// SPDX-License-Identifier: GPL-2.0

//! The file or directory that refuses by its mode, its owner and its group, and what the group may
//! do.

use super::{is_kernels, ptrace::FILES, Called, CREAT};
use crate::printable::printable;
use rustix::fs::{getxattr, statx, AtFlags, FileType, Statx, StatxFlags, CWD};
use std::{fs, path::Path};

const READ: u16 = 4;
const WRITE: u16 = 2;
const SEARCH: u16 = 1;

/// The user of a call, as far as known.
struct User {
    id: u32,
    /// Its groups, if the thread is still there.
    groups: Option<Vec<u32>>,
}

impl User {
    fn of(called: &Called<'_>) -> Option<Self> {
        let groups = called.own("status").map(|status| {
            let lines = status.lines().filter_map(|line| {
                let rest = line.strip_prefix("Groups:");
                rest.or_else(|| line.strip_prefix("Gid:"))
            });
            let ids = lines.flat_map(str::split_whitespace);
            ids.filter_map(|id| id.parse().ok()).collect()
        });
        Some(Self {
            id: called.euid?,
            groups,
        })
    }

    /// Returns whether the mode refuses this. Where the groups are not known, both of the last two
    /// thirds of the mode must.
    fn is_refused(&self, file: &Statx, wanted: u16) -> bool {
        let lacks = |bits: u16| bits & wanted != wanted;
        let [owner, group, others] = [6, 3, 0].map(|shift| file.stx_mode >> shift);
        if self.id == file.stx_uid {
            return lacks(owner);
        }
        match &self.groups {
            Some(groups) if groups.contains(&file.stx_gid) => lacks(group),
            Some(_) => lacks(others),
            None => lacks(group) && lacks(others),
        }
    }
}

/// Returns what a call wants to do with the file of its path, and whether it is about the directory
/// of the file.
fn wanted(called: &Called<'_>, exists: bool) -> Option<(u16, bool)> {
    let flags = called.file_flags();
    let change = (WRITE | SEARCH, true);
    match called.name {
        "open" | "openat" if exists => Some(match flags & 3 {
            0 => (READ, false),
            1 => (WRITE, false),
            _ => (READ | WRITE, false),
        }),
        "open" | "openat" if flags & CREAT != 0 => Some(change),
        "inotify_add_watch" if exists => Some((READ, false)),
        "connect" | "truncate" if exists => Some((WRITE, false)),
        "execve" if exists => Some((SEARCH, false)),
        "chdir" | "chroot" if exists => Some((SEARCH, false)),
        "mkdir" | "mkdirat" | "mknod" | "mknodat" | "unlink" | "unlinkat" | "rmdir" | "rename"
        | "renameat" | "renameat2" | "bind" => Some(change),
        _ => None,
    }
}

/// Returns the reason that applies. `found` is where capwhy finds the path.
pub fn of(called: &Called<'_>, path: &str, found: &Path) -> Option<String> {
    let lacks = called.lacks("cap_dac_override") || called.lacks("cap_dac_read_search");
    // These files have owners by the state of their process.
    let lacks = lacks && !is_state_of_process(path);
    let user = User::of(called).filter(|_| called.errno == "EACCES" && lacks)?;
    // Of a thread that has ended: where nothing else refuses, it was in no such group.
    let in_none = user.groups.is_none().then(|| User {
        groups: Some(Vec::new()),
        ..user
    });
    of_user(called, path, found, &user).or_else(|| of_user(called, path, found, &in_none?))
}

/// Returns the reason that applies to a user.
fn of_user(called: &Called<'_>, path: &str, found: &Path, user: &User) -> Option<String> {
    let look = |path: &Path| statx(CWD, path, AtFlags::empty(), StatxFlags::BASIC_STATS).ok();
    // As the thread sees them, and where capwhy finds them; from the first one on.
    let seen = Path::new(path).ancestors().skip(1);
    let mut on_the_way: Vec<_> = seen.zip(found.ancestors().skip(1)).collect();
    on_the_way.reverse();
    let mut listed = None;
    for (seen, directory) in &on_the_way {
        let file = look(directory)?;
        if user.is_refused(&file, SEARCH) {
            return Some(sentence(user, &file, &shown(seen), SEARCH));
        }
        listed = listed.or_else(|| list(user, directory, &shown(seen), "x"));
    }
    let file = look(found);
    let with_list = file
        .is_some()
        .then(|| list(user, found, &printable(path), "rwx"));
    listed = with_list.flatten().or(listed);
    let (wanted, of_directory) = wanted(called, file.is_some())?;
    let (file, path) = match of_directory {
        true => {
            let (seen, directory) = on_the_way.last()?;
            (look(directory)?, shown(seen))
        }
        false => (file?, printable(path)),
    };
    let refused = user.is_refused(&file, wanted);
    match refused {
        true => Some(sentence(user, &file, &path, wanted)),
        false => listed,
    }
}

/// Returns that a file has a list of access, which can refuse what its mode allows.
fn list(user: &User, found: &Path, path: &str, bits: &str) -> Option<String> {
    let mut value = [0_u8; 4096];
    getxattr(found, "system.posix_acl_access", &mut value).ok()?;
    Some(format!(
        "{path} has a list of access (getfacl {path}), which refuses user {} or its groups what \
         the mode shows: add the user (setfacl -m u:{}:{bits} {path})",
        user.id, user.id
    ))
}

/// Returns whether a file of `/proc` is for those who may trace the process.
fn is_state_of_process(path: &str) -> bool {
    let rest = path.strip_prefix("/proc/").unwrap_or_default();
    let name = rest.split('/').nth(1).unwrap_or_default();
    FILES.split_whitespace().any(|file| file == name)
}

/// Returns the name of a directory on the way. That of a relative path begins in the current one.
fn shown(path: &Path) -> String {
    match path.as_os_str().is_empty() {
        true => ".".to_owned(),
        false => printable(&path.to_string_lossy()),
    }
}

/// Returns the name of a group, if it has one.
fn name_of(group: u32) -> Option<String> {
    let groups = fs::read_to_string("/etc/group").ok()?;
    let mut fields = groups
        .lines()
        .map(|line| line.split(':').collect::<Vec<_>>());
    let found = fields.find(|fields| fields.get(2) == Some(&&*group.to_string()))?;
    Some(printable(found.first()?))
}

/// Returns a group by its name, or by its number.
pub fn group(id: u32) -> String {
    name_of(id).unwrap_or_else(|| id.to_string())
}

fn sentence(user: &User, file: &Statx, path: &str, wanted: u16) -> String {
    let is_directory = FileType::from_raw_mode(file.stx_mode.into()) == FileType::Directory;
    let (verb, bits) = match (wanted, is_directory) {
        (READ, _) => ("read it", "r"),
        (WRITE, _) => ("write to it", "w"),
        (SEARCH, true) => ("pass through it", "x"),
        (SEARCH, false) => ("execute it", "x"),
        (_, true) => ("change it", "wx"),
        _ => ("read and write it", "rw"),
    };
    let group = group(file.stx_gid);
    let by_group = (file.stx_mode >> 3) & wanted == wanted && file.stx_gid != 0;
    let owner = file.stx_uid;
    let has_lists = !is_kernels(path);
    let remedy = match by_group {
        _ if user.id == 0 => format!(
            "root without cap_dac_override is like any other user here: act as user {owner} \
             (--user of Docker and Podman, setpriv --reuid {owner}), change the mode or the owner, \
             or give it that capability (--cap-add=DAC_OVERRIDE)"
        ),
        true => format!(
            "its group may, so join it (usermod -aG {group} USER, and log in again; \
             SupplementaryGroups={group} of systemd, --group-add of Docker and Podman)"
        ),
        false if has_lists => format!(
            "act as user {owner} (sudo), or let this user do it alone (setfacl -m u:{}:{bits} \
             {path})",
            user.id
        ),
        false if path.starts_with("/sys/fs/cgroup") => format!(
            "let systemd delegate a control group to the user (systemd-run --user --scope -p \
             Delegate=yes, Delegate= of a unit), or act as user {owner} (sudo)"
        ),
        false => format!("act as user {owner} (sudo)"),
    };
    format!(
        "{path} has mode {:04o}, user {owner} and group {group}, so user {} may not {verb}: \
         {remedy}",
        file.stx_mode & 0o7777,
        user.id
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn said(name: &str, path: &str, flags: u64) -> String {
        let lacks = ["cap_dac_override".to_owned()];
        let called = Called {
            name,
            errno: "EACCES",
            args: [0, 0, flags, 0, 0],
            texts: [Some(path), Some(path)],
            tid: -1,
            euid: Some(4242),
            refused: &lacks,
            ..Called::default()
        };
        of(&called, path, Path::new(path)).unwrap_or_default()
    }

    #[test]
    fn the_file_or_directory_that_refuses_is_named() {
        let directory = crate::scratch::Directory::new();
        let path = directory.join("file");
        fs::write(&path, "").unwrap();
        let chmod = |path: &Path, mode| {
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        };
        let parent = path.parent().unwrap();
        let text = path.to_str().unwrap();
        chmod(parent, 0o755);
        chmod(&path, 0o600);
        let read = said("openat", text, 0);
        assert!(read.contains("file has mode 0600"), "{read}");
        assert!(
            read.contains("may not read it: act as user 0 (sudo), or let this user"),
            "{read}"
        );
        chmod(&path, 0o644);
        assert_eq!(said("openat", text, 0), "");
        assert!(said("openat", text, 1).contains("may not write to it"));
        assert!(said("connect", text, 0).contains("may not write to it"));
        let removes = said("unlinkat", text, 0);
        assert!(removes.contains("may not change it") && removes.contains("u:4242:wx"));
        chmod(parent, 0o700);
        let below = said("openat", text, 0);
        let name = parent.to_str().unwrap();
        assert!(
            below.starts_with(&format!("{name} has mode 0700")),
            "{below}"
        );
        assert!(below.contains("may not pass through it"), "{below}");
    }

    #[test]
    fn the_group_of_a_file_is_named_after_the_thread_has_ended() {
        let directory = crate::scratch::Directory::new();
        let path = directory.join("kvm");
        fs::write(&path, "").unwrap();
        let parent = path.parent().unwrap();
        fs::set_permissions(parent, fs::Permissions::from_mode(0o755)).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o660)).unwrap();
        std::os::unix::fs::chown(&path, None, Some(4_242_424)).unwrap();
        let read = said("openat", path.to_str().unwrap(), 0);
        assert!(read.contains("usermod -aG 4242424 USER"), "{read}");
    }

    #[test]
    fn a_list_of_access_is_named_where_the_mode_allows() {
        let directory = crate::scratch::Directory::new();
        let path = directory.join("file");
        fs::write(&path, "").unwrap();
        let parent = path.parent().unwrap();
        fs::set_permissions(parent, fs::Permissions::from_mode(0o755)).unwrap();
        // Of the owner, of user 4242, of the group, the mask, of others.
        let entry = |tag: u16, bits: u16, id: u32| {
            let mut entry = [tag.to_le_bytes(), bits.to_le_bytes()].concat();
            entry.extend(id.to_le_bytes());
            entry
        };
        let none = u32::MAX;
        let entries = [
            entry(1, 6, none),
            entry(2, 0, 4242),
            entry(4, 4, none),
            entry(0x10, 4, none),
            entry(0x20, 4, none),
        ];
        let value = [2_u32.to_le_bytes().to_vec(), entries.concat()].concat();
        let flags = rustix::fs::XattrFlags::empty();
        rustix::fs::setxattr(&path, "system.posix_acl_access", &value, flags).unwrap();
        let said = said("openat", path.to_str().unwrap(), 0);
        assert!(said.contains("has a list of access (getfacl"), "{said}");
    }

    #[test]
    fn a_group_that_may_is_the_way_out() {
        let mut file = statx(
            CWD,
            "/etc/shadow",
            AtFlags::empty(),
            StatxFlags::BASIC_STATS,
        )
        .unwrap();
        (file.stx_mode, file.stx_gid) = (0o100_660, 4_242_424);
        let user = User {
            id: 7,
            groups: Some(vec![7]),
        };
        assert!(user.is_refused(&file, WRITE));
        let text = sentence(&user, &file, "/run/x", WRITE);
        assert!(text.contains("usermod -aG 4242424 USER"), "{text}");
        let member = User {
            id: 7,
            groups: Some(vec![4_242_424]),
        };
        assert!(!member.is_refused(&file, WRITE));
        let unknown = User {
            id: 7,
            groups: None,
        };
        assert!(!unknown.is_refused(&file, WRITE));
        file.stx_gid = 0;
        let sysfs = sentence(&user, &file, "/sys/x", WRITE);
        assert!(sysfs.ends_with("act as user 0 (sudo)"), "{sysfs}");
        let group = sentence(&user, &file, "/sys/fs/cgroup/x", WRITE);
        assert!(group.contains("Delegate=yes"), "{group}");
        assert!(sentence(&user, &file, "/x", WRITE).contains("setfacl -m u:7:w /x"));
        let root = User {
            id: 0,
            groups: None,
        };
        let text = sentence(&root, &file, "/x", WRITE);
        assert!(text.contains("root without cap_dac_override"), "{text}");
        assert!(!text.contains("sudo"), "{text}");
        assert!(is_state_of_process("/proc/7/environ"));
        assert!(!is_state_of_process("/proc/7/autogroup") && !is_state_of_process("/proc/kcore"));
    }
}
