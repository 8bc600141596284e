// SPDX-License-Identifier: GPL-2.0
/*
 * With KUnit built in, the hooks are exported to the tests of other modules. Rust cannot export by
 * itself, nor does it make what checkpatch looks for in front of an export.
 */

#include <linux/export.h>

#include "helpers.h"

#define EXPORT_HOOK(name) EXPORT_SYMBOL_NS_GPL(name, "EXPORTED_FOR_KUNIT_TESTING")

#if IS_BUILTIN(CONFIG_KUNIT)
EXPORT_HOOK(rust_commoncap_cap_capable);
EXPORT_HOOK(rust_commoncap_cap_task_prctl);
#endif
