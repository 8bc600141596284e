// SPDX-License-Identifier: GPL-2.0

//! The call that a message of a program is about, such as `sudo: setgroups: Operation not
//! permitted`.

use super::{
    capability_in, errors, parts,
    sayings::{DATA, ERRORS, OPTIONS, PROGRAMS, SAYINGS, SHELLS, VERBS},
    word::{self, Certainty},
    Topic,
};
use crate::{
    capabilities, failures,
    likely::{self, ptrace},
};
use commoncap::capability::CapabilitySet;

/// The most that is explained of a message.
const MOST: usize = 3;

/// Returns what is known of a message, the most specific first.
pub fn topics(message: &str) -> Vec<Topic> {
    let mut text = message.to_lowercase();
    let mut errno = None;
    for (words, name) in ERRORS {
        if text.contains(words) {
            text = text.replace(words, ";");
            errno = errno.or(Some(*name));
        }
    }
    let errno = errno.or_else(|| names(&text).find_map(known_errno));
    // So mount prints EPERM for root. It has other sentences for EACCES.
    let is_mount = text.starts_with("mount: ") && !text.contains("failed");
    let errno = errno.map(|errno| match errno {
        "EACCES" if is_mount => "EPERM",
        _ => errno,
    });
    let mut found = word::find_in(&text);
    // Netlink answers with other errors than those of a capability, too.
    let is_answer = text.contains("rtnetlink answers: ");
    let is_other = match errno {
        Some(errno) => !["EPERM", "EACCES"].contains(&errno),
        None => is_answer,
    };
    if is_other {
        found.retain(|(_, topic)| topic.name != "RTNETLINK answers");
    }
    let take = |certainty| -> Vec<Topic> {
        let these = found.iter().filter(|(known, _)| *known == certainty);
        these.map(|(_, topic)| topic.clone()).collect()
    };
    let (printed, phrases) = (take(Certainty::Printed), take(Certainty::Phrase));
    let is_certain = !printed.is_empty() || !phrases.is_empty();
    let words = match is_certain {
        true => Vec::new(),
        false => take(Certainty::Word),
    };
    let calls = match (is_answer && is_other, errno) {
        (true, Some(_)) => errors("netlink", errno),
        (true, None) => Vec::new(),
        (false, _) => calls(&text, errno),
    };
    let mut topics = match errno {
        Some(_) => [printed, calls, phrases, words].concat(),
        None => [printed, phrases, calls, words].concat(),
    };
    let is_new = |topic: &Topic| topics.iter().all(|known| known.name != topic.name);
    let options: Vec<Topic> = names(&text).filter_map(of_option).filter(is_new).collect();
    topics.splice(0..0, options);
    topics.extend(names(&text).filter_map(capability_in));
    topics.splice(0..0, names(&text).filter_map(mask));
    topics.extend(names(&text).filter_map(word::setting));
    if topics.is_empty() {
        topics.extend(errno.and_then(word::find));
    }
    topics.truncate(MOST);
    topics
}

/// Returns the names in a text, such as those of calls.
fn names(text: &str) -> impl Iterator<Item = &str> {
    let parts = text.split(|letter: char| !letter.is_alphanumeric() && letter != '_');
    parts.filter(|name| !name.is_empty())
}

/// Returns the errors of the call that a message is about: this error, if it is known.
fn calls(text: &str, errno: Option<&str>) -> Vec<Topic> {
    // What comes before is mostly the name of the program.
    let (program, rest) = text.split_once(": ").unwrap_or(("", text));
    let is_verb = |name: &&str| VERBS.split(' ').any(|verb| verb == *name);
    let in_order = |part| {
        let certain = names(part).filter(move |name| !is_verb(name));
        certain.chain(names(part).filter(is_verb))
    };
    let said = said(text).or_else(|| errno.and_then(|_| file(text)));
    let calls = said.into_iter().chain(in_order(rest));
    let is_program = |(known, _): &&(&str, &str)| {
        let mut known = known.split(' ');
        known.any(|known| names(text).any(|name| name == known))
    };
    let programs = PROGRAMS.iter().filter(is_program).map(|(_, call)| *call);
    let mut all = calls
        .chain(option(text))
        .chain(in_order(program))
        .chain(programs);
    let found = all.find_map(|call| {
        let found = errors(call, errno);
        (!found.is_empty()).then_some(found)
    });
    found.unwrap_or_default()
}

