// SPDX-License-Identifier: GPL-2.0

//! The probe on `cap_bprm_creds_from_file()`.

use super::gather::{
    self,
    Bytes,
    Gathered,
    Slot, //
};
use crate::{
    capability::Capability,
    commoncap::{capable::capable, exec::creds_from_file, file_capabilities::MAX_SIZE},
    hooks::{
        counters::Observed,
        divergence::Divergence,
        exec_call::{
            begun,
            creds,
            reason_and_ret,
            Creds,
            Exec,
            Shown, //
        },
        exec_context::{
            Effects,
            ExecContext, //
        },
        held::{
            Checks,
            Predicting, //
        },
        hook::Hook,
        losses::Losses,
        reason::Reason,
        trace, //
    },
    kernel_ext::{
        binprm::LinuxBinprm,
        cred::current_cred,
        dentry::Dentry,
        fprobe::{
            Arguments,
            Probe, //
        },
        module::ModuleRef,
        mount::{
            path_of,
            VfsMount, //
        },
        series::enodata,
        task_cred::with_ptracer_cred,
        user_namespace::UserNamespace, //
    },
};
use kernel::{
    bindings::{
        file,
        linux_binprm, //
    },
    cred::Credential,
    fmt,
    prelude::*, //
};

const HOOK: Hook = Hook::BprmCredsFromFile;

/// The probe on `cap_bprm_creds_from_file()`.
pub(super) struct Handlers;

/// A call of it: its arguments, and what the `linux_binprm` has when it begins.
pub(super) struct Call {
    bprm: *mut linux_binprm,
    file: *const file,
    new: Creds,
    unsafety: u32,
    /// For what the function reads of the file. Without one, the call is not judged.
    slot: Option<Slot>,
    _module: ModuleRef,
}

/// Returns what the attribute of a directory entry is gathered by. Other probes use the address.
fn key(dentry: &Dentry) -> usize {
    dentry.as_ptr().addr() | 1
}

// SAFETY: Each call holds a `ModuleRef`.
unsafe impl Probe for Handlers {
    const FUNCTION: &'static CStr = c"cap_bprm_creds_from_file";
    type Call = Call;

    fn entry(arguments: &Arguments<'_>) -> Option<Call> {
        let module = ModuleRef::get()?;
        HOOK.count_observed(Observed::Entered);
        let bprm = arguments.get(0) as *mut linux_binprm;
        let file = arguments.get(1) as *const file;
        // SAFETY: The call has just begun. As long as the value is in use, nothing else writes to
        // the `linux_binprm` or its new credentials, commits these, or takes a counted reference to
        // them.
        let mut given = unsafe { LinuxBinprm::from_ptr(bprm) };
        // SAFETY: The call has just begun, and its caller has a reference on the file.
        let (_, dentry) = unsafe { path_of(file) };
        Some(Call {
            bprm,
            file,
            new: creds(given.new_cred().get()),
            unsafety: given.unsafety(),
            slot: Slot::open(key(dentry)),
            _module: module,
        })
    }

    fn exit(call: Call, returned: usize) {
        // The C type is `int`.
        call.returned(returned as c_int);
    }
}

impl Call {
    fn returned(self, ret: c_int) {
        HOOK.count_observed(Observed::Returned);
        // SAFETY: The call is about to return, so its caller still has all of it. Meanwhile,
        // nothing else writes to the `linux_binprm` or its new credentials, commits these, or takes
        // a counted reference to them.
        let mut bprm = unsafe { LinuxBinprm::from_ptr(self.bprm) };
        // SAFETY: As above, there is a reference on the file.
        let (mount, dentry) = unsafe { path_of(self.file) };
        let ns = bprm.user_ns();
        let gathered = self.slot.as_ref().and_then(Slot::gathered);
        let context = |denied: Denied| ExecContext {
            mount,
            dentry,
            ns,
            // SAFETY: The task commits no credentials before the prediction is made, and nothing
            // keeps this longer.
            old: unsafe { current_cred() },
            effects: Predicted { gathered, denied },
        };
        let predict = |denied, losses: &mut Losses| {
            let mut exec = begun(self.new, self.unsafety);
            let context = context(denied);
            let verdict = creds_from_file(&context, &creds(context.old), &mut exec, losses);
            let (reason, ret) = reason_and_ret(verdict);
            Outcome { exec, reason, ret }
        };

        let mut losses = Losses::new();
        let predicted = predict(Denied::default(), &mut losses);
        let old = creds(context(Denied::default()).old);
        let after = Exec {
            cred: creds(bprm.new_cred().get()),
            per_clear: bprm.clears_personality(),
            secureexec: bprm.secureexec(),
            ..predicted.exec
        };
        HOOK.count(predicted.reason);
        if trace::exec_enabled() {
            let before = begun(self.new, self.unsafety);
            trace::exec(&old, &before, &after, ret, predicted.reason, &losses);
        }
        if predicted.agrees(ret, &after) {
            return;
        }
        // Another LSM may deny what this one grants, the tracer may be another one by now, and the
        // mount may have changed.
        let unjudged = self.slot.is_none()
            || gathered.is_some() != mount.may_suid()
            || ret == ENOMEM.to_errno()
            || Denied::SOME
                .into_iter()
                .any(|denied| predict(denied, &mut Losses::new()).agrees(ret, &after));
        if unjudged {
            HOOK.count_observed(Observed::Unjudged);
            return;
        }
        Diverged {
            old: &old,
            call: &self,
            gathered: &gathered,
            ret,
            after: &after,
            predicted: &predicted,
        }
        .report();
    }
}

