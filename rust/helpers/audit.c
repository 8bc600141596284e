// SPDX-License-Identifier: GPL-2.0

#include <linux/audit.h>

#include "helpers.h"

int rust_commoncap_audit_log_bprm_fcaps(struct linux_binprm *bprm, const struct cred *new,
					const struct cred *old)
{
#ifdef CONFIG_AUDITSYSCALL
	/* This is audit_log_bprm_fcaps(), whose callee is not exported. */
	if (unlikely(!audit_dummy_context()))
		return rust_commoncap___audit_log_bprm_fcaps(bprm, new, old);
#endif
	return 0;
}
