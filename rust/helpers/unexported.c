// SPDX-License-Identifier: GPL-2.0
/*
 * What the kernel does not export to modules, where it has no livepatch: it is missing, unless the
 * kernel has been patched to export it to KUnit tests.
 */

#include <kunit/visibility.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/module.h>
#include <linux/mount.h>
#include <linux/ptrace.h>
#include <linux/security.h>

#include "helpers.h"

MODULE_IMPORT_NS("EXPORTED_FOR_KUNIT_TESTING");

#pragma weak file_caps_enabled
#pragma weak has_ns_capability
#pragma weak mnt_may_suid
#pragma weak ptracer_capable

const int *const rust_commoncap_file_caps_enabled = &file_caps_enabled;

#ifdef CONFIG_MMU
#pragma weak dac_mmap_min_addr

const unsigned long *const rust_commoncap_dac_mmap_min_addr = &dac_mmap_min_addr;
#endif

bool rust_commoncap_has_ns_capability(struct task_struct *task, struct user_namespace *ns,
				      int cap)
{
	return has_ns_capability(task, ns, cap);
}

bool rust_commoncap_mnt_may_suid(struct vfsmount *mnt)
{
	return mnt_may_suid(mnt);
}

bool rust_commoncap_ptracer_capable(struct task_struct *task, struct user_namespace *ns)
{
	return ptracer_capable(task, ns);
}

#ifdef CONFIG_AUDITSYSCALL
#pragma weak __audit_log_bprm_fcaps

int rust_commoncap___audit_log_bprm_fcaps(struct linux_binprm *bprm, const struct cred *new,
					  const struct cred *old)
{
	return __audit_log_bprm_fcaps(bprm, new, old);
}
#endif
