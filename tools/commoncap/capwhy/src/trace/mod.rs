// SPDX-License-Identifier: GPL-2.0

//! What the kernel module tells of its decisions, by its tracepoints.

pub mod event;
pub mod instance;
pub mod line;
mod names;
pub mod pipe;
pub mod record;
pub mod request;
mod tracefs;
