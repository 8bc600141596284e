// SPDX-License-Identifier: GPL-2.0

//! What `execve()` makes of the capabilities of a file.

use super::{
    super::super::{entry::Entry, event::Verdict, refusal::Exec},
    credentials::list,
    text::text,
};
use crate::{capabilities::list as words, mounts};
use commoncap::{capability::CapabilitySet, file_capabilities::FileCapabilities, Denial, Loss};
use std::path::PathBuf;

/// `MNT_NOSUID`.
const NOSUID: u64 = 1;
/// `LSM_UNSAFE_SHARE`.
const SHARE: u64 = 1;
/// `LSM_UNSAFE_NO_NEW_PRIVS`.
const NO_NEW_PRIVS: u64 = 4;
const S_ISUID: u64 = 0o4000;
/// `VFS_CAP_FLAGS_EFFECTIVE`.
const EFFECTIVE: u64 = 1;

/// The capabilities of a file that an `execve()` has read.
#[derive(Clone, Copy, Debug, Default)]
pub struct Read {
    effective: bool,
    permitted: CapabilitySet,
    inheritable: CapabilitySet,
}

impl Read {
    /// Takes what `get_vfs_caps_from_disk()` returned. Returns [`None`] if the file has none.
    pub fn of(entry: &Entry) -> Option<Self> {
        if entry.number::<i128>("ret")? != 0 {
            return None;
        }
        let set = |name| Some(CapabilitySet::from_bits(entry.number(name)?));
        Some(Self {
            effective: entry.number::<u64>("magic")? & EFFECTIVE != 0,
            permitted: set("perm")?,
            inheritable: set("inh")?,
        })
    }

    /// Returns them as `setcap` takes them.
    fn text(&self) -> String {
        let flag = if self.effective { "e" } else { "" };
        let inherited = self.inheritable - self.permitted;
        let mut parts = Vec::new();
        if !self.permitted.is_empty() {
            parts.push(format!("{}={flag}p", words(self.permitted)));
        }
        if !inherited.is_empty() {
            parts.push(format!("{}={flag}i", words(inherited)));
        }
        parts.join(" ")
    }
}

/// Takes the end of `cap_bprm_creds_from_file()`: returns the path, and what is to be reported.
pub fn exec(entry: &Entry, read: Option<Read>) -> Option<(String, Option<Exec>)> {
    let path = text(entry, "p").unwrap_or_else(|| "a file".to_owned());
    let failed = entry.number::<i64>("ret")? < 0;
    let exec = |verdict, reason: &str, file: &Read, lost: CapabilitySet, mount| Exec {
        path: path.clone(),
        verdict,
        reason: reason.to_owned(),
        file: Some(file.text()),
        lost: list(lost),
        mount,
    };
    let bounding = CapabilitySet::from_bits(entry.number("bset")?);
    let inheritable = CapabilitySet::from_bits(entry.number("inh")?);
    let got = CapabilitySet::from_bits(entry.number("perm")?);
    let report = match read {
        Some(file) if failed => {
            let lost = file.permitted - (bounding | (inheritable & file.inheritable));
            let reason = Denial::ExecFileCapsUnavailable.name();
            Some(exec(Verdict::Denied, reason, &file, lost, None))
        }
        Some(file) => {
            let not_inherited = file.inheritable - file.permitted - inheritable - got;
            if file.permitted.is_subset(got) && !not_inherited.is_empty() {
                let reason = Loss::NotInheritable.name();
                let report = exec(Verdict::Granted, reason, &file, not_inherited, None);
                return Some((path.clone(), Some(report)));
            }
            let lost = file.permitted - got;
            let unsafety: u64 = entry.number("unsafe").unwrap_or_default();
            let reason = match unsafety {
                _ if !(lost - bounding).is_empty() => Loss::BoundingSet,
                _ if unsafety & NO_NEW_PRIVS != 0 => Loss::NoNewPrivs,
                _ if unsafety & SHARE != 0 => Loss::SharedFs,
                _ => Loss::Traced,
            };
            (!lost.is_empty()).then(|| exec(Verdict::Granted, reason.name(), &file, lost, None))
        }
        None if failed => None,
        None if entry.number::<u64>("mnt")? & NOSUID != 0 => {
            let file = on_disk(entry.tid, &path);
            file.filter(|file| !(file.permitted | file.inheritable).is_empty())
                .map(|file| {
                    let lost = file.permitted - got;
                    let mount = mounts::of(entry.tid, &path);
                    exec(Verdict::Granted, Loss::Nosuid.name(), &file, lost, mount)
                })
        }
        // The kernel passed over what the file has.
        None => on_disk(entry.tid, &path).and_then(|file| {
            let lost = file.permitted - got;
            let reason = match path.starts_with("/proc/") {
                true => Loss::ForeignMount,
                false => Loss::RootIdForeign,
            };
            (!lost.is_empty()).then(|| exec(Verdict::Granted, reason.name(), &file, lost, None))
        }),
    };
    let report = report.or_else(|| (!failed).then(|| set_user_id(entry, &path)).flatten());
    Some((path, report))
}