/// The probe on `__vfs_getxattr()`, by which the function reads the attribute of the file.
pub(super) struct Getxattr;

// SAFETY: Each call holds a `ModuleRef`.
unsafe impl Probe for Getxattr {
    const FUNCTION: &'static CStr = c"__vfs_getxattr";
    type Call = (usize, *const u8, ModuleRef);

    fn entry(arguments: &Arguments<'_>) -> Option<Self::Call> {
        // SAFETY: The call has just begun, and its caller has a reference on the entry.
        let key = key(unsafe { Dentry::from_ptr(arguments.get(0) as *const _) });
        // Audit reads the attribute again.
        if !gather::is_empty(key) {
            return None;
        }
        Some((key, arguments.get(3) as *const u8, ModuleRef::get()?))
    }

    fn exit((key, read, _module): Self::Call, returned: usize) {
        // The caller in C cuts off the size, too: an attribute has at most 64 KiB.
        let ret = returned as c_int;
        let mut value = Bytes::default();
        if let (Ok(size), false) = (usize::try_from(ret), read.is_null()) {
            // SAFETY: The function has written an attribute of this size.
            let read = unsafe { core::slice::from_raw_parts(read, size) };
            for (to, from) in value.as_flattened_mut().iter_mut().zip(read) {
                *to = *from;
            }
        }
        gather::fill(
            key,
            Gathered {
                ret,
                value,
                ..Gathered::default()
            },
        );
    }
}

/// What comes of a call.
struct Outcome {
    exec: Exec,
    reason: Reason,
    ret: c_int,
}

impl Outcome {
    /// Returns whether a call did this. Another LSM may have set `secureexec` and cleared the
    /// personality before.
    fn agrees(&self, ret: c_int, after: &Exec) -> bool {
        ret == self.ret
            && after.cred == self.exec.cred
            && after.per_clear >= self.exec.per_clear
            && after.secureexec >= self.exec.secureexec
    }
}

/// The checks that another LSM denies, or that another tracer passes.
#[derive(Clone, Copy, Default)]
struct Denied {
    setuid: bool,
    tracer: Option<bool>,
}

impl Denied {
    const SOME: [Self; 5] = [
        Self::of(true, None),
        Self::of(false, Some(true)),
        Self::of(false, Some(false)),
        Self::of(true, Some(true)),
        Self::of(true, Some(false)),
    ];

    const fn of(setuid: bool, tracer: Option<bool>) -> Self {
        Self { setuid, tracer }
    }
}

/// An `execve()` that has read its file, of whose attribute the first bytes were gathered.
struct Predicted {
    gathered: Option<Gathered>,
    denied: Denied,
}

impl Effects for Predicted {
    fn mnt_may_suid(&self, mount: &VfsMount) -> bool {
        mount.may_suid()
    }

    fn read(&self, _: &Dentry, value: &mut [u8; MAX_SIZE]) -> c_int {
        let Some(gathered) = self.gathered else {
            return enodata().to_errno();
        };
        for (to, from) in value.iter_mut().zip(gathered.value.as_flattened()) {
            *to = *from;
        }
        gathered.ret
    }

    fn ns_capable(&self, ns: &UserNamespace, capability: Capability) -> bool {
        !self.denied.setuid && Predicting::ns_capable(ns, capability)
    }

    fn ptracer_capable(&self, ns: &UserNamespace) -> bool {
        self.denied.tracer.unwrap_or_else(|| {
            with_ptracer_cred(|cred| match cred {
                Some(cred) => capable(cred, ns, Capability::SYS_PTRACE).is_ok(),
                None => true,
            })
        })
    }

    fn warn_mixed(&self) {}

    fn audit(&self, _: &Creds, _: &Credential) -> Result<(), c_int> {
        Ok(())
    }
}

/// A call whose result is not the predicted one.
struct Diverged<'a> {
    old: &'a Creds,
    call: &'a Call,
    gathered: &'a Option<Gathered>,
    ret: c_int,
    after: &'a Exec,
    predicted: &'a Outcome,
}

impl Divergence for Diverged<'_> {
    const HOOK: Hook = HOOK;

    fn reason(&self) -> Reason {
        self.predicted.reason
    }
}

impl fmt::Display for Diverged<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.gathered {
            Some(gathered) => f.write_fmt(fmt!(
                "execve() of a file with {} bytes {:02x?}, ",
                gathered.ret,
                gathered.value.as_flattened()
            ))?,
            None => f.write_str("execve() of a file that was not read, ")?,
        }
        f.write_fmt(fmt!(
            "unsafe {:#x}, by {}, with {}; returned: {}, then {} {}; predicted: {}, {}, then {} {}",
            self.call.unsafety,
            Shown(self.old),
            Shown(&self.call.new),
            self.ret,
            Shown(&self.after.cred),
            self.after.secureexec,
            self.predicted.reason.verdict(),
            self.predicted.reason.name(),
            Shown(&self.predicted.exec.cred),
            self.predicted.exec.secureexec
        ))
    }
}
