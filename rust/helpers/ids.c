// SPDX-License-Identifier: GPL-2.0

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
