// SPDX-License-Identifier: GPL-2.0
/* The structures that the proof reads, for kernels without BTF. It is compiled, not loaded. */

#include <linux/cred.h>
#include <linux/fs.h>
#include <linux/sched.h>
#include <linux/tracepoint-defs.h>
#include <linux/user_namespace.h>

struct cred *cred;
struct dentry *entry;
struct inode *inode;
struct super_block *block;
struct task_struct *task;
struct tracepoint *tracepoint;
struct user_namespace *space;
