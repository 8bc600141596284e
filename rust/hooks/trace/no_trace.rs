// SPDX-License-Identifier: GPL-2.0

//! The stand-in for the tracepoints on a kernel without `CONFIG_TRACEPOINTS`: none is ever enabled.

use super::{
    capset_call,
    exec_call::{
        Creds,
        Exec, //
    },
    losses::Losses,
    reason::Reason,
    setuid_call, //
};
use crate::{
    commoncap::Sets,
    kernel_ext::user_namespace::UserNamespace,
    securebits::Securebits, //
};
use core::marker::PhantomData;
use kernel::{cred::Credential, prelude::*};

/// A call of `cap_task_prctl()` that returns.
#[expect(dead_code)]
pub(super) struct ReturnedPrctl {
    pub(super) option: c_int,
    pub(super) args: [c_ulong; 4],
    pub(super) ret: c_int,
    pub(super) before: Securebits,
    pub(super) after: Securebits,
}

/// Returns `false`.
pub(super) const fn capable_enabled() -> bool {
    false
}

/// Returns `false`.
pub(super) const fn task_prctl_enabled() -> bool {
    false
}

/// Returns `false`.
pub(super) const fn capset_enabled() -> bool {
    false
}

/// Returns `false`.
pub(super) const fn setuid_enabled() -> bool {
    false
}

/// Returns `false`.
pub(super) const fn exec_enabled() -> bool {
    false
}

/// Returns `false`.
pub(super) const fn exe_link_enabled() -> bool {
    false
}

/// What would fire `rust_commoncap:capable`.
pub(super) trait Source: 'static {
    /// Starts to fire it.
    #[expect(dead_code)]
    fn start() -> Result;

    /// Stops to fire it.
    #[expect(dead_code)]
    fn stop();
}

/// A source that is never started, since there is no reader.
pub(super) struct WhileRead<S: Source>(PhantomData<S>);

impl<S: Source> WhileRead<S> {
    /// Does nothing.
    pub(super) fn new() -> Result<Self> {
        Ok(Self(PhantomData))
    }
}

/// Does nothing.
pub(super) fn capable(_: &Credential, _: &UserNamespace, _: c_int, _: Reason, _: c_uint) {}

/// Does nothing.
pub(super) fn task_prctl(_: &ReturnedPrctl, _: Reason) {}

/// Does nothing.
pub(super) fn capset(_: &capset_call::Call, _: &Sets, _: c_int, _: Reason) {}

/// Does nothing.
pub(super) fn setuid(_: &setuid_call::Call, _: &Sets, _: c_int, _: Reason) {}

/// Does nothing.
pub(super) fn exec(_: &Creds, _: &Exec, _: &Exec, _: c_int, _: Reason, _: &Losses) {}

/// Does nothing.
pub(super) fn exe_link(_: &CStr, _: &CStr) {}
