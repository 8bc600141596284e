// SPDX-License-Identifier: GPL-2.0

//! User namespaces.
//!
//! C headers: [`include/linux/user_namespace.h`](srctree/include/linux/user_namespace.h),
//! [`include/linux/capability.h`](srctree/include/linux/capability.h).

use super::capability::Capability;
use kernel::{bindings, prelude::*, task::Kuid, types::Opaque};

// region: upstream
/// Wraps the kernel's `struct user_namespace`.
///
/// What can be read here never changes once the namespace has been made.
///
/// # Invariants
///
/// - The namespace and its ancestors remain valid for the lifetime of a reference to an instance.
/// - `parent`, `level` and `owner` of all of them are initialized, and nothing writes to them any
///   more.
///
/// # Examples
///
/// ```
/// use kernel::{capability::Capability, user_namespace::UserNamespace};
///
/// let initial = UserNamespace::initial();
/// assert!(initial.parent().is_none());
/// assert_eq!(initial.level(), 0);
///
/// // This runs in a thread of the kernel, which holds every capability over every namespace.
/// assert!(initial.ns_capable(Capability::SYS_ADMIN));
/// ```
#[repr(transparent)]
pub struct UserNamespace(Opaque<bindings::user_namespace>);

// SAFETY: It's OK to access `UserNamespace` through shared references from other threads because
// we only access fields that nothing writes to, by the type invariants, and call C functions that
// may be called from any thread.
unsafe impl Sync for UserNamespace {}

impl UserNamespace {
    /// Creates a reference to a [`UserNamespace`] from a valid pointer.
    ///
    /// # Safety
    ///
    /// The caller must ensure that `ptr` points to a user namespace for which the type invariants
    /// hold for the lifetime of the returned reference. A namespace from `create_user_ns()` holds a
    /// reference on its parent, and nothing writes to these three fields any more, so one reference
    /// on it is enough.
    #[inline]
    pub unsafe fn from_ptr<'a>(ptr: *const bindings::user_namespace) -> &'a Self {
        // INVARIANT: By the safety requirements.
        // SAFETY: The safety requirements guarantee the validity of the dereference, while the
        // `UserNamespace` type being transparent makes the cast ok.
        unsafe { &*ptr.cast() }
    }

    /// Returns a raw pointer to the inner C struct.
    #[inline]
    pub fn as_ptr(&self) -> *mut bindings::user_namespace {
        self.0.get()
    }

    /// Returns the initial user namespace, the ancestor of all others: `init_user_ns`.
    #[inline]
    pub fn initial() -> &'static Self {
        // SAFETY: `init_user_ns` is static and has no parent. Nothing writes to its `parent`,
        // `level` and `owner`.
        unsafe { Self::from_ptr(&raw const bindings::init_user_ns) }
    }

    /// Returns the user namespace in which this one was made; [`None`] for the initial one.
    #[inline]
    pub fn parent(&self) -> Option<&Self> {
        // SAFETY: By the type invariants, `self.0` is valid and nothing writes to `parent`.
        let parent = unsafe { (*self.as_ptr()).parent };
        if parent.is_null() {
            None
        } else {
            // SAFETY: The type invariants of `self` say the same of its ancestors.
            Some(unsafe { Self::from_ptr(parent) })
        }
    }

    /// Returns how many ancestors this namespace has: 0 for the initial one, 33 at most.
    #[inline]
    pub fn level(&self) -> c_int {
        // SAFETY: By the type invariants, `self.0` is valid and nothing writes to `level`.
        unsafe { (*self.as_ptr()).level }
    }

    /// Returns the effective UID of the task that made this namespace.
    #[inline]
    pub fn owner(&self) -> Kuid {
        // SAFETY: By the type invariants, `self.0` is valid and nothing writes to `owner`.
        Kuid::from_raw(unsafe { (*self.as_ptr()).owner })
    }

    /// Determines whether the current task holds a capability over this namespace.
    ///
    /// Checks with all LSMs, which may write an audit record of a denial, and notes the use of
    /// privilege (`PF_SUPERPRIV`) if it is granted: `ns_capable()`.
    #[inline]
    pub fn ns_capable(&self, capability: Capability) -> bool {
        // SAFETY: By the type invariants, `self.0` is valid, and `Capability` holds valid
        // capabilities only.
        unsafe { bindings::ns_capable(self.as_ptr(), capability.number().into()) }
    }

    /// [`Self::ns_capable`] without audit records: `ns_capable_noaudit()`.
    #[inline]
    pub fn ns_capable_noaudit(&self, capability: Capability) -> bool {
        // SAFETY: As for `ns_capable`.
        unsafe { bindings::ns_capable_noaudit(self.as_ptr(), capability.number().into()) }
    }
}

impl PartialEq for UserNamespace {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        core::ptr::eq(self, other)
    }
}

impl Eq for UserNamespace {}

#[crate::kunit_tests(rust_user_namespace)]
mod tests {
    use super::*;

    #[test]
    fn the_initial_namespace_is_the_root() {
        let initial = UserNamespace::initial();
        assert!(initial.parent().is_none());
        assert_eq!(initial.level(), 0);
        assert!(initial.owner() == Kuid::from_raw(bindings::kuid_t { val: 0 }));
        assert!(initial == UserNamespace::initial());
    }

    #[test]
    fn a_namespace_is_read_as_c_wrote_it() {
        let mut child: KBox<bindings::user_namespace> =
            match KBox::init(pin_init::init_zeroed(), GFP_KERNEL) {
                Ok(child) => child,
                Err(_) => return assert!(false),
            };
        child.parent = UserNamespace::initial().as_ptr();
        child.level = 1;
        child.owner = bindings::kuid_t { val: 1000 };
        // SAFETY: `child` outlives the reference, its parent is the initial namespace, and what is
        // read of it is initialized.
        let child = unsafe { UserNamespace::from_ptr(&*child) };
        assert!(child.parent() == Some(UserNamespace::initial()));
        assert_eq!(child.level(), 1);
        assert!(child.owner() == Kuid::from_raw(bindings::kuid_t { val: 1000 }));
        assert!(child != UserNamespace::initial());
    }

    #[test]
    fn a_kernel_thread_holds_every_capability() {
        for &capability in Capability::ALL {
            assert!(UserNamespace::initial().ns_capable(capability));
            assert!(UserNamespace::initial().ns_capable_noaudit(capability));
        }
    }
}
// endregion: upstream
