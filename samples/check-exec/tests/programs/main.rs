// SPDX-License-Identifier: GPL-2.0

//! Tests of the programs as a user runs them.

mod language;
mod manual;
mod scene;
mod securebits;
