/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The tracepoints of the module. They report each decision with its rule, and each change of
 * /proc/PID/exe.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM rust_commoncap

#if !defined(RUST_COMMONCAP_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define RUST_COMMONCAP_TRACE_H

#include <linux/cred.h>
#include <linux/prctl.h>
#include <linux/sched.h>
#include <linux/security.h>
#include <linux/string.h>
#include <linux/tracepoint.h>
#include <linux/user_namespace.h>

/**
 * rust_commoncap:capable - whether credentials hold a capability over a user namespace
 * @cred: The credentials
 * @target: The user namespace
 * @cap: The capability, by name
 * @granted: The verdict
 * @reason: The rule that decided
 * @opts: CAP_OPT_*: with CAP_OPT_NOAUDIT the caller wants no audit record of a denial
 *
 * "own" is 1 if the credentials are those of the current process. It is 0 if the process acts with
 * others, such as those of the mounter of an overlayfs.
 *
 * A namespace is reported by its inode number, as in /proc/PID/ns/user, and its number of
 * ancestors.
 */
TRACE_EVENT(capable,
	TP_PROTO(const struct cred *cred, const struct user_namespace *target,
		 const struct rust_commoncap_text *cap, bool granted,
		 const struct rust_commoncap_text *reason, unsigned int opts),
	TP_ARGS(cred, target, cap, granted, reason, opts),
	TP_STRUCT__entry(
		__field(pid_t, tgid)
		__field(unsigned int, cred_ns)
		__field(int, cred_level)
		__field(unsigned int, target_ns)
		__field(int, target_level)
		__field(bool, granted)
		__field(bool, audit)
		__field(bool, own)
		__array(char, cap, RUST_COMMONCAP_CAP_LEN)
		__array(char, reason, RUST_COMMONCAP_REASON_LEN)
	),
	TP_fast_assign(
		__entry->tgid = current->tgid;
		__entry->cred_ns = cred->user_ns->ns.inum;
		__entry->cred_level = cred->user_ns->level;
		__entry->target_ns = target->ns.inum;
		__entry->target_level = target->level;
		__entry->granted = granted;
		__entry->audit = !(opts & CAP_OPT_NOAUDIT);
		__entry->own = cred == current_real_cred();
		memcpy_and_pad(__entry->cap, sizeof(__entry->cap), cap->text, cap->len, 0);
		memcpy_and_pad(__entry->reason, sizeof(__entry->reason), reason->text,
			       reason->len, 0);
	),
	TP_printk("tgid=%d cred_ns=%u cred_level=%d target_ns=%u target_level=%d cap=%s verdict=%s reason=%s audit=%d own=%d",
		  __entry->tgid, __entry->cred_ns, __entry->cred_level, __entry->target_ns,
		  __entry->target_level, __entry->cap, __entry->granted ? "granted" : "denied",
		  __entry->reason, __entry->audit, __entry->own)
);

/**
 * rust_commoncap:task_prctl - a prctl() that the capability LSM decides
 * @prctl: The call, and the result
 * @reason: The rule that decided
 */
