// SPDX-License-Identifier: GPL-2.0

//! What `execve()` makes of the capabilities of a file.

use super::{
    super::super::{
        entry::Entry,
        event::Verdict,
        refusal::{Exec, OWNER, SCRIPT},
    },
    credentials::list,
    text::text,
};
use crate::{capabilities::list as words, executable::interpreter_of, mounts};
use commoncap::{capability::CapabilitySet, file_capabilities::FileCapabilities, Denial, Loss};
use std::{fs, os::unix::fs::MetadataExt as _, path::PathBuf};

/// `MNT_NOSUID`.
const NOSUID: u64 = 1;
/// `LSM_UNSAFE_SHARE`.
const SHARE: u64 = 1;
/// `LSM_UNSAFE_PTRACE`.
const PTRACE: u64 = 2;
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

/// Takes the end of `cap_bprm_creds_from_file()`: returns the path, and what is to be reported. The
/// kernel reads the file of the interpreter of a script.
pub fn exec(
    entry: &Entry,
    read: Option<Read>,
    in_container: bool,
) -> Option<(String, Option<Exec>)> {
    let path = text(entry, "p").unwrap_or_else(|| "a file".to_owned());
    let mut found = places(entry.tid, &path).into_iter();
    let interpreter = found.find_map(|path| interpreter_of(&path));
    let interpreter = interpreter.map(|path| path.to_string_lossy().into_owned());
    let file = interpreter.as_ref().unwrap_or(&path);
    let of_file = of_file(entry, read, file, in_container)?;
    let of_script = || interpreter.as_ref().and_then(|_| of_script(entry, &path));
    Some((path.clone(), of_file.or_else(of_script)))
}

/// Returns what is to be reported of the file whose capabilities the kernel read.
fn of_file(
    entry: &Entry,
    read: Option<Read>,
    path: &str,
    in_container: bool,
) -> Option<Option<Exec>> {
    let failed = entry.number::<i64>("ret")? < 0;
    let exec = |verdict, reason: &str, file: &Read, lost: CapabilitySet, mount| Exec {
        path: path.to_owned(),
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
                return Some(Some(report));
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
            let file = on_disk(entry.tid, path);
            file.filter(|file| !(file.permitted | file.inheritable).is_empty())
                .map(|file| {
                    let lost = file.permitted - got;
                    let mount = mounts::of(entry.tid, path);
                    exec(Verdict::Granted, Loss::Nosuid.name(), &file, lost, mount)
                })
        }
        // The kernel passed over what the file has.
        None => on_disk(entry.tid, path).and_then(|file| {
            let lost = file.permitted - got;
            let reason = match path.starts_with("/proc/") {
                true => Loss::ForeignMount,
                false => Loss::RootIdForeign,
            };
            (!lost.is_empty()).then(|| exec(Verdict::Granted, reason.name(), &file, lost, None))
        }),
    };
    let set_user_id = || set_user_id(entry, path, in_container).filter(|_| !failed);
    Some(report.or_else(set_user_id))
}

/// Returns that the kernel ignored the capabilities or the set-user-ID bit of a script.
fn of_script(entry: &Entry, path: &str) -> Option<Exec> {
    let got = CapabilitySet::from_bits(entry.number("perm")?);
    let capabilities = on_disk(entry.tid, path).filter(|file| !(file.permitted - got).is_empty());
    let euid: u32 = entry.number("euid")?;
    let found = places(entry.tid, path).into_iter();
    let set_id = found.filter_map(|path| fs::metadata(path).ok()).next();
    let set_id = set_id.filter(|file| u64::from(file.mode()) & S_ISUID != 0 && file.uid() != euid);
    let (file, lost) = match (capabilities, set_id) {
        (Some(file), _) => (file.text(), list(file.permitted - got)),
        (_, Some(file)) => (format!("set-user-ID {}", file.uid()), Vec::new()),
        _ => return None,
    };
    Some(Exec {
        path: path.to_owned(),
        verdict: Verdict::Granted,
        reason: SCRIPT.to_owned(),
        file: Some(file),
        lost,
        mount: None,
    })
}

