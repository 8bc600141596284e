// SPDX-License-Identifier: GPL-2.0

//! The options of `setsockopt()` that take a capability.

use super::Called;

/// `%` in a rule.
const OVER: &str = "over the owner of the network namespace";
const EITHER: &str = "it takes cap_net_raw or cap_net_admin %: use cap_net_raw, the smaller one \
    (--cap-add=NET_RAW)";
const ADMIN: &str = "it takes cap_net_admin %: use that capability (--cap-add=NET_ADMIN), or do \
    without the option";
const RAW: &str = "it takes cap_net_raw %: use that capability (--cap-add=NET_RAW), or do without \
    the option";
const GROUP: &str = "messages of this protocol to groups are for cap_net_admin %: use that \
    capability (--cap-add=NET_ADMIN)";
const BUFFER: &str =
    "it takes cap_net_admin %: use SO_RCVBUF and SO_SNDBUF, which take none up to \
    net.core.rmem_max and wmem_max, or that capability";
const RULES: &str = "the tables of iptables take cap_net_admin %: use that capability \
    (--cap-add=NET_ADMIN), or a network namespace of a user namespace (unshare --map-root-user \
    --net)";
const PRIORITY: &str = "a priority above 6 takes cap_net_raw or cap_net_admin %: choose one up to \
    6, or use cap_net_raw";
const DEVICE: &str =
    "to change the device of a socket that has one takes cap_net_raw %, and before \
    Linux 5.7 to set the first one does, too: set it once for each socket, or use that capability";
const CONGESTION: &str = "an algorithm that net.ipv4.tcp_allowed_congestion_control lacks takes \
    cap_net_admin %: add it there (sysctl \
    net.ipv4.tcp_allowed_congestion_control=\"reno cubic bbr\"), or use that capability";

/// Those that people ask about: level, number and name, and what it takes, a colon, and what to do.
const OPTIONS: &[(u64, u64, &str, &str)] = &[
    (1, 1, "SO_DEBUG", ADMIN),
    (1, 12, "SO_PRIORITY", PRIORITY),
    (1, 25, "SO_BINDTODEVICE", DEVICE),
    (1, 32, "SO_SNDBUFFORCE", BUFFER),
    (1, 33, "SO_RCVBUFFORCE", BUFFER),
    (1, 36, "SO_MARK", EITHER),
    (1, 61, "SO_TXTIME", ADMIN),
    (1, 62, "SO_BINDTOIFINDEX", DEVICE),
    (1, 46, "SO_BUSY_POLL", ADMIN),
    (1, 69, "SO_PREFER_BUSY_POLL", ADMIN),
    (1, 70, "SO_BUSY_POLL_BUDGET", ADMIN),
    (0, 16, "IP_IPSEC_POLICY", ADMIN),
    (0, 17, "IP_XFRM_POLICY", ADMIN),
    (0, 19, "IP_TRANSPARENT", EITHER),
    (0, 64, "IPT_SO_SET_REPLACE", RULES),
    (0, 96, "ARPT_SO_SET_REPLACE", RULES),
    (0, 128, "EBT_SO_SET_ENTRIES", RULES),
    (0, 200, "MRT_INIT", ADMIN),
    (41, 27, "IPV6_JOIN_ANYCAST", ADMIN),
    (41, 35, "IPV6_XFRM_POLICY", ADMIN),
    (41, 54, "IPV6_HOPOPTS", RAW),
    (41, 55, "IPV6_RTHDRDSTOPTS", RAW),
    (41, 59, "IPV6_DSTOPTS", RAW),
    (41, 64, "IP6T_SO_SET_REPLACE", RULES),
    (41, 75, "IPV6_TRANSPARENT", EITHER),
    (6, 13, "TCP_CONGESTION", CONGESTION),
    (6, 19, "TCP_REPAIR", ADMIN),
    (270, 1, "NETLINK_ADD_MEMBERSHIP", GROUP),
];

/// Returns the option of this name, and what it takes.
pub fn named(name: &str) -> Option<(&'static str, String)> {
    let mut options = OPTIONS.iter();
    let (.., known, rule) = options.find(|option| option.2.eq_ignore_ascii_case(name))?;
    Some((known, rule.replace('%', OVER)))
}

/// Returns what the option takes.
pub fn of(called: &Called<'_>) -> Option<String> {
    let [_, level, number, ..] = called.args;
    let fails = called.name == "setsockopt" && ["EPERM", "EACCES"].contains(&called.errno);
    let is = |option: &&(u64, u64, &str, &str)| fails && (option.0, option.1) == (level, number);
    let (_, _, name, rule) = OPTIONS.iter().find(is)?;
    Some(format!("of {name}: {}", rule.replace('%', OVER)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_option_that_takes_a_capability_is_named() {
        let mut called = Called {
            name: "setsockopt",
            errno: "EPERM",
            args: [3, 1, 25, 0, 0],
            ..Called::default()
        };
        let said = of(&called).unwrap();
        assert!(said.starts_with("of SO_BINDTODEVICE: to change"), "{said}");
        assert!(said.contains("cap_net_raw over the owner of the network namespace, and"));
        called.args[2] = 2;
        assert_eq!(of(&called), None);
        let level = |number: i32| u64::try_from(number).unwrap();
        for (name, option) in [
            ("SO_MARK", (libc::SOL_SOCKET, libc::SO_MARK)),
            ("TCP_REPAIR", (libc::IPPROTO_TCP, libc::TCP_REPAIR)),
            ("IP_TRANSPARENT", (libc::IPPROTO_IP, libc::IP_TRANSPARENT)),
            ("SO_RCVBUFFORCE", (libc::SOL_SOCKET, libc::SO_RCVBUFFORCE)),
            ("IPV6_HOPOPTS", (libc::IPPROTO_IPV6, libc::IPV6_HOPOPTS)),
            ("IPV6_DSTOPTS", (libc::IPPROTO_IPV6, libc::IPV6_DSTOPTS)),
            (
                "NETLINK_ADD_MEMBERSHIP",
                (libc::SOL_NETLINK, libc::NETLINK_ADD_MEMBERSHIP),
            ),
        ] {
            let known = OPTIONS.iter().find(|known| known.2 == name).unwrap();
            assert_eq!(
                (known.0, known.1),
                (level(option.0), level(option.1)),
                "{name}"
            );
        }
    }
}
