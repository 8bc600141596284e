// SPDX-License-Identifier: GPL-2.0

//! Whether the Rust answers as the C does, asked of both in one kernel.
//!
//! A module of KUnit tests beside `rust_commoncap`. Each case calls the C function itself and the
//! entry of the Rust that would take its place. Of `cap_task_prctl()` it compares what they return
//! and what has become of the credentials of the task, which are put back in between; of
//! `cap_capable()`, to which credentials and namespaces made for it are given, what they return. It
//! takes a kernel that exports both functions to KUnit tests.
//!
//! It knows nothing of the rules: what is right is what the C says.

mod capable;
mod cases;
mod cred;
mod prctl;
mod securebits;

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
    },
}

/// The loaded module: its tests are all there is to it.
struct Equivalence;

impl kernel::Module for Equivalence {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        Ok(Self)
    }
}