/// Returns that the set-user-ID bit of the file had no effect.
fn set_user_id(entry: &Entry, path: &str, in_container: bool) -> Option<Exec> {
    let (owner, euid): (u32, u32) = (entry.number("owner")?, entry.number("euid")?);
    let unsafety: u64 = entry.number("unsafe")?;
    let is_nosuid = entry.number::<u64>("mnt")? & NOSUID != 0;
    let reason = match unsafety {
        _ if unsafety & NO_NEW_PRIVS != 0 => Loss::NoNewPrivs.name(),
        _ if is_nosuid => Loss::Nosuid.name(),
        _ if unsafety & SHARE != 0 => Loss::SharedFs.name(),
        _ if unsafety & PTRACE != 0 => Loss::Traced.name(),
        // Root of the user namespace has what it would get.
        _ if in_container && entry.number::<u64>("perm")? == 0 => OWNER,
        _ => return None,
    };
    let mount = is_nosuid.then(|| mounts::of(entry.tid, path));
    (entry.number::<u64>("mode")? & S_ISUID != 0 && owner != euid).then(|| Exec {
        path: path.to_owned(),
        verdict: Verdict::Granted,
        reason: reason.to_owned(),
        file: Some(format!("set-user-ID {owner}")),
        lost: Vec::new(),
        mount: mount.flatten(),
    })
}

/// Returns where a file is: as the thread sees it, if it is still there, and as capwhy does.
fn places(tid: i32, path: &str) -> [PathBuf; 2] {
    let of_thread = match path.strip_prefix('/') {
        Some(path) => PathBuf::from(format!("/proc/{tid}/root/{path}")),
        None => PathBuf::from(format!("/proc/{tid}/cwd/{path}")),
    };
    [of_thread, PathBuf::from(path)]
}

/// Reads the capabilities of a file.
fn on_disk(tid: i32, path: &str) -> Option<Read> {
    places(tid, path).iter().find_map(|path| {
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
    use std::os::unix::fs::PermissionsExt as _;

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
        let in_container = facts.contains("level=1");
        let entry = entry(7, "capwhy_exec", &facts);
        let (path, report) = exec(&entry, read, in_container).unwrap();
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
        let permitted = facts.replace("unsafe=4", "unsafe=0");
        assert_eq!(executed(&permitted, None), None);
        let traced = executed(&facts.replace("unsafe=4", "unsafe=2"), None).unwrap();
        assert_eq!(traced.reason, "Traced");
        let unmapped = executed(&format!("{permitted} level=1"), None).unwrap();
        assert_eq!(unmapped.reason, OWNER);
        assert_eq!(executed(&facts.replace("euid=1000", "euid=0"), None), None);
        assert_eq!(executed(&facts.replace("35309", "33261"), None), None);
    }

    #[test]
    fn a_script_with_a_set_user_id_bit_is_named() {
        let directory = crate::scratch::Directory::new();
        let script = directory.join("s");
        fs::write(&script, "#!/bin/sh\n").unwrap();
        let path = script.to_str().unwrap();
        let facts = "ret=0 bset=0 inh=0 perm=0 unsafe=0 mnt=0x20 mode=33261 owner=0 euid=4242";
        let of = || of_script(&entry(7, "capwhy_exec", facts), path);
        assert_eq!(of(), None);
        fs::set_permissions(&script, fs::Permissions::from_mode(0o4755)).unwrap();
        assert_eq!(of().unwrap().reason, SCRIPT);
    }

    #[test]
    fn an_execve_that_takes_nothing_is_not_reported() {
        let facts = format!("ret=0 bset={0} inh=0 perm={0} unsafe=0 mnt=0x20", u64::MAX);
        assert_eq!(executed(&facts, read(true)), None);
        assert_eq!(executed(&facts, None), None);
    }
}
