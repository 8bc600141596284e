// SPDX-License-Identifier: GPL-2.0

//! Credentials: reading more of them, and changing those of the current task.
//!
//! Upstream, [`CredentialExt`] would be methods of [`Credential`].
//!
//! C header: [`include/linux/cred.h`](srctree/include/linux/cred.h).

use super::{capability::CapabilitySet, securebits::Securebits, user_namespace::UserNamespace};
use core::{mem::ManuallyDrop, ptr::NonNull};
use kernel::{bindings, cred::Credential, prelude::*, sync::aref::ARef, task::Task};

/// The methods that [`Credential`] lacks.
///
/// Nothing of this changes while the credentials can be reached by a shared reference.
///
/// # Safety
///
/// [`Self::as_ptr`] must return a pointer to the C struct of a [`Credential`].
pub unsafe trait CredentialExt {
    /// Returns a raw pointer to the inner C struct.
    fn as_ptr(&self) -> *const bindings::cred;

    // region: methods
    /// Returns the credentials that the current task acts with: `get_current_cred()`.
    ///
    /// They stay valid, and as they are, whatever the task commits meanwhile.
    #[inline]
    fn current() -> ARef<Credential> {
        // SAFETY: The task commits no others before another reference is taken here.
        ARef::from(unsafe { current_cred() })
    }

    /// Returns the user namespace that the capabilities are relative to.
    #[inline]
    fn user_ns(&self) -> &UserNamespace {
        // SAFETY: By the type invariant of `Credential`, the pointer is valid. By the safety
        // requirements of `Credential::from_ptr()`, the type invariants of the namespace hold: the
        // kernel's credentials hold a reference on theirs.
        unsafe { UserNamespace::from_ptr((*self.as_ptr()).user_ns) }
    }

    /// Returns the securebits: `SECBIT_*`.
    #[inline]
    fn securebits(&self) -> Securebits {
        // SAFETY: By the type invariant of `Credential`, the pointer is valid. Nothing writes to
        // this field while there is a shared reference.
        Securebits::from_bits(unsafe { (*self.as_ptr()).securebits })
    }

    /// Returns the capabilities that can be used now.
    #[inline]
    fn effective(&self) -> CapabilitySet {
        // SAFETY: As for `securebits`.
        CapabilitySet::from_bits(unsafe { (*self.as_ptr()).cap_effective.val })
    }

    /// Returns the capabilities that may become effective.
    #[inline]
    fn permitted(&self) -> CapabilitySet {
        // SAFETY: As for `securebits`.
        CapabilitySet::from_bits(unsafe { (*self.as_ptr()).cap_permitted.val })
    }

    /// Returns the capabilities that a program may be given on `execve()`.
    #[inline]
    fn inheritable(&self) -> CapabilitySet {
        // SAFETY: As for `securebits`.
        CapabilitySet::from_bits(unsafe { (*self.as_ptr()).cap_inheritable.val })
    }

    /// Returns the capabilities that can still be gained on `execve()`.
    #[inline]
    fn bounding(&self) -> CapabilitySet {
        // SAFETY: As for `securebits`.
        CapabilitySet::from_bits(unsafe { (*self.as_ptr()).cap_bset.val })
    }

    /// Returns the capabilities that are kept over `execve()` of an ordinary program.
    #[inline]
    fn ambient(&self) -> CapabilitySet {
        // SAFETY: As for `securebits`.
        CapabilitySet::from_bits(unsafe { (*self.as_ptr()).cap_ambient.val })
    }
    // endregion: methods
}

// SAFETY: The type is `Credential`.
unsafe impl CredentialExt for Credential {
    #[inline]
    fn as_ptr(&self) -> *const bindings::cred {
        self.as_ptr()
    }
}

// region: upstream
/// Returns the credentials that the current task acts with: `current_cred()`.
///
/// # Safety
///
/// The current task must not commit others as long as the reference is in use.
#[inline]
pub unsafe fn current_cred<'a>() -> &'a Credential {
    // SAFETY: The current task is valid, and none but itself writes to its `cred`.
    let cred = unsafe { (*Task::current_raw()).cred };
    // SAFETY: The task holds a reference on its credentials until others are committed, which by
    // the safety requirements is not before the reference is gone.
    unsafe { Credential::from_ptr(cred) }
}

