// SPDX-License-Identifier: GPL-2.0

//! The user to run a command as.

use crate::error::{Error, Result};
use rustix::{
    io::Errno,
    process::{Gid, Uid},
    thread::{
        clear_ambient_capability_set, set_capabilities, set_thread_groups, set_thread_res_gid,
        set_thread_res_uid, CapabilitySet, CapabilitySets,
    },
};
use std::{fs, io};

/// Reads an ID. The greatest value is invalid: system calls take it for "unchanged".
fn id(text: &str) -> Option<u32> {
    text.parse().ok().filter(|id| *id != u32::MAX)
}

/// A user, with all of its groups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    uid: u32,
    gid: u32,
    groups: Vec<u32>,
    name: String,
    home: String,
    shell: String,
}

impl User {
    /// Finds a user: a name or number in `/etc/passwd`, or `UID:GID[,GID...]`.
    pub fn find(text: &str) -> Result<Self> {
        let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
        Self::find_in(text, &read("/etc/passwd"), &read("/etc/group"))
    }

    fn find_in(text: &str, passwd: &str, group: &str) -> Result<Self> {
        if let Some((uid, groups)) = text.split_once(':') {
            let groups: Option<Vec<u32>> = groups.split(',').map(id).collect();
            if let (Some(uid), Some([gid, groups @ ..])) = (id(uid), groups.as_deref()) {
                return Ok(Self::known_as(uid, *gid, groups.to_vec(), passwd));
            }
        }
        let entry = passwd.lines().find_map(|line| {
            let fields: Vec<&str> = line.split(':').collect();
            let [name, _, uid, gid, ..] = fields[..] else {
                return None;
            };
            let found = name == text || uid == text;
            found.then(|| Some((name, id(uid)?, id(gid)?)))?
        });
        let (name, uid, gid) = entry.ok_or_else(|| {
            Error::new(format!(
                "there is no user '{text}' in /etc/passwd: use UID:GID for any other"
            ))
        })?;
        let groups = group.lines().filter_map(|line| {
            let fields: Vec<&str> = line.split(':').collect();
            let [_, _, gid, members] = fields[..] else {
                return None;
            };
            let is_member = members.split(',').any(|member| member == name);
            is_member.then(|| id(gid))?
        });
        Ok(Self::known_as(uid, gid, groups.collect(), passwd))
    }

    /// Makes a user of its IDs, and of its entry in `/etc/passwd` if there is one.
    fn known_as(uid: u32, gid: u32, groups: Vec<u32>, passwd: &str) -> Self {
        let account = passwd.lines().find_map(|line| {
            let fields: Vec<&str> = line.split(':').collect();
            let [name, _, number, _, _, home, shell] = fields[..] else {
                return None;
            };
            (id(number) == Some(uid)).then_some((name, home, shell))
        });
        let (name, home, shell) = account.unwrap_or_default();
        let or = |text: &str, other: &str| if text.is_empty() { other } else { text }.to_owned();
        Self {
            uid,
            gid,
            groups,
            name: or(name, &uid.to_string()),
            home: or(home, "/"),
            shell: or(shell, "/bin/sh"),
        }
    }

