// SPDX-License-Identifier: GPL-2.0

//! How the hooks check the capabilities of the current task.

use super::capable;
use crate::{
    kernel_ext::{
        inode::Inode,
        mnt_idmap::MntIdmap,
        symbols, //
    },
    rules::privileges::{
        CapCapable,
        HasNsCapability,
        NsCapable, //
    }, //
};
use core::marker::PhantomData;
use kernel::{
    bindings::{
        self,
        task_struct, //
    },
    capability::Capability,
    cred::current_cred,
    prelude::*,
    user_namespace::UserNamespace, //
};

//@ rust/hooks/held.rs: upstream
