// SPDX-License-Identifier: GPL-2.0

//! The decisions of the capability LSM that checkpoint/restore and script control rest on, in Rust.
//!
//! This file is the module: its parameters, its mode, its life cycle. The decisions are in
//! [`commoncap`], what puts them in the kernel's way is in [`hooks`], and what the `kernel` crate
//! lacks for that is in [`kernel_ext`].

mod bindings;
pub mod commoncap;
pub mod hooks;
#[path = "kernel/mod.rs"]
pub mod kernel_ext;

pub use kernel_ext::capability;

use hooks::{decisions, enforce};
use kernel::{module_param::ModuleParam, prelude::*, str::BStr, sync::SetOnce, ThisModule};
use kernel_ext::{
    debugfs::Dir,
    livepatch::{self, Function, LivepatchModule},
    module_param::module_param,
};

module! {
    type: livepatch::Module<RustCommoncap, 2>,
    name: "rust_commoncap",
    authors: ["rust_commoncap maintainers"],
    description: "The capability LSM's checkpoint/restore checks and securebits prctl, in Rust",
    license: "GPL",
}

module_param! {
    /// What the module is to do.
    static MODE: Mode = "mode",
        "enforce: decide in place of the C, by livepatch. Without it, decide nothing.";
}

/// What the module does with its decisions.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// They take the place of those of the C.
    Enforce,
}

impl ModuleParam for Mode {
    fn try_from_param_arg(arg: &BStr) -> Result<Self> {
        match &**arg {
            b"enforce" => Ok(Self::Enforce),
            _ => {
                pr_err!("mode={arg} is unknown: say mode=enforce, or leave it out\n");
                Err(EINVAL)
            }
        }
    }
}

/// The loaded module.
struct RustCommoncap {
    mode: Option<Mode>,
    debugfs: SetOnce<Dir>,
}

impl LivepatchModule<2> for RustCommoncap {
    fn functions() -> [Function; 2] {
        enforce::functions()
    }

    fn init(_module: &'static ThisModule) -> impl PinInit<Self, Error> {
        let mode = MODE.value();
        match mode {
            Some(Mode::Enforce) => enforce::prepare(),
            None if livepatch::AVAILABLE => {
                pr_info!("deciding nothing; this kernel lets it decide with mode=enforce\n");
            }
            None => pr_info!("deciding nothing; this kernel has no livepatch for mode=enforce\n"),
        }
        Ok(Self {
            mode,
            debugfs: SetOnce::new(),
        })
    }

    fn wants_patch(&self) -> bool {
        self.mode == Some(Mode::Enforce)
    }

    fn loaded(&self) {
        if self.wants_patch() {
            pr_info!("taking the place of cap_capable() and cap_task_prctl(), task by task\n");
            pr_info!("to give it back: echo 0 >/sys/kernel/livepatch/rust_commoncap/enabled\n");
        }
        let debugfs = Dir::new(c"rust_commoncap");
        debugfs.read_only_file::<decisions::Table>(c"decisions");
        self.debugfs.populate(debugfs);
    }
}
