// SPDX-License-Identifier: GPL-2.0

//! The hook `bprm_creds_from_file`: `cap_bprm_creds_from_file()`.

use super::{
    exec_call::{
        begun,
        creds,
        reason_and_ret,
        write,
        Creds,
        Exec, //
    },
    exec_context::{
        Effects,
        ExecContext, //
    },
    hook::Hook,
    losses::Losses,
    on_mount::NAME,
    reason::Reason,
    trace, //
};
use crate::{
    capability::Capability,
    commoncap::{
        exec::creds_from_file,
        file_capabilities::MAX_SIZE,
        Denial,
        Observer, //
    },
    kernel_ext::{
        binprm::LinuxBinprm,
        cred::current_cred,
        dentry::Dentry,
        mount::{
            path_of,
            VfsMount, //
        },
        series::enodata,
        unexported,
        user_namespace::UserNamespace, //
    },
};
use core::cell::Cell;
use kernel::{
    bindings,
    cred::Credential,
    prelude::*, //
};

// region: upstream
/// An `execve()` that the hook decides.
struct Acting<'a> {
    /// It is there but while it is in use.
    bprm: Cell<Option<LinuxBinprm<'a>>>,
}

impl<'a> Acting<'a> {
    #[inline]
    fn with_bprm<R>(&self, call: impl FnOnce(&mut LinuxBinprm<'a>) -> R) -> Option<R> {
        let mut bprm = self.bprm.take()?;
        let result = call(&mut bprm);
        self.bprm.set(Some(bprm));
        Some(result)
    }
}

impl Effects for Acting<'_> {
    #[inline]
    fn mnt_may_suid(&self, mount: &VfsMount) -> bool {
        mount.may_suid()
    }

    #[inline]
    fn read(&self, dentry: &Dentry, value: &mut [u8; MAX_SIZE]) -> c_int {
        match dentry.inode() {
            Some(inode) => dentry.getxattr(inode, NAME, value),
            None => enodata().to_errno(),
        }
    }

    #[inline]
    fn ns_capable(&self, ns: &UserNamespace, capability: Capability) -> bool {
        ns.ns_capable(capability)
    }

    #[inline]
    fn ptracer_capable(&self, ns: &UserNamespace) -> bool {
        unexported::ptracer_capable(ns)
    }

    #[cold]
    fn warn_mixed(&self) {
        self.with_bprm(|bprm| {
            kernel::pr_info_once!(
                "warning: `{}' has both setuid-root and effective capabilities. Therefore not \
                 raising all capabilities.\n",
                bprm.filename()
            );
        });
    }

    #[cold]
    fn audit(&self, new: &Creds, old: &Credential) -> Result<(), c_int> {
        let logged = self.with_bprm(|bprm| {
            // Audit reads the new credentials.
            write(&mut bprm.new_cred(), new);
            bprm.audit_log_fcaps(old)
        });
        // It is not in use here.
        logged.unwrap_or(Err(ENOMEM)).map_err(Error::to_errno)
    }
}

/// Reads an `execve()` from C, and its new credentials as they are before the decision.
///
/// # Safety
///
/// `bprm` must point to the `linux_binprm` of an `execve()` of the current task, with new
/// credentials that are not committed, and `file` to an open file. Both must be valid for `'a`, and
/// nothing else may read or write the first or its new credentials.
#[inline(always)]
unsafe fn read<'a>(
    bprm: *mut bindings::linux_binprm,
    file: *const bindings::file,
) -> (ExecContext<'a, Acting<'a>>, Exec) {
    // SAFETY: By the safety requirements. Nothing takes a counted reference to the new credentials.
    let mut bprm = unsafe { LinuxBinprm::from_ptr(bprm) };
    // SAFETY: By the safety requirements, there is a reference on the file.
    let (mount, dentry) = unsafe { path_of(file) };
    let exec = begun(creds(bprm.new_cred().get()), bprm.unsafety());
    let context = ExecContext {
        mount,
        dentry,
        ns: bprm.user_ns(),
        // SAFETY: The task commits no credentials before the hook returns, and nothing keeps this
        // longer.
        old: unsafe { current_cred() },
        effects: Acting {
            bprm: Cell::new(Some(bprm)),
        },
    };
    (context, exec)
}

/// Writes what was decided to the `linux_binprm`. `ret` is what the function returns.
#[inline(always)]
fn finish(context: &ExecContext<'_, Acting<'_>>, exec: &Exec, ret: c_int) {
    context.effects.with_bprm(|bprm| {
        write(&mut bprm.new_cred(), &exec.cred);
        if exec.per_clear {
            bprm.clear_personality();
        }
        if exec.secureexec {
            bprm.set_secureexec();
        }
        if ret == EINVAL.to_errno() {
            pr_notice!(
                "Invalid argument reading file caps for {}\n",
                bprm.filename()
            );
        }
    });
}
// endregion: upstream

/// Decides, and writes the result to the `linux_binprm`. Returns what the function returns.
// Inlined, for the reason that `change::make()` gives.
#[inline(always)]
fn act(
    context: &ExecContext<'_, Acting<'_>>,
    exec: &mut Exec,
    losses: &mut impl Observer,
) -> (c_int, Reason) {
    let decided = creds_from_file(context, &creds(context.old), exec, losses);
    let (reason, ret) = reason_and_ret(decided);
    Hook::BprmCredsFromFile.count(reason);
    finish(context, exec, ret);
    if reason == Reason::Denied(Denial::ExecAmbientInvariant) {
        kernel::warn_on!(true);
    }
    (ret, reason)
}

/// Gives the new credentials of an `execve()` what a file grants, and takes what it must not keep,
/// as `cap_bprm_creds_from_file()` does.
///
/// Returns 0, or a negative error number. In that case the kernel drops the new credentials.
///
/// # Safety
///
/// `bprm` must point to the `linux_binprm` of an `execve()` of the current task, with new
/// credentials that are not committed, and `file` to an open file. Both must be valid for the call,
/// nothing else may read or write the first, and the call may sleep.
///
/// `cap_bprm_creds_from_file()` requires the same: the kernel calls it only from
/// `security_bprm_creds_from_file()`, in `begin_new_exec()`, with the `linux_binprm` on which it
/// works and a file on which that holds a reference. The new credentials are shared with nobody
/// before they are committed, and `cred_guard_mutex` keeps tracers away.
#[cfg_attr(
    CONFIG_KUNIT = "y",
    unsafe(export_name = "rust_commoncap_cap_bprm_creds_from_file")
)]
pub(super) unsafe extern "C" fn entry(
    bprm: *mut bindings::linux_binprm,
    file: *const bindings::file,
) -> c_int {
    // SAFETY: By the safety requirements.
    let (context, mut exec) = unsafe { read(bprm, file) };
    if !trace::exec_enabled() {
        return act(&context, &mut exec, &mut ()).0;
    }
    let mut losses = Losses::new();
    let before = exec;
    let (ret, reason) = act(&context, &mut exec, &mut losses);
    trace::exec(&creds(context.old), &before, &exec, ret, reason, &losses);
    ret
}
