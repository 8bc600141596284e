// SPDX-License-Identifier: GPL-2.0
/*
 * Exports the hooks to the tests of other modules if KUnit is built in. Rust cannot export symbols.
 */

#include <kunit/visibility.h>
#include <linux/export.h>

#include "helpers.h"

/* The functions are Rust. */
#define EXPORT_HOOK(name) EXPORT_SYMBOL_IF_KUNIT(name)

#if IS_BUILTIN(CONFIG_KUNIT)
EXPORT_HOOK(rust_commoncap_cap_bprm_creds_from_file);
EXPORT_HOOK(rust_commoncap_cap_capable);
EXPORT_HOOK(rust_commoncap_cap_capget);
EXPORT_HOOK(rust_commoncap_cap_capset);
EXPORT_HOOK(rust_commoncap_cap_convert_nscap);
EXPORT_HOOK(rust_commoncap_cap_inode_getsecurity);
EXPORT_HOOK(rust_commoncap_cap_inode_killpriv);
EXPORT_HOOK(rust_commoncap_cap_inode_need_killpriv);
EXPORT_HOOK(rust_commoncap_cap_inode_removexattr);
EXPORT_HOOK(rust_commoncap_cap_inode_setxattr);
EXPORT_HOOK(rust_commoncap_cap_mmap_addr);
EXPORT_HOOK(rust_commoncap_cap_ptrace_access_check);
EXPORT_HOOK(rust_commoncap_cap_ptrace_traceme);
EXPORT_HOOK(rust_commoncap_cap_settime);
EXPORT_HOOK(rust_commoncap_cap_task_fix_setuid);
EXPORT_HOOK(rust_commoncap_cap_task_prctl);
EXPORT_HOOK(rust_commoncap_cap_task_setioprio);
EXPORT_HOOK(rust_commoncap_cap_task_setnice);
EXPORT_HOOK(rust_commoncap_cap_task_setscheduler);
EXPORT_HOOK(rust_commoncap_cap_vm_enough_memory);
#endif
