// SPDX-License-Identifier: GPL-2.0

//! What programs print in place of errors and calls, and what it means. All is in small letters.

/// The texts of `strerror()`, and other words for an error.
pub const ERRORS: &[(&str, &str)] = &[
    ("operation not permitted", "EPERM"),
    ("permission denied", "EACCES"),
    ("read-only file system", "EROFS"),
    ("cannot allocate memory", "ENOMEM"),
    ("invalid argument", "EINVAL"),
    ("operation not supported", "EOPNOTSUPP"),
    ("no such file or directory", "ENOENT"),
    ("no space left on device", "ENOSPC"),
    ("disk quota exceeded", "EDQUOT"),
    ("resource temporarily unavailable", "EAGAIN"),
    ("address family not supported by protocol", "EAFNOSUPPORT"),
    ("key was rejected by service", "EKEYREJECTED"),
    ("required key not available", "ENOKEY"),
    ("value too large for defined data type", "EOVERFLOW"),
    ("function not implemented", "ENOSYS"),
];

/// What programs print in place of the name of a call. Each is a part of a message.
pub const SAYINGS: &[(&str, &str)] = &[
    ("/proc/sys/", "sysctl"),
    ("activate capabilities", "capset"),
    ("affinity", "sched_setaffinity"),
    ("apply capabilities", "capset"),
    ("apply caps", "capset"),
    ("attach", "ptrace"),
    ("bind socket to device", "setsockopt"),
    ("bindexception", "bind"),
    ("bindtodevice", "setsockopt"),
    ("bpf program", "bpf"),
    ("can't fork for", "clone3"),
    ("cannot create", "open"),
    ("cannot create directory", "mkdir"),
    ("cannot execute", "execve"),
    ("cannot move", "rename"),
    ("cannot remove", "unlink"),
    ("cannot touch", "open"),
    ("change limits", "setrlimit"),
    ("change owner", "chown"),
    ("change root directory", "chroot"),
    ("change the host name", "sethostname"),
    ("change to root gid", "setgid"),
    ("changing group of", "chown"),
    ("changing ownership", "chown"),
    ("changing permissions", "chmod"),
    ("chcon", "setxattr"),
    ("chgrp", "chown"),
    ("create keyring", "keyctl"),
    ("create session key", "keyctl"),
    ("create user namespace", "unshare"),
    ("creating new namespace failed", "unshare"),
    ("disabling address space randomization", "personality"),
    ("drop group privileges", "setgroups"),
    ("enter the namespace", "setns"),
    ("gcore", "ptrace"),
    ("inotify", "inotify_add_watch"),
    ("insert '", "finit_module"),
    ("insert module", "finit_module"),
    ("inserting module", "finit_module"),
    ("kernel module", "finit_module"),
    ("kvm kernel module", "/dev/NAME"),
    ("libbpf", "bpf"),
    ("listen eacces", "bind"),
    ("lock memory", "mlock"),
    ("loginuid", "loginuid"),
    ("membind", "set_mempolicy"),
    ("memory locking", "mlock"),
    ("mempolicy", "set_mempolicy"),
    ("modify limit", "setrlimit"),
    ("new namespace", "unshare"),
    ("perf event", "perf_event_open"),
    ("performance monitoring", "perf_event_open"),
    ("preserve ownership", "chown"),
    ("preserving times", "utimensat"),
    ("process_linux.go", "execve"),
    ("quotaon", "quotactl"),
    ("raw socket", "socket"),
    ("read kernel buffer", "syslog"),
    ("realtime", "sched_setscheduler"),
    ("reassociate to namespace", "setns"),
    ("restore capabilities", "capset"),
    ("rt priority", "sched_setscheduler"),
    ("sched_deadline", "sched_setscheduler"),
    ("sched_fifo", "sched_setscheduler"),
    ("sched_rr", "sched_setscheduler"),
    ("set date", "clock_settime"),
    ("set groups", "setgroups"),
    ("set hostname", "sethostname"),
    ("set inheritable", "capset"),
    ("set pid 0's policy", "sched_setscheduler"),
    ("set priority", "setpriority"),
    ("set system clock", "clock_settime"),
    ("set uid", "setuid"),
    ("set user id", "setuid"),
    ("setfacl", "chmod"),
    ("setfattr", "setxattr"),
    ("setting rlimit", "setrlimit"),
    ("setting time", "utimensat"),
    ("setup rlimit", "setrlimit"),
    ("switching to", "setgroups"),
    ("sysctl", "sysctl"),
    ("to gid_map", "gid_map"),
    ("to uid_map", "uid_map"),
    ("tty params", "ioctl"),
];

/// The starts of names of options and requests, and the call that takes them.
pub const OPTIONS: &[(&str, &str)] = &[
    ("so_", "setsockopt"),
    ("ip_", "setsockopt"),
    ("sioc", "ioctl"),
    ("tioc", "ioctl"),
    ("keyctl_", "keyctl"),
    ("pr_set_seccomp", "seccomp"),
    ("pr_", "prctl"),
    ("ptrace_", "ptrace"),
    ("clone_new", "unshare"),
    ("bpf_", "bpf"),
];

/// The programs that mostly fail for one call, if their message names none.
pub const PROGRAMS: &[(&str, &str)] = &[
    ("strace ltrace gdb pstack", "ptrace"),
    ("nsenter", "setns"),
    ("bpftrace bpftool", "bpf"),
    ("perf", "perf_event_open"),
    ("chrt jackd rtkit", "sched_setscheduler"),
    (
        "ntpd ntpdate chronyd chrony ptp4l timedatectl",
        "clock_settime",
    ),
    ("insmod modprobe kmod", "finit_module"),
    ("gosu", "setgroups"),
    ("io_uring", "io_uring_setup"),
];

/// The programs that print the error of an `execve()` after the path of the program.
pub const SHELLS: &str = "bash -bash sh -sh dash zsh ksh env";

/// The starts of paths that a shell opens and does not execute, as for `>/proc/sys/vm/drop_caches`.
pub const DATA: &str = "/proc/ /sys/ /dev/ /etc/ /var/";

/// The names of calls that are also words of messages such as `failed to open socket`.
pub const VERBS: &str = "open read write stat access exec link connect send kill bind mount";
