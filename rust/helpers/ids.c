// SPDX-License-Identifier: GPL-2.0

#include <linux/fs.h>
#include <linux/mnt_idmapping.h>
#include <linux/uidgid.h>

#include "helpers.h"

kuid_t rust_commoncap_make_kuid(struct user_namespace *ns, uid_t uid)
{
	return make_kuid(ns, uid);
}

uid_t rust_commoncap_from_kuid(struct user_namespace *ns, kuid_t uid)
{
	return from_kuid(ns, uid);
}

/* The kernel does not export privileged_wrt_inode_uidgid(). */
bool rust_commoncap_inode_is_mapped(struct user_namespace *ns, struct mnt_idmap *idmap,
				    const struct inode *inode)
{
	return vfsuid_has_mapping(ns, i_uid_into_vfsuid(idmap, inode)) &&
	       vfsgid_has_mapping(ns, i_gid_into_vfsgid(idmap, inode));
}
