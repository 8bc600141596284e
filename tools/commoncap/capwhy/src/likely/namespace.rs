// SPDX-License-Identifier: GPL-2.0

//! Why calls about namespaces fail that the capabilities permit: `create_user_ns()`, `map_write()`,
//! `may_setgroups()`, and what a user namespace may mount.

use super::{Called, NEWUSER};
use rustix::fs::{statx, AtFlags, StatxAttributes, StatxFlags, CWD};

/// Returns the reasons that apply.
pub fn of(called: &Called<'_>) -> Vec<String> {
    let one = match (called.name, called.errno) {
        ("unshare" | "clone", "EPERM") if called.args[0] & NEWUSER != 0 => chroot(called),
        ("setgroups", "EPERM") if called.refused.is_empty() => Some(setgroups(called)),
        ("capset", "EPERM") if called.refused.is_empty() => other_thread(called),
        ("mount" | "fsconfig" | "fsmount" | "move_mount", "EPERM") if called.in_container => {
            mount(called)
        }
        ("fsopen", "EPERM") if called.in_container => of_type(called),
        ("mount_setattr", "EPERM") if called.in_container && called.refused.is_empty() => {
            Some(locked())
        }
        ("mount_setattr", "EPERM") if called.in_container => Some(
            "an idmapped mount takes cap_sys_admin over the user namespace in which the file \
             system was mounted: let a process there make it, or use a file system that this \
             namespace mounted"
                .to_owned(),
        ),
        _ => None,
    };
    one.into_iter().collect()
}

/// `create_user_ns()` refuses a process in a chroot, and one whose IDs are not mapped.
fn chroot(called: &Called<'_>) -> Option<String> {
    if !called.refused.is_empty() {
        return None;
    }
    let root = format!("/proc/{}/root/.", called.tid);
    let known = statx(CWD, root, AtFlags::empty(), StatxFlags::BASIC_STATS).ok();
    let is_mount = known.map(|root| root.stx_attributes.contains(StatxAttributes::MOUNT_ROOT));
    let rule = "a process in a chroot may not make a user namespace";
    let remedy = "enter the directory by pivot_root() or a mount namespace (unshare --mount \
                  --root, bwrap, systemd-nspawn) in place of chroot";
    Some(match is_mount {
        Some(false) => format!("the process is in a chroot, and {rule}: {remedy}"),
        _ => format!(
            "{rule}, nor one whose user or group ID its user namespace does not map; a seccomp \
             filter or another LSM can forbid it, too: {remedy}"
        ),
    })
}

fn setgroups(called: &Called<'_>) -> String {
    let denied = called
        .own("setgroups")
        .is_some_and(|text| text.trim() == "deny");
    let fact = if denied {
        "/proc/PID/setgroups is deny in the user namespace"
    } else {
        "setgroups() fails in a user namespace without gid_map, and in one whose \
         /proc/PID/setgroups is deny"
    };
    format!(
        "{fact}, whatever the capabilities: have a process with cap_setgid outside write the \
         gid_map (newgidmap, unshare --map-auto), which needs no deny"
    )
}

/// The capability that `map_write()` checks, and what it takes, a colon, and what to do.
const MAPS: &[(&str, &str)] = &[
    (
        "cap_sys_admin",
        "the writer of an ID map must be the user that made the namespace, or hold cap_sys_admin \
         over it: write it as that user, or by newuidmap or newgidmap",
    ),
    (
        "cap_setfcap",
        "a map that has user 0 of the parent namespace takes cap_setfcap over it: leave that user \
         out, or use that capability",
    ),
    (
        "cap_setuid",
        "a map of more than the caller's own user ID takes cap_setuid over the parent namespace: \
         map that ID alone (unshare --map-root-user), or let newuidmap do it, with a range in \
         /etc/subuid",
    ),
    (
        "cap_setgid",
        "a gid_map takes cap_setgid over the parent namespace, unless it has the caller's own \
         group ID alone, and deny is in /proc/PID/setgroups before: write deny there first, or \
         let newgidmap do it, with a range in /etc/subgid",
    ),
];

/// Returns what a write to an ID map lacks.
pub fn id_map(called: &Called<'_>) -> String {
    let lacks = |(capability, _): &&(&str, &str)| called.lacks(capability);
    let found = MAPS.iter().find(lacks).map(|(_, rule)| *rule);
    let rule = found.unwrap_or(
        "an ID map can be written once, and can have only IDs that the parent namespace maps: make \
         a new user namespace, or choose such IDs (/proc/self/uid_map)",
    );
    rule.to_owned()
}

/// The header of `capset()` can name another thread, which the kernel has not allowed since 2.6.24.
fn other_thread(called: &Called<'_>) -> Option<String> {
    let pid = (called.args[0] >> 32) as u32 as i32;
    (pid != 0 && pid != called.tid).then(|| {
        format!(
            "the header names process {pid}, and capset() changes the calling thread alone: give \
             it 0, and let that process call it (setpriv, or its program)"
        )
    })
}

/// The types of file systems that show a namespace, and the option of `unshare` that makes one.
const SHOWS: &[(&str, &str, &str)] = &[
    ("sysfs", "network namespace", "--net"),
    ("proc", "PID namespace", "--pid --fork --mount-proc"),
    ("mqueue", "IPC namespace", "--ipc"),
    ("cgroup2", "control group namespace", "--cgroup"),
];