TRACE_EVENT(task_prctl,
	TP_PROTO(const struct rust_commoncap_prctl *prctl,
		 const struct rust_commoncap_text *reason),
	TP_ARGS(prctl, reason),
	TP_STRUCT__entry(
		__field(pid_t, tgid)
		__field(unsigned int, ns)
		__field(int, level)
		__field(int, option)
		__array(unsigned long, args, 4)
		__field(int, ret)
		__field(bool, granted)
		__field(unsigned int, before)
		__field(unsigned long, asked)
		__field(unsigned int, after)
		__array(char, reason, RUST_COMMONCAP_REASON_LEN)
	),
	TP_fast_assign(
		const struct user_namespace *ns = current_user_ns();

		__entry->tgid = current->tgid;
		__entry->ns = ns->ns.inum;
		__entry->level = ns->level;
		__entry->option = prctl->option;
		memcpy(__entry->args, prctl->args, sizeof(__entry->args));
		__entry->ret = prctl->ret;
		__entry->granted = prctl->granted;
		__entry->before = prctl->before;
		__entry->asked = prctl->asked;
		__entry->after = prctl->after;
		memcpy_and_pad(__entry->reason, sizeof(__entry->reason), reason->text,
			       reason->len, 0);
	),
	TP_printk("tgid=%d ns=%u level=%d option=%s arg2=0x%lx arg3=0x%lx arg4=0x%lx arg5=0x%lx ret=%d verdict=%s reason=%s securebits=0x%x asked=0x%lx after=0x%x",
		  __entry->tgid, __entry->ns, __entry->level,
		  __print_symbolic(__entry->option,
			{ PR_GET_KEEPCAPS,	"PR_GET_KEEPCAPS" },
			{ PR_SET_KEEPCAPS,	"PR_SET_KEEPCAPS" },
			{ PR_CAPBSET_READ,	"PR_CAPBSET_READ" },
			{ PR_CAPBSET_DROP,	"PR_CAPBSET_DROP" },
			{ PR_GET_SECUREBITS,	"PR_GET_SECUREBITS" },
			{ PR_SET_SECUREBITS,	"PR_SET_SECUREBITS" },
			{ PR_CAP_AMBIENT,	"PR_CAP_AMBIENT" }),
		  __entry->args[0], __entry->args[1], __entry->args[2], __entry->args[3],
		  __entry->ret, __entry->granted ? "granted" : "denied", __entry->reason,
		  __entry->before, __entry->asked, __entry->after)
);

/**
 * rust_commoncap:capset - a capset() of the current process
 * @capset: The call with the capability sets before, requested and after, and the result
 * @reason: The rule that decided
 *
 * Before and after are the sets of the new credentials, which start as a copy of the current ones.
 */
TRACE_EVENT(capset,
	TP_PROTO(const struct rust_commoncap_capset *capset,
		 const struct rust_commoncap_text *reason),
	TP_ARGS(capset, reason),
	TP_STRUCT__entry(
		__field(pid_t, tgid)
		__field(unsigned int, ns)
		__field(int, level)
		__field(int, ret)
		__field(bool, granted)
		__field(u64, effective)
		__field(u64, permitted)
		__field(u64, inheritable)
		__field(u64, ambient)
		__field(u64, asked_effective)
		__field(u64, asked_permitted)
		__field(u64, asked_inheritable)
		__field(u64, new_effective)
		__field(u64, new_permitted)
		__field(u64, new_inheritable)
		__field(u64, new_ambient)
		__array(char, reason, RUST_COMMONCAP_REASON_LEN)
	),
	TP_fast_assign(
		const struct user_namespace *ns = current_user_ns();

		__entry->tgid = current->tgid;
		__entry->ns = ns->ns.inum;
		__entry->level = ns->level;
		__entry->ret = capset->ret;
		__entry->granted = capset->granted;
		__entry->effective = capset->before.effective;
		__entry->permitted = capset->before.permitted;
		__entry->inheritable = capset->before.inheritable;
		__entry->ambient = capset->before.ambient;
		__entry->asked_effective = capset->asked.effective;
		__entry->asked_permitted = capset->asked.permitted;
		__entry->asked_inheritable = capset->asked.inheritable;
		__entry->new_effective = capset->after.effective;
		__entry->new_permitted = capset->after.permitted;
		__entry->new_inheritable = capset->after.inheritable;
		__entry->new_ambient = capset->after.ambient;
		memcpy_and_pad(__entry->reason, sizeof(__entry->reason), reason->text,
			       reason->len, 0);
	),
	TP_printk("tgid=%d ns=%u level=%d ret=%d verdict=%s reason=%s effective=0x%llx permitted=0x%llx inheritable=0x%llx ambient=0x%llx asked_effective=0x%llx asked_permitted=0x%llx asked_inheritable=0x%llx new_effective=0x%llx new_permitted=0x%llx new_inheritable=0x%llx new_ambient=0x%llx",
		  __entry->tgid, __entry->ns, __entry->level, __entry->ret,
		  __entry->granted ? "granted" : "denied", __entry->reason,
		  __entry->effective, __entry->permitted, __entry->inheritable, __entry->ambient,
		  __entry->asked_effective, __entry->asked_permitted, __entry->asked_inheritable,
		  __entry->new_effective, __entry->new_permitted, __entry->new_inheritable,
		  __entry->new_ambient)
);

