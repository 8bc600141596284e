// SPDX-License-Identifier: GPL-2.0

#include <linux/rcupdate.h>
#include <linux/slab.h>

#include "helpers.h"

void *rust_commoncap_kmalloc_nolock(size_t size)
{
	return kmalloc_nolock(size, 0, NUMA_NO_NODE);
}

void rust_commoncap_synchronize_rcu_tasks(void)
{
	synchronize_rcu_tasks();
}
