// SPDX-License-Identifier: GPL-2.0

//! The credentials that a case starts with, and what has become of them.

use core::{
    mem::{offset_of, size_of, MaybeUninit},
    ptr::NonNull,
};
use kernel::{
    bindings::{self, cred},
    fmt,
    prelude::*,
    task::Task,
};

/// What matters of the credentials of a task.
#[derive(Clone, Copy)]
pub(crate) struct Facts {
    pub(crate) securebits: u32,
    pub(crate) effective: u64,
    pub(crate) permitted: u64,
    pub(crate) inheritable: u64,
    pub(crate) bounding: u64,
    pub(crate) ambient: u64,
}

impl fmt::Display for Facts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "securebits {:#x} effective {:#x} permitted {:#x} inheritable {:#x} bounding {:#x} \
             ambient {:#x}",
            self.securebits,
            self.effective,
            self.permitted,
            self.inheritable,
            self.bounding,
            self.ambient
        )
    }
}

impl Facts {
    fn of(cred: &cred) -> Self {
        Self {
            securebits: cred.securebits,
            effective: cred.cap_effective.val,
            permitted: cred.cap_permitted.val,
            inheritable: cred.cap_inheritable.val,
            bounding: cred.cap_bset.val,
            ambient: cred.cap_ambient.val,
        }
    }
}

/// Credentials of the current task, each byte but one pointer.
///
/// The pointer is that to what LSMs keep: no two credentials share it. Of it there is whether it is
/// null.
#[derive(PartialEq)]
pub(crate) struct Image([u8; size_of::<cred>()]);

impl Image {
    /// # Safety
    ///
    /// `cred` must be valid, and nobody may write to it.
    #[inline]
    pub(crate) unsafe fn of(cred: *const cred) -> Self {
        let mut image = MaybeUninit::<[u8; size_of::<cred>()]>::uninit();
        // SAFETY: By the safety requirements it is valid, and C has written every byte of it: it
        // copies credentials as bytes, and the first are static.
        let mut image = unsafe {
            core::ptr::copy_nonoverlapping(
                cred.cast::<u8>(),
                image.as_mut_ptr().cast(),
                size_of::<cred>(),
            );
            image.assume_init()
        };
        let lsms = offset_of!(cred, security);
        let kept = &mut image[lsms..lsms + size_of::<*const u8>()];
        let is_null = kept.iter().all(|byte| *byte == 0);
        kept.fill(u8::from(!is_null));
        Self(image)
    }
}

/// What a call has answered and done.
#[derive(PartialEq)]
pub(crate) struct Outcome {
    pub(crate) ret: c_int,
    used_privilege: bool,
    /// Whether there are new credentials.
    committed: bool,
    now: Image,
    /// What has become of the credentials that the call found.
    start: Image,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_fmt(fmt!(
            "returns {}, privilege used {}, committed {}, then {}",
            self.ret,
            self.used_privilege,
            self.committed,
            self.now
        ))
    }
}

impl fmt::Display for Image {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // SAFETY: It is an image of credentials. Only its numbers are read.
        let cred = unsafe { self.0.as_ptr().cast::<cred>().read_unaligned() };
        f.write_fmt(fmt!("{};", Facts::of(&cred)))?;
        for (offset, byte) in self.0.iter().enumerate() {
            if offset % 8 == 0 {
                f.write_str(" ")?;
            }
            write!(f, "{byte:02x}")?;
        }
        Ok(())
    }
}

/// Makes a call. Returns its value, and whether it noted the use of privilege.
#[inline]
pub(crate) fn noting_privilege(call: impl FnOnce() -> c_int) -> (c_int, bool) {
    let task = Task::current_raw();
    // SAFETY: A task's flags are its own to write.
    unsafe { (*task).flags &= !bindings::PF_SUPERPRIV };
    let ret = call();
    // SAFETY: As above.
    (ret, unsafe { (*task).flags & bindings::PF_SUPERPRIV != 0 })
}

/// The credentials that cases start with, committed as those of the current task.
///
/// # Invariants
///
/// It holds a reference on `cred`, which the current task acts with, unless it is within
/// [`Start::outcome`].
pub(crate) struct Start {
    cred: NonNull<cred>,
    pub(crate) facts: Facts,
}

impl Start {
    /// Commits credentials with these facts, of the current task otherwise.
    pub(crate) fn with(facts: Facts) -> Result<Self> {
        // SAFETY: Tests run in process context.
        let cred = NonNull::new(unsafe { bindings::prepare_creds() }).ok_or(ENOMEM)?;
        // SAFETY: They are nobody else's yet.
        let new = unsafe { &mut *cred.as_ptr() };
        new.securebits = facts.securebits;
        new.cap_effective.val = facts.effective;
        new.cap_permitted.val = facts.permitted;
        new.cap_inheritable.val = facts.inheritable;
        new.cap_bset.val = facts.bounding;
        new.cap_ambient.val = facts.ambient;
        // INVARIANT: The reference is that of `prepare_creds()`; committed below.
        let start = Self { cred, facts };
        start.commit();
        Ok(start)
    }

    fn commit(&self) {
        // SAFETY: By the type invariants they are valid. The commit takes over one reference, and
        // the thread of a test does not act with overridden credentials.
        unsafe { bindings::commit_creds(bindings::get_cred(self.cred.as_ptr()).cast_mut()) };
    }

    /// Makes a call, returns its outcome, and commits these credentials again.
    #[inline]
    pub(crate) fn outcome(&self, call: impl FnOnce() -> c_int) -> Outcome {
        let (ret, used_privilege) = noting_privilege(call);
        // SAFETY: The current task is valid, its credentials are its own to change, and those that
        // it starts with have a reference.
        let outcome = unsafe {
            let now = (*Task::current_raw()).cred;
            Outcome {
                ret,
                used_privilege,
                committed: now != self.cred.as_ptr().cast_const(),
                now: Image::of(now),
                start: Image::of(self.cred.as_ptr()),
            }
        };
        if outcome.committed {
            self.commit();
        }
        outcome
    }
}

impl Drop for Start {
    fn drop(&mut self) {
        // SAFETY: By the type invariants there is a reference; the task has one of its own.
        unsafe { bindings::put_cred(self.cred.as_ptr()) };
    }
}
