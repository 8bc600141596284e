// SPDX-License-Identifier: GPL-2.0

//! User namespaces.
//!
//! C header: [`include/linux/user_namespace.h`](srctree/include/linux/user_namespace.h).

use crate::{
    bindings,
    sync::aref::AlwaysRefCounted,
    task::Kuid,
    types::Opaque, //
};
use core::{
    iter,
    ptr::{
        self,
        NonNull, //
    }, //
};

/// Wraps the kernel's `struct user_namespace`.
///
/// Only what never changes can be read: `create_user_ns()` writes `parent` and `owner` before
/// anything else can reach the namespace.
///
/// # Invariants
///
/// - The namespace and its ancestors are valid for the lifetime of a reference to an instance.
///   Nothing writes to their `parent` and `owner` meanwhile.
/// - A namespace on which a reference is taken is ref-counted, and holds a reference on its parent.
///
/// # Examples
///
/// ```
/// use kernel::{sync::aref::ARef, user_namespace::UserNamespace};
///
/// let ns: ARef<UserNamespace> = UserNamespace::init().into();
/// assert!(ns.parent().is_none());
/// assert_eq!(ns.ancestors().count(), 1);
/// ```
#[repr(transparent)]
pub struct UserNamespace(Opaque<bindings::user_namespace>);

// SAFETY:
// - `UserNamespace::dec_ref` can be called from any thread.
// - It is okay to send ownership of `UserNamespace` across thread boundaries.
unsafe impl Send for UserNamespace {}

// SAFETY: It's OK to access `UserNamespace` through shared references from other threads because
// we only access properties that don't change.
unsafe impl Sync for UserNamespace {}

impl UserNamespace {
    /// Creates a reference to a [`UserNamespace`] from a valid pointer.
    ///
    /// # Safety
    ///
    /// The caller must ensure that `ptr` points to a user namespace for which the type invariants
    /// hold for the lifetime of the returned [`UserNamespace`] reference. They hold for a namespace
    /// from `create_user_ns()` as long as there is a reference on it.
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

    /// Returns the initial user namespace: `init_user_ns`.
    #[inline]
    #[must_use]
    pub fn init() -> &'static Self {
        // SAFETY: `init_user_ns` is never freed, has no parent, and its owner never changes.
        unsafe { Self::from_ptr(&raw const bindings::init_user_ns) }
    }

    /// Returns the user namespace that this one was created in, or [`None`] for the initial one.
    #[inline]
    #[must_use]
    pub fn parent(&self) -> Option<&Self> {
        // SAFETY: By the type invariants, `self.0` is valid, and nothing writes to the field.
        let parent = unsafe { (*self.as_ptr()).parent };

        // SAFETY: The type invariants of `self` say the same of its parent.
        (!parent.is_null()).then(|| unsafe { Self::from_ptr(parent) })
    }

    /// Returns this namespace, its parent, and so on up to the initial one.
    #[inline]
    pub fn ancestors(&self) -> impl Iterator<Item = &Self> {
        iter::successors(Some(self), |ns| ns.parent())
    }

    /// Returns the effective UID of the task that created the namespace.
    #[inline]
    #[must_use]
    pub fn owner(&self) -> Kuid {
        // SAFETY: By the type invariants, `self.0` is valid, and nothing writes to the field.
        Kuid::from_raw(unsafe { (*self.as_ptr()).owner })
    }
}

impl PartialEq for UserNamespace {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        ptr::eq(self.as_ptr(), other.as_ptr())
    }
}

impl Eq for UserNamespace {}

// SAFETY: The type invariants guarantee that a `UserNamespace` on which a reference is taken is
// ref-counted.
unsafe impl AlwaysRefCounted for UserNamespace {
    #[inline]
    fn inc_ref(&self) {
        // SAFETY: By the type invariants, the namespace is ref-counted. The existence of a shared
        // reference means that the refcount is nonzero.
        unsafe { bindings::get_user_ns(self.as_ptr()) };
    }

    #[inline]
    unsafe fn dec_ref(obj: NonNull<Self>) {
        // SAFETY: The safety requirements guarantee that the refcount is nonzero.
        unsafe { bindings::put_user_ns(obj.cast().as_ptr()) }
    }
}
