/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the Rust of the capability LSM answers, for entry.c alone.
 */
#ifndef _SECURITY_COMMONCAP_RUST_H
#define _SECURITY_COMMONCAP_RUST_H

struct cred;
struct user_namespace;

int rust_cap_capable(const struct cred *cred, struct user_namespace *target_ns,
		     int cap);
int rust_cap_task_prctl(int option, unsigned long arg2, unsigned long arg3,
			unsigned long arg4, unsigned long arg5,
			const struct cred *cred);

#endif /* _SECURITY_COMMONCAP_RUST_H */
