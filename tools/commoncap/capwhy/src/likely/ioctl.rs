// SPDX-License-Identifier: GPL-2.0

//! The requests of `ioctl()` that take a capability, or an owner.

use super::Called;

/// A request.
struct Request {
    number: u64,
    name: &'static str,
    /// What it takes, a colon, and what to do.
    rule: &'static str,
}

const FLAGS: &str = "only the owner of a file changes its flags or a process with cap_fowner, and \
    the flags i and a (chattr) take cap_linux_immutable over the initial user namespace besides: \
    do it as the owner, or with that capability, which --cap-add=LINUX_IMMUTABLE gives in a \
    container without a user namespace of its own";
const TERMINAL: &str = "it takes cap_sys_admin over the initial user namespace, whatever the mode \
    of the terminal: do it as root outside of the container";
const NAMESPACE: &str =
    "the namespace that it asks for is outside of the caller's own user or PID \
    namespace, and no capability shows it: ask from outside (lsns as root of the host)";
const INTERFACE: &str = "changes of network interfaces and routes take cap_net_admin over the \
    owner of the network namespace: use that capability, or a network namespace of a user \
    namespace (unshare --map-root-user --net)";
const CONSOLE: &str = "a virtual console obeys the process whose controlling terminal it is, and \
    cap_sys_tty_config over the initial user namespace: run it on that console, or with that \
    capability (sudo)";
const DISK: &str = "raw commands to a disk take cap_sys_rawio, and those to an NVMe device \
    cap_sys_admin, over the initial user namespace; the mode of the device file is not enough: use \
    that capability, which --cap-add gives only in a container without a user namespace of its own";
const BLOCK: &str = "it takes cap_sys_admin over the initial user namespace (FIFREEZE and FITHAW: \
    over the one that made the mount), whatever the mode of the device file: do it as root outside \
    of the container";

/// Makes requests.
macro_rules! requests {
    ($($rule:expr => $($number:literal $name:ident)+;)*) => {
        &[$($(Request { number: $number, name: stringify!($name), rule: $rule },)+)*]
    };
}

/// Those that people ask about, by their numbers on x86-64 and arm64.
const REQUESTS: &[Request] = requests! {
    FLAGS => 0x4008_6602 FS_IOC_SETFLAGS 0x401c_5820 FS_IOC_FSSETXATTR;
    "it takes cap_net_admin over the owner of the network namespace, unless root made the device \
     for that user: use that capability, or let root make it (ip tuntap add dev tun0 mode tun user \
     USER)" => 0x4004_54ca TUNSETIFF 0x4004_54cb TUNSETPERSIST 0x4004_54cc TUNSETOWNER;
    INTERFACE => 0x890b SIOCADDRT 0x890c SIOCDELRT 0x8914 SIOCSIFFLAGS 0x8916 SIOCSIFADDR
        0x891c SIOCSIFNETMASK 0x8922 SIOCSIFMTU 0x8924 SIOCSIFHWADDR 0x8946 SIOCETHTOOL
        0x8918 SIOCSIFDSTADDR 0x891a SIOCSIFBRDADDR 0x8923 SIOCSIFNAME 0x8931 SIOCADDMULTI
        0x8943 SIOCSIFTXQLEN 0x8953 SIOCDARP 0x8955 SIOCSARP 0x8983 SIOCSIFVLAN
        0x8990 SIOCBONDENSLAVE 0x89a0 SIOCBRADDBR 0x89a1 SIOCBRDELBR 0x89a2 SIOCBRADDIF
        0x89a3 SIOCBRDELIF 0x89b0 SIOCSHWTSTAMP 0x89f1 SIOCADDTUNNEL 0x89f2 SIOCDELTUNNEL
        0x8b18 SIOCSIWSCAN 0x8b1a SIOCSIWESSID;
    TERMINAL => 0x541d TIOCCONS 0x541f TIOCSSERIAL 0x5437 TIOCVHANGUP;
    NAMESPACE => 0xb701 NS_GET_USERNS 0xb702 NS_GET_PARENT;
    "input can be put into the caller's own controlling terminal alone (EPERM otherwise), and with \
     dev.tty.legacy_tiocsti=0 only with cap_sys_admin (EIO otherwise), which permits both: run the \
     program in a new pseudoterminal (script, tmux send-keys), or set that sysctl to 1" =>
        0x5412 TIOCSTI;
    "a terminal becomes the controlling one of a session leader that has none, if it is of no \
     other session, unless cap_sys_admin takes it away: call setsid() before, or start it by \
     setsid --ctty" => 0x540e TIOCSCTTY;
    "the process group is of another session than the terminal: call setsid() and TIOCSCTTY, or \
     leave the foreground to the shell (set +m)" => 0x5410 TIOCSPGRP;
    "interrupts beyond /sys/class/rtc/rtc0/max_user_freq take cap_sys_resource over the initial \
     user namespace: raise that value" => 0x4008_700c RTC_IRQP_SET 0x7005 RTC_PIE_ON;
    CONSOLE => 0x4b2f KIOCSOUND 0x4b30 KDMKTONE 0x4b32 KDSETLED 0x4b3a KDSETMODE 0x4b45 KDSKBMODE
        0x4b47 KDSKBENT 0x4b49 KDSKBSENT 0x4b72 KDFONTOP 0x5602 VT_SETMODE 0x5606 VT_ACTIVATE
        0x5607 VT_WAITACTIVE
        0x5608 VT_DISALLOCATE;
    "only cap_sys_time over the initial user namespace sets the clock of the hardware: set it \
     outside of the container, or use that capability" => 0x4024_700a RTC_SET_TIME;
    DISK => 0x2285 SG_IO 0xc048_4e41 NVME_IOCTL_ADMIN_CMD 0x1 FIBMAP;
    BLOCK => 0x125d BLKROSET 0x125f BLKRRPART 0x1261 BLKFLSBUF 0xc018_5879 FITRIM
        0xc004_5877 FIFREEZE 0xc004_5878 FITHAW 0x1269 BLKPG 0xc138_fd00 DM_VERSION
        0xd000_9411 BTRFS_IOC_TREE_SEARCH 0x4100_9432 FS_IOC_SETFSLABEL
        0x4008_6610 EXT4_IOC_RESIZE_FS 0xab00 NBD_SET_SOCK;
    "only cap_sys_admin over the initial user namespace deletes subvolumes, unless the file system \
     is mounted with user_subvol_rm_allowed: mount it so, or empty it and use rmdir" =>
        0x5000_940f BTRFS_IOC_SNAP_DESTROY;
    "only a process that was master of the graphics device before becomes it again without \
     cap_sys_admin: start it from a seat (logind, seatd), or end the other display server" =>
        0x641e DRM_IOCTL_SET_MASTER;
};

