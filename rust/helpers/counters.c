// SPDX-License-Identifier: GPL-2.0
/*
 * Per-CPU counters, so that CPUs do not share cache lines.
 */

#include <linux/percpu.h>

#include "helpers.h"

static DEFINE_PER_CPU(u64 [RUST_COMMONCAP_COUNTERS], counters);

void rust_commoncap_count(unsigned int counter)
{
	if (counter < RUST_COMMONCAP_COUNTERS)
		this_cpu_inc(counters[counter]);
}

u64 rust_commoncap_counted(unsigned int counter)
{
	u64 sum = 0;
	int cpu;

	if (counter < RUST_COMMONCAP_COUNTERS)
		for_each_possible_cpu(cpu)
			sum += READ_ONCE(per_cpu(counters[counter], cpu));
	return sum;
}
