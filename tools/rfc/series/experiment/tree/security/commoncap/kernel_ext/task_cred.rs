// SPDX-License-Identifier: GPL-2.0

//@ rust/kernel/task_cred.rs: upstream
