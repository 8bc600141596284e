// SPDX-License-Identifier: GPL-2.0

//! The C that `kernel::bindings` lacks, as bindgen reads it from `bindings_helper.h`.

#![allow(
    clippy::all,
    clippy::cast_lossless,
    clippy::ptr_as_ptr,
    clippy::undocumented_unsafe_blocks,
    dead_code,
    improper_ctypes,
    missing_docs,
    non_camel_case_types,
    non_snake_case,
    non_upper_case_globals,
    unreachable_pub,
    unsafe_op_in_unsafe_fn
)]

include!(env!("RUST_COMMONCAP_BINDINGS"));
