// SPDX-License-Identifier: GPL-2.0

//! The user IDs that a mount shows.
//!
//! C header: [`include/linux/mnt_idmapping.h`](srctree/include/linux/mnt_idmapping.h).

use super::{
    ids::valid,
    user_namespace::UserNamespace, //
};
use kernel::{
    bindings,
    task::Kuid,
    types::Opaque, //
};

/// Wraps the kernel's `struct mnt_idmap`: how a mount maps the IDs of its file system.
///
/// A `vfsuid_t`, an ID that the mount shows, is a [`Kuid`] here: `AS_KUIDT()`.
///
/// # Invariants
///
/// The map remains valid for the lifetime of a reference to an instance. Nothing writes to it.
#[repr(transparent)]
pub struct MntIdmap(Opaque<bindings::mnt_idmap>);

// SAFETY: Nothing writes to a map, by the type invariants.
unsafe impl Sync for MntIdmap {}

impl MntIdmap {
    /// Creates a reference to a [`MntIdmap`] from a valid pointer.
    ///
    /// # Safety
    ///
    /// `ptr` must be valid for the lifetime of the returned reference, as that of a mount is while
    /// there is a reference on the mount.
    #[inline]
    pub unsafe fn from_ptr<'a>(ptr: *const bindings::mnt_idmap) -> &'a Self {
        // SAFETY: By the safety requirements; the type is transparent. C never writes to a map that
        // it has given to a mount.
        unsafe { &*ptr.cast() }
    }

    /// Returns a raw pointer to the inner C struct.
    #[inline]
    pub fn as_ptr(&self) -> *mut bindings::mnt_idmap {
        self.0.get()
    }

    /// Returns the map of a mount that maps each ID to itself: `nop_mnt_idmap`.
    #[inline]
    pub fn nop() -> &'static Self {
        // SAFETY: It is static.
        unsafe { Self::from_ptr(&raw const bindings::nop_mnt_idmap) }
    }

    /// Returns whether this is the map of a mount that is not idmapped.
    #[inline]
    pub fn is_nop(&self) -> bool {
        core::ptr::eq(self, Self::nop())
    }

    /// Returns the user that the mount shows a user of its file system as: `make_vfsuid()`.
    ///
    /// `fs_ns` is the user namespace of the file system. Returns [`None`] if the user is invalid or
    /// the mount shows none.
    #[inline]
    pub fn make_vfsuid(&self, fs_ns: &UserNamespace, uid: Kuid) -> Option<Kuid> {
        // SAFETY: By their type invariants, the map and the namespace are valid.
        let shown = unsafe { bindings::make_vfsuid(self.as_ptr(), fs_ns.as_ptr(), uid.into_raw()) };
        valid(bindings::kuid_t { val: shown.val })
    }

    /// Returns the user of the file system that the mount shows as `uid`: `from_vfsuid()`.
    ///
    /// `fs_ns` is the user namespace of the file system. Returns [`None`] if there is none.
    #[inline]
    pub fn from_vfsuid(&self, fs_ns: &UserNamespace, uid: Kuid) -> Option<Kuid> {
        let shown = bindings::vfsuid_t {
            val: uid.into_raw().val,
        };
        // SAFETY: As for `make_vfsuid`.
        valid(unsafe { bindings::from_vfsuid(self.as_ptr(), fs_ns.as_ptr(), shown) })
    }
}

#[crate::kunit_tests(rust_mnt_idmap)]
mod tests {
    use super::{
        super::ids::{from_kuid, make_kuid},
        *,
    };

    #[test]
    fn a_mount_without_a_map_shows_each_user_as_he_is() {
        let (map, ns) = (MntIdmap::nop(), UserNamespace::initial());
        assert!(map.is_nop());
        for id in [0, 1, 1000, u32::MAX - 1, u32::MAX] {
            let uid = make_kuid(ns, id);
            let expected = (id != u32::MAX).then_some(id);
            let id_of = |uid: Option<Kuid>| uid.and_then(|uid| from_kuid(ns, uid));
            assert_eq!(id_of(map.make_vfsuid(ns, uid)), expected);
            assert_eq!(id_of(map.from_vfsuid(ns, uid)), expected);
        }
    }

    #[test]
    fn an_invalid_map_shows_no_user() {
        // SAFETY: It is static.
        let map = unsafe { MntIdmap::from_ptr(&raw const bindings::invalid_mnt_idmap) };
        assert!(!map.is_nop());
        let ns = UserNamespace::initial();
        let root = make_kuid(ns, 0);
        assert!(map.make_vfsuid(ns, root).is_none());
        assert!(map.from_vfsuid(ns, root).is_none());
    }
}
