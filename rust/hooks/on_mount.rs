// SPDX-License-Identifier: GPL-2.0

//! An inode on a mount, as the decisions about its capabilities read it.

use super::held::Checks;
use crate::{
    capability::Capability,
    commoncap::{
        file_capabilities::{
            Mount,
            Target, //
        },
        privileges::{
            CapableWrtInode,
            NsCapable, //
        },
        UidMap,
    },
    kernel_ext::{
        cred::{
            current_cred,
            CredentialExt, //
        },
        ids::{
            from_kuid,
            make_kuid,
            valid, //
        },
        inode::Inode,
        mnt_idmap::MntIdmap,
        user_namespace::UserNamespace, //
    },
};
use core::marker::PhantomData;
use kernel::{
    bindings::{
        kuid_t,
        uid_t, //
    },
    task::Kuid, //
};

// region: upstream
/// The attribute that has the capabilities of a file.
pub(super) const NAME: &kernel::str::CStr = c"security.capability";

impl UidMap for UserNamespace {
    #[inline]
    fn id_of(&self, uid: uid_t) -> Option<u32> {
        from_kuid(self, Kuid::from_raw(kuid_t { val: uid }))
    }
}

/// Returns the user namespace of the current task.
///
/// # Safety
///
/// The task must not commit other credentials as long as the reference is in use.
#[inline]
pub(super) unsafe fn current_user_ns<'a>() -> &'a UserNamespace {
    // SAFETY: By the safety requirements.
    CredentialExt::user_ns(unsafe { current_cred() })
}

/// An inode as a mount shows it. Capabilities of the current task are checked by `C`.
pub(super) struct OnMount<'a, C> {
    idmap: &'a MntIdmap,
    inode: &'a Inode,
    checks: PhantomData<C>,
}

impl<'a, C> OnMount<'a, C> {
    /// Creates it.
    ///
    /// # Safety
    ///
    /// The current task must not commit other credentials as long as this is in use.
    #[inline]
    pub(super) unsafe fn new(idmap: &'a MntIdmap, inode: &'a Inode) -> Self {
        Self {
            idmap,
            inode,
            checks: PhantomData,
        }
    }
}

impl<C> Mount for OnMount<'_, C> {
    type Namespace = UserNamespace;

    #[inline]
    fn mapped_user(&self, id: u32) -> Option<uid_t> {
        let ns = self.inode.user_ns();
        let user = self.idmap.make_vfsuid(ns, make_kuid(ns, id))?;
        Some(user.into_raw().val)
    }

    #[inline]
    fn current_user_ns(&self) -> &UserNamespace {
        // SAFETY: By the safety requirements of `new`.
        unsafe { current_user_ns() }
    }
}

impl<C: Checks> CapableWrtInode for OnMount<'_, C> {
    #[inline]
    fn capable_wrt_inode_uidgid(&self, capability: Capability) -> bool {
        C::capable_wrt_inode(self.inode, self.idmap, capability)
    }
}

impl<C: Checks> NsCapable for OnMount<'_, C> {
    #[inline]
    fn ns_capable(&self, capability: Capability) -> bool {
        C::ns_capable(self.inode.user_ns(), capability)
    }
}

impl<C: Checks> Target for OnMount<'_, C> {
    type Uid = Kuid;

    #[inline]
    fn is_idmapped(&self) -> bool {
        !self.idmap.is_nop()
    }

    #[inline]
    fn user(&self, id: u32) -> Option<Kuid> {
        valid(make_kuid(self.current_user_ns(), id).into_raw())
    }

    #[inline]
    fn unmapped(&self, uid: Kuid) -> Option<Kuid> {
        self.idmap.from_vfsuid(self.inode.user_ns(), uid)
    }

    #[inline]
    fn stored_id(&self, uid: Kuid) -> Option<u32> {
        from_kuid(self.inode.user_ns(), uid)
    }
}
// endregion: upstream
