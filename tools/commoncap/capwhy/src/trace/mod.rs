// SPDX-License-Identifier: GPL-2.0

//! The decisions that the kernel module records by its tracepoints.

pub mod event;
pub mod instance;
pub mod line;
mod names;
pub mod pipe;
pub mod record;
pub mod request;
mod tracefs;
