// SPDX-License-Identifier: GPL-2.0

//! The tracepoints `capable`, `task_prctl`, `capset`, `setuid` and `exec` of the system
//! `rust_commoncap`, which report each decision with its reason, and `exe_link`, which reports
//! changes of `/proc/PID/exe`.
//!
//! A tracepoint that is not enabled costs a jump label.

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
    bindings::{
        __tracepoint_capable, __tracepoint_capset, __tracepoint_exe_link, __tracepoint_exec,
        __tracepoint_setuid, __tracepoint_task_prctl, rust_commoncap_capset, rust_commoncap_exec,
        rust_commoncap_exec_ids, rust_commoncap_follow_readers, rust_commoncap_prctl,
        rust_commoncap_sets, rust_commoncap_setuid, rust_commoncap_text,
        rust_commoncap_trace_capable, rust_commoncap_trace_capset, rust_commoncap_trace_exe_link,
        rust_commoncap_trace_exec, rust_commoncap_trace_setuid, rust_commoncap_trace_task_prctl,
        rust_commoncap_unfollow_readers, rust_commoncap_user_ids, RUST_COMMONCAP_CAP_LEN,
        RUST_COMMONCAP_REASON_LEN,
    },
    capability::Capability,
    commoncap::{
        capable::parse,
        prctl::option,
        setuid::Ids,
        Denial,
        Sets, //
    },
    kernel_ext::user_namespace::UserNamespace,
    securebits::Securebits,
};
use core::marker::PhantomData;
use kernel::{
    bindings::uid_t,
    cred::Credential,
    error::to_result,
    prelude::*, //
};

/// A call of `cap_task_prctl()` that returns.
pub(super) struct ReturnedPrctl {
    pub(super) option: c_int,
    pub(super) args: [c_ulong; 4],
    pub(super) ret: c_int,
    pub(super) before: Securebits,
    pub(super) after: Securebits,
}

macro_rules! enabled {
    ($tracepoint:ident) => {
        // SAFETY: `key` is the static key of a `struct tracepoint` that `trace.c` defines, which is
        // static and initialized to false.
        unsafe {
            kernel::jump_label::static_branch_unlikely!(
                $tracepoint,
                kernel::bindings::tracepoint,
                key
            )
        }
    };
}

/// Returns whether a probe is attached to `rust_commoncap:capable`.
#[inline(always)]
pub(super) fn capable_enabled() -> bool {
    enabled!(__tracepoint_capable)
}

/// Returns whether a probe is attached to `rust_commoncap:task_prctl`.
#[inline(always)]
pub(super) fn task_prctl_enabled() -> bool {
    enabled!(__tracepoint_task_prctl)
}

/// Returns whether a probe is attached to `rust_commoncap:capset`.
#[inline(always)]
pub(super) fn capset_enabled() -> bool {
    enabled!(__tracepoint_capset)
}

/// Returns whether a probe is attached to `rust_commoncap:setuid`.
#[inline(always)]
pub(super) fn setuid_enabled() -> bool {
    enabled!(__tracepoint_setuid)
}

/// Returns whether a probe is attached to `rust_commoncap:exec`.
#[inline(always)]
pub(super) fn exec_enabled() -> bool {
    enabled!(__tracepoint_exec)
}

/// Returns whether a probe is attached to `rust_commoncap:exe_link`.
#[inline(always)]
pub(super) fn exe_link_enabled() -> bool {
    enabled!(__tracepoint_exe_link)
}

/// What fires `rust_commoncap:capable` if that takes more than to call [`capable`].
pub(super) trait Source: 'static {
    /// Starts to fire it. Calls of this and of [`Self::stop`] alternate, and may sleep.
    fn start() -> Result;

    /// Stops to fire it.
    fn stop();
}

/// A source that fires `rust_commoncap:capable` while that has readers, until this is dropped.
pub(super) struct WhileRead<S: Source>(PhantomData<S>);

impl<S: Source> WhileRead<S> {
    /// Starts the source as soon as there is a reader. There may be one value of this type at a
    /// time.
    ///
    /// Fails if there is a reader and the source fails to start. Later, the reader fails.
    pub(super) fn new() -> Result<Self> {
        // SAFETY: `follow` is valid until it is withdrawn, when the returned value is dropped.
        to_result(unsafe { rust_commoncap_follow_readers(Some(Self::follow)) })?;
        Ok(Self(PhantomData))
    }

    extern "C" fn follow(any: bool) -> c_int {
        if any {
            S::start().map_or_else(Error::to_errno, |()| 0)
        } else {
            S::stop();
            0
        }
    }
}

impl<S: Source> Drop for WhileRead<S> {
    fn drop(&mut self) {
        // SAFETY: `new` has set the function that this withdraws.
        unsafe { rust_commoncap_unfollow_readers() };
    }
}

// Each name fits in its field of the event. Those of grants are short.
const _: () = {
    let mut index = 0;
    while index < Capability::ALL.len() {
        assert!(Capability::ALL[index].name().len() < RUST_COMMONCAP_CAP_LEN as usize);
        index += 1;
    }
    index = 0;
    while index < Denial::ALL.len() {
        assert!(Denial::ALL[index].name().len() < RUST_COMMONCAP_REASON_LEN as usize);
        index += 1;
    }
};

fn text(text: &[u8]) -> rust_commoncap_text {
    rust_commoncap_text {
        text: text.as_ptr().cast(),
        len: text.len() as c_uint,
    }
}

