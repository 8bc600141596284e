// SPDX-License-Identifier: GPL-2.0

#include <linux/module.h>

#include "helpers.h"

bool rust_commoncap_within_module(const void *addr, const struct module *mod)
{
	return within_module_core((unsigned long)addr, mod);
}
