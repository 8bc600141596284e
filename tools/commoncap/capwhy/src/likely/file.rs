// SPDX-License-Identifier: GPL-2.0

//! Why a call on a file fails whatever the capabilities: its flags, its mount, its directory.

use super::{is_kernels, mode, ptrace::is_device, storage, sysctl, Called, CREAT};
use crate::{
    executable::{interpreter_of, DEEPEST},
    mounts,
    printable::printable,
};
use rustix::fs::{
    statvfs, statx, AtFlags, FileType, StatVfsMountFlags, Statx, StatxAttributes, StatxFlags, CWD,
};
use std::path::Path;

/// `O_NOATIME`.
const NOATIME: u64 = 0o1_000_000;
/// `S_ISVTX`.
const STICKY: u16 = 0o1000;

fn look(path: &Path, follow: bool) -> Option<Statx> {
    let flags = match follow {
        true => AtFlags::empty(),
        false => AtFlags::SYMLINK_NOFOLLOW,
    };
    statx(CWD, path, flags, StatxFlags::BASIC_STATS).ok()
}

fn setting(name: &str) -> u32 {
    let value = sysctl::value(&format!("fs.{name}")).unwrap_or_default();
    value.parse().unwrap_or(0)
}

/// Returns the reasons that apply.
pub fn of(called: &Called<'_>) -> Vec<String> {
    let mut list: Vec<String> = unmapped(called).into_iter().collect();
    list.extend(group_of(called));
    let Some(path) = called.path() else {
        list.extend(no_atime(called, None, "the file"));
        return list;
    };
    let found = called.find(path);
    let shown = printable(path);
    let parent = found.parent().unwrap_or(Path::new("/"));
    let (file, directory) = (look(&found, false), look(parent, true));
    let eperm = called.errno == "EPERM";
    if eperm {
        list.extend(flagged(file.as_ref(), &shown));
        let changes = called.is(
            "unlink unlinkat rename renameat renameat2 link linkat rmdir mkdir mkdirat mknod \
             mknodat symlink symlinkat open openat openat2 creat",
        );
        let name = printable(&parent_of(path));
        list.extend(flagged(directory.as_ref().filter(|_| changes), &name));
    }
    if let Some((file, directory)) = file.as_ref().zip(directory.as_ref()) {
        if eperm && called.is("unlink unlinkat rename renameat renameat2 rmdir") {
            list.extend(sticky(file, directory, &shown));
        }
        if called.errno == "EACCES" && called.is("open openat openat2 creat") {
            list.extend(protected(called, file, directory, &shown));
        }
        let protects = eperm && called.is("link linkat") && setting("protected_hardlinks") == 1;
        if protects && called.euid.is_some_and(|euid| euid != file.stx_uid) {
            list.push(format!(
                "fs.protected_hardlinks is 1, and {shown} belongs to another user: link files of \
                 the caller's own, copy it, or lower it (sysctl fs.protected_hardlinks=0)"
            ));
        }
    }
    list.extend(no_atime(called, file.as_ref(), &shown));
    let kernels = unwritable(called, file.as_ref(), path);
    if kernels.is_some() {
        list.extend(kernels);
        return list;
    }
    list.extend(executes(called, path, DEEPEST));
    let flags = statvfs(&*found).map(|mount| mount.f_flag);
    let has = |flag| flags.as_ref().is_ok_and(|flags| flags.contains(flag));
    let mount = || mounts::of(called.tid, path).unwrap_or_else(|| "its mount".to_owned());
    if called.errno == "EACCES" {
        if called.is("open openat openat2") && has(StatVfsMountFlags::NODEV) && is_device(&found) {
            let mount = mount();
            list.push(format!(
                "{shown} is a device file, and {mount} is mounted nodev: use one in /dev, or mount \
                 it without (mount -o remount,dev {mount})"
            ));
        }
        if called.is("execve execveat mmap") && has(StatVfsMountFlags::NOEXEC) {
            let mount = mount();
            list.push(format!(
                "{mount} is mounted noexec, which no capability overrides: move {shown}, or mount \
                 it without (mount -o remount,exec {mount})"
            ));
        }
    }
    list.extend(sysctl_file(called, path));
    list.extend(storage::of(called, path, &found));
    if list.is_empty() {
        list.extend(mode::of(called, path, &found));
    }
    if list.is_empty() && called.name == "execve" {
        list.extend(of_interpreter(called, &found, DEEPEST));
    }
    list
}