/// Returns what an option or a request takes, such as `SO_MARK` or `FITRIM`.
fn of_option(name: &str) -> Option<Topic> {
    let (name, rule) = likely::named(name)?;
    let (what, remedy) = parts(&rule);
    Some(Topic::new(name, "option", what, remedy))
}

/// Returns the capabilities of a mask as `/proc/PID/status` has it, such as `00000000a80425fb`.
fn mask(name: &str) -> Option<Topic> {
    let bits = u64::from_str_radix(name, 16).ok();
    let set = CapabilitySet::from_bits(bits.filter(|_| name.len() == 16)?);
    let known = capabilities::list(set & CapabilitySet::FULL).replace(',', ", ");
    let what = match set.is_subset(CapabilitySet::FULL) {
        true => format!("as a set of capabilities, {known}"),
        false => format!("as a set of capabilities, {known}, and bits beyond the last capability"),
    };
    let remedy = "run capwhy check CAPABILITY --pid PID, which shows all sets of a process by name";
    Some(Topic::new(name, "set", what, remedy))
}

/// Returns the error that a name is, if the tables have it.
fn known_errno(name: &str) -> Option<&'static str> {
    let upper = name.to_uppercase();
    let all = ERRORS.iter().map(|(_, errno)| *errno);
    all.chain(failures::errnos()).find(|known| *known == upper)
}

/// Returns the call that a message means without its name.
fn said(text: &str) -> Option<&'static str> {
    let parts: Vec<&str> = text.split(": ").collect();
    let is_shell = |name: &str| {
        let name = name.rsplit('/').next();
        SHELLS.split(' ').any(|shell| Some(shell) == name)
    };
    let program = match parts[..] {
        [_, line, path, ..] if line.starts_with("line ") => Some(path),
        // So dash writes it.
        [name, line, path, ..] if is_shell(name) && line.parse::<u32>().is_ok() => Some(path),
        [name, path, ..] if is_shell(name) => Some(path),
        [path, ";"] if path.starts_with('/') => Some(path),
        _ => None,
    };
    let is_data = |path: &str| DATA.split(' ').any(|start| path.starts_with(start));
    // With blanks, it says what failed, as in "cannot create /x".
    let is_program = |path: &str| path.contains('/') && !path.contains(' ') && !is_data(path);
    if program.is_some_and(is_program) {
        return Some("execve");
    }
    if text.contains("/proc/sys/") {
        return Some("sysctl");
    }
    if let Some(file) = names(text).find_map(failures::file) {
        return Some(file);
    }
    let all = SAYINGS.iter().filter(|(words, _)| text.contains(words));
    let saying = all.max_by_key(|(words, _)| words.len());
    saying.map(|(_, call)| *call)
}

/// Returns the call on a file of a process in `/proc`, or on a device.
fn file(text: &str) -> Option<&'static str> {
    let of_process = text.split_once("/proc/").and_then(|(_, rest)| {
        let (pid, rest) = rest.split_once('/')?;
        let is_pid = pid.parse::<u32>().is_ok() || ["self", "pid"].contains(&pid);
        let name = names(rest).next()?;
        (is_pid && ptrace::FILES.split_whitespace().any(|file| file == name)).then_some("readlink")
    });
    let device = text.contains("/dev/").then_some("/dev/NAME");
    // Of mount and mknod, they are an argument.
    of_process
        .or(device)
        .filter(|_| !text.contains("mount") && !text.contains("mknod"))
}

