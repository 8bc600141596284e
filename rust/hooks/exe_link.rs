// SPDX-License-Identifier: GPL-2.0

//! Changes of `/proc/PID/exe` by `prctl()`: the tracepoint `rust_commoncap:exe_link`, and an audit
//! record.
//!
//! With `CAP_CHECKPOINT_RESTORE` a process can show any program there. TOMOYO decides by that link,
//! and audit records quote it. The kernel itself reports no change.
//!
//! A probe on the entry of `replace_mm_exe_file()` takes a reference on the old and the new file.
//! The task does the rest when it leaves the system call, as that can sleep. It knows by then from
//! the return value whether the change was made, so no probe on the return is needed: that would
//! cost each thread a shadow stack.

use super::{counters::ExeLink, trace};
use crate::kernel_ext::{
    audit,
    escape::{Audited, Escaped},
    file::{MmExt, PathFile, PathName},
    fprobe::{Arguments, EntryProbe, Fprobe, Registration, StaticProbe},
    module::{is_being_unloaded, ModuleRef},
    series::{enametoolong, eopnotsupp},
    syscall,
    task_work::{self, TaskWork},
};
use kernel::{
    bindings,
    fmt::Write,
    mm::Mm,
    pr_warn_once,
    prelude::*,
    str::CString,
    sync::atomic::{Atomic, Relaxed},
};

static PROBE: Fprobe<Replacement> = Fprobe::at_entry();

/// Whether to write audit records while auditing is on.
static AUDIT: Atomic<bool> = Atomic::new(false);

/// The longest path in a trace event, in bytes. An event with two of them must fit in a page.
const TRACED: usize = 1900;

/// The longest path in an audit record, in bytes. `auditd` must accept a record with two of them.
const AUDITED: usize = bindings::PATH_MAX as usize;
const _: () = assert!(2 * AUDITED + 512 <= audit::MAX_LENGTH);

/// The probe on `replace_mm_exe_file()`. Changes are reported from the end of loading the module
/// until unloading begins. From then on they are counted as missed, until this is dropped.
pub struct ExeLinkProbe {
    _registration: Registration,
}

impl ExeLinkProbe {
    /// Registers the probe.
    ///
    /// With `audit`, a failure is an error: nothing may change the link without a record. Without
    /// it, the kernel's log says why nothing is reported, and the module can do the rest.
    pub fn register(audit: bool) -> Result<Option<Self>> {
        AUDIT.store(audit, Relaxed);
        match Self::try_register(audit) {
            Ok(probe) => Ok(Some(probe)),
            Err((error, why)) if audit => {
                pr_err!(
                    "cannot audit changes of /proc/PID/exe: {why}: leave out audit_exe_link=1, or \
                     boot another kernel\n"
                );
                Err(error)
            }
            Err((_, why)) => {
                pr_warn!("not reporting changes of /proc/PID/exe: {why}\n");
                Ok(None)
            }
        }
    }

    fn try_register(audit: bool) -> Result<Self, (Error, &'static str)> {
        if audit && !audit::AVAILABLE {
            return Err((eopnotsupp(), "this kernel was built without CONFIG_AUDIT"));
        }
        task_work::try_allocation().map_err(|error| {
            let why = match error {
                e if e == eopnotsupp() => {
                    "this kernel has PREEMPT_RT, and this CPU lacks the 128-bit \
                     compare-and-exchange (cx16) that it needs to allocate memory in a probe"
                }
                _ => "there is no memory to report one",
            };
            (error, why)
        })?;
        let registration = PROBE.register().map_err(|error| (error, explain(error)))?;
        Ok(Self {
            _registration: registration,
        })
    }
}

/// Says why the probe cannot be registered.
fn explain(error: Error) -> &'static str {
    match error {
        e if e == eopnotsupp() => "this kernel was built without CONFIG_FPROBE",
        e if e == ENOENT || e == EINVAL => {
            "this kernel lacks replace_mm_exe_file(), or cannot trace it"
        }
        e if e == ENOMEM => "there is no memory for the probe",
        _ => "the kernel refused the probe",
    }
}

