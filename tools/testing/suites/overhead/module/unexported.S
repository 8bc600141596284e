/* SPDX-License-Identifier: GPL-2.0 */

#include "unexported-livepatch.S"

	.section .klp.rela.vmlinux.functions, "ax"

FUNCTION(vfs_getxattr_alloc)
