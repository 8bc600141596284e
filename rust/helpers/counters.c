// SPDX-License-Identifier: GPL-2.0
/*
 * Per-CPU counters, so that CPUs do not share cache lines. They are allocated, since a module has
 * little static per-CPU memory.
 */

#include <linux/percpu.h>

#include "helpers.h"

static u64 __percpu *counters;
static unsigned int allocated;

int rust_commoncap_alloc_counters(unsigned int number)
{
	counters = __alloc_percpu(number * sizeof(*counters), __alignof__(*counters));
	if (!counters)
		return -ENOMEM;
	allocated = number;
	return 0;
}

void rust_commoncap_free_counters(void)
{
	allocated = 0;
	free_percpu(counters);
}

void rust_commoncap_count(unsigned int counter)
{
	if (counter < allocated)
		this_cpu_inc(counters[counter]);
}

u64 rust_commoncap_counted(unsigned int counter)
{
	u64 sum = 0;
	int cpu;

	if (counter < allocated)
		for_each_possible_cpu(cpu)
			sum += READ_ONCE(*per_cpu_ptr(&counters[counter], cpu));
	return sum;
}
