// SPDX-License-Identifier: GPL-2.0

//! The errors of system calls: calls, error, capabilities that help, rules, and a sentence of what
//! leads to it, a colon, and what to do.

use super::Failure;
use commoncap::Denial;

macro_rules! failures {
    ($(
        $($call:literal),+ => $errno:ident
        [$($capability:literal),*] [$($rule:ident),*] $sentence:literal;
    )*) => {
        /// The errors that are known.
        pub const FAILURES: &[Failure] = &[$(Failure {
            calls: &[$($call),+],
            errno: stringify!($errno),
            capabilities: &[$($capability),*],
            rules: &[$(Denial::$rule),*],
            sentence: $sentence,
        },)*];
    };
}

failures! {
    "execve", "execveat" => EPERM
        []
        [ExecFileCapsUnavailable, ExecAmbientInvariant]
        "the file has capabilities with the effective flag, and the bounding set of the caller \
         lacks one of them; if the file has none, an LSM or a listener of fanotify (fapolicyd, a \
         virus scanner) refuses it: run capwhy exec PROGRAM for the ways out, or ausearch -m \
         fanotify";
    "execve", "execveat" => EACCES [] []
        "the file is not executable for the caller, is no regular file, or is on a mount with \
         noexec; so may be an interpreter: run capwhy exec PROGRAM";
    "execve", "execveat" => ENOEXEC [] []
        "the file is for another processor, or is a script without #!, and no capability is \
         checked: see file PROGRAM and uname -m, begin the script with #!/bin/sh, or take the \
         image of this platform (--platform)";
    "execve", "execveat" => EINVAL [] [FileCapsSize, FileCapsRevision]
        "the attribute security.capability of the file is malformed: set it again by setcap";
    "execve", "execveat" => ENOENT [] []
        "the file, its interpreter (#!) or its loader does not exist: run capwhy exec PROGRAM";
    "capset" => EPERM
        ["cap_setpcap"]
        [CapsetInheritableUnprivileged, CapsetInheritableUnbounded, CapsetPermittedGained,
        CapsetEffectiveNotPermitted]
        "one of four rules refuses the new sets: compare them with the sets that capwhy check \
         shows";
    "prctl" => EPERM
        ["cap_setpcap"]
        [BoundingDropUnprivileged, SecurebitsLocked, SecurebitsUnlock, SecurebitsUnsupported,
        SecurebitsUnchanged, SecurebitsPrivileged, KeepCapsLocked, AmbientNotPermitted,
        AmbientNotInheritable, AmbientRaiseForbidden]
        "PR_CAPBSET_DROP and most securebits take cap_setpcap, PR_SET_MM takes cap_sys_resource, \
         and each option has rules of its own: for securebits, run capwhy securebits NOW NEW; for \
         the rest, see prctl(2)";
    "prctl" => EPERM ["cap_sys_resource", "cap_checkpoint_restore"] []
        "PR_SET_MM takes cap_sys_resource over the initial user namespace, and another file as \
         /proc/self/exe cap_checkpoint_restore: use PR_SET_MM_MAP, which takes none otherwise";
    "prctl" => EACCES ["cap_sys_admin"] []
        "PR_SET_SECCOMP takes no_new_privs or cap_sys_admin: set no_new_privs first";
    "prctl" => EINVAL
        []
        [BoundingReadNoCapability, BoundingDropNoCapability, KeepCapsArgument,
        AmbientClearArguments, AmbientNoCapability, AmbientArguments, AmbientOperation]
        "an argument is invalid for the option: pass 0 for those that are not used";
    "setuid", "setreuid", "setresuid", "setfsuid" => EPERM ["cap_setuid"] []
        "only a process with cap_setuid may take an ID that it does not have as its real, \
         effective or saved one: start it with that capability";
    "setuid", "setreuid", "setresuid" => EAGAIN ["cap_sys_resource"] []
        "the user has more processes than RLIMIT_NPROC: raise the limit";
    "setuid", "setreuid", "setresuid" => EINVAL [] [SetuidKind]
        "the user namespace does not map the ID: add it to its uid_map";
    "setgid", "setregid", "setresgid", "setgroups" => EPERM
        ["cap_setgid"]
        []
        "only a process with cap_setgid may do it, and setgroups() never while \
         /proc/PID/setgroups is deny: start it with that capability (--cap-add=SETGID), or do \
         without that call (nsenter --preserve-credentials)";
    "ptrace", "process_vm_readv", "process_vm_writev", "pidfd_getfd", "kcmp" => EPERM
        ["cap_sys_ptrace"]
        [PtraceAccess, PtraceTraceme]
        "the target is another user's, is not dumpable, or holds more capabilities, or \
         kernel.yama.ptrace_scope forbids it: trace it as its user, or with cap_sys_ptrace over \
         its user namespace";
    "open", "openat", "openat2", "creat" => EACCES ["cap_dac_override", "cap_dac_read_search"] []
        "the mode of the file or of a directory on the way forbids it; a FUSE mount of another \
         user without allow_other, NFS with root_squash and fs.protected_regular refuse root, too: \
         change the mode, or act as the owner";
    "open", "openat", "openat2" => EPERM ["cap_fowner", "cap_linux_immutable"] []
        "a device must be in the list of the control group, as that of a container; a file is \
         sealed, immutable or append-only, O_NOATIME is not allowed to others, or a listener of \
         fanotify (fapolicyd, a virus scanner) refuses the file: pass the device \
         (--device=/dev/NAME, DeviceAllow=), or see lsattr and ausearch -m fanotify";
    "open", "openat", "write" => EROFS [] []
        "the mount is read-only, as /proc/sys is in most containers: no capability helps; mount \
         it writable";
    "chown", "fchown", "lchown", "fchownat" => EPERM ["cap_chown"] []
        "only a process with cap_chown may give a file away, in a user namespace that maps the \
         old and the new owner; vfat and exfat have no owners, and NFS with root_squash refuses \
         root: start it with that capability, or mount with uid= and gid=";
    "chown", "fchown", "lchown", "fchownat" => EINVAL [] []
        "the user namespace does not map the new owner or group: map it (/etc/subuid, newuidmap, \
         --userns=keep-id), or choose one that is in /proc/self/uid_map";
    "setgid", "setregid", "setresgid", "setgroups" => EINVAL [] []
        "the user namespace does not map the ID: add it to its gid_map";
    "setxattr", "fsetxattr", "lsetxattr" => EOPNOTSUPP [] []
        "the file system holds no such attribute (FAT, NFS, some overlays and /proc), so file \
         capabilities cannot be set there: copy the file elsewhere, or use ambient capabilities";
    "fork", "vfork", "clone", "clone3" => EAGAIN ["cap_sys_resource"] []
        "the user has as many processes as RLIMIT_NPROC allows, or the control group as pids.max: \
         raise that limit (LimitNPROC=, TasksMax=, --pids-limit)";
    "chmod", "fchmod", "fchmodat", "fchmodat2", "utimensat", "utime", "utimes", "futimesat" => EPERM
        ["cap_fowner"]
        []
        "only the owner may do it, or a process with cap_fowner: do it as the owner";
    "setxattr", "fsetxattr", "lsetxattr" => EPERM
        ["cap_setfcap", "cap_sys_admin"]
        [NscapUnprivileged, XattrSetUnprivileged]
        "security.capability takes cap_setfcap, other attributes security.* and trusted.* take \
         cap_sys_admin: set it with that capability";
    "setxattr", "fsetxattr", "lsetxattr" => EPERM ["cap_fowner"] []
        "lists of access (setfacl) and attributes user.* of a sticky directory are for the owner: \
         set them as the owner, or with cap_fowner";
    "setxattr", "fsetxattr", "lsetxattr" => EPERM [] []
        "attributes user.* exist on regular files and directories alone, and an immutable file \
         takes none: set it on the file that a link leads to";
    "setxattr", "fsetxattr", "lsetxattr" => EACCES ["cap_dac_override"] []
        "attributes user.* take write access to the file: change its mode, or act as its owner";
    "setxattr", "fsetxattr", "lsetxattr" => EINVAL
        []
        [NscapNoValue, NscapHeader, NscapRootIdCaller, NscapRootIdMount, NscapRootIdFileSystem]
        "the value of security.capability is malformed, or it is for root of the user namespace, \
         which maps no user 0: write it with setcap, after mapping root (unshare --map-root-user), \
         or for a user that is mapped (setcap -n ID)";
    "removexattr", "fremovexattr", "lremovexattr" => EPERM
        ["cap_setfcap", "cap_sys_admin"]
        [XattrRemoveUnprivileged, XattrRemoveCapsUnprivileged]
        "security.capability takes cap_setfcap, other attributes cap_sys_admin: remove it with \
         that capability";
    "getxattr", "fgetxattr", "lgetxattr" => EOVERFLOW [] [GetsecurityRootId]
        "the capabilities of the file are for the root user of another user namespace: read them \
         there";
    "getxattr", "fgetxattr", "lgetxattr" => EINVAL [] [GetsecurityNoAlias, GetsecurityHeader]
        "the capabilities of the file are of revision 1 or malformed: write them again with \
         setcap";
    "vhangup" => EPERM ["cap_sys_tty_config"] []
        "it takes cap_sys_tty_config: use that capability, or leave the terminal to login and \
         agetty";
    "bind" => EACCES ["cap_net_bind_service"] []
        "the port is below net.ipv4.ip_unprivileged_port_start, or the directory of a Unix socket \
         may not be written to: choose another, lower that sysctl, or use cap_net_bind_service \
         over the owner of the network namespace";
    "bind" => EPERM ["cap_audit_read"] []
        "the audit log is for cap_audit_read over the initial user namespace: use that capability, \
         or read /var/log/audit";
    "bind" => EPERM ["cap_net_admin"] []
        "messages of this netlink protocol to groups are for cap_net_admin over the owner of the \
         network namespace: use that capability (--cap-add=NET_ADMIN)";
    "bind" => EADDRNOTAVAIL [] []
        "no interface of the network namespace has the address, and no capability is checked: \
         permit such addresses (sysctl net.ipv4.ip_nonlocal_bind=1), set IP_FREEBIND, or use the \
         network of the host";
    "socket" => EPERM ["cap_net_raw"] []
        "raw and packet sockets take cap_net_raw over the owner of the network namespace: use a \
         ping socket (net.ipv4.ping_group_range), or that capability";
    "mount", "umount", "umount2", "fsopen", "fspick", "fsmount", "move_mount", "open_tree",
    "open_tree_attr", "pivot_root", "mount_setattr" => EPERM
        ["cap_sys_admin"]
        []
        "mounting takes cap_sys_admin over the owner of the mount namespace, locked mounts stay, \
         and a user namespace mounts proc only where all of /proc is visible, as it is not in most \
         containers: use unshare --user --mount --map-root-user, or that capability";
    "clone3" => EPERM ["cap_checkpoint_restore"] []
        "chosen PIDs (set_tid) take cap_checkpoint_restore over the owner of each PID namespace: \
         use that capability, or make a PID namespace in a user namespace (unshare \
         --map-root-user --pid --fork)";
    "unshare", "clone", "clone3" => EPERM ["cap_sys_admin"] []
        "namespaces other than user namespaces take cap_sys_admin over the caller's own one, which \
         a new user namespace gives; a chroot, the seccomp filter of a container, a sysctl or an \
         LSM can forbid these: make one, too (CLONE_NEWUSER, unshare --map-root-user), or see \
         capwhy explain user namespace";
    "setns" => EPERM ["cap_sys_admin", "cap_sys_chroot", "cap_sys_ptrace"] []
        "entering takes cap_sys_admin over the owner of the namespace and over the caller's own \
         user namespace, a mount namespace also cap_sys_chroot, and /proc/PID/ns ptrace access to \
         that process (cap_sys_ptrace): enter its user namespace first (nsenter --user \
         --preserve-credentials), or run capwhy check sys_admin --over /proc/PID/ns/KIND";
    "chroot" => EPERM ["cap_sys_chroot"] []
        "chroot() takes cap_sys_chroot over the caller's user namespace: use unshare --user \
         --map-root-user, or that capability";
    "uid_map", "gid_map" => EPERM ["cap_setuid", "cap_setgid", "cap_sys_admin"] []
        "an ID map can be written once; the writer must be the user that made the namespace, or \
         hold cap_sys_admin over it, and needs cap_setuid or cap_setgid over its parent for more \
         than its own ID; gid_map without these first takes deny in /proc/PID/setgroups: write it \
         as that user, by newuidmap or newgidmap, or let unshare --map-root-user do it";
    "oom_score_adj" => EACCES ["cap_sys_resource"] []
        "only cap_sys_resource lowers it below the last value that such a process has set: raise \
         it, or set it by OOMScoreAdjust= or --oom-score-adj";
    "cgroup.procs" => EACCES ["cap_dac_override"] []
        "to move a process takes write access to cgroup.procs of the closest control group above \
         both, too: start it in a delegated group (systemd-run --user --scope -p Delegate=yes, \
         Delegate= of a unit), or move it as root";
    "loginuid" => EPERM ["cap_audit_control"] []
        "a login UID that is set takes cap_audit_control to change: let the login set it";
    "fsconfig" => EPERM ["cap_sys_admin"] []
        "the file system takes cap_sys_admin over the initial user namespace, or over that of the \
         mount namespace if a user namespace may mount it (tmpfs, proc, overlay, fuse): mount it \
         outside, and bind-mount it";
    "io_uring_setup" => EPERM ["cap_sys_admin"] []
        "the seccomp filters of Docker, Podman and Kubernetes refuse it whatever the \
         capabilities, or kernel.io_uring_disabled forbids it: permit it in the filter \
         (--security-opt seccomp=FILE), or lower that sysctl; most programs can do without \
         io_uring";
    "userfaultfd" => EPERM ["cap_sys_ptrace"] []
        "vm.unprivileged_userfaultfd is 0: pass UFFD_USER_MODE_ONLY, or use cap_sys_ptrace";
    "open_by_handle_at" => EPERM ["cap_dac_read_search"] []
        "handles of files take cap_dac_read_search over the initial user namespace, or over the \
         one that owns the mount: open the file by its path";
    "fanotify_init", "fanotify_mark" => EPERM ["cap_sys_admin"] []
        "marks on mounts, permission events and unlimited queues take cap_sys_admin over the \
         initial user namespace: use FAN_CLASS_NOTIF with FAN_REPORT_FID, or inotify";
    "acct" => EPERM ["cap_sys_pacct"] []
        "process accounting takes cap_sys_pacct over the initial user namespace: use that \
         capability";
    "iopl", "ioperm" => EPERM ["cap_sys_rawio"] []
        "I/O ports take cap_sys_rawio over the initial user namespace, and no lockdown: use that \
         capability, or a driver";
    "setsockopt" => EPERM ["cap_net_admin", "cap_net_raw"] []
        "SO_MARK, SO_BINDTODEVICE, IP_TRANSPARENT and others take cap_net_raw or cap_net_admin \
         over the owner of the network namespace, SO_RCVBUFFORCE and SO_SNDBUFFORCE cap_net_admin \
         there: use that capability; SO_RCVBUF up to net.core.rmem_max takes none";
    "ioctl" => EPERM ["cap_net_admin", "cap_sys_admin"] []
        "the request decides: network interfaces and TUNSETIFF take cap_net_admin over the owner \
         of the network namespace, most others cap_sys_admin: see the manual page of the device";
    "link", "linkat" => EPERM ["cap_fowner"] []
        "fs.protected_hardlinks forbids links to files of others that the caller may not write to: \
         copy the file, or link it as its owner";
    "unlink", "unlinkat", "rename", "renameat", "renameat2", "rmdir" => EPERM ["cap_fowner"] []
        "the file or its directory is immutable or append-only (lsattr), or the directory is \
         sticky and the file another user's: act as its owner, or with cap_fowner";
    "truncate", "ftruncate", "fallocate", "copy_file_range" => EPERM [] []
        "the file is immutable, append-only or sealed: see lsattr";
    "shmget" => EPERM ["cap_ipc_lock"] []
        "SHM_HUGETLB takes cap_ipc_lock, or a group in vm.hugetlb_shm_group: add the group there";
    "bpf" => EPERM ["cap_bpf", "cap_perfmon", "cap_net_admin"] []
        "maps and programs take cap_bpf unless kernel.unprivileged_bpf_disabled is 0; programs of \
         tracing take cap_perfmon, too, and most of networking cap_net_admin: use these over the \
         initial user namespace; cap_sys_admin does as well";
    "bpf" => EPERM ["cap_sys_admin"] []
        "commands that find objects by their IDs (bpftool list, BPF_MAP_GET_FD_BY_ID), and that \
         turn on statistics, take cap_sys_admin over the initial user namespace: do it as root, or \
         pin the object in bpffs";
    "perf_event_open" => EACCES ["cap_perfmon"] []
        "kernel.perf_event_paranoid forbids it: lower it, or use cap_perfmon";
    "perf_event_open" => EPERM ["cap_perfmon"] []
        "kernel.perf_event_paranoid or an LSM forbids it: lower it, or use cap_perfmon";
    "nice", "setpriority" => EACCES ["cap_sys_nice"] []
        "only cap_sys_nice raises a priority beyond RLIMIT_NICE: raise that limit";
    "setpriority", "sched_setaffinity" => EPERM ["cap_sys_nice"] [Nice]
        "the target is another user's, or holds more capabilities: do it as that user, or with \
         cap_sys_nice over the user namespace of the target";
    "ioprio_set" => EPERM ["cap_sys_nice", "cap_sys_admin"] [Nice]
        "the target is another user's or holds more capabilities, or the class is the real-time \
         one, which takes cap_sys_nice or cap_sys_admin over the initial user namespace: do it as \
         that user, or choose the class best-effort (ionice -c 2 -n 0)";
    "sched_setscheduler", "sched_setparam", "sched_setattr" => EPERM ["cap_sys_nice"] [Nice]
        "the policy is a real-time one beyond RLIMIT_RTPRIO, or the target is another user's or \
         holds more capabilities; with CONFIG_RT_GROUP_SCHED, root fails, too, in a control group \
         whose cpu.rt_runtime_us is 0: raise RLIMIT_RTPRIO, use cap_sys_nice over the initial user \
         namespace, or give the group real-time";
    "pthread_create" => EPERM ["cap_sys_nice"] []
        "a seccomp filter that does not know clone3() refuses it, as those of Docker before \
         20.10.10 and of an old libseccomp do to images with glibc 2.34 or later; or the thread \
         takes a real-time policy beyond RLIMIT_RTPRIO: update Docker and libseccomp of the host \
         (--security-opt seccomp=unconfined shows whether it is that), or raise that limit";
    "pthread_create" => EAGAIN ["cap_sys_resource"] []
        "the user has as many threads and processes as RLIMIT_NPROC allows, or the control group \
         as pids.max: raise that limit (LimitNPROC=, TasksMax=, --pids-limit)";
    "settimeofday", "clock_settime", "adjtimex", "clock_adjtime", "stime" => EPERM
        ["cap_sys_time"]
        [Settime]
        "only cap_sys_time over the initial user namespace sets the clock, which is the same in \
         all containers: use that capability (--cap-add=SYS_TIME), or let an NTP client of the \
         host set it";
    "mmap", "mremap" => EPERM ["cap_sys_rawio"] [MmapAddr]
        "the address is below vm.mmap_min_addr, or the mapping is to be executable on a mount \
         with noexec: choose another address, or mount it without";
    "fork", "vfork", "clone", "clone3" => ENOMEM [] [VmEnoughMemory]
        "process 1 of the PID namespace has ended, as the first child does after unshare --pid \
         without --fork, or strict overcommitting (vm.overcommit_memory=2) has no more to give: \
         use unshare --pid --fork, or free memory";
    "mmap", "brk", "mremap" => ENOMEM [] [VmEnoughMemory]
        "strict overcommitting (vm.overcommit_memory=2) has no more to give: free memory, or \
         raise vm.overcommit_ratio";
    "shmctl", "semctl", "msgctl" => EPERM ["cap_sys_admin", "cap_sys_resource"] []
        "only the owner or the creator of an IPC object removes or changes it, or a process with \
         cap_sys_admin over the owner of the IPC namespace (cap_sys_resource beyond \
         kernel.msgmnb): do it as that user (ipcs shows it)";
    "write", "open", "openat", "mkdir", "mkdirat", "rename", "symlink", "link" => EDQUOT
        ["cap_sys_resource"]
        []
        "the quota of the user, the group or the project is used up, which cap_sys_resource over \
         the initial user namespace exceeds: remove files, or raise it (quota -s, setquota)";
    "mount", "open_tree", "move_mount" => EINVAL [] []
        "an option or the type is wrong; or, in a user namespace, the mounts below came along \
         from a more privileged one and are locked, so that a bind mount has to take them along: \
         use mount --rbind";
    "mlock", "mlock2", "mlockall", "shmctl" => EPERM ["cap_ipc_lock"] []
        "RLIMIT_MEMLOCK is 0: raise it (--ulimit memlock=-1, LimitMEMLOCK=), or use cap_ipc_lock \
         over the initial user namespace, which that of a rootless container does not reach";
    "mlock", "mlock2", "mlockall", "shmctl", "io_uring_register" => ENOMEM ["cap_ipc_lock"] []
        "RLIMIT_MEMLOCK is too small: raise it (--ulimit memlock=-1, LimitMEMLOCK=), or use \
         cap_ipc_lock over the initial user namespace, which that of a rootless container does not \
         reach";
    "mmap", "mremap" => EAGAIN ["cap_ipc_lock"] []
        "memory that is locked (MAP_LOCKED, mlockall(MCL_FUTURE)) exceeds RLIMIT_MEMLOCK: raise it \
         (--ulimit memlock=-1, LimitMEMLOCK=), or use cap_ipc_lock over the initial user namespace";
    "mq_open" => EINVAL ["cap_sys_resource"] []
        "the queue exceeds fs.mqueue.msg_max or msgsize_max of the IPC namespace, which \
         cap_sys_resource over the initial user namespace exceeds, or an argument is wrong: raise \
         these (--sysctl fs.mqueue.msg_max=100), or ask for less";
    "mq_open" => ENOSPC ["cap_sys_resource"] []
        "the IPC namespace has as many queues as fs.mqueue.queues_max permits: remove some from \
         /dev/mqueue, or raise that sysctl";
    "mq_open" => EMFILE [] []
        "the queues of the user take more memory than RLIMIT_MSGQUEUE, and no capability helps: \
         raise it (LimitMSGQUEUE=, ulimit -q, --ulimit msgqueue=)";
    "inotify_init", "inotify_init1" => EMFILE [] []
        "the user has as many instances as fs.inotify.max_user_instances permits, in all \
         containers together: raise it (sysctl fs.inotify.max_user_instances=512)";
    "sched_setaffinity" => EINVAL [] []
        "the process may run on no CPU of the mask, by its control group (cpuset) or since none is \
         online, and no capability helps: name others (Cpus_allowed_list in /proc/self/status), or \
         allow them (--cpuset-cpus, AllowedCPUs=)";
    "netlink" => EPERM ["cap_net_admin"] []
        "interfaces, routes and the firewall take cap_net_admin over the owner of the network \
         namespace: use that capability (--cap-add=NET_ADMIN), or a network namespace of a user \
         namespace (unshare --map-root-user --net)";
    "netlink" => EPERM ["cap_audit_control", "cap_audit_write"] []
        "auditing takes cap_audit_control, and a record cap_audit_write, over the initial user \
         namespace: use that capability (--cap-add=AUDIT_CONTROL, AUDIT_WRITE)";
    "netlink" => EPERM [] []
        "no capability was refused, as auditing is configured in the initial PID namespace alone: \
         do it on the host, or share its PID namespace (--pid=host)";
    "netlink" => EOPNOTSUPP [] []
        "the kernel has no such kind of interface or rule, or its module is not loaded: load it on \
         the host (modprobe wireguard, dummy, ifb, sch_netem), which is enough for containers, too";
    "netlink" => ECONNREFUSED [] []
        "auditing is for the initial user namespace alone, and no capability in another one \
         counts: do it on the host, or without a user namespace (--userns=host)";
    "setrlimit", "prlimit" => EPERM ["cap_sys_resource"] []
        "only cap_sys_resource raises a hard limit, or changes one of another user's process: \
         raise it before the user changes (LimitNOFILE= and others of systemd), or act as that \
         user";
    "kill", "tkill", "tgkill", "pidfd_send_signal", "rt_sigqueueinfo", "rt_tgsigqueueinfo" => EPERM
        ["cap_kill"]
        []
        "the target is another user's: send it as that user or with cap_kill";
    "mknod", "mknodat" => EPERM ["cap_mknod"] []
        "device files take cap_mknod over the initial user namespace, and a place in the device \
         list of the control group: bind-mount the device instead (--device=/dev/NAME)";
    "sethostname", "setdomainname" => EPERM ["cap_sys_admin"] []
        "it takes cap_sys_admin over the owner of the UTS namespace: use unshare --user --uts \
         --map-root-user";
    "init_module", "finit_module", "delete_module" => EPERM ["cap_sys_module"] []
        "it takes cap_sys_module over the initial user namespace, and neither lockdown nor \
         kernel.modules_disabled: load it as root of the host";
    "reboot" => EPERM ["cap_sys_boot"] []
        "it takes cap_sys_boot over the owner of the PID namespace: use that capability, or let \
         the service manager do it (systemctl reboot)";
    "kexec_load", "kexec_file_load" => EPERM ["cap_sys_boot"] []
        "it takes cap_sys_boot over the initial user namespace, and neither lockdown nor \
         kernel.kexec_load_disabled: load it as root of the host (kexec -s, a signed kernel, under \
         lockdown)";
    "syslog" => EPERM ["cap_syslog"] []
        "kernel.dmesg_restrict is set: use cap_syslog, or journalctl -k";
    "quotactl", "quotactl_fd", "swapon", "swapoff" => EPERM ["cap_sys_admin"] []
        "it takes cap_sys_admin over the initial user namespace: use that capability";
    "seccomp" => EACCES ["cap_sys_admin"] []
        "a filter takes no_new_privs or cap_sys_admin: set no_new_privs first";
    "socket" => EACCES ["cap_net_raw"] []
        "ping sockets (SOCK_DGRAM, IPPROTO_ICMP) are for the groups in net.ipv4.ping_group_range \
         of the network namespace: include the group (--sysctl of Docker and Podman), or use a \
         raw socket with cap_net_raw";
    "socket" => EAFNOSUPPORT [] []
        "this kernel lacks the address family, or RestrictAddressFamilies= of the systemd unit \
         refuses it: add it there";
    "sendto", "sendmsg", "sendmmsg" => EPERM [] []
        "a rule of the firewall or a program of the control group (IPAddressDeny=) drops the \
         packet, and no capability helps; or the message passes credentials of others \
         (SCM_CREDENTIALS): see nft list ruleset, iptables -L OUTPUT";
    "sendto", "sendmsg", "sendmmsg" => EPERM ["cap_setuid", "cap_setgid", "cap_sys_admin"] []
        "the message passes credentials (SCM_CREDENTIALS) that are not its own: a user ID of \
         others takes cap_setuid, a group ID cap_setgid, a PID cap_sys_admin: pass its own";
    "sendto", "sendmsg", "sendmmsg" => EACCES [] []
        "the address is a broadcast one, or the Unix socket may not be written to: set \
         SO_BROADCAST, or change the mode of the socket";
    "connect" => EPERM [] []
        "a program of the control group (IPAddressDeny=, a network policy) or the firewall refuses \
         the address, and no capability helps: change that policy";
    "connect" => EACCES ["cap_dac_override"] []
        "the Unix socket or a directory on the way may not be written to, or a broadcast address \
         lacks SO_BROADCAST: join the group of the socket and log in again, or change its mode";
    "readlink", "readlinkat" => EACCES ["cap_sys_ptrace", "cap_dac_read_search"] []
        "/proc/PID/exe, cwd, root, fd and ns take ptrace access to that process, which is \
         another user's, holds more capabilities, or is not dumpable: read them as its user, or \
         with cap_sys_ptrace over its user namespace (--cap-add=SYS_PTRACE)";
    "set_mempolicy", "get_mempolicy", "mbind", "set_mempolicy_home_node" => EPERM
        ["cap_sys_nice"]
        []
        "the seccomp filters of Docker and Podman refuse it unless the container has \
         cap_sys_nice, which the kernel itself checks for MPOL_MF_MOVE_ALL alone: add it \
         (--cap-add=SYS_NICE), or do without, which costs speed alone";
    "migrate_pages", "move_pages" => EPERM ["cap_sys_ptrace", "cap_sys_nice"] []
        "the process is another user's, MPOL_MF_MOVE_ALL takes cap_sys_nice, or a seccomp filter \
         refuses it: do it as that user, or with cap_sys_ptrace over its user namespace";
    "pivot_root" => EINVAL [] []
        "the new root is no mount point, a mount involved is shared, or the present root is the \
         initramfs: bind-mount the new root on itself, and make the mounts private (mount \
         --make-rprivate /), or use switch_root in an initramfs";
    "chdir", "stat", "lstat", "newfstatat", "statx", "access", "faccessat", "faccessat2", "statfs",
    "chown", "lchown", "fchownat", "chmod", "fchmodat", "fchmodat2", "truncate",
    "utimensat" => EACCES
        ["cap_dac_read_search", "cap_dac_override"]
        []
        "a directory on the way may not be searched, or access() asks for what the mode forbids, \
         as truncate() and utimensat() do; a FUSE mount of another user refuses root, too: see \
         namei -l PATH, and change that mode";
    "inotify_add_watch" => ENOSPC [] []
        "the user has as many watches as fs.inotify.max_user_watches permits; no disk is full: \
         raise it (sysctl fs.inotify.max_user_watches=524288)";
    "open", "openat", "mkdir", "mkdirat", "mknod", "mknodat", "symlink", "symlinkat" => EOVERFLOW
        []
        []
        "the mount or the user namespace does not map the user or group ID of the process, which \
         the new file would get: map it (newuidmap, the idmap of the mount), or act as a user that \
         is mapped";
    "inotify_add_watch" => EACCES ["cap_dac_override", "cap_dac_read_search"] []
        "the file may not be read: change its mode, or act as its owner";
    "bpf" => EACCES [] []
        "the verifier refuses the program itself, as it logs, or the map is frozen or read-only; \
         more is allowed to cap_perfmon and cap_bpf: print the verifier's log";
    "setsid", "setpgid" => EPERM [] []
        "no capability is checked: the process leads a process group or session already, or the \
         group is of another session: fork() first (setsid --fork)";
    "setpgid" => EACCES [] []
        "no capability is checked: the child has called execve() already: call it before that";
    "epoll_ctl" => EPERM [] []
        "no capability is checked: the file cannot be polled, as regular files and directories \
         cannot: read it without epoll, also if standard input is such a file (</dev/null is one \
         that can be polled)";
    "landlock_restrict_self" => EPERM ["cap_sys_admin"] []
        "it takes no_new_privs or cap_sys_admin over the caller's user namespace: set no_new_privs \
         first (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))";
    "execve", "execveat" => EAGAIN ["cap_sys_resource"] []
        "the user ID was changed, and that user has more processes than RLIMIT_NPROC: raise that \
         limit (LimitNPROC=, ulimit -u)";
    "mmap", "mprotect" => EACCES [] []
        "the descriptor is not open for that access (MAP_SHARED with PROT_WRITE takes O_RDWR), the \
         mount is noexec, or SELinux or PR_SET_MDWE (MemoryDenyWriteExecute= of systemd) forbids \
         memory that is written and executed: open the file so, or permit that";
    "mprotect", "pkey_mprotect", "munmap", "mremap", "madvise" => EPERM [] []
        "no capability is checked: the mapping is sealed (mseal), which nothing undoes, or its \
         mount is noexec: map other memory";
    "madvise" => EPERM ["cap_sys_admin"] []
        "MADV_HWPOISON and MADV_SOFT_OFFLINE take cap_sys_admin over the initial user namespace: \
         use that capability";
    "process_madvise", "process_mrelease" => EPERM ["cap_sys_nice", "cap_sys_ptrace"] []
        "it takes access to the process as ptrace() does, and to advise another process \
         cap_sys_nice over the initial user namespace: use that capability as its user";
    "mmap" => EPERM ["cap_ipc_lock"] []
        "the buffers of perf are for all its users kernel.perf_event_mlock_kb for each CPU, and \
         RLIMIT_MEMLOCK besides: use smaller ones (perf record -m 128), raise that sysctl, or use \
         cap_ipc_lock";
    "statmount", "listmount" => EPERM ["cap_sys_admin"] []
        "mounts outside of the caller's root, or of another mount namespace, take cap_sys_admin \
         over the owner of that namespace: read /proc/self/mountinfo, or enter the namespace";
    "membarrier" => EPERM [] []
        "no capability is checked: the process has not registered for the command: call it with \
         MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED or its like first";
    "mq_open", "mq_unlink" => EACCES ["cap_dac_override", "cap_fowner"] []
        "the mode of the queue forbids it: mount mqueue to see it (mount -t mqueue none \
         /dev/mqueue), and change the mode, or act as its owner";
    "sched_setattr" => EPERM [] []
        "SCHED_DEADLINE is refused to a thread whose affinity lacks a CPU of its root domain \
         (taskset, cpusets, AllowedCPUs=), to root, too: let it run on all of them, or make an \
         exclusive cpuset partition";
    "read" => EPERM [] []
        "the driver or lockdown refuses, as CONFIG_STRICT_DEVMEM does for memory in use in \
         /dev/mem, and no capability helps: use another interface of the kernel";
    "getsockopt" => EPERM ["cap_net_admin"] []
        "the options of iptables take cap_net_admin over the owner of the network namespace: use \
         that capability (--cap-add=NET_ADMIN), or a network namespace of its own";
    "/dev/NAME" => EACCES ["cap_dac_override"] []
        "the mode of the device file forbids it: join its group, which ls -l shows (kvm, dialout, \
         video, render, disk, input), by usermod -aG GROUP USER and a new login, or --group-add of \
         Docker and Podman";
    "/dev/NAME" => EPERM [] []
        "the control group of a container or of a unit does not list the device, for root with all \
         capabilities, too: pass it (--device=/dev/NAME of Docker and Podman, \
         DeviceAllow=/dev/NAME of systemd)";
    "/dev/NAME" => ENOENT [] []
        "the driver is not loaded, or the container lacks the device file: load it on the host \
         (modprobe tun, fuse, kvm, loop), and pass the device (--device=/dev/NAME)";
    "symlink", "symlinkat" => EPERM [] []
        "the file system has no symbolic links (vfat, exfat, cifs), or the directory is immutable \
         (lsattr): use another file system, or copy the file";
    "memfd_create" => EACCES [] []
        "vm.memfd_noexec is 2: pass MFD_NOEXEC_SEAL, or lower it (sysctl vm.memfd_noexec=1)";
    "sysctl" => EPERM ["cap_sys_admin", "cap_sys_ptrace", "cap_net_admin"] []
        "this setting checks the process that writes, beyond the mode of its file: \
         kernel.yama.ptrace_scope cap_sys_ptrace, kernel.dmesg_restrict and kptr_restrict \
         cap_sys_admin, net.* cap_net_admin; and a value such as \
         kernel.unprivileged_bpf_disabled=1 stays until reboot: set it as root of the host, or \
         pass it to the container (--sysctl)";
    "sysctl" => ENOENT [] []
        "this kernel has no such setting, its module is not loaded (br_netfilter for net.bridge, \
         nf_conntrack for net.netfilter), or the network namespace has none of its own: load the \
         module on the host (modprobe), or set it there";
    "keyctl", "add_key", "request_key" => ENOKEY [] []
        "the session keyring does not lead to the key, as after su, sudo and in services: link the \
         user's keyring to it (keyctl link @u @s), or set KeyringMode=shared";
    "mount", "umount2", "fsopen", "fsmount", "move_mount", "open_tree" => EACCES [] []
        "another LSM refuses, as AppArmor's profile of Docker does whatever the capabilities, or \
         the device is read-only or on a mount with nodev: change the profile (--security-opt \
         apparmor=NAME), or mount it read-only";
    "fsconfig" => EINVAL [] []
        "an option or the type is wrong, as the kernel's log says; an overlay takes as its upper \
         directory no directory of another overlay (as the root of a container is) or of NFS, \
         whatever the capabilities: mount a volume or tmpfs there, or use fuse-overlayfs";
    "umount", "umount2" => EINVAL [] []
        "it is no mount point, or is locked, since it came along from a more privileged mount \
         namespace: unmount it there";
    "unshare", "setns" => EINVAL [] []
        "CLONE_NEWUSER fails in a process with threads, setns() also for the caller's own user \
         namespace: call it before threads start, in a new process";
    "unshare", "clone", "clone3" => ENOSPC [] []
        "a limit user.max_*_namespaces, here or of an outer user namespace, is reached, or user \
         namespaces are 32 deep: raise it (sysctl user.max_user_namespaces=15000)";
    "unshare", "clone", "clone3", "uid_map", "gid_map" => EACCES [] []
        "AppArmor refuses capabilities in new user namespaces \
         (kernel.apparmor_restrict_unprivileged_userns of Ubuntu), or the file is another user's: \
         load a profile with the rule userns";
    "personality" => EPERM [] []
        "no capability is checked, and the seccomp filters of containers permit few values: permit \
         it (--security-opt seccomp=FILE), or let gdb do without (set disable-randomization off)";
    "keyctl", "add_key", "request_key" => EPERM [] []
        "no capability is checked, and the seccomp filters of Docker and Kubernetes refuse it: \
         permit it (--security-opt seccomp=FILE), or do without a session keyring \
         (--no-new-keyring of crun and runc, keyring=false in containers.conf)";
    "keyctl", "add_key", "request_key" => EACCES ["cap_sys_admin"] []
        "the permissions of the key forbid it to a process that does not possess it, and a new \
         owner takes cap_sys_admin: link the key to the session keyring (keyctl link), or set its \
         permissions (keyctl setperm)";
    "keyctl", "add_key", "request_key" => EDQUOT [] []
        "the user has as many keys as kernel.keys.maxkeys or maxbytes permits, and each container \
         takes some: raise these (sysctl kernel.keys.maxkeys=2000)";
    "nice" => EPERM ["cap_sys_nice"] []
        "only cap_sys_nice raises a priority beyond RLIMIT_NICE: raise that limit (LimitNICE=)";
    "finit_module", "init_module" => EKEYREJECTED [] []
        "the module has no signature of a key that this kernel trusts, which Secure Boot or \
         module.sig_enforce demands: sign it, and enroll the key (mokutil --import)";
    "finit_module", "init_module" => ENOEXEC [] []
        "the module is for another kernel or processor, as the kernel's log says: build it for \
         the one that runs (uname -r)";
    "finit_module", "init_module" => ENOKEY [] []
        "the key that signed the module is not one that this kernel trusts: enroll it (mokutil \
         --import)";
    "timer_create", "timerfd_create", "clock_nanosleep" => EPERM ["cap_wake_alarm"] []
        "clocks such as CLOCK_REALTIME_ALARM take cap_wake_alarm: use that capability, or \
         CLOCK_REALTIME";
    "fcntl" => EPERM ["cap_sys_resource", "cap_fowner"] []
        "a pipe beyond fs.pipe-max-size takes cap_sys_resource, O_NOATIME on a file of others \
         cap_fowner: raise that sysctl, or leave the flag out";
    "fcntl" => EPERM [] []
        "no capability is checked: a memfd takes seals only if it was made with MFD_ALLOW_SEALING, \
         has no F_SEAL_SEAL, and is open for writing: make it so";
    "fcntl" => EACCES ["cap_lease"] []
        "a lease on a file of others takes cap_lease: take it as the owner";
    "shmget", "shmat", "semget", "semop", "msgget", "msgsnd", "msgrcv" => EACCES
        ["cap_ipc_owner"]
        []
        "the mode of the IPC object forbids it: change its mode, or use cap_ipc_owner over the \
         owner of the IPC namespace";
    "write" => EPERM ["cap_sys_time"] []
        "timens_offsets takes cap_sys_time over the owner of the time namespace: use unshare \
         --map-root-user --time --boottime SECONDS";
    "write" => EPERM ["cap_net_admin"] []
        "files of /sys/class/net check the process that writes: use cap_net_admin over the owner \
         of the network namespace (--cap-add=NET_ADMIN), or ip link";
    "write" => EPERM ["cap_sys_admin", "cap_sys_ptrace", "cap_checkpoint_restore"] []
        "the setting checks the process that writes, beyond the mode of its file: \
         kernel.yama.ptrace_scope takes cap_sys_ptrace, kernel.ns_last_pid cap_checkpoint_restore, \
         others such as kernel.dmesg_restrict cap_sys_admin: set it as root of the host, or use \
         that capability";
    "write" => EINVAL [] []
        "the file of /proc or /sys does not take the value: it is malformed or out of range, or \
         the setting stays as it is until reboot (kernel.kexec_load_disabled, modules_disabled, \
         yama.ptrace_scope=3): compare it with the documentation of that file, or reboot";
    "write" => EPERM ["cap_sys_nice"] []
        "timerslack_ns of others and a negative autogroup take cap_sys_nice over the initial user \
         namespace: write to that of its own, or use that capability";
    "write" => EPERM [] []
        "the file is a memfd with F_SEAL_WRITE, or one of /proc, which checks the process that \
         writes or the one that opened it: for the latter, see capwhy explain uid_map, \
         setgroups, oom_score_adj, loginuid, or the sysctl";
    "sysctl" => EACCES [] []
        "the files of /proc/sys belong to root of the initial user namespace, those of \
         /proc/sys/net to the owner of the network namespace: set it outside, or pass it to the \
         container (--sysctl)";
    "unlink", "unlinkat", "rename", "renameat", "renameat2", "rmdir", "mkdir", "mkdirat", "link",
    "linkat", "symlink", "symlinkat", "mknod", "mknodat" => EACCES ["cap_dac_override"] []
        "the directory may not be written to, or one on the way not be searched: change its mode, \
         or act as its owner";
}
