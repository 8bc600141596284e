// SPDX-License-Identifier: GPL-2.0

//! The tracepoints `rust_commoncap:capable` and `rust_commoncap:task_prctl`, which tell of each
//! decision and of its reason, and `rust_commoncap:exe_link`, which tells of changes of
//! `/proc/PID/exe`.
//!
//! With nobody watching they cost a branch that is patched out.

use super::{divergence::Facts, reason::Reason};
use crate::{
    bindings::{
        __tracepoint_capable, __tracepoint_exe_link, __tracepoint_task_prctl, rust_commoncap_prctl,
        rust_commoncap_text, rust_commoncap_trace_capable, rust_commoncap_trace_exe_link,
        rust_commoncap_trace_task_prctl, RUST_COMMONCAP_CAP_LEN, RUST_COMMONCAP_REASON_LEN,
    },
    capability::Capability,
    commoncap::{capable::parse, prctl::option, Denial},
    kernel_ext::user_namespace::UserNamespace,
};
use kernel::{cred::Credential, prelude::*};

/// A `prctl()` that has been answered.
pub(super) struct Answered {
    pub(super) option: c_int,
    pub(super) args: [c_ulong; 4],
    pub(super) ret: c_int,
    pub(super) before: Facts,
    pub(super) after: Facts,
}

macro_rules! enabled {
    ($tracepoint:ident) => {
        // SAFETY: It is the key of a tracepoint that C defines.
        unsafe {
            kernel::jump_label::static_branch_unlikely!(
                $tracepoint,
                kernel::bindings::tracepoint,
                key
            )
        }
    };
}

/// Returns whether somebody watches `rust_commoncap:capable`.
#[inline(always)]
pub(super) fn capable_enabled() -> bool {
    enabled!(__tracepoint_capable)
}

/// Returns whether somebody watches `rust_commoncap:task_prctl`.
#[inline(always)]
pub(super) fn task_prctl_enabled() -> bool {
    enabled!(__tracepoint_task_prctl)
}

/// Returns whether somebody watches `rust_commoncap:exe_link`.
#[inline(always)]
pub(super) fn exe_link_enabled() -> bool {
    enabled!(__tracepoint_exe_link)
}

// Tracepoints have room for each name. Those of grants are short.
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

/// Tells of a decision of `cap_capable()`, asked for with these `CAP_OPT_*`.
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
    // SAFETY: The references are valid for the call, and the texts are as long as they say.
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

/// Tells of a decision of `cap_task_prctl()`, but for what is left to others.
#[cold]
pub(super) fn task_prctl(answered: &Answered, reason: Reason) {
    if reason == Reason::Denied(Denial::NotOurs) {
        return;
    }
    let prctl = rust_commoncap_prctl {
        option: answered.option,
        args: answered.args,
        ret: answered.ret,
        granted: !matches!(reason, Reason::Denied(_)),
        before: answered.before.securebits(),
        asked: match answered.option {
            option::SET_SECUREBITS => answered.args[0],
            _ => 0,
        },
        after: answered.after.securebits(),
    };
    // SAFETY: Both are valid for the call, and the text is as long as it says.
    unsafe { rust_commoncap_trace_task_prctl(&prctl, &text(reason.name().as_bytes())) };
}

/// Tells of a change of `/proc/PID/exe` by the current task. The paths have been escaped.
#[cold]
pub(super) fn exe_link(old: &CStr, new: &CStr) {
    let [old, new] = [old, new].map(|path| text(without_nul(path)));
    // SAFETY: The texts are as long as they say.
    unsafe { rust_commoncap_trace_exe_link(&old, &new) };
}

/// Does what `to_bytes()` does, without code to panic.
fn without_nul(text: &CStr) -> &[u8] {
    match text.to_bytes_with_nul() {
        [text @ .., _] => text,
        [] => &[],
    }
}
