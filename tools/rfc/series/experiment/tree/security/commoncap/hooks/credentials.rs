// SPDX-License-Identifier: GPL-2.0

//! The kernel's credentials and user namespaces, as the decisions read them.

use crate::rules::{
    credentials::{
        Credentials,
        Namespace,
        Subject, //
    },
    exec::Unsafe,
    file_capabilities,
    prctl::option,
    ptrace,
    setuid,
    Errno, //
};
use kernel::{
    bindings::{
        self,
        uid_t, //
    },
    capability::CapabilitySet,
    cred::Credential,
    prelude::*,
    securebits::Securebits,
    user_namespace::UserNamespace, //
};

//@ rust/hooks/credentials.rs: upstream
