// SPDX-License-Identifier: GPL-2.0

//! What an `execve()` depends on, as the hook and the probe read it.

use super::exec_call::{
    descends,
    why_not_suid,
    Creds, //
};
use crate::{
    capability::Capability,
    commoncap::{
        exec::Context,
        file_capabilities::{
            Mount,
            Source,
            MAX_SIZE, //
        },
        privileges::NsCapable,
        Loss, //
    },
    kernel_ext::{
        cred::CredentialExt,
        dentry::Dentry,
        ids::{
            make_kuid,
            Kgid, //
        },
        mount::VfsMount,
        series::{
            enodata,
            eopnotsupp, //
        },
        unexported,
        user_namespace::UserNamespace, //
    },
};
use kernel::{
    bindings::{
        gid_t,
        kgid_t,
        uid_t, //
    },
    cred::Credential,
    prelude::*, //
};

// region: upstream
/// The steps of an `execve()` that other code can notice: checks by all LSMs, reads of the file
/// system, messages and audit records.
pub(super) trait Effects {
    /// Determines whether privilege may come from the mount.
    fn mnt_may_suid(&self, mount: &VfsMount) -> bool;

    /// Reads the attribute. Returns its size, or a negative error number.
    fn read(&self, dentry: &Dentry, value: &mut [u8; MAX_SIZE]) -> c_int;

    /// Checks the current task by all LSMs.
    fn ns_capable(&self, ns: &UserNamespace, capability: Capability) -> bool;

    /// Checks the tracer of the current task by all LSMs.
    fn ptracer_capable(&self, ns: &UserNamespace) -> bool;

    /// Logs that the file is set-user-ID root and has capabilities.
    fn warn_mixed(&self);

    /// Has audit keep the new credentials. `old` are those of the caller.
    fn audit(&self, new: &Creds, old: &Credential) -> Result<(), c_int>;
}

/// An `execve()` of the current task, and what it depends on.
pub(super) struct ExecContext<'a, E> {
    pub(super) mount: &'a VfsMount,
    pub(super) dentry: &'a Dentry,
    /// The user namespace of the new credentials.
    pub(super) ns: &'a UserNamespace,
    /// The credentials of the caller.
    pub(super) old: &'a Credential,
    pub(super) effects: E,
}

impl<E> Mount for ExecContext<'_, E> {
    type Namespace = UserNamespace;

    #[inline]
    fn mapped_user(&self, id: u32) -> Option<uid_t> {
        let ns = self.dentry.inode()?.user_ns();
        let user = self.mount.idmap().make_vfsuid(ns, make_kuid(ns, id))?;
        Some(user.into_raw().val)
    }

    #[inline]
    fn current_user_ns(&self) -> &UserNamespace {
        CredentialExt::user_ns(self.old)
    }
}

impl<E: Effects> Source for ExecContext<'_, E> {
    type Error = c_int;

    #[inline]
    fn read(&self, value: &mut [u8; MAX_SIZE]) -> Result<Option<usize>, c_int> {
        let ret = self.effects.read(self.dentry, value);
        match usize::try_from(ret) {
            Ok(size) => Ok(Some(size)),
            Err(_) if ret == enodata().to_errno() || ret == eopnotsupp().to_errno() => Ok(None),
            Err(_) => Err(ret),
        }
    }
}

impl<E: Effects> NsCapable for ExecContext<'_, E> {
    #[inline]
    fn ns_capable(&self, capability: Capability) -> bool {
        self.effects.ns_capable(self.ns, capability)
    }
}

impl<E: Effects> Context for ExecContext<'_, E> {
    type Gid = gid_t;

    #[inline]
    fn file_caps_enabled(&self) -> bool {
        unexported::file_caps_enabled()
    }

    #[inline]
    fn mnt_may_suid(&self) -> Result<(), Loss> {
        if self.effects.mnt_may_suid(self.mount) {
            Ok(())
        } else {
            Err(why_not_suid(self.mount, self.current_user_ns()))
        }
    }

    #[inline]
    fn current_in_userns(&self) -> bool {
        descends(self.current_user_ns(), self.mount.user_ns())
    }

    #[inline]
    fn root_uid(&self) -> uid_t {
        make_kuid(self.ns, 0).into_raw().val
    }

    #[inline]
    fn in_group_p(&self, val: gid_t) -> bool {
        Kgid::from_raw(kgid_t { val }).has_current()
    }

    #[inline]
    fn ptracer_capable(&self) -> bool {
        self.effects.ptracer_capable(self.ns)
    }

    #[inline]
    fn warn_setuid_and_fcaps_mixed(&self) {
        self.effects.warn_mixed();
    }

    #[inline]
    fn audit_log_bprm_fcaps(&self, cred: &Creds) -> Result<(), c_int> {
        self.effects.audit(cred, self.old)
    }
}
// endregion: upstream