/// Returns the call that takes an option in a message.
fn option(text: &str) -> Option<&'static str> {
    let found =
        names(text).find_map(|name| OPTIONS.iter().find(|(start, _)| name.starts_with(start)));
    found.map(|(_, call)| *call)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mask_is_shown_as_names() {
        let first = |message: &str| topics(message)[0].what.clone();
        assert!(first("CapEff: 0000000000003000").ends_with("cap_net_admin, cap_net_raw"));
        assert!(first("0000003fffffffff").contains("all but cap_"));
        assert!(first("8000000000002000").contains("bits beyond"));
        assert!(topics("1234").is_empty());
    }

    #[test]
    fn each_saying_means_a_call_that_is_known() {
        for (words, call) in SAYINGS.iter().chain(OPTIONS) {
            assert!(!errors(call, None).is_empty(), "{words}");
            assert_eq!(*words, words.to_lowercase());
        }
    }

    #[test]
    fn a_message_leads_to_its_call_or_to_its_words() {
        for (message, name) in [
            (
                "bash: /usr/bin/ping: Operation not permitted",
                "EPERM of execve()",
            ),
            (
                "./run: line 3: /usr/bin/ping: Operation not permitted",
                "EPERM of execve()",
            ),
            ("bash: line 3: ./x: Permission denied", "EACCES of execve()"),
            (
                "iptables v1.8.9 (legacy): can't initialize iptables table `nat': Table does not \
                 exist (do you need to insmod?)",
                "do you need to insmod",
            ),
            (
                "Failed to set the date: Operation not permitted",
                "EPERM of clock_settime()",
            ),
            (
                "exec: \"/app\": permission denied: unknown",
                "EACCES of exec()",
            ),
            (
                "nsenter: setgroups failed: Operation not permitted",
                "EPERM of setgroups()",
            ),
            (
                "nsenter: reassociate to namespace 'ns/pid' failed: Operation not permitted",
                "EPERM of setns()",
            ),
            ("ping: socket: Operation not permitted", "EPERM of socket()"),
            (
                "ping: sendmsg: Operation not permitted",
                "EPERM of sendmsg()",
            ),
            ("ping: permission denied (are you root?)", "ping"),
            (
                "RTNETLINK answers: Operation not permitted",
                "RTNETLINK answers",
            ),
            (
                "Failed to lock memory: cannot allocate memory",
                "ENOMEM of mlock()",
            ),
            (
                "chrt: failed to set pid 0's policy: Operation not permitted",
                "EPERM of sched_setscheduler()",
            ),
            (
                "sudo: unable to send audit message: Operation not permitted",
                "unable to send audit message",
            ),
            (
                "sudo: The \"no new privileges\" flag is set, which prevents sudo from running",
                "no_new_privs",
            ),
            (
                "sudo: effective uid is not 0, is sudo installed setuid root?",
                "set-user-ID",
            ),
            ("mount: /mnt: permission denied.", "EPERM of mount()"),
            (
                "mount: /mnt: cannot mount none read-only.",
                "cannot mount none read-only",
            ),
            (
                "listen tcp :80: bind: permission denied",
                "EACCES of bind()",
            ),
            (
                "Couldn't run /usr/bin/dumpcap in child process: Permission denied",
                "dumpcap",
            ),
            (
                "Error disabling address space randomization: Operation not permitted",
                "EPERM of personality()",
            ),
            (
                "unable to create session key: disk quota exceeded",
                "EDQUOT of keyctl()",
            ),
            ("SO_RCVBUFFORCE: Operation not permitted", "SO_RCVBUFFORCE"),
            ("fstrim: /: FITRIM ioctl failed: Operation not permitted", "FITRIM"),
            ("SIOCSIFADDR: Permission denied", "SIOCSIFADDR"),
            ("prctl(PR_SCHED_CORE): Operation not permitted", "PR_SCHED_CORE"),
            ("SO_PEERCRED: Operation not permitted", "EPERM of setsockopt()"),
            ("mount.cifs: Unable to apply new capability set.", "EPERM of capset()"),
            ("mknod: /dev/fuse: Operation not permitted", "EPERM of mknod()"),
            ("mount: only root can use \"--bind\" option", "must be superuser"),
            ("Failed to create inotify instance: Too many open files",
                "EMFILE of inotify_init()"),
            ("mq_open: Too many open files", "EMFILE of mq_open()"),
            ("accept: Too many open files", "RLIMIT_NOFILE"),
            ("klogctl: Operation not permitted", "EPERM of klogctl()"),
            ("The setuid sandbox is not running as root.", "no usable sandbox"),
            ("Permission denied (publickey).", "publickey"),
            ("bind: Cannot assign requested address", "EADDRNOTAVAIL of bind()"),
            ("ip: can't send flush request: Operation not permitted", "RTNETLINK answers"),
            ("Loading of unsigned module is rejected", "lockdown"),
            ("You must be root to run this program.", "superuser privilege"),
            (
                "unshare: unshare failed: Operation not permitted",
                "EPERM of unshare()",
            ),
            (
                "Fatal error : adjtimex(0x8001) failed : Operation not permitted",
                "EPERM of adjtimex()",
            ),
            (
                "open /dev/net/tun: operation not permitted",
                "EPERM of /dev/NAME",
            ),
            (
                "Failed to apply ambient capabilities (before UID change): Operation not permitted",
                "218/CAPABILITIES",
            ),
            (
                "x: error while loading shared libraries: libx.so: cannot open shared object file",
                "secure mode",
            ),
            ("getcap: x cap_net_raw=ep", "file capabilities"),
            ("cap_net_raw=ep", "cap_net_raw"),
            ("Failed to open /dev/mem: Operation not permitted", "/dev/mem"),
            ("open /proc/sys/net/core/somaxconn: permission denied", "EACCES of sysctl"),
            ("mkdir /sys/fs/cgroup/x: Read-only file system", "/sys/fs/cgroup"),
            ("Failed to set RT priority: EPERM", "EPERM of sched_setscheduler()"),
            ("Write 42 to /proc/self/loginuid failed: Operation not permitted",
                "EPERM of loginuid"),
            ("avc:  denied  { bpf } for pid=1 comm=\"systemd\"", "avc: denied"),
            ("apparmor=\"DENIED\" operation=\"mount\" class=\"mount\"", "avc: denied"),
            ("Failed at step NAMESPACE spawning /bin/true: Operation not permitted",
                "226/NAMESPACE"),
            ("ping: icmp open socket: Operation not permitted", "EPERM of socket()"),
            ("unshare: mount /proc failed: Operation not permitted", "EPERM of mount()"),
            ("sysctl: permission denied on key 'kernel.printk'", "EACCES of sysctl"),
            ("apply caps: operation not permitted", "apply caps"),
            ("newuidmap: write to uid_map failed: Operation not permitted",
                "EPERM of uid_map"),
            ("rm: cannot remove 'x': Operation not permitted", "EPERM of unlink()"),
            ("perf_event_paranoid setting is 4:", "kernel.perf_event_paranoid"),
            ("libbpf: Error in bpf_object__probe_loading(): Operation not permitted(1). Couldn't \
                load trivial BPF program. Make sure RLIMIT_MEMLOCK is set", "EPERM of bpf()"),
            ("socket(AF_INET, SOCK_RAW, IPPROTO_ICMP) = -1 EPERM (Operation not permitted)",
                "EPERM of socket()"),
            ("renice: failed to set priority for 1 (process ID): Permission denied",
                "EACCES of setpriority()"),
            ("hostname: you must be root to change the host name", "EPERM of sethostname()"),
            ("ulimit: open files: cannot modify limit: Operation not permitted",
                "EPERM of setrlimit()"),
            ("sysctl: setting key \"net.ipv4.ip_forward\": Read-only file system", "EROFS"),
            ("frobnicate: Operation not permitted", "EPERM"),
            ("traceroute: Operation not permitted", "traceroute"),
            ("Error: listen EACCES: permission denied 0.0.0.0:80", "EACCES of bind()"),
            ("java.net.BindException: Permission denied", "EACCES of bind()"),
            ("bwrap: No permissions to create new namespace", "EPERM of unshare()"),
            ("Access to performance monitoring and observability operations is limited.",
                "EACCES of perf_event_open()"),
            ("hwclock: Cannot access the Hardware Clock via any known method.", "hwclock"),
            ("prctl: can't set exe link", "PR_SET_MM"),
            ("Can't fork for 1234: Operation not permitted", "EPERM of clone3()"),
            ("ioctl(TUNSETIFF): Device or resource busy", "TUNSETIFF"),
            ("TIOCSTI: Input/output error", "TIOCSTI"),
            ("keyctl_chown: Permission denied", "EACCES of keyctl()"),
            ("prctl(PR_SET_SECCOMP): Permission denied", "EACCES of seccomp()"),
            ("setpriv: unsupported capability \"all\"", "unsupported capability"),
            ("chattr: Operation not permitted while setting flags on x", "chattr"),
            ("Cannot get device settings: Operation not permitted", "EPERM"),
            ("ethtool: Cannot get device settings: Operation not permitted", "RTNETLINK answers"),
            ("EAL: Cannot get physical address: Success", "physical address"),
            ("dpkg: error: requested operation requires superuser privilege",
                "superuser privilege"),
            ("TIOCSTI: Operation not permitted", "TIOCSTI"),
            ("tar: Cannot set extended attributes", "file capabilities"),
            ("cp: failed to preserve capabilities", "file capabilities"),
            ("bash: /proc/sys/vm/drop_caches: Permission denied", "EACCES of sysctl"),
            ("write /proc/sys/net/ipv4/ip_forward: operation not permitted", "EPERM of sysctl"),
            ("sysctl: cannot stat /proc/sys/net/bridge/bridge-nf-call-iptables: No such file or \
                directory", "ENOENT of sysctl"),
            ("/usr/bin/ping: Operation not permitted", "EPERM of execve()"),
            ("ping: missing cap_net_raw+p capability or setuid?", "ping"),
            ("Failed to bind socket to device eth0: Operation not permitted",
                "EPERM of setsockopt()"),
            ("nsenter: cannot open /proc/7331/ns/ipc: Permission denied", "EACCES of readlink()"),
            ("nsenter: stat of /proc/1/ns/user failed: Permission denied", "EACCES of readlink()"),
            ("mount: /mnt: failed to setup loop device: Permission denied", "loop device"),
            ("losetup: cannot find an unused loop device: Operation not permitted", "loop device"),
            ("open /dev/ttyUSB0: permission denied", "EACCES of /dev/NAME"),
            ("/dev/kvm: Permission denied", "EACCES of /dev/NAME"),
            ("strace: Operation not permitted", "EPERM of ptrace()"),
            ("sh: can't create /proc/self/uid_map: Permission denied", "EACCES of uid_map"),
            ("Failed at step STATE_DIRECTORY spawning /x: Operation not permitted",
                "238/STATE_DIRECTORY"),
            ("x.service: Main process exited, code=exited, status=243/CREDENTIALS",
                "243/CREDENTIALS"),
            ("mount: permission denied (are you root?)", "EPERM of mount()"),
            ("error mounting \"proc\" to rootfs: mount proc:/proc (via /proc/self/fd/6): \
                permission denied", "EACCES of mount()"),
            ("sh: 1: cannot create /proc/sys/vm/drop_caches: Permission denied",
                "EACCES of sysctl"),
            ("sh: 1: cannot create /proc/self/oom_score_adj: Permission denied",
                "EACCES of oom_score_adj"),
            ("Can't set maximum open files to 10032 because of OS error: Operation not permitted",
                "EPERM of setrlimit()"),
            ("ln: failed to create symbolic link 'x': Operation not permitted",
                "EPERM of symlink()"),
            ("cp: cannot create special file 'x': Operation not permitted", "EPERM of mknod()"),
            ("Cannot open TUN/TAP dev /dev/net/tun: No such file or directory",
                "ENOENT of /dev/NAME"),
            ("ntpd: cap_set_proc() failed: Operation not permitted", "EPERM of cap_set_proc()"),
            ("Failed to connect to bus: Operation not permitted", "connect to bus"),
            ("Linux ip link set failed: external program exited", "RTNETLINK answers"),
            ("ifconfig: SIOCSIFADDR: Permission denied", "SIOCSIFADDR"),
            ("cryptsetup: Cannot initialize device-mapper. Is dm_mod kernel module loaded?",
                "device-mapper"),
            ("vfio error VFIO_MAP_DMA failed: Cannot allocate memory", "ENOMEM of mlock()"),
            ("runuser: may not be used by non-root users", "superuser privilege"),
            ("mkdir: cannot create directory 'x': Value too large for defined data type",
                "EOVERFLOW of mkdir()"),
            ("inotify_add_watch: No space left on device", "ENOSPC of inotify_add_watch()"),
            ("bpftrace", "EPERM of bpf()"),
            ("my.service has PrivateUsers=yes", "PrivateUsers"),
            ("Could not access KVM kernel module: Permission denied", "EACCES of /dev/NAME"),
            ("umount: /mnt: must be superuser to unmount.", "must be superuser"),
            ("set_mempolicy: Operation not permitted", "EPERM of set_mempolicy()"),
            ("setting membind: Operation not permitted", "EPERM of set_mempolicy()"),
            ("tar: x: Cannot change ownership to uid 1, gid 1: Operation not permitted",
                "EPERM of chown()"),
            ("libbpf: failed to load program: Permission denied", "EACCES of bpf()"),
            ("libbpf: prog 'x': failed to create kprobe 'y' perf event: Operation not permitted",
                "EPERM of perf_event_open()"),
            ("taskset: failed to set pid 1's affinity: Operation not permitted",
                "EPERM of sched_setaffinity()"),
            ("Failed to set SCHED_FIFO: Operation not permitted", "EPERM of sched_setscheduler()"),
            ("x.service: Failed at step RUNTIME_DIRECTORY spawning /bin/x: No space left on device",
                "step USER_NAMESPACE"),
            ("Main process exited, code=exited, status=225/NETWORK", "225/NETWORK"),
            ("there might not be enough IDs available in the namespace (requested 0:42 for \
                /etc/gshadow): lchown /etc/gshadow: invalid argument", "enough IDs available"),
            ("Failed to set time: Interactive authentication required.",
                "Interactive authentication required"),
            ("bwrap: loopback: Failed RTM_NEWADDR: Operation not permitted", "no usable sandbox"),
            ("epoll_ctl: Operation not permitted", "EPERM of epoll_ctl()"),
            ("setsid: Operation not permitted", "EPERM of setsid()"),
            ("error setting rlimit type 8: operation not permitted", "EPERM of setrlimit()"),
            ("pivot_root: Invalid argument", "EINVAL of pivot_root()"),
            ("The value of the capability argument is not permitted for a file. Or the file is \
                not a regular (non-symlink) file", "Failed to set capabilities on file"),
            ("Could not attach to process. If your uid matches the uid of the target process, \
                check the setting of /proc/sys/kernel/yama/ptrace_scope", "attach to process"),
            ("Error: Could not process rule: Operation not permitted", "RTNETLINK answers"),
            ("Failed to set scheduling: Operation not permitted",
                "EPERM of sched_setscheduler()"),
            ("fuse: device not found, try 'modprobe fuse' first", "fuse: device not found"),
            ("error setting capabilities: operation not permitted", "apply caps"),
            ("java.net.SocketException: Permission denied", "EACCES of bind()"),
            ("ls: cannot read symbolic link '/proc/1/exe': Permission denied",
                "EACCES of readlink()"),
            ("Failed to open perf counters", "EACCES of perf_event_open()"),
            ("pam_limits: Could not set limit for 'memlock': Operation not permitted",
                "RLIMIT_NOFILE"),
            ("You requested a scan type which requires root privileges.", "superuser privilege"),
            ("chown: /var/lib/x: Permission denied", "EACCES of chown()"),
            ("Failed to open netlink audit socket", "auditctl"),
            ("cannot set real-time scheduling", "RLIMIT_RTPRIO"),
            ("Failed to execute /usr/bin/x: Operation not permitted", "EPERM of execve()"),
            ("sudo: /usr/bin/sudo must be owned by uid 0 and have the setuid bit set",
                "set-user-ID"),
            ("libjli.so: cannot open shared object file: No such file or directory",
                "secure mode"),
            ("modprobe: FATAL: Module tun not found in directory /lib/modules/6.1.0",
                "not found in directory /lib/modules"),
            ("sh: 1: ./x: Operation not permitted", "EPERM of execve()"),
            ("/bin/sh: 1: /app/run: Permission denied", "EACCES of execve()"),
            ("bash: /opt/x: cannot execute: required file not found", "ENOENT of execve()"),
            ("exec /usr/bin/x: exec format error", "ENOEXEC of exec()"),
            ("modprobe: ERROR: could not insert 'x': Exec format error",
                "ENOEXEC of finit_module()"),
            ("bash: fork: Cannot allocate memory", "ENOMEM of fork()"),
            ("RTNETLINK answers: Operation not supported", "EOPNOTSUPP of netlink"),
            ("cannot set up namespace using newuidmap: should have setuid or have filecaps setuid",
                "setting up uid map"),
            ("capabilities lost after setuid", "keep_caps"),
            ("runtime/cgo: pthread_create failed: Operation not permitted",
                "EPERM of pthread_create()"),
            ("runtime: failed to create new OS thread (have 2 already; errno=1)",
                "EPERM of pthread_create()"),
            ("OS can't spawn worker thread: Resource temporarily unavailable",
                "EAGAIN of pthread_create()"),
        ] {
            let found = topics(message);
            let first = found.first().map(|topic| &*topic.name);
            assert_eq!(first, Some(name), "{message}: {found:?}");
            assert!(found.len() <= MOST);
        }
        assert!(topics("nothing that is known").is_empty());
        assert!(topics("RTNETLINK answers: File exists").is_empty());
    }
}