/// The right to change the credentials of the current task.
///
/// A task that commits new credentials gives up its reference on the old ones. Borrowing the
/// current ones from a value that must be borrowed exclusively to change them keeps a reference to
/// the old ones from outliving that.
///
/// # Invariants
///
/// - No other value of this type is in use by the task, and the value stays with the task.
/// - `cred` are the credentials that the task acts with, and which are its own: not overridden.
///
/// # Examples
///
/// ```
/// use kernel::{capability::Capability, cred::CurrentCred};
///
/// // SAFETY: This is process context, and the thread has no other value of this type.
/// let mut current = unsafe { CurrentCred::new() };
/// let bounding = current.get().bounding().without(Capability::BPF);
///
/// let mut new = current.prepare()?;
/// new.set_bounding(bounding);
/// new.commit();
/// assert_eq!(current.get().bounding(), bounding);
/// # Ok::<(), Error>(())
/// ```
pub struct CurrentCred {
    // Not `Send`.
    cred: NonNull<bindings::cred>,
}

impl CurrentCred {
    /// Takes the right to change the credentials of the current task.
    ///
    /// # Safety
    ///
    /// The caller must be in process context, where it may sleep, and no other value of this type
    /// nor a reference from [`current_cred`] may be in use by the current task as long as this one
    /// is: in an entry from C, for one. Meanwhile, nothing but this value may change the
    /// credentials that the task acts with, and these must not be overridden (`override_creds()`),
    /// on which [`PreparedCred::commit`] would stop the kernel.
    #[inline]
    pub unsafe fn new() -> Self {
        // SAFETY: By the safety requirements, nothing is committed before this is used.
        let cred = unsafe { current_cred() };
        // SAFETY: By the safety requirements, and these are the credentials that it acts with.
        unsafe { Self::from_ptr(cred.as_ptr()) }
    }

    /// Does what [`Self::new`] does where C has looked up the credentials already.
    ///
    /// # Safety
    ///
    /// As for [`Self::new`], and `cred` must be the credentials that the current task acts with:
    /// `current_cred()`.
    #[inline]
    pub unsafe fn from_ptr(cred: *const bindings::cred) -> Self {
        // INVARIANT: By the safety requirements, and because the type is not `Send`.
        Self {
            // SAFETY: A task always has credentials.
            cred: unsafe { NonNull::new_unchecked(cred.cast_mut()) },
        }
    }

    /// Returns the credentials that the current task acts with: `current_cred()`.
    #[inline]
    pub fn get(&self) -> &Credential {
        // SAFETY: By the type invariants, the task acts with these. It holds a reference on them
        // until others are committed, which takes an exclusive reference to `self`.
        unsafe { Credential::from_ptr(self.cred.as_ptr()) }
    }

    /// Copies the credentials of the current task, to change and commit: `prepare_creds()`.
    ///
    /// Fails with `ENOMEM`.
    #[inline]
    pub fn prepare(&mut self) -> Result<PreparedCred<'_>> {
        // SAFETY: Just an FFI call, in process context by the safety requirements of `new`.
        let cred = NonNull::new(unsafe { bindings::prepare_creds() }).ok_or(ENOMEM)?;
        // INVARIANT: `prepare_creds()` returned it, and it is nobody else's.
        Ok(PreparedCred {
            cred,
            current: self,
        })
    }
}

/// Credentials that the current task has prepared, and will commit or abort.
///
/// Dropped, they are aborted, and nothing has changed.
///
/// # Invariants
///
/// `cred` was returned by `prepare_creds()` in the current task, has neither been committed nor
/// aborted, and can be reached by nobody else.
pub struct PreparedCred<'a> {
    cred: NonNull<bindings::cred>,
    current: &'a mut CurrentCred,
}

impl PreparedCred<'_> {
    /// Sets the securebits.
    #[inline]
    pub fn set_securebits(&mut self, securebits: Securebits) {
        // SAFETY: By the type invariants, `cred` is valid and nobody else's.
        unsafe { (*self.cred.as_ptr()).securebits = securebits.bits() };
    }

    /// Sets the bounding set.
    #[inline]
    pub fn set_bounding(&mut self, set: CapabilitySet) {
        // SAFETY: By the type invariants, `cred` is valid and nobody else's.
        unsafe { (*self.cred.as_ptr()).cap_bset.val = set.bits() };
    }

    /// Sets the ambient set.
    ///
    /// The caller keeps it within the permitted and the inheritable set, as all C does: `execve()`
    /// warns of one that is not.
    #[inline]
    pub fn set_ambient(&mut self, set: CapabilitySet) {
        // SAFETY: By the type invariants, `cred` is valid and nobody else's.
        unsafe { (*self.cred.as_ptr()).cap_ambient.val = set.bits() };
    }

    /// Makes these the credentials of the current task: `commit_creds()`.
    #[inline]
    pub fn commit(self) {
        let mut this = ManuallyDrop::new(self);
        let cred = this.cred;
        // SAFETY: By the type invariants, these credentials were prepared by the current task. The
        // call takes them over, so they must not be dropped, and no reference to the old ones is
        // left, because `self` borrows the `CurrentCred` exclusively. It always returns 0.
        unsafe { bindings::commit_creds(cred.as_ptr()) };
        // INVARIANT: The task acts with these from now on.
        this.current.cred = cred;
    }
}

