// SPDX-License-Identifier: GPL-2.0

#include <linux/rcupdate.h>

#include "helpers.h"

void rust_commoncap_synchronize_rcu_tasks(void)
{
	synchronize_rcu_tasks();
}
