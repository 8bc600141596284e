// SPDX-License-Identifier: GPL-2.0

//! The probes on `cap_inode_need_killpriv()` and `cap_inode_killpriv()`.

use super::gather::Slot;
use crate::{
    commoncap::xattr::{
        killpriv,
        need_killpriv, //
    },
    hooks::{
        counters::Observed,
        divergence::Divergence,
        hook::Hook,
        reason::Reason, //
    },
    kernel_ext::{
        fprobe::{
            Arguments,
            Probe, //
        },
        module::ModuleRef,
    },
};
use kernel::{
    fmt,
    prelude::*, //
};

/// A function whose result only depends on that of an inner one.
pub(super) trait Passing: 'static {
    const HOOK: Hook;
    const FUNCTION: &'static CStr;
    /// The number of the argument that is the directory entry.
    const DENTRY: u32;
    const REASON: Reason;

    /// Returns what the function returns.
    fn predict(inner: c_int) -> c_int;
}

/// The probe on such a function.
pub(super) struct Handlers<P>(core::marker::PhantomData<P>);

// SAFETY: Each call holds a `ModuleRef`.
unsafe impl<P: Passing> Probe for Handlers<P> {
    const FUNCTION: &'static CStr = P::FUNCTION;
    type Call = (Option<Slot>, ModuleRef);

    fn entry(arguments: &Arguments<'_>) -> Option<Self::Call> {
        let module = ModuleRef::get()?;
        P::HOOK.count_observed(Observed::Entered);
        Some((Slot::open(arguments.get(P::DENTRY)), module))
    }

    fn exit((slot, _module): Self::Call, returned: usize) {
        // The C type is `int`.
        let ret = returned as c_int;
        P::HOOK.count_observed(Observed::Returned);
        P::HOOK.count(P::REASON);
        match slot.as_ref().and_then(Slot::gathered) {
            None => P::HOOK.count_observed(Observed::Unjudged),
            Some(inner) if P::predict(inner.ret) == ret => {}
            Some(inner) => Diverged::<P> {
                inner: inner.ret,
                ret,
                passing: core::marker::PhantomData,
            }
            .report(),
        }
    }
}

/// A call whose result is not the predicted one.
struct Diverged<P> {
    inner: c_int,
    ret: c_int,
    passing: core::marker::PhantomData<P>,
}

impl<P: Passing> Divergence for Diverged<P> {
    const HOOK: Hook = P::HOOK;

    fn reason(&self) -> Reason {
        P::REASON
    }
}

impl<P: Passing> fmt::Display for Diverged<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_fmt(fmt!(
            "{} of security.capability, where the file system returned: {}; returned: {}; \
             predicted: {}, {} {}",
            P::HOOK.name(),
            self.inner,
            self.ret,
            P::REASON.verdict(),
            P::REASON.name(),
            P::predict(self.inner)
        ))
    }
}

/// `cap_inode_need_killpriv()`.
pub(super) struct NeedKillpriv;

impl Passing for NeedKillpriv {
    const HOOK: Hook = Hook::InodeNeedKillpriv;
    const FUNCTION: &'static CStr = c"cap_inode_need_killpriv";
    const DENTRY: u32 = 0;
    const REASON: Reason = Reason::Value;

    fn predict(inner: c_int) -> c_int {
        need_killpriv(inner).into()
    }
}

/// `cap_inode_killpriv()`.
pub(super) struct Killpriv;

impl Passing for Killpriv {
    const HOOK: Hook = Hook::InodeKillpriv;
    const FUNCTION: &'static CStr = c"cap_inode_killpriv";
    const DENTRY: u32 = 1;
    const REASON: Reason = Reason::FileSystem;

    fn predict(inner: c_int) -> c_int {
        killpriv(inner)
    }
}

pub(super) mod inode_need_killpriv {
    pub(in crate::hooks) type Handlers = super::Handlers<super::NeedKillpriv>;
}

pub(super) mod inode_killpriv {
    pub(in crate::hooks) type Handlers = super::Handlers<super::Killpriv>;
}
