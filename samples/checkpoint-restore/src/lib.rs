// SPDX-License-Identifier: GPL-2.0

//! The operations of checkpoint/restore as functions, and what the program reports about them.

pub mod operations;
pub mod report;
pub mod sys;
