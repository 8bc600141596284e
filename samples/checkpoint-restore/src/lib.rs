// SPDX-License-Identifier: GPL-2.0

//! The operations of checkpoint/restore and the `prctl()`s of the capability LSM, as functions: how
//! each is done, by whom, where, and what it should answer.

mod expected;
pub mod matrix;
pub mod operations;
pub mod place;
pub mod sys;
pub mod tell;
pub mod who;
