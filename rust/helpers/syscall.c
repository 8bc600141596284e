// SPDX-License-Identifier: GPL-2.0

#include <linux/ptrace.h>
#include <linux/sched/task_stack.h>
#include <asm/syscall.h>

#include "helpers.h"

long rust_commoncap_syscall_return_value(void)
{
	return syscall_get_return_value(current, current_pt_regs());
}