/**
 * rust_commoncap:setuid - what a change of user IDs by the current process does to capabilities
 * @setuid: The call with the user IDs and the capability sets before and after, and the result
 * @reason: The rule that decided
 * @loss: The names of the rules that took capabilities, with commas between them, or "none"
 *
 * User IDs are those of the initial user namespace.
 */
TRACE_EVENT(setuid,
	TP_PROTO(const struct rust_commoncap_setuid *setuid,
		 const struct rust_commoncap_text *reason, const struct rust_commoncap_text *loss),
	TP_ARGS(setuid, reason, loss),
	TP_STRUCT__entry(
		__field(pid_t, tgid)
		__field(unsigned int, ns)
		__field(int, level)
		__field(int, ret)
		__field(bool, granted)
		__field(uid_t, uid)
		__field(uid_t, euid)
		__field(uid_t, suid)
		__field(uid_t, fsuid)
		__field(uid_t, new_uid)
		__field(uid_t, new_euid)
		__field(uid_t, new_suid)
		__field(uid_t, new_fsuid)
		__field(u64, effective)
		__field(u64, permitted)
		__field(u64, ambient)
		__field(u64, new_effective)
		__field(u64, new_permitted)
		__field(u64, new_ambient)
		__array(char, reason, RUST_COMMONCAP_REASON_LEN)
		__string_len(loss, loss->text, loss->len)
	),
	TP_fast_assign(
		const struct user_namespace *ns = current_user_ns();

		__entry->tgid = current->tgid;
		__entry->ns = ns->ns.inum;
		__entry->level = ns->level;
		__entry->ret = setuid->ret;
		__entry->granted = setuid->granted;
		__entry->uid = setuid->old.uid;
		__entry->euid = setuid->old.euid;
		__entry->suid = setuid->old.suid;
		__entry->fsuid = setuid->old.fsuid;
		__entry->new_uid = setuid->new.uid;
		__entry->new_euid = setuid->new.euid;
		__entry->new_suid = setuid->new.suid;
		__entry->new_fsuid = setuid->new.fsuid;
		__entry->effective = setuid->before.effective;
		__entry->permitted = setuid->before.permitted;
		__entry->ambient = setuid->before.ambient;
		__entry->new_effective = setuid->after.effective;
		__entry->new_permitted = setuid->after.permitted;
		__entry->new_ambient = setuid->after.ambient;
		memcpy_and_pad(__entry->reason, sizeof(__entry->reason), reason->text,
			       reason->len, 0);
		__assign_str(loss);
	),
	TP_printk("tgid=%d ns=%u level=%d ret=%d verdict=%s reason=%s uid=%u euid=%u suid=%u fsuid=%u new_uid=%u new_euid=%u new_suid=%u new_fsuid=%u effective=0x%llx permitted=0x%llx ambient=0x%llx new_effective=0x%llx new_permitted=0x%llx new_ambient=0x%llx loss=%s",
		  __entry->tgid, __entry->ns, __entry->level, __entry->ret,
		  __entry->granted ? "granted" : "denied", __entry->reason,
		  __entry->uid, __entry->euid, __entry->suid, __entry->fsuid,
		  __entry->new_uid, __entry->new_euid, __entry->new_suid, __entry->new_fsuid,
		  __entry->effective, __entry->permitted, __entry->ambient,
		  __entry->new_effective, __entry->new_permitted, __entry->new_ambient,
		  __get_str(loss))
);

/**
 * rust_commoncap:exec - what an execve() of the current process does to its credentials
 * @exec: The call with the IDs and the capability sets before and after, and the result
 * @reason: The rule that decided
 * @loss: The names of the rules that took capabilities, with commas between them, or "none"
 *
 * The sets and IDs before are those of the caller. The IDs that start with "file_" are those of a
 * set-user-ID or set-group-ID file, or the caller's. User and group IDs are those of the initial
 * user namespace. If the call fails, the new credentials are dropped.
 */
