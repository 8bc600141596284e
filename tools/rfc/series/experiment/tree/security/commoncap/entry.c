// SPDX-License-Identifier: GPL-2.0
/*
 * Where C enters the Rust of the capability LSM. Unlike functions of Rust,
 * those of C can be traced, and fire tracepoints.
 */

#include <linux/cred.h>
#include <linux/security.h>
#include <trace/events/capability.h>

#include "commoncap_rust.h"

/* Apart, or cap_capable() would save registers for this, called or not. */
static noinline int cap_capable_traced(const struct cred *cred,
				       struct user_namespace *target_ns,
				       int cap)
{
	int ret = rust_cap_capable(cred, target_ns, cap);

	trace_cap_capable(cred, target_ns, cred->user_ns, cap, ret);
	return ret;
}

/* See security/commoncap.c, which has this in C. */
int cap_capable(const struct cred *cred, struct user_namespace *target_ns,
		int cap, unsigned int opts)
{
	/* A jump and nothing to come back to, if nobody watches. */
	if (trace_cap_capable_enabled())
		return cap_capable_traced(cred, target_ns, cap);
	return rust_cap_capable(cred, target_ns, cap);
}

/* See security/commoncap.c, which has this in C. */
int cap_task_prctl(int option, unsigned long arg2, unsigned long arg3,
		   unsigned long arg4, unsigned long arg5)
{
	return rust_cap_task_prctl(option, arg2, arg3, arg4, arg5,
				   current_cred());
}