/// Returns that nobody can write to a file of the kernel.
fn unwritable(called: &Called<'_>, file: Option<&Statx>, path: &str) -> Option<String> {
    let flags = called.file_flags();
    let writes = called.is("open openat") && flags & 3 != 0;
    let mode = file?.stx_mode & 0o7777;
    let refuses = called.errno == "EACCES" && called.refused.is_empty();
    (refuses && writes && is_kernels(path) && mode & 0o222 == 0).then(|| {
        format!(
            "{} has mode {mode:04o}: the kernel only shows a value there, and no user can write to \
             it, root with all capabilities included: look for another file that changes the value",
            printable(path)
        )
    })
}

/// Returns the reason that the mode of the interpreter of a script is.
fn of_interpreter(called: &Called<'_>, found: &Path, depth: usize) -> Option<String> {
    let path = interpreter_of(found)?;
    let path = path.to_str()?;
    let found = called.find(path);
    mode::of(called, path, &found).or_else(|| of_interpreter(called, &found, depth.checked_sub(1)?))
}

/// Returns which file no user can execute: the one of the path, or the interpreter of the script in
/// it.
fn executes(called: &Called<'_>, path: &str, depth: usize) -> Option<String> {
    if called.name != "execve" || called.errno != "EACCES" || !called.refused.is_empty() {
        return None;
    }
    let found = called.find(path);
    let mode = u32::from(look(&found, true)?.stx_mode);
    let shown = printable(path);
    match FileType::from_raw_mode(mode) {
        FileType::RegularFile if mode & 0o111 == 0 => Some(format!(
            "{shown} has mode {:04o}, and root cannot execute a file that nobody may execute: \
             chmod +x {shown}, or give it to its interpreter (sh {shown})",
            mode & 0o7777
        )),
        FileType::RegularFile => executes(
            called,
            interpreter_of(&found)?.to_str()?,
            depth.checked_sub(1)?,
        ),
        _ => Some(format!(
            "{shown} is no regular file, and no other can be executed: name a program in it"
        )),
    }
}

fn parent_of(path: &str) -> String {
    let parent = Path::new(path).parent().unwrap_or(Path::new("."));
    match parent.to_string_lossy().into_owned() {
        parent if parent.is_empty() => ".".to_owned(),
        parent => parent,
    }
}

/// Returns that a file is immutable or append-only.
fn flagged(file: Option<&Statx>, path: &str) -> Option<String> {
    let attributes = file?.stx_attributes;
    let (flag, letter) = if attributes.contains(StatxAttributes::IMMUTABLE) {
        ("immutable", "i")
    } else if attributes.contains(StatxAttributes::APPEND) {
        ("append-only", "a")
    } else {
        return None;
    };
    Some(format!(
        "{path} is {flag} (lsattr), which no capability overrides: clear that (chattr -{letter} \
         {path}, which takes cap_linux_immutable)"
    ))
}

fn sticky(file: &Statx, directory: &Statx, path: &str) -> Option<String> {
    let is = directory.stx_mode & STICKY != 0;
    is.then(|| {
        format!(
            "the directory is sticky, so only the owner of {path} (user {}), that of the directory \
             (user {}), or a process with cap_fowner may remove it: act as that user",
            file.stx_uid, directory.stx_uid
        )
    })
}