TRACE_EVENT(exec,
	TP_PROTO(const struct rust_commoncap_exec *exec,
		 const struct rust_commoncap_text *reason, const struct rust_commoncap_text *loss),
	TP_ARGS(exec, reason, loss),
	TP_STRUCT__entry(
		__field(pid_t, tgid)
		__field(unsigned int, ns)
		__field(int, level)
		__field(int, ret)
		__field(bool, granted)
		__field(bool, secureexec)
		__field(uid_t, uid)
		__field(uid_t, euid)
		__field(gid_t, gid)
		__field(gid_t, egid)
		__field(uid_t, file_euid)
		__field(gid_t, file_egid)
		__field(uid_t, new_euid)
		__field(gid_t, new_egid)
		__field(u64, effective)
		__field(u64, permitted)
		__field(u64, inheritable)
		__field(u64, ambient)
		__field(u64, new_effective)
		__field(u64, new_permitted)
		__field(u64, new_inheritable)
		__field(u64, new_ambient)
		__array(char, reason, RUST_COMMONCAP_REASON_LEN)
		__string_len(loss, loss->text, loss->len)
	),
	TP_fast_assign(
		const struct user_namespace *ns = current_user_ns();

		__entry->tgid = current->tgid;
		__entry->ns = ns->ns.inum;
		__entry->level = ns->level;
		__entry->ret = exec->ret;
		__entry->granted = exec->granted;
		__entry->secureexec = exec->secureexec;
		__entry->uid = exec->old.uid;
		__entry->euid = exec->old.euid;
		__entry->gid = exec->old.gid;
		__entry->egid = exec->old.egid;
		__entry->file_euid = exec->asked.euid;
		__entry->file_egid = exec->asked.egid;
		__entry->new_euid = exec->new.euid;
		__entry->new_egid = exec->new.egid;
		__entry->effective = exec->before.effective;
		__entry->permitted = exec->before.permitted;
		__entry->inheritable = exec->before.inheritable;
		__entry->ambient = exec->before.ambient;
		__entry->new_effective = exec->after.effective;
		__entry->new_permitted = exec->after.permitted;
		__entry->new_inheritable = exec->after.inheritable;
		__entry->new_ambient = exec->after.ambient;
		memcpy_and_pad(__entry->reason, sizeof(__entry->reason), reason->text,
			       reason->len, 0);
		__assign_str(loss);
	),
	TP_printk("tgid=%d ns=%u level=%d ret=%d verdict=%s reason=%s uid=%u euid=%u gid=%u egid=%u file_euid=%u file_egid=%u new_euid=%u new_egid=%u secureexec=%d effective=0x%llx permitted=0x%llx inheritable=0x%llx ambient=0x%llx new_effective=0x%llx new_permitted=0x%llx new_inheritable=0x%llx new_ambient=0x%llx loss=%s",
		  __entry->tgid, __entry->ns, __entry->level, __entry->ret,
		  __entry->granted ? "granted" : "denied", __entry->reason,
		  __entry->uid, __entry->euid, __entry->gid, __entry->egid,
		  __entry->file_euid, __entry->file_egid, __entry->new_euid, __entry->new_egid,
		  __entry->secureexec, __entry->effective, __entry->permitted,
		  __entry->inheritable, __entry->ambient, __entry->new_effective,
		  __entry->new_permitted, __entry->new_inheritable, __entry->new_ambient,
		  __get_str(loss))
);

/**
 * rust_commoncap:exe_link - a prctl() that has changed /proc/PID/exe of the current process
 * @old: The path of the program before, escaped
 * @new: The path of the program now, escaped
 *
 * The paths have no quotation marks, since libtraceevent does not parse a format that has some.
 */
TRACE_EVENT(exe_link,
	TP_PROTO(const struct rust_commoncap_text *old, const struct rust_commoncap_text *new),
	TP_ARGS(old, new),
	TP_STRUCT__entry(
		__field(pid_t, tgid)
		__field(uid_t, uid)
		__field(unsigned int, ns)
		__string_len(old, old->text, old->len)
		__string_len(new, new->text, new->len)
	),
	TP_fast_assign(
		__entry->tgid = current->tgid;
		__entry->uid = from_kuid(&init_user_ns, current_uid());
		__entry->ns = current_user_ns()->ns.inum;
		__assign_str(old);
		__assign_str(new);
	),
	TP_printk("tgid=%d uid=%u ns=%u old=%s new=%s",
		  __entry->tgid, __entry->uid, __entry->ns, __get_str(old), __get_str(new))
);

#endif /* RUST_COMMONCAP_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
