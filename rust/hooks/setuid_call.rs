// SPDX-License-Identifier: GPL-2.0

//! A call of `cap_task_fix_setuid()` and the verdict on it, as the hook, the probe, the tracepoint
//! and the report of a divergence use them.

use super::change::Shown;
use crate::{
    commoncap::{
        setuid::{
            fix_setuid,
            Change,
            Ids,
            Kind, //
        },
        Denial,
        Observer,
        Sets, //
    },
    kernel_ext::{
        cred::CredentialExt,
        ids::{make_kuid, CredentialIds}, //
    },
    securebits::Securebits,
};
use kernel::{
    bindings::uid_t,
    cred::Credential,
    fmt,
    prelude::*, //
};

/// A call of `cap_task_fix_setuid()`.
#[derive(Clone, Copy)]
pub(super) struct Call {
    flags: c_int,
    kind: Result<Kind, Denial>,
    /// The securebits that the current task acts with.
    securebits: Securebits,
    /// [`root_of`] the old credentials.
    root: uid_t,
    pub(super) old: Ids<uid_t>,
    pub(super) new: Ids<uid_t>,
    /// The sets of the new credentials, before the call.
    pub(super) before: Sets,
}

impl Call {
    /// `root` is [`root_of`] the old credentials. It is computed before any IDs or sets are read,
    /// which would have to be kept during that call.
    #[inline(always)]
    pub(super) fn new(
        root: uid_t,
        new: &Credential,
        before: Sets,
        old: &Credential,
        current: &Credential,
        flags: c_int,
    ) -> Self {
        Self {
            flags,
            kind: Kind::parse(flags),
            securebits: CredentialExt::securebits(current),
            root,
            old: ids(old),
            new: ids(new),
            before,
        }
    }

    /// Returns the sets that the new credentials get.
    #[inline(always)]
    pub(super) fn verdict(&self, losses: &mut impl Observer) -> Result<Sets, Denial> {
        let change = Change {
            kind: self.kind?,
            root: self.root,
            old: &self.old,
            new: &self.new,
        };
        let sets = fix_setuid(self.securebits, &change, || self.before, losses);
        Ok(sets.unwrap_or(self.before))
    }
}

// region: upstream
/// Returns the user ID that is 0 in the user namespace of the old credentials.
#[inline(always)]
pub(super) fn root_of(old: &Credential) -> uid_t {
    make_kuid(CredentialExt::user_ns(old), 0).into_raw().val
}

/// Returns the user IDs of credentials.
#[inline(always)]
fn ids(cred: &Credential) -> Ids<uid_t> {
    Ids {
        real: cred.uid().into_raw().val,
        effective: Credential::euid(cred).into_raw().val,
        saved: cred.suid().into_raw().val,
        file_system: cred.fsuid().into_raw().val,
    }
}
// endregion: upstream

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [old, new] = [&self.old, &self.new];
        f.write_fmt(fmt!(
            "setuid({}) from {} {} {} {} to {} {} {} {} where root is {} with securebits {:#x} {}",
            self.flags,
            old.real,
            old.effective,
            old.saved,
            old.file_system,
            new.real,
            new.effective,
            new.saved,
            new.file_system,
            self.root,
            self.securebits.bits(),
            Shown(&self.before)
        ))
    }
}
