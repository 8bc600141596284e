// SPDX-License-Identifier: GPL-2.0

//! What `socket()` and `bind()` take by their address family.

use super::Called;

/// `AF_KEY` and `AF_XDP`, which the C library does not name everywhere.
const KEY: i32 = 15;
const XDP: i32 = 44;

/// Call, family and capability, and what it takes, a colon, and what to do.
const FAMILIES: &[(&str, i32, &str, &str)] = &[
    (
        "socket",
        libc::AF_PACKET,
        "cap_net_raw",
        "packet sockets, by which programs capture, take cap_net_raw over the owner of the network \
         namespace: use that capability (--cap-add=NET_RAW), or a network namespace of a user \
         namespace (unshare --map-root-user --net)",
    ),
    (
        "socket",
        XDP,
        "cap_net_raw",
        "sockets of AF_XDP take cap_net_raw over the owner of the network namespace, and their \
         program of BPF cap_bpf and cap_net_admin: use these capabilities",
    ),
    (
        "socket",
        KEY,
        "cap_net_admin",
        "sockets of AF_KEY, by which IPsec is configured, take cap_net_admin over the owner of the \
         network namespace: use that capability (--cap-add=NET_ADMIN)",
    ),
    (
        "bind",
        libc::AF_VSOCK,
        "cap_net_bind_service",
        "ports of vsock below 1024 take cap_net_bind_service over the initial user namespace, and \
         no sysctl changes that: choose another port, or use that capability",
    ),
    (
        "bind",
        libc::AF_BLUETOOTH,
        "cap_net_bind_service",
        "channels of L2CAP below 0x1001 (0x80 of low energy) take cap_net_bind_service over the \
         initial user namespace: choose another one, or use that capability",
    ),
];

/// Returns what the family takes.
pub fn of(called: &Called<'_>) -> Option<String> {
    let is = |known: &&(&str, i32, &str, &str)| {
        known.0 == called.name && Some(known.1) == called.family && called.lacks(known.2)
    };
    let (.., rule) = FAMILIES.iter().find(is)?;
    Some((*rule).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_family_decides_what_a_socket_takes() {
        let lacks = ["cap_net_bind_service".to_owned()];
        let mut called = Called {
            name: "bind",
            errno: "EACCES",
            family: Some(libc::AF_VSOCK),
            refused: &lacks,
            ..Called::default()
        };
        let said = called.likely().join("");
        assert!(said.contains("no sysctl"), "{said}");
        assert!(!said.contains("ip_unprivileged_port_start"), "{said}");
        called.family = Some(libc::AF_INET);
        assert_eq!(of(&called), None);
        for (.., capability, rule) in FAMILIES {
            assert!(crate::capabilities::known(capability).is_some());
            assert!(rule.contains(": "), "{rule}");
        }
    }
}