/// Returns how many calls the kernel has skipped.
pub(super) fn missed() -> usize {
    PROBE.missed()
}

fn is_audited() -> bool {
    AUDIT.load(Relaxed) && audit::enabled()
}

/// A call of `replace_mm_exe_file()` by the current task, which may fail.
struct Replacement {
    old: Option<PathFile>,
    new: PathFile,
}

impl EntryProbe for Replacement {
    const FUNCTION: &'static CStr = c"replace_mm_exe_file";

    fn entry(arguments: &Arguments<'_>) {
        if !(trace::exe_link_enabled() || is_audited()) {
            return;
        }
        let Some(module) = ModuleRef::get() else {
            if is_being_unloaded() {
                ExeLink::Missed.count();
                pr_warn_once!(
                    "a change of /proc/PID/exe may be missing, as rmmod has begun: load the \
                     module again\n"
                );
            }
            return;
        };
        // SAFETY: The caller of the function keeps its first argument, an address space, valid for
        // the call, which has just begun.
        let mm = unsafe { Mm::from_raw(arguments.get(0) as *const _) };
        // SAFETY: As above for its second argument, a file that the caller holds.
        let new = unsafe { PathFile::from_raw(arguments.get(1) as *mut _) };
        let replacement = Self {
            old: mm.exe_file(),
            new,
        };
        // The function is only called by `prctl()`, with no lock held, so this is neither in an
        // interrupt nor in the allocator.
        if task_work::add(replacement, module).is_err() {
            ExeLink::Missed.count();
            pr_warn_once!(
                "a change of /proc/PID/exe may be missing, as there was no memory to report it: \
                 see exe_links in debugfs\n"
            );
        }
    }
}

impl TaskWork for Replacement {
    fn run(self) {
        // `prctl()` returns 0 if and only if the function did.
        if syscall::return_value() != 0 {
            return;
        }
        let old = Path::of(self.old.as_ref());
        let new = Path::of(Some(&self.new));
        if trace::exe_link_enabled() {
            let escaped =
                |path: &Path| CString::try_from_fmt(fmt!("{}", Escaped::new(path.text(), TRACED)));
            let (old, new) = (escaped(&old), escaped(&new));
            trace::exe_link(
                old.as_deref().unwrap_or(c"<no_memory>"),
                new.as_deref().unwrap_or(c"<no_memory>"),
            );
            ExeLink::Traced.count();
        }
        if is_audited() {
            match audit::Record::start() {
                Some(mut record) => {
                    let (old, new) = (old.text(), new.text());
                    // `write_str` fails only for a text longer than an `int` can say.
                    let _ = record.write_fmt(fmt!(
                        " op=exe_link old={} new={} res=1",
                        Audited::new(old, AUDITED),
                        Audited::new(new, AUDITED)
                    ));
                    ExeLink::Logged.count();
                }
                None => ExeLink::Dropped.count(),
            }
        }
    }
}

/// The path of a file, or why there is none.
enum Path {
    Is(PathName),
    /// The reason, in the words of audit.
    None(&'static str),
}

impl Path {
    fn of(file: Option<&PathFile>) -> Self {
        match file.map(PathName::new) {
            Some(Ok(path)) => Self::Is(path),
            Some(Err(e)) if e == enametoolong() => Self::None("<too_long>"),
            Some(Err(e)) if e == ENOMEM => Self::None("<no_memory>"),
            _ => Self::None("<none>"),
        }
    }

    fn text(&self) -> &[u8] {
        match self {
            Self::Is(path) => path,
            Self::None(why) => why.as_bytes(),
        }
    }
}

#[crate::kunit_tests(rust_commoncap_hook_exe_link)]
mod tests {
    #[cfg(not(all(CONFIG_AUDIT, CONFIG_FPROBE)))]
    use super::*;

    #[test]
    #[cfg(not(all(CONFIG_AUDIT, CONFIG_FPROBE)))]
    fn without_a_probe_registration_fails_only_if_changes_are_to_be_audited() {
        assert!(ExeLinkProbe::register(true).is_err());
        assert!(ExeLinkProbe::register(false).is_ok());
    }
}