/// Fires `rust_commoncap:capable` for a decision of `cap_capable()`. `opts` are `CAP_OPT_*`.
#[cold]
pub(super) fn capable(
    cred: &Credential,
    target: &UserNamespace,
    cap: c_int,
    reason: Reason,
    opts: c_uint,
) {
    let cap = parse(cap).map_or("none", |capability| capability.name());
    let granted = !matches!(reason, Reason::Denied(_));
    // SAFETY: The references are valid for the call, and each text has the length it gives.
    unsafe {
        rust_commoncap_trace_capable(
            cred.as_ptr(),
            target.as_ptr(),
            &text(cap.as_bytes()),
            granted,
            &text(reason.name().as_bytes()),
            opts,
        )
    };
}

/// Fires `rust_commoncap:task_prctl` for a call, unless its option is left to others.
#[cold]
pub(super) fn task_prctl(call: &ReturnedPrctl, reason: Reason) {
    if reason == Reason::Denied(Denial::NotOurs) {
        return;
    }
    let prctl = rust_commoncap_prctl {
        option: call.option,
        args: call.args,
        ret: call.ret,
        granted: !matches!(reason, Reason::Denied(_)),
        before: call.before.bits(),
        asked: match call.option {
            option::SET_SECUREBITS => call.args[0],
            _ => 0,
        },
        after: call.after.bits(),
    };
    // SAFETY: Both arguments are valid for the call, and the text has the length it gives.
    unsafe { rust_commoncap_trace_task_prctl(&prctl, &text(reason.name().as_bytes())) };
}

/// Fires `rust_commoncap:capset` for a call of `cap_capset()`, with the sets of the new credentials
/// after it and the value that it returns.
#[cold]
pub(super) fn capset(call: &capset_call::Call, after: &Sets, ret: c_int, reason: Reason) {
    let capset = rust_commoncap_capset {
        ret,
        granted: !matches!(reason, Reason::Denied(_)),
        before: sets(&call.before),
        asked: rust_commoncap_sets {
            effective: call.request.effective.bits(),
            permitted: call.request.permitted.bits(),
            inheritable: call.request.inheritable.bits(),
            ..pin_init::zeroed()
        },
        after: sets(after),
    };
    // SAFETY: Both arguments are valid for the call, and the text has the length it gives.
    unsafe { rust_commoncap_trace_capset(&capset, &text(reason.name().as_bytes())) };
}

fn sets(sets: &Sets) -> rust_commoncap_sets {
    rust_commoncap_sets {
        effective: sets.effective.bits(),
        permitted: sets.permitted.bits(),
        inheritable: sets.inheritable.bits(),
        ambient: sets.ambient.bits(),
    }
}

/// Fires `rust_commoncap:setuid` for a call of `cap_task_fix_setuid()`, with the sets of the new
/// credentials after it and the value that it returns.
#[cold]
pub(super) fn setuid(call: &setuid_call::Call, after: &Sets, ret: c_int, reason: Reason) {
    let ids = |ids: &Ids<uid_t>| rust_commoncap_user_ids {
        uid: ids.real,
        euid: ids.effective,
        suid: ids.saved,
        fsuid: ids.file_system,
    };
    let setuid = rust_commoncap_setuid {
        ret,
        granted: !matches!(reason, Reason::Denied(_)),
        old: ids(&call.old),
        new: ids(&call.new),
        before: sets(&call.before),
        after: sets(after),
    };
    let mut losses = Losses::new();
    // Only the losses count here.
    let _ = call.verdict(&mut losses);
    // SAFETY: All arguments are valid for the call, and each text has the length it gives.
    unsafe {
        rust_commoncap_trace_setuid(
            &setuid,
            &text(reason.name().as_bytes()),
            &text(losses.names()),
        )
    };
}

/// Fires `rust_commoncap:exec` for a call of `cap_bprm_creds_from_file()` by a task with the
/// credentials `old`, with the state of the `execve()` before and after it, and the value that it
/// returns.
#[cold]
pub(super) fn exec(
    old: &Creds,
    before: &Exec,
    after: &Exec,
    ret: c_int,
    reason: Reason,
    losses: &Losses,
) {
    let ids = |cred: &Creds| rust_commoncap_exec_ids {
        uid: cred.uids.real,
        euid: cred.uids.effective,
        gid: cred.gids.real,
        egid: cred.gids.effective,
    };
    let exec = rust_commoncap_exec {
        ret,
        granted: !matches!(reason, Reason::Failed | Reason::Denied(_)),
        secureexec: after.secureexec,
        old: ids(old),
        asked: ids(&before.cred),
        new: ids(&after.cred),
        before: sets(&old.sets),
        after: sets(&after.cred.sets),
    };
    // SAFETY: All arguments are valid for the call, and each text has the length it gives.
    unsafe {
        rust_commoncap_trace_exec(
            &exec,
            &text(reason.name().as_bytes()),
            &text(losses.names()),
        )
    };
}

/// Fires `rust_commoncap:exe_link` for a change by the current task. The paths are escaped.
#[cold]
pub(super) fn exe_link(old: &CStr, new: &CStr) {
    let [old, new] = [old, new].map(|path| text(without_nul(path)));
    // SAFETY: Each text is valid for the call, and has the length it gives.
    unsafe { rust_commoncap_trace_exe_link(&old, &new) };
}

/// Does what `to_bytes()` does, without code that could panic.
fn without_nul(text: &CStr) -> &[u8] {
    match text.to_bytes_with_nul() {
        [text @ .., _] => text,
        [] => &[],
    }
}