/// What a user namespace needs, to mount a type of file system that shows a namespace.
fn of_type(called: &Called<'_>) -> Option<String> {
    let kind = called.texts[0]?;
    let (_, own, option) = SHOWS.iter().find(|(known, ..)| *known == kind)?;
    Some(format!(
        "a user namespace may mount {kind} only with a {own} of its own: make that, too (unshare \
         {option}), or bind-mount the present one (mount --rbind)"
    ))
}

/// What a user namespace may mount.
fn mount(called: &Called<'_>) -> Option<String> {
    let of_proc = called.texts[0].is_some_and(|text| ["proc", "sysfs"].contains(&text));
    if called.refused.is_empty() {
        let covered = covered(called.own("mountinfo").as_deref().unwrap_or_default());
        let fact = match covered.first() {
            Some(path) => format!("{path} is covered by another mount, and a"),
            None => "a".to_owned(),
        };
        return Some(match of_proc || called.name != "mount" {
            true => format!(
                "{fact} user namespace may mount proc and sysfs only where the whole of another \
                 one can be seen (\"mount too revealing\"), and only in a PID or network namespace \
                 of its own: unmask it (--security-opt unmask=ALL of Podman, \
                 systempaths=unconfined of Docker), or bind-mount the present one"
            ),
            false => locked(),
        });
    }
    Some(
        "a user namespace may mount tmpfs, proc, sysfs, overlay, fuse, devpts, mqueue, cgroup, \
         bpf and bind mounts alone, and proc only with a PID namespace of its own, sysfs with a \
         network namespace, mqueue with an IPC namespace; any other type takes cap_sys_admin \
         over the initial user namespace, which no process in it has: make that namespace, too \
         (unshare --pid --fork, --net, --ipc), or mount it outside and bind-mount it, or use \
         FUSE"
            .to_owned(),
    )
}

fn locked() -> String {
    "flags that a mount has from a more privileged mount namespace (ro, nosuid, nodev, noexec, \
     atime) are locked, and so are mounts below it: keep the flags when it is remounted, or change \
     it outside"
        .to_owned()
}

/// Returns the mount points below `/proc` and `/sys` that hide a part of them.
fn covered(mountinfo: &str) -> Vec<String> {
    let points = mountinfo.lines().filter_map(|line| {
        let point = line.split(' ').nth(4)?;
        let kind = line.split(" - ").nth(1)?.split(' ').next()?;
        let below = point.starts_with("/proc/");
        // The kernel's own places for other file systems are empty directories.
        (below && !["binfmt_misc", "autofs", "nfsd"].contains(&kind)).then(|| point.to_owned())
    });
    points.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(
        name: &str,
        errno: &str,
        args: [u64; 5],
        text: Option<&str>,
        refused: &[String],
    ) -> String {
        let called = Called {
            name,
            errno,
            args,
            texts: [text, None],
            tid: -1,
            in_container: true,
            refused,
            ..Called::default()
        };
        of(&called).join("; ")
    }

    #[test]
    fn each_call_has_its_rule() {
        let admin = ["cap_sys_admin".to_owned()];
        let none: &[String] = &[];
        for (name, args, text, refused, words) in [
            ("unshare", [NEWUSER, 0, 0, 0, 0], None, none, "in a chroot"),
            ("setgroups", [0; 5], None, none, "deny"),
            (
                "capset",
                [9 << 32, 0, 0, 0, 0],
                None,
                none,
                "names process 9",
            ),
            ("mount", [0; 5], Some("proc"), none, "too revealing"),
            ("mount", [0; 5], Some("/x"), none, "locked"),
            ("fsconfig", [3, 6, 0, 0, 0], None, &admin, "tmpfs, proc"),
            ("fsopen", [0; 5], Some("sysfs"), &admin, "unshare --net"),
            ("mount_setattr", [0; 5], None, none, "locked"),
            ("mount_setattr", [0; 5], None, &admin, "idmapped"),
        ] {
            let said = said(name, "EPERM", args, text, refused);
            assert!(said.contains(words), "{name}: {said}");
        }
        assert_eq!(said("unshare", "EPERM", [0; 5], None, none), "");
        assert_eq!(said("setgroups", "EPERM", [0; 5], None, &admin), "");
    }

    #[test]
    fn each_check_of_an_id_map_has_its_rule() {
        for (capability, words) in [
            (Some("cap_sys_admin"), "the user that made"),
            (Some("cap_setfcap"), "user 0 of the parent"),
            (Some("cap_setuid"), "newuidmap do it"),
            (Some("cap_setgid"), "write deny there first"),
            (None, "can be written once"),
        ] {
            let refused: Vec<String> = capability.into_iter().map(str::to_owned).collect();
            let called = Called {
                refused: &refused,
                ..Called::default()
            };
            assert!(id_map(&called).contains(words), "{capability:?}");
        }
    }

    #[test]
    fn mounts_that_hide_a_part_of_proc_are_found() {
        let text = "1 2 0:5 / /proc rw - proc proc rw\n3 1 0:6 / /proc/scsi ro - tmpfs none ro\n\
                    4 1 0:7 / /proc/sys/fs/binfmt_misc rw - binfmt_misc none rw\n";
        assert_eq!(covered(text), ["/proc/scsi"]);
    }
}
