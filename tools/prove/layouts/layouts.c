// SPDX-License-Identifier: GPL-2.0
/* The structures that the proof reads, for kernels without BTF. It is compiled, not loaded. */

#include <linux/binfmts.h>
#include <linux/bug.h>
#include <linux/cred.h>
#include <linux/fs.h>
#include <linux/mount.h>
#include <linux/sched.h>
#include <linux/tracepoint-defs.h>
#include <linux/user_namespace.h>
#include <linux/xattr.h>

#include "audit.h"

struct audit_context *audit;
struct bug_entry *bug;
struct cred *cred;
struct dentry *entry;
struct file *file;
struct inode *inode;
struct linux_binprm *bprm;
struct super_block *block;
struct task_struct *task;
struct tracepoint *tracepoint;
struct user_namespace *space;
struct vfsmount *mount;
struct xattr_handler *handler;