impl Drop for PreparedCred<'_> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: By the type invariants, these are valid and have been neither committed nor
        // aborted, and nobody else holds them.
        unsafe { bindings::abort_creds(self.cred.as_ptr()) };
    }
}

#[crate::kunit_tests(rust_cred)]
mod tests {
    use super::*;
    use crate::capability::Capability;

    /// Takes the right to change the credentials of the thread that runs the test.
    fn current_cred() -> CurrentCred {
        // SAFETY: Tests run in threads of their own, and each test here calls this once.
        unsafe { CurrentCred::new() }
    }

    #[test]
    fn the_facts_are_those_that_c_wrote() {
        let mut raw: KBox<bindings::cred> = match KBox::init(pin_init::init_zeroed(), GFP_KERNEL) {
            Ok(raw) => raw,
            Err(_) => return assert!(false),
        };
        raw.user_ns = UserNamespace::initial().as_ptr();
        raw.securebits = 1;
        raw.cap_inheritable.val = 2;
        raw.cap_permitted.val = 3;
        raw.cap_effective.val = 4;
        raw.cap_bset.val = 5;
        raw.cap_ambient.val = 6;
        // SAFETY: `raw` outlives the reference, and what is read of it is initialized.
        let cred = unsafe { Credential::from_ptr(&*raw) };
        assert!(cred.user_ns() == UserNamespace::initial());
        assert_eq!(cred.securebits().bits(), 1);
        assert_eq!(cred.inheritable().bits(), 2);
        assert_eq!(cred.permitted().bits(), 3);
        assert_eq!(cred.effective().bits(), 4);
        assert_eq!(cred.bounding().bits(), 5);
        assert_eq!(cred.ambient().bits(), 6);
    }

    #[test]
    fn a_reference_to_the_current_credentials_outlives_their_replacement() {
        let mut current = current_cred();
        let old = Credential::current();
        assert!(core::ptr::eq(&*old, current.get()));
        match current.prepare() {
            Ok(mut prepared) => {
                prepared.set_securebits(old.securebits() ^ Securebits::EXEC_RESTRICT_FILE);
                prepared.commit();
            }
            Err(_) => assert!(false),
        }
        let new = Credential::current();
        assert!(core::ptr::eq(&*new, current.get()));
        assert_eq!(
            new.securebits(),
            old.securebits() ^ Securebits::EXEC_RESTRICT_FILE
        );
        assert!(old.user_ns() == new.user_ns());
    }

    #[test]
    fn dropped_credentials_change_nothing() {
        let mut current = current_cred();
        let before = (
            current.get().as_ptr(),
            current.get().securebits(),
            current.get().bounding(),
            current.get().ambient(),
        );
        if let Ok(mut prepared) = current.prepare() {
            prepared.set_securebits(!before.1);
            prepared.set_bounding(CapabilitySet::EMPTY);
            prepared.set_ambient(CapabilitySet::FULL);
        } else {
            assert!(false);
        }
        let after = (
            current.get().as_ptr(),
            current.get().securebits(),
            current.get().bounding(),
            current.get().ambient(),
        );
        assert!(before == after);
    }

    #[test]
    fn committed_credentials_change_what_was_set_and_nothing_else() {
        let mut current = current_cred();
        let sets = |cred: &Credential| (cred.effective(), cred.permitted(), cred.inheritable());
        let (old, kept) = (current.get().as_ptr(), sets(current.get()));
        let bounding = current.get().bounding().without(Capability::BPF);
        let ambient = current.get().ambient();
        match current.prepare() {
            Ok(mut prepared) => {
                prepared.set_securebits(Securebits::EXEC_RESTRICT_FILE);
                prepared.set_bounding(bounding);
                prepared.commit();
            }
            Err(_) => assert!(false),
        }
        let new = current.get();
        assert!(new.as_ptr() != old);
        assert_eq!(new.securebits(), Securebits::EXEC_RESTRICT_FILE);
        assert_eq!(new.bounding(), bounding);
        assert_eq!(new.ambient(), ambient);
        assert!(sets(new) == kept);
        assert!(new.user_ns() == UserNamespace::initial());
    }
}
// endregion: upstream
