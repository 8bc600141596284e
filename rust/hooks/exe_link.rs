// SPDX-License-Identifier: GPL-2.0

//! Changes of `/proc/PID/exe` by `prctl()`: the tracepoint `rust_commoncap:exe_link`, and an audit
//! record.
//!
//! Whoever may checkpoint and restore can pass for any program there, which TOMOYO and audit look
//! at. The kernel tells nobody.
//!
//! A probe on the function that changes the link takes hold of the old file and of the new one. The
//! rest can sleep, so the task does it when it leaves the system call.

use super::{counters::ExeLinks, trace};
use crate::kernel_ext::{
    audit,
    escape::{Audited, Escaped},
    file::{MmExt, PathName},
    fprobe::{self, Arguments, Fprobe, Probe, Registration},
    module::ModuleRef,
    task_work::{self, Barrier, TaskWork},
};
use kernel::{
    bindings,
    fmt::Write,
    fs::LocalFile,
    mm::Mm,
    pr_warn_once,
    prelude::*,
    str::CString,
    sync::{
        aref::ARef,
        atomic::{Atomic, Relaxed},
    },
};

static REPLACED: Fprobe<Replaced> = Fprobe::new();

/// Whether there are to be audit records where auditing is on.
static AUDIT: Atomic<bool> = Atomic::new(false);

/// How long a path may be in a trace event: two of them must fit in a page, or there is no event.
const TRACED: usize = 1900;

/// How long a path may be in an audit record: with two of them `auditd` must take it.
const AUDITED: usize = bindings::PATH_MAX as usize;
const _: () = assert!(2 * AUDITED + 512 <= audit::MAX_LENGTH);

/// Makes sure that what is asked for can be had: audit records, if so.
///
/// Fails with `EOPNOTSUPP`, and says why.
pub fn prepare(audit: bool) -> Result {
    AUDIT.store(audit, Relaxed);
    let missing = match (audit::AVAILABLE, fprobe::AVAILABLE) {
        (false, _) => "CONFIG_AUDIT",
        (_, false) => "CONFIG_FPROBE",
        _ => return Ok(()),
    };
    if !audit {
        return Ok(());
    }
    pr_err!(
        "cannot audit changes of /proc/PID/exe: this kernel was built without {missing}: leave out \
         audit_exe_link=1, or boot one with it\n"
    );
    Err(EOPNOTSUPP)
}

/// Changes are told of for as long as there is one of these, until the module is unloaded.
pub struct Telling {
    // In this order: when nothing begins any more, what has begun is waited for.
    _probe: Registration,
    _barrier: Barrier,
}

impl Telling {
    /// Starts to tell. If that cannot be, says why.
    pub fn start() -> Option<Self> {
        let why = |error: &Error| match *error {
            e if e == EOPNOTSUPP => "this kernel was built without CONFIG_FPROBE",
            e if e == ENOENT || e == EINVAL => {
                "this kernel lacks replace_mm_exe_file(), or cannot trace it"
            }
            _ => "the kernel refused it: see the lines above",
        };
        let probe = REPLACED
            .register()
            .inspect_err(|error| pr_warn!("telling nothing of /proc/PID/exe: {}\n", why(error)))
            .ok()?;
        Some(Self {
            _probe: probe,
            _barrier: Barrier,
        })
    }
}

/// Returns how many calls were not watched although they should have been.
pub(super) fn missed() -> usize {
    REPLACED.missed()
}

fn is_audited() -> bool {
    AUDIT.load(Relaxed) && audit::enabled()
}

/// The probe on `replace_mm_exe_file()`.
struct Replaced;

/// A call of it.
struct Call {
    old: Option<ARef<LocalFile>>,
    new: *const bindings::file,
    /// Without it the module could be unloaded while the call lasts, which it then would not see
    /// return, and `old` would never be let go.
    module: ModuleRef,
}

impl Probe for Replaced {
    const FUNCTION: &'static CStr = c"replace_mm_exe_file";
    type Call = Call;

    fn entry(arguments: &Arguments<'_>) -> Option<Call> {
        if !trace::exe_link_enabled() && !is_audited() {
            return None;
        }
        // SAFETY: C keeps what it passes valid at least until the call has returned.
        let mm = unsafe { Mm::from_raw(arguments.get(0) as *const _) };
        Some(Call {
            old: mm.exe_file(),
            new: arguments.get(1) as *const _,
            module: ModuleRef::get()?,
        })
    }

    fn exit(call: Call, returned: usize) {
        // As C returns it: an `int`.
        if returned as c_int != 0 {
            return;
        }
        // SAFETY: The call is about to return. The address space has a reference of its own by now,
        // so that nobody on another thread goes without the mutex in `fdget_pos()`.
        let new = unsafe { LocalFile::from_raw_file(call.new) };
        let change = Change {
            old: call.old,
            new: new.into(),
        };
        // SAFETY: Every `Call` is of a probe that a `Telling` holds, which the module drops when
        // there is no reference on it any more, and with it a `Barrier`.
        if unsafe { task_work::add(change, call.module) }.is_err() {
            ExeLinks::Missed.count();
            pr_warn_once!("no memory to tell of a change of /proc/PID/exe: see exe_links\n");
        }
    }
}

/// A change that has been made, by the current task.
struct Change {
    old: Option<ARef<LocalFile>>,
    new: ARef<LocalFile>,
}

impl TaskWork for Change {
    fn run(self) {
        let old = Path::of(self.old.as_deref());
        let new = Path::of(Some(&self.new));
        if trace::exe_link_enabled() {
            let escaped =
                |path: &Path| CString::try_from_fmt(fmt!("{}", Escaped::new(path.text(), TRACED)));
            let (old, new) = (escaped(&old), escaped(&new));
            trace::exe_link(
                old.as_deref().unwrap_or(c"<no_memory>"),
                new.as_deref().unwrap_or(c"<no_memory>"),
            );
        }
        if is_audited() {
            if let Some(mut record) = audit::Record::start() {
                let (old, new) = (old.text(), new.text());
                // Nothing can be done about a failure, of which audit keeps count.
                let _ = record.write_fmt(fmt!(
                    " op=exe_link old={} new={} res=1",
                    Audited::new(old, AUDITED),
                    Audited::new(new, AUDITED)
                ));
            }
        }
        ExeLinks::Told.count();
    }
}

/// What is told of a file.
enum Path {
    Is(PathName),
    /// There is none: why, as audit says it.
    None(&'static str),
}

impl Path {
    fn of(file: Option<&LocalFile>) -> Self {
        match file.map(PathName::new) {
            Some(Ok(path)) => Self::Is(path),
            Some(Err(e)) if e == ENAMETOOLONG => Self::None("<too_long>"),
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
