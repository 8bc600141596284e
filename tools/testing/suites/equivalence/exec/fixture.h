/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An execve() that is made for a test, as exec.rs sees it. It has a struct of each of these.
 */
#ifndef COMMONCAP_EQUIVALENCE_FIXTURE_H
#define COMMONCAP_EQUIVALENCE_FIXTURE_H

#include <linux/types.h>

struct cred;
struct exec_fixture;
struct user_namespace;

/* What a call depends on besides the credentials. */
struct exec_inputs {
	/* The user namespace of the file system. */
	struct user_namespace *fs_ns;
	/* The credentials of the tracer, or null. */
	const struct cred *tracer;
	int unsafe_flags;
	/* Whether the mount has nosuid, is of another mount namespace, and shows no user. */
	bool nosuid;
	bool foreign;
	bool unmapped;
	bool file_caps_enabled;
	bool audited;
	/* The size of security.capability, or a negative error number. */
	int size;
	u8 value[32];
};

/* What a call has returned and done, but for the credentials. */
struct exec_outputs {
	int ret;
	unsigned int per_clear;
	bool secureexec;
	bool used_privilege;
	/* How many records audit has got, and what is in the last one. */
	unsigned int records;
	unsigned int version;
	u64 record[12];
	/* A checksum of all that is in struct linux_binprm. */
	u64 rest;
};

struct exec_fixture *commoncap_exec_new(void);
void commoncap_exec_free(struct exec_fixture *fixture);
void commoncap_exec_run(struct exec_fixture *fixture, const struct exec_inputs *inputs,
			const struct cred *old, struct cred *new, bool rust,
			struct exec_outputs *outputs);

#endif /* COMMONCAP_EQUIVALENCE_FIXTURE_H */
