// SPDX-License-Identifier: GPL-2.0

//! Compares the answers of `commoncap.c` and of the module in one kernel.
//!
//! A module of KUnit tests beside `rust_commoncap`. Each case calls the C function and the Rust
//! function that would replace it, and compares the return values and all that they may change. For
//! `cap_task_prctl()` these are the credentials of the task, which are restored in between. The
//! other functions get credentials and namespaces made for the case. The kernel must export the C
//! functions to KUnit tests.
//!
//! The test knows none of the rules: the C function's answer is the right one.

mod capable;
mod capset;
mod cases;
mod cred;
mod files;
mod made;
mod nscap;
mod prctl;
mod questions;
mod securebits;
mod setuid;
mod world;
mod xattr;

use kernel::prelude::*;

module! {
    type: Equivalence,
    name: "commoncap_equivalence",
    authors: ["rust_commoncap maintainers"],
    description: "Compares the Rust with the C, call for call",
    license: "GPL",
    imports_ns: ["EXPORTED_FOR_KUNIT_TESTING"],
    params: {
        seed: u64 {
            default: 1,
            description: "Seed of the random cases",
        },
        one_in: u64 {
            default: 1,
            description: "Compares one case in so many, in the large groups",
        },
    },
}

/// The loaded module: its tests are all there is to it.
struct Equivalence;

impl kernel::Module for Equivalence {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        Ok(Self)
    }
}