/// `may_create_in_sticky()` and `may_follow_link()`.
fn protected(called: &Called<'_>, file: &Statx, directory: &Statx, path: &str) -> Option<String> {
    let flags = called.file_flags();
    let creates = called.name == "creat" || flags & CREAT != 0;
    let kind = FileType::from_raw_mode(file.stx_mode.into());
    let name = match kind {
        FileType::Symlink => "protected_symlinks",
        FileType::RegularFile if creates => "protected_regular",
        FileType::Fifo if creates => "protected_fifos",
        _ => return None,
    };
    let value = setting(name);
    let others_may_write = directory.stx_mode & 0o002 != 0;
    let group_may_write = value >= 2 && directory.stx_mode & 0o020 != 0;
    let applies = value > 0
        && directory.stx_mode & STICKY != 0
        && (others_may_write || group_may_write)
        && file.stx_uid != directory.stx_uid
        && called.euid != Some(file.stx_uid);
    applies.then(|| {
        format!(
            "fs.{name} is {value}, and {path} is in a sticky directory that others may write to \
             and belongs to user {}, neither the caller nor the owner of the directory; this \
             refuses even root: act as that user, move it to another directory, or lower it \
             (sysctl fs.{name}=0)",
            file.stx_uid
        )
    })
}

/// Returns that the user namespace of the caller does not map the owner or the group of a file.
fn unmapped(called: &Called<'_>) -> Option<String> {
    let [owner, group] = called
        .unmapped
        .filter(|_| ["EPERM", "EACCES"].contains(&called.errno))?;
    let path = called.path().unwrap_or_default();
    if is_kernels(path) && owner == 0 && !path.starts_with("/proc/sys/") {
        return Some(format!(
            "{} belongs to root of the initial user namespace, and no capability in this one \
             counts: do it outside, or let the runtime do it",
            printable(path)
        ));
    }
    Some(format!(
        "the caller's user namespace does not map the owner or the group of the file or directory \
         ({owner}:{group}), so its capabilities do not count for it: map both IDs (newuidmap, \
         newgidmap, --userns of Podman), or give the file to mapped ones outside"
    ))
}

/// `chgrp_ok()`: returns that only the group of a file was to change.
fn group_of(called: &Called<'_>) -> Option<String> {
    let [user, group] = match called.name {
        "chown" | "lchown" | "fchown" => [called.int(1), called.int(2)],
        "fchownat" => [called.int(2), called.int(3)],
        _ => return None,
    };
    let is = user == -1 && called.errno == "EPERM" && called.lacks("cap_chown");
    is.then(|| {
        let group = mode::group(group as u32);
        format!(
            "the owner of a file may give it to the groups that the process is in, and others to \
             none: act as the owner, as a member of the group (usermod -aG {group} USER, and log \
             in again; sg {group}), or use cap_chown"
        )
    })
}

/// `O_NOATIME` is the only flag of a file that takes its owner or `cap_fowner`.
fn no_atime(called: &Called<'_>, file: Option<&Statx>, path: &str) -> Option<String> {
    let flags = match called.name {
        "open" | "openat" | "fcntl" => called.file_flags(),
        // They are in memory.
        "openat2" => NOATIME,
        _ => 0,
    };
    let is = flags & NOATIME != 0 && called.errno == "EPERM" && called.lacks("cap_fowner");
    is.then(|| {
        let owner = file.map_or_else(String::new, |file| format!(" (user {})", file.stx_uid));
        format!(
            "O_NOATIME takes the owner of {path}{owner} or cap_fowner: leave that flag out, which \
             changes nothing else, or act as the owner"
        )
    })
}

