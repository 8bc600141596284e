// SPDX-License-Identifier: GPL-2.0

#include "helpers.h"

#ifdef CONFIG_TRACEPOINTS

#define CREATE_TRACE_POINTS
#include "trace.h"

/* The Rust code checks that the tracepoint is enabled before it calls these. */

void rust_commoncap_trace_capable(const struct cred *cred, const struct user_namespace *target,
				  const struct rust_commoncap_text *cap, bool granted,
				  const struct rust_commoncap_text *reason, unsigned int opts)
{
	trace_capable(cred, target, cap, granted, reason, opts);
}

void rust_commoncap_trace_task_prctl(const struct rust_commoncap_prctl *prctl,
				     const struct rust_commoncap_text *reason)
{
	trace_task_prctl(prctl, reason);
}

void rust_commoncap_trace_capset(const struct rust_commoncap_capset *capset,
				 const struct rust_commoncap_text *reason)
{
	trace_capset(capset, reason);
}

void rust_commoncap_trace_setuid(const struct rust_commoncap_setuid *setuid,
				 const struct rust_commoncap_text *reason,
				 const struct rust_commoncap_text *loss)
{
	trace_setuid(setuid, reason, loss);
}

void rust_commoncap_trace_exec(const struct rust_commoncap_exec *exec,
			       const struct rust_commoncap_text *reason,
			       const struct rust_commoncap_text *loss)
{
	trace_exec(exec, reason, loss);
}

void rust_commoncap_trace_exe_link(const struct rust_commoncap_text *old,
				   const struct rust_commoncap_text *new)
{
	trace_exe_link(old, new);
}

#endif
