// SPDX-License-Identifier: GPL-2.0

//! The credentials and the `linux_binprm` of an `execve()`.

use crate::{
    kernel_ext::{
        ids::{
            CredentialIds,
            Kgid, //
        },
        mount::VfsMount,
        new_cred::NewCred, //
    },
    rules::{
        exec::{
            Bprm,
            Cred,
            Unsafe, //
        },
        setuid::Ids,
        Loss,
        Sets, //
    }, //
};
use kernel::{
    bindings::{
        gid_t,
        kgid_t,
        kuid_t,
        uid_t, //
    },
    cred::Credential,
    task::Kuid,
    user_namespace::UserNamespace, //
};

//@ rust/hooks/exec_call.rs: upstream
