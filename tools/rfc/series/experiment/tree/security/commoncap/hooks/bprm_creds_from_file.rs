// SPDX-License-Identifier: GPL-2.0

//! The hook `bprm_creds_from_file`: `cap_bprm_creds_from_file()`.

use super::{
    exec_call::{
        begun,
        creds,
        write,
        Creds,
        Exec, //
    },
    exec_context::{
        Effects,
        ExecContext, //
    },
    on_mount::NAME,
};
use crate::{
    kernel_ext::{
        binprm::LinuxBinprm,
        dentry::Dentry,
        mount::{
            path_of,
            VfsMount, //
        },
        symbols, //
    },
    rules::{
        exec::creds_from_file,
        file_capabilities::MAX_SIZE,
        Denial,
        Failure, //
    }, //
};
use core::cell::Cell;
use kernel::{
    bindings,
    capability::Capability,
    cred::{
        current_cred,
        Credential, //
    },
    prelude::*,
    user_namespace::UserNamespace, //
};

/// Gives the new credentials of an `execve()` what a file grants, and takes what it must not keep,
/// for `cap_bprm_creds_from_file()`.
///
/// Returns 0, or a negative error number. In that case the kernel drops the new credentials.
///
/// # Safety
///
/// `bprm` must point to the `linux_binprm` of an `execve()` of the current task, with new
/// credentials that are not committed, and `file` to an open file. Both must be valid for the call,
/// nothing else may read or write the first, and the call may sleep.
#[export]
pub unsafe extern "C" fn rust_cap_bprm_creds_from_file(
    bprm: *mut bindings::linux_binprm,
    file: *const bindings::file,
) -> c_int {
    // SAFETY: By the safety requirements.
    let (context, mut exec) = unsafe { read(bprm, file) };
    let decided = creds_from_file(&context, &creds(context.old), &mut exec, &mut ());
    let ret = match decided {
        Ok(()) => 0,
        Err(Failure::Denied(denial)) => {
            kernel::warn_on!(denial == Denial::ExecAmbientInvariant);
            denial.to_errno()
        }
        Err(Failure::Other(error)) => error,
    };
    finish(&context, &exec, ret);
    ret
}

//@ rust/hooks/bprm_creds_from_file.rs: upstream
