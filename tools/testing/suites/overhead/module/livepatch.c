// SPDX-License-Identifier: GPL-2.0
/*
 * A livepatch that replaces each function of commoncap.c that the module decides by itself.
 *
 * It reaches what the kernel does not export as the Rust does, and fires the kernel's tracepoint.
 */

#include <kunit/visibility.h>
#include <linux/livepatch.h>
#include <linux/lsm_hooks.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mount.h>
#include <linux/ptrace.h>
#include <linux/xattr.h>

#include "tracepoint.c"

int rust_commoncap_vfs_getxattr_alloc(struct mnt_idmap *idmap, struct dentry *dentry,
				      const char *name, char **xattr_value, size_t size,
				      gfp_t flags);

#undef EXPORT_SYMBOL_IF_KUNIT
#define EXPORT_SYMBOL_IF_KUNIT(name)
#define trace_cap_capable(...) do {							\
	if (static_key_enabled(&rust_commoncap_tracepoint->key))			\
		rust_commoncap_trace_cap_capable(__VA_ARGS__);				\
} while (0)
#define __audit_log_bprm_fcaps		rust_commoncap___audit_log_bprm_fcaps
#define has_ns_capability		rust_commoncap_has_ns_capability
#define mnt_may_suid			rust_commoncap_mnt_may_suid
#define ptracer_capable			rust_commoncap_ptracer_capable
#define vfs_getxattr_alloc		rust_commoncap_vfs_getxattr_alloc
#define file_caps_enabled		(*rust_commoncap_file_caps_enabled)
#define dac_mmap_min_addr		(*rust_commoncap_dac_mmap_min_addr)

#include "functions.h"

#define REPLACE(function) { .old_name = #function, .new_func = function }

static struct klp_func functions[] = {
	REPLACE(cap_bprm_creds_from_file),
	REPLACE(cap_capable),
	REPLACE(cap_capget),
	REPLACE(cap_capset),
	REPLACE(cap_convert_nscap),
	REPLACE(cap_inode_getsecurity),
	REPLACE(cap_inode_killpriv),
	REPLACE(cap_inode_need_killpriv),
	REPLACE(cap_inode_removexattr),
	REPLACE(cap_inode_setxattr),
	REPLACE(cap_mmap_addr),
	REPLACE(cap_ptrace_access_check),
	REPLACE(cap_ptrace_traceme),
	REPLACE(cap_settime),
	REPLACE(cap_task_fix_setuid),
	REPLACE(cap_task_prctl),
	REPLACE(cap_task_setioprio),
	REPLACE(cap_task_setnice),
	REPLACE(cap_task_setscheduler),
	REPLACE(cap_vm_enough_memory),
	{ }
};

static struct klp_object objects[] = {
	{ .funcs = functions },
	{ }
};

static struct klp_patch patch = {
	.mod = THIS_MODULE,
	.objs = objects,
};

static int __init commoncap_in_c_init(void)
{
	rust_commoncap_find_cap_capable();
	return klp_enable_patch(&patch);
}

static void __exit commoncap_in_c_exit(void)
{
}

module_init(commoncap_in_c_init);
module_exit(commoncap_in_c_exit);
MODULE_INFO(livepatch, "Y");
MODULE_DESCRIPTION("Replaces the functions of commoncap.c by themselves");
MODULE_LICENSE("GPL");
