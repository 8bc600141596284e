// SPDX-License-Identifier: GPL-2.0

//@ rust/kernel/binprm.rs: upstream