fn find(number: u64) -> Option<&'static Request> {
    // A request is 32 bits, though programs may pass it as a negative int.
    let number = number & u64::from(u32::MAX);
    REQUESTS.iter().find(|request| request.number == number)
}

/// Returns the name of a request.
pub fn name(number: u64) -> Option<&'static str> {
    find(number).map(|request| request.name)
}

/// Returns the request of this name, and what it takes.
pub fn named(name: &str) -> Option<(&'static str, String)> {
    let mut requests = REQUESTS.iter();
    let known = requests.find(|request| request.name.eq_ignore_ascii_case(name))?;
    Some((known.name, known.rule.to_owned()))
}

/// Returns what the request takes.
pub fn of(called: &Called<'_>) -> Option<String> {
    let fails = called.name == "ioctl" && ["EPERM", "EACCES", "EIO"].contains(&called.errno);
    let request = find(called.args[1]).filter(|_| fails && called.unmapped.is_none())?;
    Some(format!("of {}: {}", request.name, request.rule))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_request_is_once_in_the_table_and_has_a_remedy() {
        for (index, request) in REQUESTS.iter().enumerate() {
            assert!(request.rule.contains(": "), "{}", request.name);
            let same = |other: &Request| other.number == request.number;
            assert_eq!(
                REQUESTS.iter().position(same),
                Some(index),
                "{}",
                request.name
            );
        }
        let numbers = [
            libc::TUNSETIFF,
            libc::FS_IOC_SETFLAGS,
            libc::SIOCSIFADDR,
            libc::TIOCSTI,
        ];
        let names = ["TUNSETIFF", "FS_IOC_SETFLAGS", "SIOCSIFADDR", "TIOCSTI"];
        for (number, known) in numbers.iter().zip(names) {
            assert_eq!(name(*number), Some(known));
        }
    }

    #[test]
    fn a_request_that_fails_is_explained() {
        let mut called = Called {
            name: "ioctl",
            errno: "EPERM",
            args: [3, 0x4008_6602, 0, 0, 0],
            ..Called::default()
        };
        assert!(of(&called).is_some_and(|said| said.contains("cap_linux_immutable")));
        called.args[1] = 0x7;
        assert_eq!(of(&called), None);
        called.args[1] = 0xffff_ffff_c018_5879;
        assert!(of(&called).is_some_and(|said| said.contains("of FITRIM")));
        called.errno = "ENOTTY";
        assert_eq!(of(&called), None);
    }
}
