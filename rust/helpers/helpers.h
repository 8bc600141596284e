/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Wrappers of inline functions and macros of the kernel, which Rust cannot call.
 */
#ifndef RUST_COMMONCAP_HELPERS_H
#define RUST_COMMONCAP_HELPERS_H

#include <linux/capability.h>
#include <linux/kconfig.h>
#include <linux/types.h>
#include <linux/uidgid.h>

struct cred;
struct dentry;
struct file;
struct ftrace_regs;
struct inode;
struct linux_binprm;
struct mm_struct;
struct mnt_idmap;
struct module;
struct task_struct;
struct timespec64;
struct timezone;
struct tracepoint;
struct user_namespace;
struct vfsmount;

bool rust_commoncap_within_module(const void *addr, const struct module *mod);

extern struct tracepoint *rust_commoncap_tracepoint;
void rust_commoncap_find_cap_capable(void);
void rust_commoncap_trace_cap_capable(const struct cred *cred, struct user_namespace *target_ns,
				      const struct user_namespace *cred_ns, int cap, int ret);

typedef void (*rust_commoncap_cap_capable_probe)(void *data, const struct cred *cred,
						 struct user_namespace *target_ns,
						 const struct user_namespace *cred_ns, int cap,
						 int ret);
int rust_commoncap_register_cap_capable(rust_commoncap_cap_capable_probe probe);
void rust_commoncap_unregister_cap_capable(rust_commoncap_cap_capable_probe probe);

#ifdef CONFIG_FPROBE
unsigned long rust_commoncap_ftrace_argument(struct ftrace_regs *fregs, unsigned int number);
unsigned long rust_commoncap_ftrace_return_value(struct ftrace_regs *fregs);
#endif

#ifdef CONFIG_TRACEPOINTS
/* The size of a name in a tracepoint, in bytes, with the terminating 0. */
#define RUST_COMMONCAP_CAP_LEN		24
#define RUST_COMMONCAP_REASON_LEN	40

/* A string of Rust, which has no terminating 0. */
struct rust_commoncap_text {
	const char *text;
	unsigned int len;
};

/* A call of cap_task_prctl() that returns. */
struct rust_commoncap_prctl {
	int option;
	unsigned long args[4];
	int ret;
	bool granted;
	unsigned int before;
	unsigned long asked;
	unsigned int after;
};

/* Four of the five capability sets of credentials. */
struct rust_commoncap_sets {
	u64 effective;
	u64 permitted;
	u64 inheritable;
	u64 ambient;
};

/* A call of cap_capset() that returns, and the sets of the new credentials before and after it. */
struct rust_commoncap_capset {
	int ret;
	bool granted;
	struct rust_commoncap_sets before;
	struct rust_commoncap_sets asked;
	struct rust_commoncap_sets after;
};

/* User IDs: the real, the effective, the saved one and that of the file system. */
struct rust_commoncap_user_ids {
	uid_t uid;
	uid_t euid;
	uid_t suid;
	uid_t fsuid;
};

/*
 * A call of cap_task_fix_setuid() that returns, and the sets of the new credentials before and
 * after it.
 */
struct rust_commoncap_setuid {
	int ret;
	bool granted;
	struct rust_commoncap_user_ids old;
	struct rust_commoncap_user_ids new;
	struct rust_commoncap_sets before;
	struct rust_commoncap_sets after;
};

/* Real and effective user and group IDs. */
struct rust_commoncap_exec_ids {
	uid_t uid;
	uid_t euid;
	gid_t gid;
	gid_t egid;
};

/*
 * A call of cap_bprm_creds_from_file() that returns: the credentials of the caller, the IDs that
 * the file asks for, and the new credentials.
 */
struct rust_commoncap_exec {
	int ret;
	bool granted;
	bool secureexec;
	struct rust_commoncap_exec_ids old;
	struct rust_commoncap_exec_ids asked;
	struct rust_commoncap_exec_ids new;
	struct rust_commoncap_sets before;
	struct rust_commoncap_sets after;
};

int rust_commoncap_follow_readers(int (*follow)(bool any));
void rust_commoncap_unfollow_readers(void);

extern struct tracepoint __tracepoint_capable;
extern struct tracepoint __tracepoint_capset;
extern struct tracepoint __tracepoint_exe_link;
extern struct tracepoint __tracepoint_exec;
extern struct tracepoint __tracepoint_setuid;
extern struct tracepoint __tracepoint_task_prctl;

void rust_commoncap_trace_capable(const struct cred *cred, const struct user_namespace *target,
				  const struct rust_commoncap_text *cap, bool granted,
				  const struct rust_commoncap_text *reason, unsigned int opts);
void rust_commoncap_trace_task_prctl(const struct rust_commoncap_prctl *prctl,
				     const struct rust_commoncap_text *reason);