/// Returns that the set-user-ID bit of the file had no effect.
fn set_user_id(entry: &Entry, path: &str) -> Option<Exec> {
    let (owner, euid): (u32, u32) = (entry.number("owner")?, entry.number("euid")?);
    let reason = match entry.number::<u64>("unsafe")? {
        unsafety if unsafety & NO_NEW_PRIVS != 0 => Loss::NoNewPrivs,
        _ if entry.number::<u64>("mnt")? & NOSUID != 0 => Loss::Nosuid,
        _ => return None,
    };
    let mount = (reason == Loss::Nosuid).then(|| mounts::of(entry.tid, path));
    (entry.number::<u64>("mode")? & S_ISUID != 0 && owner != euid).then(|| Exec {
        path: path.to_owned(),
        verdict: Verdict::Granted,
        reason: reason.name().to_owned(),
        file: Some(format!("set-user-ID {owner}")),
        lost: Vec::new(),
        mount: mount.flatten(),
    })
}

/// Reads the capabilities of a file, as the thread sees it if it is still there.
fn on_disk(tid: i32, path: &str) -> Option<Read> {
    let own = PathBuf::from(path);
    let of_thread = match path.strip_prefix('/') {
        Some(path) => PathBuf::from(format!("/proc/{tid}/root/{path}")),
        None => PathBuf::from(format!("/proc/{tid}/cwd/{path}")),
    };
    [of_thread, own].iter().find_map(|path| {
        let mut value = [0; 64];
        let size = rustix::fs::getxattr(path, "security.capability", &mut value).ok()?;
        let file = FileCapabilities::parse(value.get(..size)?).ok()?;
        Some(Read {
            effective: file.effective,
            permitted: file.permitted,
            inheritable: file.inheritable,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::{super::super::super::entry::fixtures::entry, *};

    const RAW: u64 = 1 << 13;

    fn read(effective: bool) -> Option<Read> {
        let permitted = CapabilitySet::from_bits(RAW);
        Some(Read {
            effective,
            permitted,
            ..Read::default()
        })
    }

    fn executed(facts: &str, read: Option<Read>) -> Option<Exec> {
        let facts = format!("{facts} p0=0x7465732f6e69622f p1=0x0");
        let (path, report) = exec(&entry(7, "capwhy_exec", &facts), read).unwrap();
        assert_eq!(path, "/bin/set");
        report
    }

    #[test]
    fn a_file_capability_outside_the_bounding_set_is_named() {
        let failed = executed("ret=-1 bset=1 inh=0 perm=0 unsafe=0 mnt=0x20", read(true)).unwrap();
        assert_eq!(failed.reason, "ExecFileCapsUnavailable");
        assert_eq!(
            (failed.verdict, &*failed.lost),
            (Verdict::Denied, &["cap_net_raw".to_owned()][..])
        );
        assert_eq!(failed.file.as_deref(), Some("cap_net_raw=ep"));
        let starts = executed("ret=0 bset=1 inh=0 perm=0 unsafe=0 mnt=0x20", read(false)).unwrap();
        assert_eq!(
            (starts.verdict, &*starts.reason),
            (Verdict::Granted, "BoundingSet")
        );
        assert_eq!(starts.file.as_deref(), Some("cap_net_raw=p"));
    }

    #[test]
    fn what_is_only_inheritable_in_the_file_is_named() {
        let file = Some(Read {
            effective: true,
            inheritable: CapabilitySet::from_bits(RAW),
            ..Read::default()
        });
        let facts = "ret=0 bset=0x2000 inh=0 perm=0 unsafe=0 mnt=0x20";
        let started = executed(facts, file).unwrap();
        assert_eq!(&*started.reason, "NotInheritable");
        assert_eq!(started.file.as_deref(), Some("cap_net_raw=ei"));
        assert_eq!(
            executed(&facts.replace("perm=0", "perm=0x2000"), file),
            None
        );
    }

    #[test]
    fn what_no_new_privs_takes_is_named() {
        let facts = format!("ret=0 bset={} inh=0 perm=0 unsafe=4 mnt=0x20", u64::MAX);
        assert_eq!(executed(&facts, read(true)).unwrap().reason, "NoNewPrivs");
    }

    #[test]
    fn a_set_user_id_bit_without_effect_is_named() {
        let facts = "ret=0 bset=0 inh=0 perm=0 unsafe=4 mnt=0x20 mode=35309 owner=0 euid=1000";
        let ignored = executed(facts, None).unwrap();
        assert_eq!(
            (&*ignored.reason, ignored.file.as_deref()),
            ("NoNewPrivs", Some("set-user-ID 0"))
        );
        assert_eq!(executed(&facts.replace("unsafe=4", "unsafe=0"), None), None);
        assert_eq!(executed(&facts.replace("euid=1000", "euid=0"), None), None);
        assert_eq!(executed(&facts.replace("35309", "33261"), None), None);
    }

    #[test]
    fn an_execve_that_takes_nothing_is_not_reported() {
        let facts = format!("ret=0 bset={0} inh=0 perm={0} unsafe=0 mnt=0x20", u64::MAX);
        assert_eq!(executed(&facts, read(true)), None);
        assert_eq!(executed(&facts, None), None);
    }
}