/// Returns why a file of `/proc/sys` cannot be written to.
fn sysctl_file(called: &Called<'_>, path: &str) -> Option<String> {
    let rest = path.strip_prefix("/proc/sys/")?;
    if !["EACCES", "EPERM"].contains(&called.errno) {
        return None;
    }
    if rest.starts_with("net/") && called.lacks("cap_net_admin") {
        let text = match called.outside {
            true => {
                "another user namespace owns the network namespace, so no capability in this one \
                 counts for /proc/sys/net: make a network namespace in this one (unshare --net, a \
                 network of the container's own), or pass the setting to the container (--sysctl)"
            }
            false => {
                "the files of /proc/sys/net are for user 0 of the user namespace that owns the \
                 network namespace, and for cap_net_admin over it: act as that user (sudo, unshare \
                 --map-root-user), or use that capability (--cap-add=NET_ADMIN), though the kernel \
                 checks it without audit"
            }
        };
        return Some(text.to_owned());
    }
    if rest.starts_with("net/") || !called.refused.is_empty() {
        return None;
    }
    Some(match called.in_container {
        true => format!(
            "{path} belongs to root of the initial user namespace, and no capability in this one \
             counts: set it outside, or pass it to the container (--sysctl), if it is of a \
             namespace"
        ),
        false => format!(
            "{path} obeys its mode alone, and no capability opens it: do it as user 0 (sudo \
             sysctl), or at boot (/etc/sysctl.d)"
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        fs,
        os::unix::fs::{symlink, PermissionsExt},
    };

    fn called<'a>(name: &'a str, errno: &'a str, path: &'a str) -> Called<'a> {
        Called {
            name,
            errno,
            texts: [Some(path), Some(path)],
            args: [libc::AT_FDCWD as u32 as u64, 0, CREAT, 0, 0],
            tid: -1,
            euid: Some(4242),
            ..Called::default()
        }
    }

    #[test]
    fn the_mode_of_the_interpreter_of_a_script_is_named() {
        let directory = crate::scratch::Directory::new();
        let (script, interpreter) = (directory.join("script"), directory.join("interpreter"));
        fs::write(&script, format!("#!{}\n", interpreter.display())).unwrap();
        fs::write(&interpreter, "").unwrap();
        let chmod = |path: &Path, mode| {
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        };
        chmod(script.parent().unwrap(), 0o755);
        chmod(&script, 0o755);
        chmod(&interpreter, 0o700);
        let lacks = ["cap_dac_override".to_owned()];
        let execve = Called {
            refused: &lacks,
            ..called("execve", "EACCES", script.to_str().unwrap())
        };
        let said = of(&execve).join("");
        let words = format!("{} has mode 0700", interpreter.display());
        assert!(said.starts_with(&words), "{said}");
    }

    #[test]
    fn a_sticky_directory_and_its_settings_are_named() {
        let directory = crate::scratch::Directory::new();
        let path = directory.join("file");
        fs::write(&path, "").unwrap();
        let parent = path.parent().unwrap().to_owned();
        fs::set_permissions(&parent, fs::Permissions::from_mode(0o1777)).unwrap();
        let path = path.to_str().unwrap();
        let said = of(&called("unlinkat", "EPERM", path)).join("");
        assert!(said.contains("the directory is sticky"), "{said}");
        assert!(of(&called("unlinkat", "ENOENT", path)).is_empty());
        let (mut file, mut sticky) = (
            look(Path::new(path), false).unwrap(),
            look(&parent, true).unwrap(),
        );
        (file.stx_uid, sticky.stx_uid) = (7, 0);
        let said = protected(&called("openat", "EACCES", path), &file, &sticky, path);
        let is_on = setting("protected_regular") > 0;
        assert_eq!(said.is_some_and(|said| said.contains("even root")), is_on);
        let link = directory.join("link");
        symlink(path, &link).unwrap();
        let mut file = look(&link, false).unwrap();
        file.stx_uid = 7;
        let said = protected(&called("openat", "EACCES", path), &file, &sticky, path);
        assert_eq!(said.is_some(), setting("protected_symlinks") > 0);
    }

    #[test]
    fn flags_of_a_file_are_named() {
        let mut file = look(Path::new("/"), true).unwrap();
        file.stx_attributes = StatxAttributes::IMMUTABLE;
        assert!(flagged(Some(&file), "/x").unwrap().contains("chattr -i /x"));
        file.stx_attributes = StatxAttributes::APPEND;
        assert!(flagged(Some(&file), "/x").unwrap().contains("append-only"));
        file.stx_attributes = StatxAttributes::empty();
        assert_eq!(flagged(Some(&file), "/x"), None);
    }

    #[test]
    fn a_file_of_the_kernel_that_nobody_can_write_to_is_named() {
        let mut called = called("openat", "EACCES", "/proc/version");
        called.args[2] = 1;
        let said = of(&called).join("");
        assert!(said.contains("/proc/version has mode 0444"), "{said}");
        assert!(said.contains("root with all capabilities included"));
        called.args[2] = 0;
        assert!(!of(&called).join("").contains("only shows"));
    }

    #[test]
    fn the_file_that_nobody_may_execute_is_named() {
        let directory = crate::scratch::Directory::new();
        let (script, plain) = (directory.join("script"), directory.join("plain"));
        let (script, plain) = (script.to_str().unwrap(), plain.to_str().unwrap());
        fs::write(script, format!("#! {plain} -x\necho\n")).unwrap();
        fs::write(plain, "").unwrap();
        fs::set_permissions(script, fs::Permissions::from_mode(0o755)).unwrap();
        fs::set_permissions(plain, fs::Permissions::from_mode(0o644)).unwrap();
        let said = of(&called("execve", "EACCES", script)).join("");
        assert!(
            said.starts_with(&format!("{plain} has mode 0644")),
            "{said}"
        );
        fs::set_permissions(plain, fs::Permissions::from_mode(0o755)).unwrap();
        assert!(of(&called("execve", "EACCES", script)).is_empty());
        let said = of(&called("execve", "EACCES", "/etc")).join("");
        assert!(said.starts_with("/etc is no regular file"), "{said}");
        fs::write(plain, format!("#!{script}\n")).unwrap();
        assert!(of(&called("execve", "EACCES", script)).is_empty(), "a loop");
    }

    #[test]
    fn proc_sys_in_a_container_is_not_its_own() {
        let mut called = called("openat", "EACCES", "/proc/sys/kernel/printk");
        assert!(of(&called).join("").contains("no capability opens it"));
        called.in_container = true;
        assert!(of(&called).join("").contains("initial user namespace"));
    }

    #[test]
    fn proc_sys_net_is_for_the_owner_of_the_network_namespace() {
        let lacks = ["cap_net_admin".to_owned()];
        let mut called = Called {
            optional: &lacks,
            ..called("openat", "EACCES", "/proc/sys/net/ipv4/ip_forward")
        };
        let said = of(&called).join("");
        assert!(
            said.contains("use that capability (--cap-add=NET_ADMIN)"),
            "{said}"
        );
        (called.outside, called.in_container) = (true, true);
        let said = of(&called).join("");
        assert!(
            said.contains("make a network namespace in this one"),
            "{said}"
        );
        assert!(!said.contains("--cap-add"), "{said}");
    }

    #[test]
    fn a_file_of_which_no_id_is_mapped_needs_no_path() {
        let called = Called {
            unmapped: Some([7, 9]),
            texts: [None, None],
            ..called("fsetxattr", "EPERM", "")
        };
        let said = of(&called).join("");
        assert!(said.contains("the file or directory (7:9)"), "{said}");
        let invalid = Called {
            errno: "EINVAL",
            ..called
        };
        assert!(of(&invalid).is_empty());
    }

    #[test]
    fn a_change_of_the_group_alone_takes_a_member() {
        let lacks = ["cap_chown".to_owned()];
        let mut called = Called {
            refused: &lacks,
            ..called("fchownat", "EPERM", "/etc/passwd")
        };
        called.args[2..4].copy_from_slice(&[0xffff_ffff, 4_242_424]);
        let said = of(&called).join("");
        assert!(said.contains("usermod -aG 4242424 USER"), "{said}");
        called.args[2] = 0;
        assert_eq!(group_of(&called), None);
    }

    #[test]
    fn o_noatime_is_named_if_the_caller_lacks_cap_fowner() {
        let lacks = ["cap_fowner".to_owned()];
        let path = "/etc/passwd";
        let mut called = Called {
            refused: &lacks,
            ..called("openat", "EPERM", path)
        };
        assert!(of(&called).is_empty());
        called.args[2] = NOATIME;
        let said = of(&called).join("");
        assert!(said.contains("the owner of /etc/passwd (user 0)"), "{said}");
        let by_fcntl = Called {
            name: "fcntl",
            texts: [None, None],
            ..called
        };
        assert!(of(&by_fcntl)[0].contains("leave that flag out"));
    }
}
