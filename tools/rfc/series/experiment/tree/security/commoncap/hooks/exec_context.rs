// SPDX-License-Identifier: GPL-2.0

//! What an `execve()` depends on, as the hook reads it.

use super::exec_call::{
    descends,
    why_not_suid,
    Creds, //
};
use crate::{
    kernel_ext::{
        dentry::Dentry,
        ids::{
            make_kuid,
            Kgid, //
        },
        mount::VfsMount,
        symbols, //
    },
    rules::{
        exec::Context,
        file_capabilities::{
            Mount,
            Source,
            MAX_SIZE, //
        },
        privileges::NsCapable,
        Loss, //
    }, //
};
use kernel::{
    bindings::{
        gid_t,
        kgid_t,
        uid_t, //
    },
    capability::Capability,
    cred::Credential,
    prelude::*,
    user_namespace::UserNamespace, //
};

//@ rust/hooks/exec_context.rs: upstream
