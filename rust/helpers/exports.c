// SPDX-License-Identifier: GPL-2.0
/*
 * With KUnit built in, the hooks are exported to the tests of other modules, which Rust cannot do.
 */

#include <kunit/visibility.h>
#include <linux/export.h>

#include "helpers.h"

/* What is exported is Rust, so no function stands here. */
#define EXPORT_HOOK(name) EXPORT_SYMBOL_IF_KUNIT(name)

#if IS_BUILTIN(CONFIG_KUNIT)
EXPORT_HOOK(rust_commoncap_cap_capable);
EXPORT_HOOK(rust_commoncap_cap_task_prctl);
#endif
