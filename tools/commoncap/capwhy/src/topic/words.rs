// SPDX-License-Identifier: GPL-2.0

//! The words that [`super::word`] explains.

/// The names of a thing, what it does, and what to do.
pub type Word = (&'static str, &'static str, &'static str);

/// Words of manual pages and settings.
pub const WORDS: &[Word] = &[
    (
        "no_new_privs,NoNewPrivileges,no-new-privileges,allowPrivilegeEscalation,nnp",
        "execve() gives no privileges to a process that has it: set-user-ID bits and file \
         capabilities have no effect, so su, sudo and ping with file capabilities fail. Nothing \
         clears it, and children inherit it",
        "start the process without it (NoNewPrivileges=no of systemd, without DynamicUser=, nor \
         SystemCallFilter= and its like in systemd --user and, with User=, before systemd 255; \
         allowPrivilegeEscalation: true of Kubernetes; no --security-opt=no-new-privileges), or \
         give ambient capabilities, which it leaves alone. capwhy exec --pid PID PROGRAM shows \
         what it takes",
    ),
    (
        "nosuid,mount nosuid",
        "set-user-ID bits and file capabilities of programs on a mount with nosuid have no effect; \
         getcap shows them all the same. A mount of another mount or user namespace acts alike",
        "move the program, mount -o remount,suid, or give ambient capabilities; capwhy exec \
         PROGRAM names the mount",
    ),
    (
        "noexec,NoExecPaths,ExecPaths",
        "execve() of a program on a mount with noexec fails with EACCES, also for root",
        "move the program, or mount -o remount,exec",
    ),
    (
        "securebits,secbits",
        "flags of a thread that change how root and execve() get capabilities; each has a lock. \
         All but the exec bits take cap_setpcap to change",
        "run capwhy securebits VALUE to decode them, capwhy securebits NOW NEW for a change",
    ),
    (
        "noroot,SECBIT_NOROOT,secure-noroot",
        "with this securebit, execve() as root, and set-user-ID root programs, give no \
         capabilities",
        "give file or ambient capabilities, or start the process without it",
    ),
    (
        "no_setuid_fixup,SECBIT_NO_SETUID_FIXUP,secure-no-suid-fixup",
        "with this securebit, setuid() and its like neither take nor give capabilities",
        "drop them by capset() where they are not wanted",
    ),
    (
        "keep_caps,PR_SET_KEEPCAPS,SECBIT_KEEP_CAPS,keepcaps,lost after setuid,after setuid()",
        "with it, the permitted set survives setuid() from root to another user; the effective and \
         the ambient set do not, and execve() clears the flag",
        "set it before setuid(), raise what is needed by capset() after, and make it ambient for \
         programs that are executed then",
    ),
    (
        "no_cap_ambient_raise,SECBIT_NO_CAP_AMBIENT_RAISE",
        "with this securebit, prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE) fails with EPERM",
        "raise ambient capabilities before it is set",
    ),
    (
        "bounding set,bounding,CapBnd,CapabilityBoundingSet,cap-add,cap-drop,capabilities.add,\
         runAsUser,runAsNonRoot",
        "the capabilities that execve() can give from a file, or to root; it gives none by itself. \
         --cap-add of Docker and Kubernetes, for another user than root, adds to this set alone",
        "put what a file gives into it, and also give it: setcap =ep on the file, or ambient \
         (AmbientCapabilities=, setpriv --ambient-caps)",
    ),
    (
        "inheritable set,inheritable,CapInh,pam_cap,capability.conf",
        "capabilities that execve() keeps permitted if the file has them inheritable, too (=i); \
         they give nothing by themselves, so pam_cap alone has no effect",
        "set them on the file (setcap CAP=ei FILE), or make them ambient (^CAP in \
         /etc/security/capability.conf, setpriv --ambient-caps)",
    ),
    (
        "permitted set,permitted,CapPrm",
        "the capabilities that a thread may make effective; what leaves this set comes back by \
         execve() alone",
        "raise them by capset() (cap_set_proc() of libcap), or let the file do it (setcap CAP=ep)",
    ),
    (
        "effective set,effective flag,CapEff",
        "the capabilities that the kernel checks. execve() makes the permitted ones effective for \
         root, if they are ambient, or if the file has the effective flag (=ep)",
        "raise them by capset(), or set the flag: setcap CAP=ep FILE",
    ),
    (
        "ambient set,ambient,CapAmb,AmbientCapabilities,PR_CAP_AMBIENT,PR_CAP_AMBIENT_RAISE",
        "capabilities that survive execve() of a program without file capabilities and \
         set-user-ID; they must be permitted and inheritable first. setuid() from root and a file \
         with capabilities clear them",
        "use setpriv --inh-caps +CAP --ambient-caps +CAP, or AmbientCapabilities= of systemd with \
         User=",
    ),
    (
        "seccomp,SystemCallFilter,seccomp filter,seccompProfile,RuntimeDefault",
        "a filter that refuses system calls before the kernel checks any capability, mostly with \
         EPERM; the default ones of Docker and Podman open some calls with a capability of the \
         container",
        "allow the call in the profile (--security-opt seccomp=FILE, SystemCallFilter=); capwhy \
         run names calls that a filter refused",
    ),
    (
        "user namespace,userns,rootless,user namespaces,userns-remap,hostUsers,unprivileged \
         container",
        "capabilities count over the user namespace of the process and those below, not over the \
         initial one: root of a container cannot load modules, set the clock, lock memory, make \
         devices, or use files whose owner is not mapped. To make one fails in a chroot, by a \
         seccomp filter, by user.max_user_namespaces, or by AppArmor (Ubuntu)",
        "do it outside, or make the namespace in question inside (unshare --user --map-root-user \
         --net); capwhy check CAP --over KIND shows where a capability counts",
    ),
    (
        "dumpable,PR_SET_DUMPABLE,suid_dumpable,core dump",
        "a process that got privileges by execve(), changed its user ID, or whose program its user \
         may not read, is not dumpable: its files in /proc belong to root, its user cannot trace \
         it, and it dumps no core",
        "let it call prctl(PR_SET_DUMPABLE, 1), use ambient capabilities in place of file \
         capabilities, or look at it with cap_sys_ptrace",
    ),
    (
        "per-thread,libpsx,psx_syscall,AllThreadsSyscall,goroutine,LockOSThread",
        "each thread has sets of its own: capset() and prctl() change the calling one alone, and \
         threads that are there keep theirs. The C library changes the user ID of all",
        "change them before the first thread starts, or in all threads (libpsx of libcap, \
         syscall.AllThreadsSyscall() of Go), or keep a goroutine on its thread \
         (runtime.LockOSThread()); capwhy check --pid PID names threads that differ",
    ),
    (
        "secure mode,AT_SECURE,secureexec,LD_LIBRARY_PATH,LD_PRELOAD,secure_getenv,\
         error while loading shared libraries,cannot open shared object file,cannot be preloaded",
        "a program with effective file capabilities, or set-user-ID, runs in secure mode: the \
         loader ignores LD_LIBRARY_PATH, LD_PRELOAD and $ORIGIN, and secure_getenv() hides \
         variables",
        "use ambient capabilities, which do not set it; or name library directories in \
         /etc/ld.so.conf.d",
    ),
    (
        "file capabilities,security.capability,setcap,getcap,xattr,preserve capabilities,\
         extended attributes,docker COPY,COPY --from,multi-stage",
        "the attribute security.capability of a program file. cp, rsync, tar, git and COPY of some \
         image builders drop it by default; writing to the file, chown and package \
         upgrades remove it; FAT, NFS and some overlay storage cannot hold it; a script's does not \
         count",
        "set it last, on the file itself and not on a link, and all at once, since setcap replaces \
         what the file had (setcap CAP1,CAP2=ep \"$(readlink -f FILE)\"); copy with cp \
         --preserve=xattr, rsync -X, tar --xattrs --xattrs-include='*'; capwhy exec FILE shows \
         whether it counts",
    ),
    (
        "set-user-ID,setuid,suid,set-user-ID root,sudo,su,effective uid is not 0,must be owned by \
         uid 0,setuid bit set,must be setuid root",
        "a program with this mode bit runs as the owner of its file. The kernel ignores it with \
         no_new_privs, on mounts with nosuid, for scripts, while it is traced, and if the user \
         namespace does not map the owner",
        "run capwhy exec PROGRAM, which names what takes its effect",
    ),
    (
        "lockdown,secure boot,kernel lockdown,unsigned module",
        "the kernel refuses root, too, what could change its code: unsigned modules, /dev/mem, I/O \
         ports, kexec of unsigned kernels, and at confidentiality also kprobes and BPF reads",
        "sign the module, or boot without Secure Boot and lockdown=; /sys/kernel/security/lockdown \
         shows the level",
    ),
    (
        "LSM,SELinux,AppArmor,Landlock,Smack",
        "another LSM can refuse what capabilities allow, and grants nothing by itself",
        "see its log (ausearch -m avc, apparmor=\"DENIED\" in dmesg); capwhy run --lsms names the \
         LSM and its hook",
    ),
    (
        "EPERM,Operation not permitted",
        "a capability is missing or does not count there, or a seccomp filter, another LSM, a \
         sysctl, or a flag of the file refuses",
        "run as root capwhy run --user USER COMMAND, which names the call and what refused it; or \
         capwhy explain EPERM CALL",
    ),
    (
        "EACCES,Permission denied",
        "the mode of a file or of a directory on the way, a mount with noexec or nodev, another \
         LSM, or a missing capability refuses",
        "run as root capwhy run --user USER COMMAND, which names the call and what refused it; or \
         capwhy explain EACCES CALL",
    ),
    (
        "EROFS,Read-only file system",
        "the mount is read-only, as /proc/sys is in most containers; no capability helps",
        "mount it writable, mount a writable one over the file, or pass the setting to the \
         container (--sysctl)",
    ),
    (
        "ENOSYS,Function not implemented",
        "this kernel lacks the call, or a seccomp filter claims so, as some of container runtimes \
         do for calls that they do not know",
        "update the runtime or its profile (--security-opt seccomp=FILE)",
    ),
    (
        "device control group,device cgroup,DeviceAllow,--device=,DevicePolicy,/dev/net/tun,\
         /dev/fuse,/dev/kvm",
        "the control group of a container or of a unit lists the devices that its processes may \
         open or make; others fail with EPERM, for root with all capabilities, too",
        "pass the device: --device=/dev/NAME of Docker, Podman; DeviceAllow=/dev/NAME of systemd",
    ),
    (
        "PR_SET_MM,prctl_set_mm,exe link",
        "PR_SET_MM changes the fields of a process's own memory map, and takes cap_sys_resource \
         over the initial user namespace; PR_SET_MM_MAP takes none, but for another file as \
         /proc/self/exe, which takes cap_checkpoint_restore over the process's user namespace",
        "use PR_SET_MM_MAP, or run capwhy check set-mm-map-exe set-mm-exe-file",
    ),
    (
        "PR_CAPBSET_DROP,--bounding-set,capsh --drop,apply bounding set,drop bounding set",
        "to drop from the bounding set takes cap_setpcap, effective, over the caller's user \
         namespace",
        "drop it while the process is root, before the user changes",
    ),
    (
        "setpriv",
        "setpriv --reuid keeps no capability unless it is ambient, and keeps the group of root \
         without --regid; changes of the bounding set take cap_setpcap",
        "run as root setpriv --reuid USER --regid GROUP --init-groups --inh-caps +CAP \
         --ambient-caps +CAP COMMAND",
    ),
    (
        "capsh",
        "capsh follows its options from left to right: --user takes what --caps gave unless \
         --keep=1 comes first, and a program that is executed keeps only ambient ones",
        "run as root capsh --caps='CAP+eip cap_setpcap,cap_setuid,cap_setgid+ep' --keep=1 \
         --user=USER --addamb=CAP -- -c COMMAND",
    ),
    (
        "allow_other,FUSE,fusermount,sshfs,user_allow_other",
        "a FUSE mount is for the user who mounted it: others fail with EACCES, root with all \
         capabilities, too. To mount one takes /dev/fuse, and cap_sys_admin over the mount \
         namespace or fusermount, which is set-user-ID",
        "mount with -o allow_other (for users with user_allow_other in /etc/fuse.conf); in a \
         container pass --device=/dev/fuse --cap-add=SYS_ADMIN",
    ),
    (
        "NFS,root_squash,no_root_squash",
        "a server of NFS takes root of a client for nobody (root_squash): cap_dac_override and \
         cap_chown of the client do not count, and file capabilities are not stored",
        "act as the owner of the file, export with no_root_squash, or use another file system",
    ),
    (
        "hidepid,ProtectProc,ProcSubset",
        "a mount of /proc with hidepid shows a user only its own processes, and others to holders \
         of cap_sys_ptrace",
        "join the group of the mount option gid=, mount -o remount,hidepid=0 /proc, or set \
         ProtectProc=default in the unit",
    ),
    (
        "privileged,--privileged",
        "--privileged gives root of a container all capabilities, all devices, and no seccomp \
         filter or AppArmor profile; another user gets no capability by it, and a rootless \
         container none over the host",
        "name what is missing in its place: capwhy run --as docker COMMAND",
    ),
    (
        "RLIMIT_MEMLOCK,memlock,ulimit -l,LimitMEMLOCK,max locked memory",
        "without cap_ipc_lock over the initial user namespace, a process locks at most this much \
         memory; mlock() beyond it fails with ENOMEM. BPF took it, too, before Linux 5.11",
        "raise it: LimitMEMLOCK=infinity, --ulimit memlock=-1, /etc/security/limits.conf",
    ),
    (
        "RLIMIT_NOFILE,EMFILE,LimitNOFILE,nofile,limits.conf,cannot modify \
         limit,pam_limits,Could not set limit",
        "a process lowers its limits at will, and raises them up to the hard limit; only \
         cap_sys_resource over the initial user namespace raises that",
        "raise it before the user changes: LimitNOFILE= of systemd, --ulimit nofile=N, \
         /etc/security/limits.conf",
    ),
    (
        "ns_last_pid,set_tid,clone3 set_tid",
        "to choose a PID takes cap_checkpoint_restore or cap_sys_admin over the owner of the PID \
         namespace. The file ns_last_pid is below /proc/sys, which containers mount read-only",
        "use clone3() with set_tid, which takes no file; capwhy check ns_last_pid clone3-set_tid \
         shows whether a process may",
    ),
    (
        "exit status 126,status 126,126",
        "a shell or a runtime found the program and could not execute it: execve() failed, with \
         EACCES for its mode or a noexec mount, with EPERM for its file capabilities",
        "run capwhy exec PROGRAM, with --user and --bounding-set as it was started",
    ),
    (
        "ProtectSystem,ProtectKernelTunables,ProtectControlGroups,ProtectHome,ReadOnlyPaths,\
         InaccessiblePaths,readOnlyRootFilesystem",
        "a unit or container with it sees read-only mounts: ProtectKernelTunables= of /proc/sys \
         and /sys, ProtectControlGroups= of /sys/fs/cgroup, ProtectSystem= of /usr, /boot and \
         /etc, or empty ones (ProtectHome=). Writing fails with EROFS or EACCES, and no capability \
         helps",
        "set ReadWritePaths= for the directory or StateDirectory= for one of its own, mount a \
         volume there, or set that one to no",
    ),
    (
        "ProtectClock,ProtectKernelLogs,ProtectKernelModules,ProtectHostname,PrivateDevices",
        "a unit with it lacks calls and capabilities: cap_sys_time (ProtectClock=), cap_syslog \
         (ProtectKernelLogs=), cap_sys_module (ProtectKernelModules=), cap_mknod, cap_sys_rawio \
         and devices (PrivateDevices=); sethostname() fails (ProtectHostname=). All fail with \
         EPERM, though CapabilityBoundingSet= has them",
        "set that one to no; systemd-analyze security UNIT lists what is set",
    ),
    (
        "RestrictNamespaces,RestrictRealtime,RestrictSUIDSGID,LockPersonality,\
         MemoryDenyWriteExecute,RestrictAddressFamilies,SystemCallArchitectures",
        "a unit with it has a seccomp filter, which refuses the calls with EPERM, and sockets with \
         EAFNOSUPPORT (RestrictAddressFamilies=), whatever the capabilities. In systemd --user \
         and, with User=, before systemd 255, it implies NoNewPrivileges=, so sudo and file \
         capabilities have no effect either",
        "set that one to no, or list what is needed; see capwhy explain no_new_privs",
    ),
    (
        "PrivateUsers",
        "a unit with it runs in a user namespace of its own: capabilities do not count over the \
         network, the clock and the devices of the host, so that even AmbientCapabilities= cannot \
         bind to a port below 1024",
        "set PrivateUsers=no, or let a socket unit bind (ListenStream=)",
    ),
    (
        "DynamicUser",
        "it implies NoNewPrivileges=, ProtectSystem=strict and PrivateTmp=: file capabilities and \
         sudo have no effect, and only the directories of the unit can be written to",
        "use AmbientCapabilities= in place of setcap, and StateDirectory=; or User= of a user that \
         exists",
    ),
    (
        "IPAddressDeny,IPAddressAllow,RestrictNetworkInterfaces",
        "a unit with it has programs of its control group that drop packets: sendto() and \
         connect() fail with EPERM, for root with all capabilities, too",
        "add the address to IPAddressAllow=",
    ),
    (
        "hostPID,hostNetwork,hostIPC,shareProcessNamespace",
        "a container shares that namespace with the host or the pod, and has no more capabilities \
         for that: to look at the processes of others takes cap_sys_ptrace, to configure their \
         network cap_net_admin, to enter their namespaces cap_sys_admin and cap_sys_chroot",
        "add these (capabilities.add), for root of the container",
    ),
    (
        "procMount,maskedPaths,systempaths=unconfined,mount too revealing",
        "runtimes cover parts of /proc and /sys by other mounts. What they cover cannot be read, \
         /proc/sys cannot be written to, and a user namespace inside cannot mount proc (EPERM)",
        "uncover them: --security-opt unmask=ALL of Podman, --security-opt \
         systempaths=unconfined of Docker, procMount: Unmasked with hostUsers: false of Kubernetes",
    ),
    (
        "fsGroup,supplementalGroups,volume,bind mount",
        "the files of a volume keep their owners and modes: a user of the container needs the same \
         user or group ID there, and in a user namespace one that is mapped; SELinux labels \
         decide, too",
        "set fsGroup: or runAsUser:, chown the directory on the host, mount it with :Z (SELinux), \
         :U or --userns=keep-id (Podman)",
    ),
    (
        "RLIMIT_RTPRIO,RLIMIT_NICE,LimitRTPRIO,LimitNICE,rtprio,real-time scheduling,real-time \
         priority",
        "without cap_sys_nice over the initial user namespace, a process takes real-time policies \
         up to RLIMIT_RTPRIO, and nice values down to 20 minus RLIMIT_NICE; both are 0 by default",
        "raise them: LimitRTPRIO=99, --ulimit rtprio=99, @audio - rtprio 95 in \
         /etc/security/limits.conf and a new login",
    ),
    (
        "RLIMIT_NPROC,LimitNPROC,nproc,pids.max",
        "fork() fails with EAGAIN if the user has that many processes, in all its sessions and \
         containers, unless it has cap_sys_resource or cap_sys_admin; pids.max of the control \
         group counts for root, too",
        "raise it: LimitNPROC=, --ulimit nproc=N, TasksMax=, --pids-limit",
    ),
    (
        "sticky bit,sticky,protected_regular,protected_fifos,protected_symlinks,\
         protected_hardlinks",
        "in a sticky directory, only the owner of a file may remove it. fs.protected_regular, \
         protected_fifos and protected_symlinks refuse to open files, FIFOs and links of others \
         there (EACCES), to root, too; fs.protected_hardlinks refuses links to files of others \
         (EPERM)",
        "act as the owner of the file, use a directory that is not sticky, or lower the sysctl",
    ),
    (
        "network namespace,PID namespace,IPC namespace,UTS namespace,mount namespace,time \
         namespace,control group namespace",
        "it belongs to the user namespace in which it was made. A capability counts for it if it \
         is effective in that user namespace or in one above: root of a container with the network \
         of the host has none over that network if it has a user namespace of its own",
        "see capwhy check CAPABILITY --over net, and make one inside (unshare --net, --pid, --ipc)",
    ),
    (
        "vfat,exfat,FAT,NTFS,cifs,SMB",
        "such a file system stores no owners, modes, links and file capabilities of Linux: chown, \
         chmod, ln and setcap fail on it, for root, too",
        "mount it with uid=, gid= and umask=, or use another file system",
    ),
];
