/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What bindgen is to read: the C that kernel::bindings lacks.
 */

#include <linux/audit.h>
#include <linux/binfmts.h>
#ifdef CONFIG_FPROBE
#include <linux/fprobe.h>
#endif
#include <linux/livepatch.h>
#include <linux/personality.h>
#include <linux/prctl.h>
#include <linux/ptrace.h>
#include <linux/securebits.h>
#include <linux/security.h>

#include "../helpers/helpers.h"

/* bindgen cannot evaluate function-like macros. */
const unsigned int RUST_CONST_HELPER_CAP_OPT_NOAUDIT = CAP_OPT_NOAUDIT;
const unsigned int RUST_CONST_HELPER_PER_CLEAR_ON_SETID = PER_CLEAR_ON_SETID;
const unsigned int RUST_CONST_HELPER_SECURE_ALL_BITS = SECURE_ALL_BITS;
const unsigned int RUST_CONST_HELPER_SECURE_ALL_LOCKS = SECURE_ALL_LOCKS;
const unsigned int RUST_CONST_HELPER_SECURE_ALL_UNPRIVILEGED = SECURE_ALL_UNPRIVILEGED;
