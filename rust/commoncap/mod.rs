// SPDX-License-Identifier: GPL-2.0

//! What the capability LSM decides, and nothing else.
//!
//! The decisions of [`security/commoncap.c`](srctree/security/commoncap.c) that checkpoint/restore
//! and script control rest on. Each function here is given facts and returns a verdict: a grant, a
//! change of credentials to make, or a [`Denial`] that says which rule said no. Nothing here reads
//! or changes the state of the kernel: the hooks do that.
//!
//! | C | here |
//! |---|---|
//! | `cap_capable()` | [`capable::capable`] |
//! | `checkpoint_restore_ns_capable()` | [`checkpoint_restore::ns_capable`] |
//! | `cap_task_prctl()`, `cap_prctl_drop()` | [`prctl::Request::parse`], [`prctl::decide`] |
//! | … of them `PR_SET_SECUREBITS` | [`prctl::securebits`] |
//! | … of them `PR_CAP_AMBIENT` | `prctl/ambient.rs` |
//!
//! It is generic over where the facts come from ([`credentials`]), so the kernel's own structures cost
//! nothing here, and user space asks the same rules of what it knows.

#![forbid(unsafe_code)]

pub mod capable;
pub mod checkpoint_restore;
pub mod credentials;
mod denial;
pub mod prctl;
#[cfg(any(test, CONFIG_KUNIT = "y"))]
mod testing;

pub use denial::{Denial, Errno};
