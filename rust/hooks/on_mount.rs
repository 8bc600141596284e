// SPDX-License-Identifier: GPL-2.0

//! An inode on a mount, as the decisions about its capabilities read it.

use crate::{
    commoncap::UidMap,
    kernel_ext::{
        ids::from_kuid,
        user_namespace::UserNamespace, //
    },
};
use kernel::{
    bindings::{
        kuid_t,
        uid_t, //
    },
    task::Kuid, //
};

/// The attribute that has the capabilities of a file.
pub(super) const NAME: &kernel::str::CStr = c"security.capability";

impl UidMap for UserNamespace {
    #[inline]
    fn id_of(&self, uid: uid_t) -> Option<u32> {
        from_kuid(self, Kuid::from_raw(kuid_t { val: uid }))
    }
}
