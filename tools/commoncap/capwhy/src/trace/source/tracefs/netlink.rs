// SPDX-License-Identifier: GPL-2.0

//! Messages of netlink, by the names of their protocols and types.

/// The protocols, by their numbers, from `linux/netlink.h`.
const PROTOCOLS: &[(u64, &str)] = &[
    (0, "NETLINK_ROUTE"),
    (4, "NETLINK_SOCK_DIAG"),
    (6, "NETLINK_XFRM"),
    (9, "NETLINK_AUDIT"),
    (12, "NETLINK_NETFILTER"),
    (16, "NETLINK_GENERIC"),
    (20, "NETLINK_RDMA"),
];
/// The kinds of objects of `NETLINK_ROUTE`, from type 16 on, four types each, from
/// `linux/rtnetlink.h`.
const KINDS: [&str; 8] = [
    "LINK", "ADDR", "ROUTE", "NEIGH", "RULE", "QDISC", "TCLASS", "TFILTER",
];
const ACTIONS: [&str; 4] = ["NEW", "DEL", "GET", "SET"];

/// Returns a message as a report shows it, such as `netlink(NETLINK_ROUTE, RTM_NEWADDR)`.
pub fn message(protocol: u64, kind: u64) -> String {
    let known = PROTOCOLS.iter().find(|(number, _)| *number == protocol);
    let name = known.map_or_else(|| protocol.to_string(), |(_, name)| (*name).to_owned());
    format!("netlink({name}, {})", type_name(protocol, kind))
}

fn type_name(protocol: u64, kind: u64) -> String {
    let index = kind
        .checked_sub(16)
        .and_then(|kind| usize::try_from(kind).ok());
    let object = index.filter(|_| protocol == 0).and_then(|index| {
        let object = KINDS.get(index / ACTIONS.len())?;
        Some(format!("RTM_{}{object}", ACTIONS[index % ACTIONS.len()]))
    });
    object.unwrap_or_else(|| kind.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_has_the_names_of_the_kernel() {
        for (protocol, kind, shown) in [
            (0, 16, "netlink(NETLINK_ROUTE, RTM_NEWLINK)"),
            (0, 25, "netlink(NETLINK_ROUTE, RTM_DELROUTE)"),
            (0, 48, "netlink(NETLINK_ROUTE, 48)"),
            (0, 3, "netlink(NETLINK_ROUTE, 3)"),
            (9, 1112, "netlink(NETLINK_AUDIT, 1112)"),
            (99, 20, "netlink(99, 20)"),
        ] {
            assert_eq!(message(protocol, kind), shown);
        }
    }
}
