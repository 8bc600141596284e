// SPDX-License-Identifier: GPL-2.0

//! The programs, as who uses them sees them.

mod language;
mod manual;
mod scene;
mod securebits;
