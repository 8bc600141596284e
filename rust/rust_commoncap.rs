// SPDX-License-Identifier: GPL-2.0

//! The decisions of the capability LSM that checkpoint/restore and script control rest on, in Rust.
//!
//! This file is the module: its parameters, its mode, its life cycle. [`commoncap`] decides,
//! [`hooks`] attaches the decisions to the kernel, and [`kernel_ext`] has what the `kernel` crate
//! lacks for that.

mod bindings;
pub mod commoncap;
pub mod hooks;
#[path = "kernel/mod.rs"]
pub mod kernel_ext;

pub use kernel_ext::{capability, securebits};

use hooks::{
    counters,
    debugfs::{Decisions, Divergences, ExeLinks},
    divergence, enforce,
    exe_link::ExeLinkProbe,
    functions::Functions,
    observe::Observing,
};
use kernel::{fmt, module_param::ModuleParam, prelude::*, str::BStr, sync::SetOnce, ThisModule};
use kernel_ext::{
    counters::Counters,
    debugfs::{Contents, Dir},
    livepatch::{self, Function, LivepatchModule},
    module_param::module_param,
    series::Switch,
    unexported, //
};

module! {
    type: livepatch::Module<RustCommoncap, { enforce::COUNT }>,
    name: "rust_commoncap",
    authors: ["rust_commoncap maintainers"],
    description: "The capability LSM's checkpoint/restore checks and securebits prctl, in Rust",
    license: "GPL",
}

module_param! {
    /// Whether to write audit records of changes of `/proc/PID/exe`.
    static AUDIT_EXE_LINK: Switch = "audit_exe_link": "bool",
        "write an audit record, where auditing is on, of each change of /proc/PID/exe by prctl()";
}

module_param! {
    /// The mode.
    static MODE: Mode = "mode": "string",
        "observe (the default): compare commoncap.c with predictions, and log divergences; \
         enforce: replace its functions, by livepatch; off: do neither.";
}

module_param! {
    /// The functions.
    static FUNCTIONS: Functions = "functions": "string",
        "the functions of commoncap.c to observe or replace: all that this kernel allows (the \
         default), or a list of hooks, such as capable,capset";
}

fn given_functions() -> Functions {
    FUNCTIONS.value().unwrap_or_else(Functions::available)
}

fn given_audit_exe_link() -> bool {
    AUDIT_EXE_LINK.value().is_some_and(|given| given.0)
}

/// What the module does with its decisions.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Mode {
    /// It makes none.
    Off,
    /// It compares them with the results of `commoncap.c`.
    #[default]
    Observe,
    /// They replace those of `commoncap.c`.
    Enforce,
}

impl Mode {
    const ALL: [Self; 3] = [Self::Off, Self::Observe, Self::Enforce];

    const fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Observe => "observe",
            Self::Enforce => "enforce",
        }
    }

    fn given() -> Self {
        MODE.value().unwrap_or_default()
    }
}

impl ModuleParam for Mode {
    fn try_from_param_arg(arg: &BStr) -> Result<Self> {
        let named = |mode: &Self| mode.name().as_bytes() == &**arg;
        Self::ALL.into_iter().find(named).ok_or_else(|| {
            pr_err!("mode={arg} is unknown: use mode=observe, mode=enforce or mode=off\n");
            EINVAL
        })
    }
}

/// The file `mode` in debugfs.
struct ModeFile;

impl Contents for ModeFile {
    fn show(f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", Mode::given().name())
    }
}

/// The file `functions` in debugfs.
struct FunctionsFile;

impl Contents for FunctionsFile {
    fn show(f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_fmt(fmt!("{}\n", given_functions()))
    }
}

/// The loaded module.
struct RustCommoncap {
    mode: Mode,
    // Before `Observing`, which takes a while to drop: changes of the link that come after `rmmod`
    // has begun are counted until this is dropped.
    _exe_link: Option<ExeLinkProbe>,
    _observing: Option<Observing>,
    debugfs: SetOnce<Dir>,
    // The last to be dropped: all others count.
    _counters: Counters,
}

impl LivepatchModule<{ enforce::COUNT }> for RustCommoncap {
    fn functions() -> impl Iterator<Item = Function> {
        enforce::functions(given_functions())
    }

    fn init(_module: &'static ThisModule) -> impl PinInit<Self, Error> {
        let mode = Mode::given();
        // SAFETY: This is the only call. The counters are dropped when the module is unloaded,
        // after all probes, and livepatch calls no function of a module that can be unloaded.
        let counters = unsafe { counters::allocate()? };
        // SAFETY: This is the only call, and nothing is observed or shown before it.
        unsafe { divergence::prepare() };
        // SAFETY: As above.
        unsafe { enforce::prepare() };
        Ok(Self {
            mode,
            _observing: match mode {
                // SAFETY: This is the only call.
                Mode::Observe => Some(unsafe { Observing::start(given_functions())? }),
                _ => None,
            },
            _exe_link: match mode {
                Mode::Off => None,
                _ => ExeLinkProbe::register(given_audit_exe_link())?,
            },
            debugfs: SetOnce::new(),
            _counters: counters,
        })
    }

    fn wants_patch(&self) -> bool {
        self.mode == Mode::Enforce
    }

    fn loaded(&self) {
        let functions = given_functions();
        let missing = Functions::ALL.without(Functions::available());
        if self.mode != Mode::Off && !missing.is_empty() {
            pr_info!("not deciding {missing}: {}\n", unexported::MISSING);
        }
        match self.mode {
            Mode::Off => pr_info!("mode=off: neither observing nor replacing a function\n"),
            Mode::Observe => {
                pr_info!("observing {functions}: comparing only, commoncap.c still decides\n")
            }
            Mode::Enforce => {
                pr_info!("replacing {functions} of commoncap.c, task by task\n");
                pr_info!("to revert: echo 0 >/sys/kernel/livepatch/rust_commoncap/enabled\n");
            }
        }
        let debugfs = Dir::new(c"rust_commoncap");
        debugfs.read_only_file::<ModeFile>(c"mode");
        debugfs.read_only_file::<FunctionsFile>(c"functions");
        debugfs.read_only_file::<Decisions>(c"decisions");
        debugfs.read_only_file::<Divergences>(c"divergences");
        debugfs.read_only_file::<ExeLinks>(c"exe_links");
        self.debugfs.populate(debugfs);
    }
}
