/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the kernel does not export to modules, where it has livepatch.
 *
 * The kernel resolves symbols of these names for a livepatch, in relocations that are marked as
 * livepatch's own: Documentation/livepatch/module-elf-format.rst. No linker makes such marks, so
 * tools/build/livepatch-relocations makes them in the finished module: in the relocations of each
 * section here, which therefore must refer to nothing else. Until then, these symbols are weak and
 * undefined, and the module loads with all addresses 0.
 *
 * Each function is reached by a direct jump. An indirect call would fault where the kernel has
 * overwritten the ENDBR of a function whose address it never takes.
 */

#include <linux/linkage.h>
#include <linux/stringify.h>

/* The first, and so with "0" the only symbol of this name in the kernel proper. */
#define SYMBOL(name)	__stringify(.klp.sym.vmlinux.name,0)

#ifdef CONFIG_X86_64
#define JUMP	jmp
#else
#define JUMP	b
#endif

#define FUNCTION(name)				\
	.weak SYMBOL(name) ;			\
SYM_FUNC_START(rust_commoncap_##name) ;		\
	JUMP SYMBOL(name) ;			\
SYM_FUNC_END(rust_commoncap_##name)

#define ADDRESS(name)				\
	.weak SYMBOL(name) ;			\
SYM_DATA(rust_commoncap_##name, .quad SYMBOL(name))

	.section .klp.rela.vmlinux.functions, "ax"

#ifdef CONFIG_AUDITSYSCALL
FUNCTION(__audit_log_bprm_fcaps)
#endif
FUNCTION(has_ns_capability)
FUNCTION(mnt_may_suid)
FUNCTION(ptracer_capable)

	.section .klp.rela.vmlinux.addresses, "a"
	.balign 8

ADDRESS(file_caps_enabled)
#ifdef CONFIG_MMU
ADDRESS(dac_mmap_min_addr)
#endif
