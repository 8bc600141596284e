// SPDX-License-Identifier: GPL-2.0
/*
 * Whether checkpoint_restore_ns_capable() has a denial audited that does not deny: an LSM that denies
 * some capabilities to one thread, and remembers what it could have written audit records of. It is
 * no part of the series; `audit` builds it into a commit of it, and boots that with lsm=audit_test.
 */

#include <kunit/test.h>
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/lsm_hooks.h>
#include <linux/sched.h>
#include <linux/user_namespace.h>

/* The name of the option in the experiment. A kernel without the fix has neither. */
#if defined(CAP_OPT_NODENYAUDIT)
#define CAP_OPT_NOAUDIT_ONDENY CAP_OPT_NODENYAUDIT
#elif !defined(CAP_OPT_NOAUDIT_ONDENY)
#define CAP_OPT_NOAUDIT_ONDENY 0
#endif

#define CR BIT_ULL(CAP_CHECKPOINT_RESTORE)
#define SA BIT_ULL(CAP_SYS_ADMIN)

static struct task_struct *watched;
static u64 denies;
/* Permits what it denies, and records that only the first time, as SELinux does. */
static bool permissive;
static u64 let_pass;
static struct seen {
	int granted, denied;
	u64 granted_caps, denied_caps, asked_caps;
} audited;

static int audit_test_capable(const struct cred *cred, struct user_namespace *ns, int cap,
			      unsigned int opts)
{
	bool deny = denies & ~let_pass & BIT_ULL(cap);
	int ret = deny && !permissive ? -EPERM : 0;

	if (current != watched)
		return 0;
	audited.asked_caps |= BIT_ULL(cap);
	if (permissive)
		let_pass |= BIT_ULL(cap);
	if (!(opts & CAP_OPT_NOAUDIT) && !(ret && (opts & CAP_OPT_NOAUDIT_ONDENY))) {
		if (deny) {
			audited.denied++;
			audited.denied_caps |= BIT_ULL(cap);
		} else {
			audited.granted++;
			audited.granted_caps |= BIT_ULL(cap);
		}
	}
	return ret;
}

static const struct lsm_id audit_test_id = { .name = "audit_test", .id = LSM_ID_UNDEF };

static struct security_hook_list audit_test_hooks[] __ro_after_init = {
	LSM_HOOK_INIT(capable, audit_test_capable),
};

static int __init audit_test_init(void)
{
	security_add_hooks(audit_test_hooks, ARRAY_SIZE(audit_test_hooks), &audit_test_id);
	return 0;
}

DEFINE_LSM(audit_test) = {
	.id = &audit_test_id,
	.init = audit_test_init,
};

/* What happens to who has these capabilities where the LSM denies those. */
static const struct {
	u64 effective, denied;
	bool allowed;
	struct seen seen;
	bool permissive;
} cases[] = {
	/* With nothing denied by the LSM, one grant is recorded. */
	{ CR | SA, 0, true, { 1, 0, CR, 0, CR } },
	{ CR, 0, true, { 1, 0, CR, 0, CR } },
	{ SA, 0, true, { 1, 0, SA, 0, SA } },
	/* Here is the denial that does not deny. */
	{ CR | SA, CR, true, { 1, 0, SA, 0, CR | SA } },
	/* Each denial of a capability that the capability LSM grants is recorded. */
	{ CR | SA, CR | SA, false, { 0, 2, 0, CR | SA, CR | SA } },
	{ CR, CR | SA, false, { 0, 1, 0, CR, CR } },
	{ SA, CR | SA, false, { 0, 1, 0, SA, SA } },
	/* The kernel calls no other LSM after the capability LSM denies. */
	{ 0, 0, false, { } },
	{ ~(CR | SA), CR | SA, false, { } },
	/* A denial that an LSM records and permits. */
	{ CR | SA, CR, true, { 0, 1, 0, CR, CR }, true },
	{ SA, SA, true, { 0, 1, 0, SA, SA }, true },
};

static void no_false_denial(struct kunit *test)
{
	int false_denials = 0;

	for (int i = 0; i < ARRAY_SIZE(cases); i++) {
		for (int noaudit = 0; noaudit < 2; noaudit++) {
			struct cred *new = prepare_creds();
			struct seen expected = cases[i].seen;
			bool allowed;

			KUNIT_ASSERT_NOT_NULL(test, new);
			new->cap_effective.val = cases[i].effective & CAP_VALID_MASK;
			commit_creds(new);
			current->flags &= ~PF_SUPERPRIV;
			memset(&audited, 0, sizeof(audited));
			denies = cases[i].denied;
			permissive = cases[i].permissive;
			let_pass = 0;
			watched = current;
			allowed = noaudit ? checkpoint_restore_ns_capable_noaudit(&init_user_ns) :
				checkpoint_restore_ns_capable(&init_user_ns);
			watched = NULL;

			if (noaudit)
				expected = (struct seen){ .asked_caps = expected.asked_caps };
			if (allowed && !permissive)
				false_denials += audited.denied;
			KUNIT_EXPECT_EQ_MSG(test, allowed, cases[i].allowed, "case %d", i);
			KUNIT_EXPECT_EQ_MSG(test, !!(current->flags & PF_SUPERPRIV), allowed, "case %d", i);
			KUNIT_EXPECT_MEMEQ_MSG(test, &audited, &expected, sizeof(expected),
					       "case %d: recorded %d grants (%#llx), %d denials (%#llx), asked for %#llx",
					       i, audited.granted, audited.granted_caps, audited.denied,
					       audited.denied_caps, audited.asked_caps);
		}
	}
	kunit_info(test, "%d denials audited of calls that succeeded\n", false_denials);
}

static struct kunit_case audit_test_cases[] = { KUNIT_CASE(no_false_denial), {} };
static struct kunit_suite audit_test_suite = {
	.name = "audit_test",
	.test_cases = audit_test_cases,
};
kunit_test_suite(audit_test_suite);
