// SPDX-License-Identifier: GPL-2.0
/*
 * Keeps tasks asleep until 1 is written to /sys/module/held/parameters/release: each task of the
 * name "held-creds" in prepare_creds(), and each of the name "held-audit" in audit_log_start().
 */

#include <linux/audit.h>
#include <linux/cred.h>
#include <linux/delay.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/sched.h>

static bool release;
module_param(release, bool, 0600);
MODULE_PARM_DESC(release, "let all tasks continue");

static void sleep_until_released(void)
{
	while (!READ_ONCE(release))
		msleep(20);
}

static struct cred *prepare_creds_later(void)
{
	sleep_until_released();
	return prepare_creds();
}

static struct audit_buffer *audit_log_start_later(struct audit_context *context, gfp_t gfp,
						  int type)
{
	sleep_until_released();
	return audit_log_start(context, gfp, type);
}

static int redirect(struct pt_regs *regs, const char *name, unsigned long to)
{
	if (READ_ONCE(release) || strcmp(current->comm, name))
		return 0;
	instruction_pointer_set(regs, to);
	return 1;
}

static int before_prepare_creds(struct kprobe *probe, struct pt_regs *regs)
{
	return redirect(regs, "held-creds", (unsigned long)prepare_creds_later);
}

static int before_audit_log_start(struct kprobe *probe, struct pt_regs *regs)
{
	return redirect(regs, "held-audit", (unsigned long)audit_log_start_later);
}

/* A probe with this handler can change the instruction pointer: the kernel does not optimize it. */
static void after(struct kprobe *probe, struct pt_regs *regs, unsigned long flags)
{
}

static struct kprobe creds_probe = {
	.symbol_name = "prepare_creds",
	.pre_handler = before_prepare_creds,
	.post_handler = after,
};

static struct kprobe audit_probe = {
	.symbol_name = "audit_log_start",
	.pre_handler = before_audit_log_start,
	.post_handler = after,
};

static struct kprobe *probes[] = { &creds_probe, &audit_probe };

static int __init held_init(void)
{
	return register_kprobes(probes, ARRAY_SIZE(probes));
}

static void __exit held_exit(void)
{
	unregister_kprobes(probes, ARRAY_SIZE(probes));
}

module_init(held_init);
module_exit(held_exit);
MODULE_DESCRIPTION("Keeps tasks asleep in the kernel");
MODULE_LICENSE("GPL");
