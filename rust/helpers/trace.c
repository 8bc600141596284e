// SPDX-License-Identifier: GPL-2.0

#include "helpers.h"

#ifdef CONFIG_TRACEPOINTS

#include <linux/mutex.h>
#include <linux/trace_events.h>

#ifdef CONFIG_EVENT_TRACING
/* TRACE_EVENT() names the function that registers a reader of an event, and takes no other. */
#define trace_event_reg reg
static int reg(struct trace_event_call *call, enum trace_reg type, void *data);
#endif

#define CREATE_TRACE_POINTS
#include "trace.h"

#undef trace_event_reg

/* Protects all below. Taken while the kernel holds event_mutex, and before the locks of ftrace. */
static DEFINE_MUTEX(readers_mutex);
/* How many readers "capable" has: instances of tracefs, and perf. */
static unsigned int readers;
static int (*follower)(bool any);

/*
 * Calls "follow" with true before "capable" gets its first reader, and at once if it has one; and
 * with false after it has lost the last one. If "follow" fails with true, so does this, or the
 * reader. A probe that is attached to the tracepoint itself is no reader.
 */
int rust_commoncap_follow_readers(int (*follow)(bool any))
{
	int ret;

	guard(mutex)(&readers_mutex);
	ret = readers ? follow(true) : 0;
	if (!ret)
		follower = follow;
	return ret;
}

/* Calls the follower with false if there is a reader, and never again. */
void rust_commoncap_unfollow_readers(void)
{
	guard(mutex)(&readers_mutex);
	if (readers)
		follower(false);
	follower = NULL;
}

#ifdef CONFIG_EVENT_TRACING
static int reg(struct trace_event_call *call, enum trace_reg type, void *data)
{
	bool adds = type == TRACE_REG_REGISTER;
	bool removes = type == TRACE_REG_UNREGISTER;
	int ret;

#ifdef CONFIG_PERF_EVENTS
	adds = adds || type == TRACE_REG_PERF_REGISTER;
	removes = removes || type == TRACE_REG_PERF_UNREGISTER;
#endif
	if (call != &event_capable || !(adds || removes))
		return trace_event_reg(call, type, data);

	guard(mutex)(&readers_mutex);
	if (adds && !readers && follower) {
		ret = follower(true);
		if (ret)
			return ret;
	}
	ret = trace_event_reg(call, type, data);
	if (!ret)
		readers += adds ? 1 : -1;
	if (!readers && follower)
		follower(false);
	return ret;
}
#endif

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
