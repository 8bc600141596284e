// SPDX-License-Identifier: GPL-2.0

//! Stands in for the kernel's `macros` crate where its tests run on the host.

use proc_macro::TokenStream;

/// Turns a module of KUnit tests into one of `cargo test`.
#[proc_macro_attribute]
pub fn kunit_tests(_suite: TokenStream, module: TokenStream) -> TokenStream {
    let mut tests: TokenStream = "#[cfg(test)]".parse().expect("an attribute");
    tests.extend(module);
    tests
}
