// SPDX-License-Identifier: GPL-2.0

//! The decisions of the kernel, traced.

pub mod event;
pub mod instance;
pub mod line;
mod mount;
mod names;
pub mod pipe;
pub mod record;
pub mod refusal;
pub mod request;
pub mod scope;
pub mod source;
