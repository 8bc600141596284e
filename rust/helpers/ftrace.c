// SPDX-License-Identifier: GPL-2.0

#include "helpers.h"

#ifdef CONFIG_FPROBE
#include <linux/ftrace.h>

unsigned long rust_commoncap_ftrace_argument(struct ftrace_regs *fregs, unsigned int number)
{
	return ftrace_regs_get_argument(fregs, number);
}

unsigned long rust_commoncap_ftrace_return_value(struct ftrace_regs *fregs)
{
	return ftrace_regs_get_return_value(fregs);
}

#endif
