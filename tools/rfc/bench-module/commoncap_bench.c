// SPDX-License-Identifier: GPL-2.0
/*
 * How many instructions checkpoint_restore_ns_capable() takes as a function, which a system call
 * hides among its own. Logs the counts when it is loaded, where the time stamp counter counts instructions.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/module.h>
#include <linux/timex.h>
#include <linux/user_namespace.h>

/* How often it is asked between two looks at the counter. */
#define ROUNDS 1000
/* How often that is done; an interrupt is in few of these. */
#define BATCHES 101

/* As deep as namespaces nest, but for one. They are asked about, and nothing else is done to them. */
static struct user_namespace chain[33];

static const int depths[] = { 0, 1, 8, 32 };

static u64 instructions(struct user_namespace *ns, bool expected)
{
	u64 least = U64_MAX;

	for (int batch = 0; batch < BATCHES; batch++) {
		cycles_t before = get_cycles();

		for (int i = 0; i < ROUNDS; i++) {
			if (checkpoint_restore_ns_capable(ns) != expected)
				return 0;
		}
		least = min(least, get_cycles() - before);
	}
	return least;
}

static int measure(bool granted)
{
	const struct cred *old;
	struct cred *new = prepare_creds();
	int ret = 0;

	if (!new)
		return -ENOMEM;
	new->cap_effective = granted ? CAP_FULL_SET : CAP_EMPTY_SET;
	old = override_creds(new);

	for (int i = 0; i < ARRAY_SIZE(depths); i++) {
		int depth = depths[i];
		u64 count = instructions(depth ? &chain[depth] : &init_user_ns, granted);

		if (!count) {
			ret = -EINVAL;
			break;
		}
		pr_info("count: checkpoint_restore_ns_capable(), %s\t%llu.%03llu\t%d\n",
			granted ? "granted" : "refused", count / ROUNDS, count % ROUNDS, depth);
	}

	revert_creds(old);
	put_cred(new);
	return ret;
}

static int __init commoncap_bench_init(void)
{
	for (int level = 1; level < ARRAY_SIZE(chain); level++) {
		chain[level].level = level;
		chain[level].parent = level > 1 ? &chain[level - 1] : &init_user_ns;
		/* Nobody who asks: the owner of a namespace holds everything over it. */
		chain[level].owner = KUIDT_INIT(1234);
	}
	return measure(true) ?: measure(false);
}
module_init(commoncap_bench_init);

MODULE_DESCRIPTION("Counts the instructions of checkpoint_restore_ns_capable()");
MODULE_LICENSE("GPL");
