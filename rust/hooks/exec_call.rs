// SPDX-License-Identifier: GPL-2.0

//! An `execve()`, as the hook, the probe, the tracepoint and the report of a divergence use it.

use super::{change, reason::Reason};
use crate::{
    commoncap::{
        exec::{
            Bprm,
            Cred,
            Unsafe, //
        },
        setuid::Ids,
        Failure,
        Loss,
        Sets, //
    },
    kernel_ext::{
        cred::CredentialExt,
        ids::{
            CredentialIds,
            Kgid, //
        },
        mount::VfsMount,
        new_cred::NewCred,
        user_namespace::UserNamespace, //
    },
};
use kernel::{
    bindings::{
        gid_t,
        kgid_t,
        kuid_t,
        uid_t, //
    },
    cred::Credential,
    fmt,
    prelude::*,
    task::Kuid, //
};

// region: upstream
/// The part of credentials that `execve()` decides by.
pub(super) type Creds = Cred<uid_t, gid_t>;

/// The part of a `linux_binprm` that is read and changed.
pub(super) type Exec = Bprm<uid_t, gid_t>;

/// Returns that part of credentials.
#[inline]
pub(super) fn creds(cred: &Credential) -> Creds {
    Creds {
        uids: Ids {
            real: cred.uid().into_raw().val,
            effective: Credential::euid(cred).into_raw().val,
            saved: cred.suid().into_raw().val,
            file_system: cred.fsuid().into_raw().val,
        },
        gids: Ids {
            real: cred.gid().into_raw().val,
            effective: cred.egid().into_raw().val,
            saved: cred.sgid().into_raw().val,
            file_system: cred.fsgid().into_raw().val,
        },
        sets: Sets::of(cred),
        securebits: CredentialExt::securebits(cred),
    }
}

/// Writes to new credentials what `execve()` may change.
#[inline]
pub(super) fn write(new: &mut NewCred<'_>, creds: &Creds) {
    let user = |val| Kuid::from_raw(kuid_t { val });
    let group = |val| Kgid::from_raw(kgid_t { val });
    let (uids, gids) = (&creds.uids, &creds.gids);
    new.set_uids(
        user(uids.effective),
        user(uids.saved),
        user(uids.file_system),
    );
    new.set_gids(
        group(gids.effective),
        group(gids.saved),
        group(gids.file_system),
    );
    new.set_effective(creds.sets.effective);
    new.set_permitted(creds.sets.permitted);
    new.set_ambient(creds.sets.ambient);
    new.set_securebits(creds.securebits);
}

/// Returns an `execve()` with new credentials that nothing has changed yet.
#[inline]
pub(super) fn begun(new: Creds, unsafety: u32) -> Exec {
    Exec {
        cred: new,
        unsafety: Unsafe::from_bits(unsafety),
        per_clear: false,
        secureexec: false,
    }
}

// endregion: upstream

/// Returns the reason for a verdict, and what the function returns.
#[inline]
pub(super) fn reason_and_ret(verdict: Result<(), Failure<c_int>>) -> (Reason, c_int) {
    match verdict {
        Ok(()) => (Reason::Change, 0),
        Err(Failure::Denied(denial)) => (Reason::Denied(denial), denial.to_errno()),
        Err(Failure::Other(error)) => (Reason::Failed, error),
    }
}

// region: upstream
/// Returns why a mount gives no privilege to a task of a user namespace.
#[cold]
pub(super) fn why_not_suid(mount: &VfsMount, ns: &UserNamespace) -> Loss {
    if mount.is_nosuid() {
        Loss::Nosuid
    } else if descends(ns, mount.user_ns()) {
        Loss::ForeignMount
    } else {
        Loss::ForeignFileSystem
    }
}

// endregion: upstream

// Not inlined: `make prove` proves it apart, and needs its symbol.
#[inline(never)]
// region: upstream
/// Returns whether a user namespace is another one or a descendant of it: `in_userns()`.
pub(super) fn descends(ns: &UserNamespace, ancestor: &UserNamespace) -> bool {
    let mut ns = Some(ns);
    while let Some(this) = ns.filter(|ns| ns.level() >= ancestor.level()) {
        if this == ancestor {
            return true;
        }
        ns = this.parent();
    }
    false
}

// endregion: upstream

/// Credentials, as a report shows them.
pub(super) struct Shown<'a>(pub(super) &'a Creds);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(cred) = self;
        let (uids, gids) = (&cred.uids, &cred.gids);
        f.write_fmt(fmt!(
            "users {} {} {} {} groups {} {} {} {} securebits {:#x} {}",
            uids.real,
            uids.effective,
            uids.saved,
            uids.file_system,
            gids.real,
            gids.effective,
            gids.saved,
            gids.file_system,
            cred.securebits.bits(),
            change::Shown(&cred.sets)
        ))
    }
}
