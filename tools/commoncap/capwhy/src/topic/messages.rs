// SPDX-License-Identifier: GPL-2.0

//! What programs print when they lack something, and what [`super::word`] explains of it.

use super::words::Word;

/// Statuses of systemd and messages of programs.
pub const MESSAGES: &[Word] = &[
    (
        "218/CAPABILITIES,step CAPABILITIES,Failed to apply ambient capabilities,Failed to drop \
         capabilities,Failed to set up capabilities",
        "systemd could not set the capabilities of a unit: AmbientCapabilities= names one that is \
         not in the bounding set, or not permitted to the manager, as in a container, with \
         systemd --user, or with CapabilityBoundingSet= without it",
        "give the manager or the container that capability (capwhy check CAP --pid 1), list it in \
         CapabilityBoundingSet=, too, or leave it out",
    ),
    (
        "213/SECUREBITS,step SECUREBITS,Failed to set process secure bits",
        "systemd could not set SecureBits= of a unit: this takes cap_setpcap, which the change to \
         User= has taken unless ambient capabilities are kept",
        "add AmbientCapabilities= with any capability, or leave SecureBits= out; capwhy securebits \
         NOW NEW judges the change",
    ),
    (
        "203/EXEC,step EXEC",
        "systemd could not execute the program of a unit: the file, its interpreter, its mode, a \
         noexec mount, or file capabilities that CapabilityBoundingSet= lacks",
        "run capwhy exec PROGRAM --bounding-set LIST, or setcap -r on the file",
    ),
    (
        "fapolicyd",
        "a listener of fanotify with permission events, such as fapolicyd of RHEL, refuses with \
         EPERM to open or execute a file that its rules do not trust; no capability helps",
        "see ausearch -m fanotify, and trust the file: fapolicyd-cli --file add FILE, then \
         fapolicyd-cli --update",
    ),
    (
        "not found in directory /lib/modules",
        "modprobe looks for modules of the running kernel below /lib/modules. A container has none \
         there, and after an upgrade of the kernel only those of the new one are left; the kernel \
         refused nothing",
        "load it on the host, which is enough for containers, too, or reboot into the new kernel",
    ),
    (
        "do you need to insmod",
        "iptables found no such table: the kernel has not loaded the module of it (iptable_filter, \
         iptable_nat), and a container has no modules to load",
        "load it on the host (modprobe iptable_filter iptable_nat), or use iptables-nft; the \
         container then takes cap_net_admin alone",
    ),
    (
        "226/NAMESPACE,step NAMESPACE,Failed to set up mount namespacing",
        "systemd could not make a namespace for a unit (PrivateTmp=, ProtectSystem= and others), \
         which takes cap_sys_admin, or a user namespace in systemd --user and in containers",
        "permit that to the manager (--cap-add=SYS_ADMIN, user.max_user_namespaces), or leave \
         these settings out",
    ),
    (
        "217/USER,216/GROUP,step USER,step GROUP",
        "systemd could not take the user or the group of a unit: it does not exist, or the manager \
         lacks cap_setuid or cap_setgid",
        "make the user, or give the manager these capabilities",
    ),
    (
        "210/CHROOT,step CHROOT",
        "systemd could not enter RootDirectory= or RootImage= of a unit: chroot() takes \
         cap_sys_chroot, which systemd --user lacks, or there is no such directory",
        "make the directory, give the manager that capability, or use BindPaths=",
    ),
    (
        "201/NICE,211/IOPRIO,214/SETSCHEDULER,215/CPUAFFINITY,step NICE,step IOPRIO,step \
         SETSCHEDULER,step CPUAFFINITY",
        "systemd could not set the priority or the scheduling of a unit, which takes cap_sys_nice, \
         and time for real-time policies in its control group",
        "give the manager that capability (--cap-add=SYS_NICE), or leave these settings out",
    ),
    (
        "205/LIMITS,206/OOM_ADJUST,step LIMITS,step OOM_ADJUST",
        "systemd could not raise a limit or lower the OOM score of a unit, which takes \
         cap_sys_resource",
        "give the manager that capability (--cap-add=SYS_RESOURCE), or leave these settings out",
    ),
    (
        "225/NETWORK,step NETWORK,Failed to set up network namespacing",
        "systemd could not make a network namespace for a unit (PrivateNetwork=), which takes \
         cap_sys_admin, as the manager of a container and systemd --user lack it",
        "permit that to the manager (--cap-add=SYS_ADMIN), or set PrivateNetwork=no",
    ),
    (
        "step USER_NAMESPACE,Failed to set up user namespacing,Failed to set up user namespace,\
         233/RUNTIME_DIRECTORY,step RUNTIME_DIRECTORY,special execution directory",
        "systemd could not make a user namespace for a unit (PrivateUsers=, and the directories of \
         units such as RuntimeDirectory=): a sysctl, AppArmor or a seccomp filter forbids it. \
         ENOSPC means that user.max_user_namespaces is reached, not that a disk is full; EACCES of \
         a directory is its mode",
        "raise user.max_user_namespaces, or set PrivateUsers=no; see capwhy explain user namespace",
    ),
    (
        "238/STATE_DIRECTORY,239/CACHE_DIRECTORY,240/LOGS_DIRECTORY,241/CONFIGURATION_DIRECTORY,\
         step STATE_DIRECTORY,step CACHE_DIRECTORY,step LOGS_DIRECTORY,step \
         CONFIGURATION_DIRECTORY",
        "systemd could not make the directory of a unit (StateDirectory= and its like) or give it \
         to User=: the file system is read-only or refuses chown() (NFS with root_squash, vfat), \
         or the manager lacks cap_chown",
        "give it to that user beforehand (chown), or name a directory on another file system",
    ),
    (
        "219/CGROUP,step CGROUP",
        "systemd could not write to the control group of a unit, which containers mount read-only",
        "mount /sys/fs/cgroup writable in the container (--cgroupns=private, --privileged)",
    ),
    (
        "243/CREDENTIALS,step CREDENTIALS",
        "systemd could not mount the credentials of a unit, which takes cap_sys_admin",
        "give the manager that capability (--cap-add=SYS_ADMIN), or leave LoadCredential= and its \
         like out",
    ),
    (
        "208/STDIN,209/STDOUT,222/STDERR,step STDIN,step STDOUT,step STDERR",
        "systemd could not open the file or terminal of StandardOutput= and its like: its mode, \
         its directory, or SELinux refuses",
        "name a file in /var/log, or use StandardOutput=journal",
    ),
    (
        "227/NO_NEW_PRIVILEGES,228/SECCOMP,232/ADDRESS_FAMILIES,step NO_NEW_PRIVILEGES,step \
         SECCOMP,step ADDRESS_FAMILIES",
        "systemd could not set a seccomp filter of a unit, which takes cap_sys_admin or \
         no_new_privs",
        "set NoNewPrivileges=yes, or leave the filter out",
    ),
    (
        "237/KEYRING,step KEYRING",
        "systemd could not make the session keyring of a unit: a seccomp filter refuses keyctl(), \
         or the quota of keys is reached",
        "set KeyringMode=inherit, or raise kernel.keys.maxkeys",
    ),
    (
        "RTNETLINK answers,RTNETLINK,Could not fetch rule set generation id,Could not process rule,\
         netlink,iptables,nft,ethtool,ip link,ip addr,ip route,wg,brctl,ipset,conntrack,ifconfig,\
         hostapd,send flush request,Unable to access interface,Unable to modify interface",
        "to configure interfaces, routes and the firewall takes cap_net_admin over the owner of \
         the network namespace; netlink puts the error into its answer, so no system call fails, \
         and capwhy run shows the message",
        "give it cap_net_admin (--cap-add=NET_ADMIN), or a network namespace of its own (unshare \
         --user --map-root-user --net); capwhy check net_admin --over net shows which one counts",
    ),
    (
        "TUNSETIFF,TUNSETPERSIST,tun device,tap device",
        "to make a tun or tap interface, or to open one of others, takes cap_net_admin over the \
         owner of the network namespace; EBUSY means that another process has opened it",
        "make it once as root for its user (ip tuntap add dev tap0 mode tap user USER), who then \
         opens it without a capability, or give that capability",
    ),
    (
        "traceroute,mtr,arping,fping,nmap,hping3",
        "raw and packet sockets take cap_net_raw over the owner of the network namespace, which \
         most distributions give to such a program by its file",
        "give it cap_net_raw (--cap-add=NET_RAW); traceroute without -I and -T, and nmap \
         --unprivileged, need none; capwhy exec PROGRAM shows whether those of its file count",
    ),
    (
        "TIOCSTI,legacy_tiocsti",
        "to put input into a terminal takes cap_sys_admin over the initial user namespace where \
         dev.tty.legacy_tiocsti is 0 (EIO otherwise), and where it is not the caller's \
         controlling terminal (EPERM otherwise)",
        "use a pseudoterminal of its own, as script and tmux do, or set dev.tty.legacy_tiocsti=1",
    ),
    (
        "chattr,setting flags on,FS_IOC_SETFLAGS,immutable,append only",
        "to set or clear the attributes i (immutable) and a (append only) takes \
         cap_linux_immutable, other attributes the owner of the file or cap_fowner; a file system \
         without attributes fails with EOPNOTSUPP or ENOTTY",
        "do it as root of the host, or give that capability (--cap-add=LINUX_IMMUTABLE)",
    ),
    (
        "hwclock,Hardware Clock,/dev/rtc",
        "the hardware clock takes access to /dev/rtc0, which containers lack, and cap_sys_time \
         over the initial user namespace to set it",
        "set it on the host, or pass the device and the capability (--device=/dev/rtc0 \
         --cap-add=SYS_TIME)",
    ),
    (
        "superuser privilege,superuser privileges,must be run as root,used by non-root users,must \
         be privileged,only supports running as,root privileges,root to use,need to be root,must \
         be root to run",
        "a program that prints so mostly compares its user ID with 0 and asks the kernel for \
         nothing: no capability changes that",
        "see by capwhy run as root what it needs, and look for an option of the program; or run it \
         as root of a user namespace (unshare --user --map-root-user), or as root with just these \
         capabilities (CapabilityBoundingSet=, --cap-drop=ALL)",
    ),
    (
        "unsupported capability,unknown capability name,unknown capability",
        "the program or its library knows fewer capabilities than the kernel, or the kernel fewer \
         than the program: /proc/sys/kernel/cap_last_cap has the number of its last one",
        "update the older one of both, or leave that capability out",
    ),
    (
        "physical address,physical addresses,pagemap",
        "/proc/PID/pagemap has physical addresses for processes with cap_sys_admin over the \
         initial user namespace alone: others read 0, and no call fails",
        "use virtual addresses (--iova-mode=va of DPDK, which takes an IOMMU), or that capability",
    ),
    (
        "unable to send audit message,cannot open audit interface,audit_log_acct_message",
        "sudo, su and login write a record of each session, which takes cap_audit_write over the \
         initial user namespace",
        "give it that capability (--cap-add=AUDIT_WRITE), which a rootless container does not \
         reach; sudo works without the record",
    ),
    (
        "Failed to set capabilities on file,CAP_SETFCAP effective capability,capability argument \
         is not permitted for a file",
        "setcap takes cap_setfcap over the user namespace that maps the file (EPERM), a file \
         system that holds the attribute (EOPNOTSUPP), and a regular file that is not a link \
         (EINVAL)",
        "run it as root, in a container with --cap-add=SETFCAP, on the file itself: setcap CAP=ep \
         \"$(readlink -f FILE)\"",
    ),
    (
        "dumpcap,Couldn't run dumpcap in child process,permission to capture,wireshark,tshark,\
         tcpdump",
        "capturing takes cap_net_raw, and cap_net_admin for monitor mode, over the owner of the \
         network namespace. dumpcap has these as file capabilities for the group wireshark: \
         without the group its execve() fails with EACCES, without these in the bounding set with \
         EPERM",
        "join the group (usermod -aG wireshark USER, and log in again), or add them \
         (--cap-add=NET_RAW --cap-add=NET_ADMIN); capwhy exec dumpcap shows which one it is",
    ),
    (
        "ping,missing cap_net_raw+p capability or setuid",
        "ping opens a ping socket if net.ipv4.ping_group_range of the network namespace has the \
         group, and a raw socket with cap_net_raw otherwise, which most distributions give to its \
         file; Alpine and BusyBox do not",
        "include the group (sysctl net.ipv4.ping_group_range=\"0 2147483647\", --sysctl of Docker \
         and Podman), or give it cap_net_raw; capwhy exec ping shows whether those of its file \
         count",
    ),
    (
        "whose /proc doesn't belong to it,CRIU,criu --unprivileged,criu dump,criu restore",
        "CRIU as another user than root takes cap_checkpoint_restore, cap_sys_ptrace for targets \
         of others, cap_net_admin for open connections, and targets that are dumpable",
        "run setcap cap_checkpoint_restore=ep CRIU, call it with --unprivileged, and check its \
         operations by capwhy check; capwhy explain dumpable is about the target",
    ),
    (
        "lsof,fuser,ss -p,netstat -p",
        "the files and sockets of a process are in /proc/PID/fd, which takes ptrace access to that \
         process: those of others are left out",
        "run it as their user, or with cap_sys_ptrace and cap_dac_read_search",
    ),
    (
        "docker.sock,Docker daemon socket",
        "the socket of the Docker daemon belongs to the group docker, and connect() takes write \
         access to it",
        "join the group, which amounts to root (usermod -aG docker USER, and log in again), or run \
         rootless Docker",
    ),
    (
        "setting up uid map,have filecaps,newuidmap,newgidmap,/etc/subuid,/etc/subgid,subuid,\
         subgid",
        "an ID map beyond the user's own ID takes cap_setuid over the parent user namespace, which \
         newuidmap has as set-user-ID root or by its file, for the ranges in /etc/subuid",
        "see capwhy exec newuidmap and capwhy explain uid_map; on Ubuntu, sysctl \
         kernel.apparmor_restrict_unprivileged_userns=0",
    ),
    (
        "map_files,/proc/PID/map_files,mapfile link",
        "to open the files of map_files takes cap_checkpoint_restore or cap_sys_admin over the \
         initial user namespace, besides ptrace access to the process",
        "use /proc/PID/maps and the paths in it; capwhy check map_files says whether a process may",
    ),
    (
        "avc: denied,apparmor=\"DENIED\",type=1400",
        "SELinux (avc) or AppArmor refused, and wrote this record; scontext= or profile= is the \
         process, and what is in braces, capability= or operation= is what it wanted. No \
         capability helps, and with bpf or perfmon the kernel may have accepted cap_sys_admin in \
         their place",
        "permit it in that policy (audit2allow, the profile in /etc/apparmor.d), or run the \
         container without it (--security-opt label=disable, --security-opt apparmor=unconfined)",
    ),
    (
        "/dev/mem,/dev/kmem,/dev/port,/dev/cpu,rdmsr,wrmsr",
        "/dev/mem, /dev/port and /dev/cpu/N/msr take cap_sys_rawio over the initial user \
         namespace, and lockdown (Secure Boot) and CONFIG_STRICT_DEVMEM refuse them to root, too",
        "use a driver of the device, or boot without lockdown; capwhy check sys_rawio shows \
         whether a process holds it",
    ),
    (
        "/sys/fs/cgroup,cgroup.procs,cgroup.subtree_control,create cgroup,cgroup configuration",
        "the files of a control group belong to root unless it is delegated, and containers mount \
         them read-only; to move a process takes write access to the common ancestor as well",
        "let systemd delegate a group (Delegate=yes, systemd-run --user --scope), or mount it \
         writable in the container",
    ),
    (
        "loop device,losetup,/dev/loop,/dev/loop-control",
        "a loop device takes /dev/loop-control and /dev/loopN: only root and the group disk may \
         open them (EACCES), and the control group of a container does not list them (EPERM). To \
         mount one takes cap_sys_admin over the initial user namespace",
        "do it on the host, pass the devices (--device=/dev/loop-control --device=/dev/loop0, with \
         --cap-add=SYS_ADMIN), or use FUSE (fuse2fs, squashfuse)",
    ),
    (
        "no usable sandbox,setuid sandbox,SUID sandbox helper,chrome-sandbox,loopback: Failed \
         RTM_NEWADDR",
        "browsers, Electron and bwrap make a user namespace and use capabilities in it. AppArmor \
         of Ubuntu (kernel.apparmor_restrict_unprivileged_userns), a sysctl, a chroot, or the \
         seccomp filter of a container forbids that",
        "load an AppArmor profile with the rule userns for that program, or permit user namespaces \
         to the container (--security-opt seccomp=FILE); capwhy run names what refused it",
    ),
    (
        "enough IDs available,insufficient UIDs or GIDs",
        "the image has files of IDs that the user namespace does not map: the user has no ranges \
         in /etc/subuid and /etc/subgid, or too short ones, or newuidmap lacks its capabilities",
        "add ranges (usermod --add-subuids 100000-165535 --add-subgids 100000-165535 USER), then \
         run podman system migrate; podman unshare cat /proc/self/uid_map shows what is mapped",
    ),
    (
        "Interactive authentication required,polkit,pkexec,PolicyKit",
        "a service asked polkit whether this user may, and polkit refused; the kernel refused \
         nothing, so no capability helps",
        "do it as root, from an active session of that user, or by a rule in \
         /etc/polkit-1/rules.d",
    ),
    (
        "must be superuser,only root can do that,only root can use,found in /etc/fstab",
        "mount and umount refuse other users than root themselves, before the kernel checks \
         anything, unless /etc/fstab has the mount with the option user or users",
        "run it as root, add that option, use FUSE or udisksctl, or mount in a user namespace \
         (unshare --user --map-root-user --mount)",
    ),
    (
        "publickey",
        "the SSH server refused the key of the client, and the kernel refused nothing, so no \
         capability helps",
        "see the log of the server, and the modes of ~/.ssh there (700) and of authorized_keys \
         (600)",
    ),
    (
        "mount.nfs",
        "the server refuses the client (its exports, or a source port above 1023 without the \
         option insecure), or the process lacks cap_sys_admin over the initial user namespace, as \
         containers do",
        "mount it on the host and pass the directory (-v), or export it to this client \
         (exportfs -v)",
    ),
    (
        "cannot mount none read-only,write-protected but explicit",
        "so mount prints EACCES: the device is read-only, or another LSM refused, as AppArmor's \
         profile of Docker does whatever the capabilities",
        "mount it read-only, or change the profile (--security-opt apparmor=unconfined)",
    ),
    (
        "apply caps,setting capabilities",
        "the runtime gives the container capabilities that it does not hold itself, as in a \
         container (Docker in Docker, kind, a rootless one): no capset() makes the permitted set \
         larger",
        "give them to the outer container (--privileged, or --cap-add for each), or ask for fewer \
         of the inner one (--cap-drop)",
    ),
    (
        "fuse: device not found",
        "FUSE takes the device /dev/fuse, which the container lacks, or whose module the host has \
         not loaded, and cap_sys_admin over the mount namespace or fusermount",
        "run modprobe fuse on the host, and pass --device=/dev/fuse --cap-add=SYS_ADMIN",
    ),
    (
        "attach to process,uid of the target process,can't trace",
        "the target is another user's, is not dumpable, holds more capabilities, or is traced \
         already; or kernel.yama.ptrace_scope is 1, and it is no descendant of the tracer (Debian \
         has 0, Ubuntu 1)",
        "trace it as root (sudo), with cap_sys_ptrace (--cap-add=SYS_PTRACE), or after sysctl \
         kernel.yama.ptrace_scope=0; capwhy run gdb -p PID names which one it is",
    ),
    (
        "auditctl,auditd,audit netlink,netlink audit,audit_set_enabled,sending status request",
        "to configure auditing and to receive its records takes cap_audit_control over the initial \
         user namespace, in the initial PID namespace, which no container reaches with namespaces \
         of its own",
        "run it on the host as root; to read records takes cap_audit_read alone",
    ),
    (
        "connect to bus,bus connection",
        "the bus of a user admits that user alone, also no root (EPERM), and is found by \
         XDG_RUNTIME_DIR, which su and sudo do not set; a container has none. The service refuses, \
         not the kernel",
        "use systemctl --user --machine=USER@, machinectl shell USER@, or a login of that user",
    ),
    (
        "device-mapper,/dev/mapper/control,dm_mod",
        "dmsetup, LVM and cryptsetup take /dev/mapper/control, which belongs to root and which \
         containers lack, and cap_sys_admin over the initial user namespace (EACCES)",
        "do it on the host, or pass that device with --cap-add=SYS_ADMIN",
    ),
    (
        "smartctl,hdparm,nvme,sg_inq",
        "raw commands to a disk take access to its device file, and cap_sys_rawio, those to an \
         NVMe device cap_sys_admin, over the initial user namespace",
        "pass the device and the capability (--device=/dev/sda --cap-add=SYS_RAWIO)",
    ),
    (
        "referring to the console,virtual console,/dev/tty0,chvt,loadkeys",
        "a virtual console is for the process whose controlling terminal it is, and for \
         cap_sys_tty_config over the initial user namespace; its files belong to root or to the \
         user who is logged in there",
        "run it on that console, as root, or by a display manager or seatd",
    ),
];