void rust_commoncap_trace_capset(const struct rust_commoncap_capset *capset,
				 const struct rust_commoncap_text *reason);
void rust_commoncap_trace_setuid(const struct rust_commoncap_setuid *setuid,
				 const struct rust_commoncap_text *reason,
				 const struct rust_commoncap_text *loss);
void rust_commoncap_trace_exec(const struct rust_commoncap_exec *exec,
			       const struct rust_commoncap_text *reason,
			       const struct rust_commoncap_text *loss);
void rust_commoncap_trace_exe_link(const struct rust_commoncap_text *old,
				   const struct rust_commoncap_text *new);
#endif

kuid_t rust_commoncap_make_kuid(struct user_namespace *ns, uid_t uid);
uid_t rust_commoncap_from_kuid(struct user_namespace *ns, kuid_t uid);
bool rust_commoncap_inode_is_mapped(struct user_namespace *ns, struct mnt_idmap *idmap,
				    const struct inode *inode);
void *rust_commoncap_kmalloc_atomic(size_t size);
bool rust_commoncap_can_kmalloc_atomic(void);
void rust_commoncap_kfree_atomic(const void *memory);
void rust_commoncap_synchronize_rcu_tasks(void);
long rust_commoncap_syscall_return_value(void);

/*
 * What the kernel does not export to modules. Where it was not found, the addresses are null, and
 * none of the functions may be called.
 */
extern const int *const rust_commoncap_file_caps_enabled;
extern const unsigned long *const rust_commoncap_dac_mmap_min_addr;
bool rust_commoncap_has_ns_capability(struct task_struct *task, struct user_namespace *ns,
				      int cap);
bool rust_commoncap_mnt_may_suid(struct vfsmount *mnt);
bool rust_commoncap_ptracer_capable(struct task_struct *task, struct user_namespace *ns);
#ifdef CONFIG_AUDITSYSCALL
int rust_commoncap___audit_log_bprm_fcaps(struct linux_binprm *bprm, const struct cred *new,
					  const struct cred *old);
#endif
int rust_commoncap_audit_log_bprm_fcaps(struct linux_binprm *bprm, const struct cred *new,
					const struct cred *old);

int rust_commoncap_alloc_counters(unsigned int number);
void rust_commoncap_free_counters(void);
void rust_commoncap_count(unsigned int counter);
u64 rust_commoncap_counted(unsigned int counter);

#if IS_BUILTIN(CONFIG_KUNIT)
/* The hooks, for tests that compare them with commoncap.c. */
int rust_commoncap_cap_capable(const struct cred *cred, struct user_namespace *target_ns,
			       int cap, unsigned int opts);
int rust_commoncap_cap_task_prctl(int option, unsigned long arg2, unsigned long arg3,
				  unsigned long arg4, unsigned long arg5);
int rust_commoncap_cap_capset(struct cred *new, const struct cred *old,
			      const kernel_cap_t *effective, const kernel_cap_t *inheritable,
			      const kernel_cap_t *permitted);
int rust_commoncap_cap_task_fix_setuid(struct cred *new, const struct cred *old, int flags);
int rust_commoncap_cap_settime(const struct timespec64 *ts, const struct timezone *tz);
int rust_commoncap_cap_ptrace_access_check(struct task_struct *child, unsigned int mode);
int rust_commoncap_cap_capget(const struct task_struct *target, kernel_cap_t *effective,
			      kernel_cap_t *inheritable, kernel_cap_t *permitted);
int rust_commoncap_cap_task_setnice(struct task_struct *p, int nice);
int rust_commoncap_cap_task_setioprio(struct task_struct *p, int ioprio);
int rust_commoncap_cap_task_setscheduler(struct task_struct *p);
int rust_commoncap_cap_vm_enough_memory(struct mm_struct *mm, long pages);
int rust_commoncap_cap_mmap_addr(unsigned long addr);
int rust_commoncap_cap_bprm_creds_from_file(struct linux_binprm *bprm, const struct file *file);
int rust_commoncap_cap_ptrace_traceme(struct task_struct *parent);
int rust_commoncap_cap_inode_setxattr(struct dentry *dentry, const char *name, const void *value,
				      size_t size, int flags);
int rust_commoncap_cap_inode_removexattr(struct mnt_idmap *idmap, struct dentry *dentry,
					 const char *name);
int rust_commoncap_cap_inode_need_killpriv(struct dentry *dentry);
int rust_commoncap_cap_inode_killpriv(struct mnt_idmap *idmap, struct dentry *dentry);
int rust_commoncap_cap_inode_getsecurity(struct mnt_idmap *idmap, struct inode *inode,
					 const char *name, void **buffer, bool alloc);
int rust_commoncap_cap_convert_nscap(struct mnt_idmap *idmap, struct dentry *dentry,
				     const void **ivalue, size_t size);
#endif

#endif /* RUST_COMMONCAP_HELPERS_H */
