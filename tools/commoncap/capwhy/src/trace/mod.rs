// SPDX-License-Identifier: GPL-2.0

//! The decisions of the kernel, traced.

mod buffers;
mod entry;
pub mod event;
mod format;
pub mod instance;
mod mount;
mod names;
mod page;
pub mod pipe;
pub mod record;
pub mod refusal;
pub mod request;
pub mod scope;
pub mod source;
