// SPDX-License-Identifier: GPL-2.0

//! The hooks that change the capability sets of new credentials.

use super::returned;
use crate::{
    kernel_ext::new_cred::NewCred,
    rules::{
        Denial,
        Sets, //
    }, //
};
use kernel::prelude::*;

/// Puts the sets of a verdict into the new credentials. Returns what the function returns.
#[inline(always)]
pub(super) fn make(mut new: NewCred<'_>, verdict: Result<Sets, Denial>) -> c_int {
    if let Ok(sets) = &verdict {
        apply(&mut new, sets);
    }
    returned(verdict)
}

//@ rust/hooks/change.rs: upstream
