// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel does not export the tracepoint capability:cap_capable, so a module that calls
 * trace_cap_capable() does not link. This finds the tracepoint by its name and fires it likewise.
 */

#include <linux/string.h>
#include <linux/tracepoint.h>
#include <trace/events/capability.h>

#include "helpers.h"

#ifdef CONFIG_TRACEPOINTS

static void match_cap_capable(struct tracepoint *tp, void *found)
{
	if (!strcmp(tp->name, "cap_capable"))
		*(struct tracepoint **)found = tp;
}

struct tracepoint *rust_commoncap_find_cap_capable(void)
{
	struct tracepoint *tp = NULL;

	for_each_kernel_tracepoint(match_cap_capable, &tp);
	return tp;
}

void rust_commoncap_trace_cap_capable(struct tracepoint *tp, const struct cred *cred,
				      struct user_namespace *target_ns,
				      const struct user_namespace *cred_ns, int cap, int ret)
{
	/* Calls each probe of the tracepoint. The kernel's header declares its type. */
	typeof(__traceiter_cap_capable) *iterator;

	if (!static_key_enabled(&tp->key))
		return;

	iterator = tp->iterator;
	guard(srcu_fast_notrace)(&tracepoint_srcu);
	iterator(NULL, cred, target_ns, cred_ns, cap, ret);
}

#else /* !CONFIG_TRACEPOINTS */

struct tracepoint *rust_commoncap_find_cap_capable(void)
{
	return NULL;
}

void rust_commoncap_trace_cap_capable(struct tracepoint *tp, const struct cred *cred,
				      struct user_namespace *target_ns,
				      const struct user_namespace *cred_ns, int cap, int ret)
{
}

#endif /* CONFIG_TRACEPOINTS */
