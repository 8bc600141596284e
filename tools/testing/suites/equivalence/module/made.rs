// SPDX-License-Identifier: GPL-2.0

//! New and old credentials, made for each case, and what a call does to them.

use crate::cred::{
    noting_privilege,
    Image, //
};
use kernel::{
    bindings::cred,
    fmt,
    prelude::*, //
};

/// What a call has answered and done.
#[derive(PartialEq)]
pub(crate) struct Answer {
    pub(crate) ret: c_int,
    used_privilege: bool,
    new: Image,
    old: Image,
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_fmt(fmt!(
            "returns {}, privilege used {}, new credentials {}, old credentials {}",
            self.ret,
            self.used_privilege,
            self.new,
            self.old
        ))
    }
}

/// The credentials that calls get. All that a case does not set is zero.
pub(crate) struct Creds {
    pub(crate) new: KBox<cred>,
    old: KBox<cred>,
}

impl Creds {
    pub(crate) fn new() -> Result<Self> {
        Ok(Self {
            new: KBox::init(pin_init::init_zeroed(), GFP_KERNEL)?,
            old: KBox::init(pin_init::init_zeroed(), GFP_KERNEL)?,
        })
    }

    /// Zeroes the new and the old credentials, and writes to them.
    #[inline]
    pub(crate) fn set(&mut self, write: impl FnOnce(&mut cred, &mut cred)) {
        *self.new = pin_init::zeroed();
        *self.old = pin_init::zeroed();
        write(&mut self.new, &mut self.old);
    }

    /// Makes a call with the new and the old credentials.
    #[inline]
    pub(crate) fn answer(&mut self, call: impl FnOnce(&mut cred, &cred) -> c_int) -> Answer {
        let (ret, used_privilege) = noting_privilege(|| call(&mut self.new, &self.old));
        // SAFETY: Both are valid, and nobody writes to them here.
        let [new, old] = [&self.new, &self.old].map(|cred| unsafe { Image::of(&**cred) });
        Answer {
            ret,
            used_privilege,
            new,
            old,
        }
    }
}
