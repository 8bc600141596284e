// SPDX-License-Identifier: GPL-2.0

//@ rust/kernel/inode.rs: upstream
