// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel does not export the tracepoint capability:cap_capable, so a module that calls
 * trace_cap_capable() does not link. This finds the tracepoint by its name, fires it likewise, and
 * registers probes.
 */

#include <linux/string.h>
#include <linux/tracepoint.h>
#include <trace/events/capability.h>

#include "helpers.h"

/* Never enabled. */
static struct tracepoint none;

/* The tracepoint, or one that is never enabled. */
struct tracepoint *rust_commoncap_tracepoint __ro_after_init = &none;

#ifdef CONFIG_TRACEPOINTS

static void match_cap_capable(struct tracepoint *tp, void *unused)
{
	if (!strcmp(tp->name, "cap_capable"))
		rust_commoncap_tracepoint = tp;
}

void rust_commoncap_find_cap_capable(void)
{
	for_each_kernel_tracepoint(match_cap_capable, NULL);
}

/* Calls each probe of the tracepoint. Does nothing if it has not been found. */
void rust_commoncap_trace_cap_capable(const struct cred *cred, struct user_namespace *target_ns,
				      const struct user_namespace *cred_ns, int cap, int ret)
{
	/* The kernel's header declares its type. */
	typeof(__traceiter_cap_capable) *iterator = rust_commoncap_tracepoint->iterator;

	if (!iterator)
		return;
	guard(srcu_fast_notrace)(&tracepoint_srcu);
	iterator(NULL, cred, target_ns, cred_ns, cap, ret);
}

int rust_commoncap_register_cap_capable(rust_commoncap_cap_capable_probe probe)
{
	check_trace_callback_type_cap_capable(probe);
	if (rust_commoncap_tracepoint == &none)
		return -EOPNOTSUPP;
	return tracepoint_probe_register(rust_commoncap_tracepoint, probe, NULL);
}

void rust_commoncap_unregister_cap_capable(rust_commoncap_cap_capable_probe probe)
{
	tracepoint_probe_unregister(rust_commoncap_tracepoint, probe, NULL);
	tracepoint_synchronize_unregister();
}

#else /* !CONFIG_TRACEPOINTS */

void rust_commoncap_find_cap_capable(void)
{
}

void rust_commoncap_trace_cap_capable(const struct cred *cred, struct user_namespace *target_ns,
				      const struct user_namespace *cred_ns, int cap, int ret)
{
}

int rust_commoncap_register_cap_capable(rust_commoncap_cap_capable_probe probe)
{
	return -EOPNOTSUPP;
}

void rust_commoncap_unregister_cap_capable(rust_commoncap_cap_capable_probe probe)
{
}

#endif /* CONFIG_TRACEPOINTS */
