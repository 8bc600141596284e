// SPDX-License-Identifier: GPL-2.0
/*
 * Lists the sockets of UDP-Lite: none. Linux 7.3 has no UDP-Lite, and fails with ENOENT. CRIU
 * 4.1.1 then cannot dump a network namespace.
 */

#include <linux/inet_diag.h>
#include <linux/module.h>

/* The kernel has no name for it any more. */
#define UDPLITE 136

static void dump(struct sk_buff *skb, struct netlink_callback *cb,
		 const struct inet_diag_req_v2 *request)
{
}

static int dump_one(struct netlink_callback *cb, const struct inet_diag_req_v2 *request)
{
	return -ENOENT;
}

static const struct inet_diag_handler handler = {
	.owner = THIS_MODULE,
	.dump = dump,
	.dump_one = dump_one,
	.idiag_type = UDPLITE,
};

static int __init no_udplite_init(void)
{
	return inet_diag_register(&handler);
}

static void __exit no_udplite_exit(void)
{
	inet_diag_unregister(&handler);
}

module_init(no_udplite_init);
module_exit(no_udplite_exit);
MODULE_DESCRIPTION("Lists no sockets of UDP-Lite");
MODULE_LICENSE("GPL");
