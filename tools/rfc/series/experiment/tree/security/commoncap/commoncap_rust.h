/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The functions in Rust that commoncap.c calls. Nothing else calls them.
 */
#ifndef _SECURITY_COMMONCAP_RUST_H
#define _SECURITY_COMMONCAP_RUST_H

#include <linux/capability.h>
#include <linux/types.h>

struct cred;
struct dentry;
struct file;
struct inode;
struct linux_binprm;
struct mnt_idmap;
struct task_struct;
struct user_namespace;

int rust_cap_capable(const struct cred *cred, struct user_namespace *target_ns,
		     int cap);
int rust_cap_task_prctl(int option, unsigned long arg2, unsigned long arg3,
			unsigned long arg4, unsigned long arg5,
			const struct cred *cred);

#endif /* _SECURITY_COMMONCAP_RUST_H */
