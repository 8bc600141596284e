// SPDX-License-Identifier: GPL-2.0
/*
 * capability:cap_capable is not exported, so trace_cap_capable() does not link in a module. This
 * does what it does, on the tracepoint found by its name.
 */

#include <linux/string.h>
#include <linux/tracepoint.h>

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
	/* The type of __traceiter_cap_capable(), which calls each probe. */
	int (*iterator)(void *data, const struct cred *cred, struct user_namespace *target_ns,
			const struct user_namespace *cred_ns, int cap, int ret);

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
