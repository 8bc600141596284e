// SPDX-License-Identifier: GPL-2.0
/*
 * Calls cap_bprm_creds_from_file(), in C or in Rust, for a file, a mount and a caller that are made
 * for the test.
 */

#include <linux/audit.h>
#include <linux/binfmts.h>
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/fs.h>
#include <linux/mnt_idmapping.h>
#include <linux/nsproxy.h>
#include <linux/sched.h>
#include <linux/security.h>
#include <linux/slab.h>
#include <linux/xattr.h>

#include "audit.h"
#include "mount.h"

#include "fixture.h"

int rust_commoncap_cap_bprm_creds_from_file(struct linux_binprm *bprm, const struct file *file);

/* These are as in auditsc.c. */
struct audit_aux_data {
	struct audit_aux_data *next;
	int type;
};

struct audit_aux_data_bprm_fcaps {
	struct audit_aux_data d;
	struct audit_cap_data fcap;
	unsigned int fcap_ver;
	struct audit_cap_data old_pcap;
	struct audit_cap_data new_pcap;
};

struct exec_fixture {
	struct linux_binprm bprm;
	struct file file;
	struct dentry dentry;
	struct inode inode;
	struct super_block sb;
	struct mount mount;
	struct audit_context audit;
	const struct exec_inputs *inputs;
};

static int get(const struct xattr_handler *handler, struct dentry *dentry, struct inode *inode,
	       const char *name, void *buffer, size_t size)
{
	const struct exec_inputs *inputs =
		container_of(inode, struct exec_fixture, inode)->inputs;

	if (inputs->size > 0 && buffer) {
		if (inputs->size > size)
			return -ERANGE;
		memcpy(buffer, inputs->value, inputs->size);
	}
	return inputs->size;
}

static const struct xattr_handler handler = {
	.name = XATTR_NAME_CAPS,
	.get = get,
};

static const struct xattr_handler *const handlers[] = { &handler, NULL };

struct exec_fixture *commoncap_exec_new(void)
{
	struct exec_fixture *f = kzalloc(sizeof(*f), GFP_KERNEL);

	if (!f)
		return NULL;
	f->sb.s_xattr = handlers;
	f->inode.i_sb = &f->sb;
	f->inode.i_opflags = IOP_XATTR;
	f->dentry.d_inode = &f->inode;
	f->dentry.d_sb = &f->sb;
	f->mount.mnt.mnt_sb = &f->sb;
	*(struct path *)&f->file.f_path = (struct path){
		.mnt = &f->mount.mnt,
		.dentry = &f->dentry,
	};
	return f;
}

void commoncap_exec_free(struct exec_fixture *f)
{
	kfree(f);
}

static void set(struct exec_fixture *f, const struct exec_inputs *inputs, struct cred *new)
{
	f->inputs = inputs;
	f->sb.s_user_ns = inputs->fs_ns;
	f->mount.mnt.mnt_flags = inputs->nosuid ? MNT_NOSUID : 0;
	f->mount.mnt.mnt_idmap = inputs->unmapped ? &invalid_mnt_idmap : &nop_mnt_idmap;
	f->mount.mnt_ns = inputs->foreign ? NULL : current->nsproxy->mnt_ns;
	f->bprm.file = &f->file;
	f->bprm.cred = new;
	f->bprm.unsafe = inputs->unsafe_flags;
	f->bprm.per_clear = 0;
	f->bprm.secureexec = 0;
	f->bprm.filename = "program";
	f->audit.aux = NULL;
}

/* Counts the records, and keeps the last one. */
static void take_records(struct exec_fixture *f, struct exec_outputs *outputs)
{
	struct audit_aux_data *aux, *next;

	for (aux = f->audit.aux; aux; aux = next) {
		const struct audit_aux_data_bprm_fcaps *a = (void *)aux;
		const u64 record[] = {
			a->d.type, a->fcap.permitted.val, a->fcap.inheritable.val, a->fcap.fE,
			a->old_pcap.permitted.val, a->old_pcap.inheritable.val,
			a->old_pcap.effective.val, a->old_pcap.ambient.val,
			a->new_pcap.permitted.val, a->new_pcap.inheritable.val,
			a->new_pcap.effective.val, a->new_pcap.ambient.val,
		};

		BUILD_BUG_ON(sizeof(record) != sizeof(outputs->record));
		memcpy(outputs->record, record, sizeof(record));
		outputs->version = a->fcap_ver;
		outputs->records++;
		next = aux->next;
		kfree(aux);
	}
}

void commoncap_exec_run(struct exec_fixture *f, const struct exec_inputs *inputs,
			const struct cred *old, struct cred *new, bool rust,
			struct exec_outputs *outputs)
{
	const struct cred *cred = current_cred();
	struct audit_context *audit = audit_context();
	const u64 *word;

	set(f, inputs, new);
	memset(outputs, 0, sizeof(*outputs));
	file_caps_enabled = inputs->file_caps_enabled;
	audit_set_context(current, inputs->audited ? &f->audit : NULL);
	rcu_assign_pointer(current->ptracer_cred, inputs->tracer);
	rcu_assign_pointer(current->cred, old);
	current->flags &= ~PF_SUPERPRIV;

	if (rust)
		outputs->ret = rust_commoncap_cap_bprm_creds_from_file(&f->bprm, &f->file);
	else
		outputs->ret = cap_bprm_creds_from_file(&f->bprm, &f->file);

	outputs->used_privilege = current->flags & PF_SUPERPRIV;
	rcu_assign_pointer(current->cred, cred);
	RCU_INIT_POINTER(current->ptracer_cred, NULL);
	audit_set_context(current, audit);
	file_caps_enabled = 1;

	take_records(f, outputs);
	outputs->per_clear = f->bprm.per_clear;
	outputs->secureexec = f->bprm.secureexec;
	for (word = (u64 *)&f->bprm; word + 1 <= (u64 *)(&f->bprm + 1); word++)
		outputs->rest = rol64(outputs->rest, 7) ^ *word;
}
