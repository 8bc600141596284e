// SPDX-License-Identifier: GPL-2.0
/*
 * What the module exports: with KUnit, its hooks, for tests in other modules.
 */

#include <kunit/visibility.h>
#include <linux/export.h>

#include "helpers.h"

/* Of what Rust defines. */
#define EXPORT_HOOK(name) EXPORT_SYMBOL_IF_KUNIT(name)

#ifdef CONFIG_KUNIT
EXPORT_HOOK(rust_commoncap_cap_capable);
EXPORT_HOOK(rust_commoncap_cap_task_prctl);
#endif
