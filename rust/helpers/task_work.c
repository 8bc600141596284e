// SPDX-License-Identifier: GPL-2.0

#include <linux/atomic.h>
#include <linux/slab.h>

#include "helpers.h"

/*
 * Memory for a caller that has disabled preemption. On PREEMPT_RT the locks of the allocator sleep;
 * kmalloc_nolock() takes none, but fails on a CPU without a 128-bit compare-and-exchange, unless
 * the cache is being debugged.
 */
void *rust_commoncap_kmalloc_atomic(size_t size)
{
	if (IS_ENABLED(CONFIG_PREEMPT_RT))
		return kmalloc_nolock(size, 0, NUMA_NO_NODE);
	return kmalloc(size, GFP_ATOMIC | __GFP_NOWARN);
}

void rust_commoncap_kfree_atomic(const void *memory)
{
	if (IS_ENABLED(CONFIG_PREEMPT_RT))
		kfree_nolock(memory);
	else
		kfree(memory);
}

/* Whether rust_commoncap_kmalloc_atomic() can succeed on this CPU. */
bool rust_commoncap_can_kmalloc_atomic(void)
{
#ifndef CONFIG_PREEMPT_RT
	return true;
#elif defined(system_has_cmpxchg128)
	return system_has_cmpxchg128();
#else
	return false;
#endif
}
