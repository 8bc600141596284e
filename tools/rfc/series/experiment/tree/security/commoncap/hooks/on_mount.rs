// SPDX-License-Identifier: GPL-2.0

//! An inode on a mount, as the decisions about its capabilities read it.

use super::held::Checks;
use crate::{
    kernel_ext::{
        ids::{
            from_kuid,
            make_kuid,
            valid, //
        },
        inode::Inode,
        mnt_idmap::MntIdmap, //
    },
    rules::{
        file_capabilities::{
            Mount,
            Target, //
        },
        privileges::{
            CapableWrtInode,
            NsCapable, //
        },
        UidMap, //
    }, //
};
use core::marker::PhantomData;
use kernel::{
    bindings::{
        kuid_t,
        uid_t, //
    },
    capability::Capability,
    cred::{
        current_cred,
        Credential, //
    },
    task::Kuid,
    user_namespace::UserNamespace, //
};

//@ rust/hooks/on_mount.rs: upstream