    /// Returns the variables of the environment that name a user.
    pub fn environment(&self) -> [(&'static str, &str); 4] {
        [
            ("USER", &self.name),
            ("LOGNAME", &self.name),
            ("HOME", &self.home),
            ("SHELL", &self.shell),
        ]
    }

    /// Returns the user ID, the group ID and the further groups.
    pub fn ids(&self) -> (u32, u32, &[u32]) {
        (self.uid, self.gid, &self.groups)
    }

    /// Returns the user in numbers, for [`User::find`].
    pub fn to_argument(&self) -> String {
        let ids: Vec<String> = [self.gid]
            .iter()
            .chain(&self.groups)
            .map(u32::to_string)
            .collect();
        format!("{}:{}", self.uid, ids.join(","))
    }

    /// Changes the process to this user for good, without capabilities, whatever the securebits
    /// are. Call it while there is one thread.
    pub fn become_it(&self) -> Result {
        self.become_it_with(|| {
            let none = CapabilitySet::empty();
            let sets = CapabilitySets {
                effective: none,
                permitted: none,
                inheritable: none,
            };
            set_capabilities(None, sets).map_err(|error| self.failed(error))
        })
    }

    fn failed(&self, error: Errno) -> Error {
        Error::of(
            format!("this takes root: to become user {} fails", self.uid),
            error,
        )
    }

    /// Does the same; `set` sets the capabilities after the change of the IDs.
    pub(super) fn become_it_with(&self, set: impl FnOnce() -> Result) -> Result {
        let failed = |error| self.failed(error);
        let (uid, gid) = (Uid::from_raw(self.uid), Gid::from_raw(self.gid));
        let groups: Vec<Gid> = self.groups.iter().copied().map(Gid::from_raw).collect();
        set_thread_groups(&groups).map_err(failed)?;
        set_thread_res_gid(gid, gid, gid).map_err(failed)?;
        set_thread_res_uid(uid, uid, uid).map_err(failed)?;
        clear_ambient_capability_set().map_err(failed)?;
        set()?;
        leave_session_keyring()?;
        let status = fs::read_to_string("/proc/self/status")
            .map_err(|error| Error::of("/proc/self/status cannot be read", error))?;
        if all_are(&status, "Uid", self.uid) && all_are(&status, "Gid", self.gid) {
            Ok(())
        } else {
            Err(Error::new(format!(
                "the kernel has not made this user {} and group {} alone: use another UID:GID",
                self.uid, self.gid
            )))
        }
    }
}

/// Gives the process a new session keyring, since the keys in the inherited one are those of the
/// user who runs `capwhy`.
fn leave_session_keyring() -> Result {
    let unnamed: *const libc::c_char = std::ptr::null();
    // SAFETY: KEYCTL_JOIN_SESSION_KEYRING takes a name, and a null pointer for none.
    let result =
        unsafe { libc::syscall(libc::SYS_keyctl, libc::KEYCTL_JOIN_SESSION_KEYRING, unnamed) };
    match Errno::from_io_error(&io::Error::last_os_error()) {
        _ if result >= 0 => Ok(()),
        // A kernel without keys.
        Some(Errno::NOSYS) => Ok(()),
        error => Err(Error::of(
            "a new session keyring cannot be joined: raise kernel.keys.maxkeys",
            error.unwrap_or(Errno::IO),
        )),
    }
}

/// Returns whether the real ID of a kind, the effective one, the saved one and that for files are
/// this one, as `/proc/PID/status` has them.
fn all_are(status: &str, kind: &str, id: u32) -> bool {
    let ids = status
        .lines()
        .find_map(|line| line.strip_prefix(kind)?.strip_prefix(':'));
    let id = id.to_string();
    ids.is_some_and(|ids| ids.split_whitespace().eq([id.as_str(); 4]))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSWD: &str = "root:x:0:0:root:/root:/bin/sh\njoe:x:1000:1001:Joe:/home/joe:/bin/sh\n";
    const GROUP: &str = "root:x:0:\nwheel:x:10:ann,joe\nusers:x:100:joann\njoe:x:1001:\n";

    #[test]
    fn a_user_is_found_by_name_or_number_with_all_groups() {
        for text in ["joe", "1000"] {
            let joe = User::find_in(text, PASSWD, GROUP).unwrap();
            assert_eq!((joe.uid, joe.gid), (1000, 1001));
            assert_eq!(joe.groups, [10]);
            assert_eq!(User::find_in(&joe.to_argument(), PASSWD, "").unwrap(), joe);
        }
    }

    #[test]
    fn any_user_can_be_said_in_numbers() {
        let user = User::find_in("7:8", "", "").unwrap();
        assert_eq!((user.uid, user.gid), (7, 8));
        assert!(user.groups.is_empty());
    }

    #[test]
    fn the_environment_describes_the_user() {
        let environment = |text, passwd| {
            let user = User::find_in(text, passwd, "").unwrap();
            user.environment().map(|(_, value)| value.to_owned())
        };
        let joe = ["joe", "joe", "/home/joe", "/bin/sh"];
        assert_eq!(environment("joe", PASSWD), joe);
        assert_eq!(environment("1000:7", PASSWD), joe);
        let unknown = ["7", "7", "/", "/bin/sh"];
        assert_eq!(environment("7:7", PASSWD), unknown);
        let odd = ["odd", "odd", "/", "/bin/sh"];
        assert_eq!(environment("odd", "odd:x:7:7:::\n"), odd);
    }

    #[test]
    fn the_id_that_changes_nothing_is_invalid() {
        let passwd = "a:x:4294967295:1::/:/bin/sh\nb:x:1:4294967295::/:/bin/sh\n";
        let group = "g:x:4294967295:joe\n";
        for text in [
            "4294967295:1",
            "1:4294967295",
            "1:1,4294967295",
            "4294967295",
            "a",
            "b",
        ] {
            assert!(User::find_in(text, passwd, group).is_err(), "{text}");
        }
        let joe = User::find_in("joe", PASSWD, group).unwrap();
        assert!(joe.groups.is_empty());
    }

    #[test]
    fn a_user_is_one_by_all_ids() {
        let status = "Name:\tx\nUid:\t7\t7\t7\t7\nGid:\t7\t7\t0\t7\n";
        assert!(all_are(status, "Uid", 7));
        assert!(!all_are(status, "Uid", 8));
        assert!(!all_are(status, "Gid", 7));
        assert!(!all_are("", "Uid", 7));
    }

    #[test]
    fn an_unknown_user_is_reported_with_the_remedy() {
        for text in ["ann", "7", "7:", "7:x", ":", ""] {
            let error = User::find_in(text, PASSWD, GROUP).unwrap_err().to_string();
            assert!(error.contains("UID:GID"), "{error}");
        }
    }
}
