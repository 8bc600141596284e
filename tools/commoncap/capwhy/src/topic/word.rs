// SPDX-License-Identifier: GPL-2.0

//! Words that people have when they ask: of manual pages, settings and error messages.

use crate::likely::sysctl::SYSCTLS;

/// The names of a thing, what it does, and what to do.
type Word = (&'static str, &'static str, &'static str);

/// Returns what is known of a word, in any case, with `_`, `-` or blanks between its parts.
pub fn find(word: &str) -> Option<(String, &'static str, String, String)> {
    let plain = |text: &str| text.to_lowercase().replace([' ', '-'], "_");
    let word = plain(word);
    let is = |name: &str| plain(name.trim()) == word;
    if let Some((names, what, remedy)) = WORDS.iter().find(|(names, ..)| names.split(',').any(is)) {
        let name = names.split(',').next().unwrap_or_default();
        return Some((
            name.to_owned(),
            "word",
            (*what).to_owned(),
            (*remedy).to_owned(),
        ));
    }
    let last = |name: &str| name.rsplit('.').next().is_some_and(is);
    let sysctl = SYSCTLS
        .iter()
        .find(|sysctl| is(sysctl.name) || last(sysctl.name))?;
    let now = sysctl.value().map_or_else(
        || "this kernel has no such setting".to_owned(),
        |value| format!("it is {value} here"),
    );
    let what = format!("{now}. It {}", sysctl.what);
    Some((
        sysctl.name.to_owned(),
        "sysctl",
        what,
        sysctl.remedy.to_owned(),
    ))
}

const WORDS: &[Word] = &[
    (
        "no_new_privs,NoNewPrivileges,no-new-privileges,allowPrivilegeEscalation,nnp",
        "execve() gives no privileges to a process that has it: set-user-ID bits and file \
         capabilities have no effect, so su, sudo and ping with file capabilities fail. Nothing \
         clears it, and children inherit it",
        "start the process without it (NoNewPrivileges=no of systemd, which SystemCallFilter= and \
         others imply; allowPrivilegeEscalation: true of Kubernetes; no \
         --security-opt=no-new-privileges), or give ambient capabilities, which it leaves alone. \
         capwhy exec --pid PID PROGRAM shows what it takes",
    ),
    (
        "nosuid,mount nosuid",
        "set-user-ID bits and file capabilities of programs on a mount with nosuid have no effect; \
         getcap shows them all the same. A mount of another mount or user namespace acts alike",
        "move the program, mount -o remount,suid, or give ambient capabilities; capwhy exec \
         PROGRAM names the mount",
    ),
    (
        "noexec",
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
        "keep_caps,PR_SET_KEEPCAPS,SECBIT_KEEP_CAPS,keepcaps",
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
        "bounding set,bounding,CapBnd,CapabilityBoundingSet,cap-add,cap-drop",
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
        "ambient set,ambient,CapAmb,AmbientCapabilities",
        "capabilities that survive execve() of a program without file capabilities and \
         set-user-ID; they must be permitted and inheritable first. setuid() from root and a file \
         with capabilities clear them",
        "use setpriv --inh-caps +CAP --ambient-caps +CAP, or AmbientCapabilities= of systemd with \
         User=",
    ),
    (
        "seccomp,SystemCallFilter,seccomp filter",
        "a filter that refuses system calls before the kernel checks any capability, mostly with \
         EPERM; the default ones of Docker and Podman open some calls with a capability of the \
         container",
        "allow the call in the profile (--security-opt seccomp=FILE, SystemCallFilter=); capwhy \
         run names calls that a filter refused",
    ),
    (
        "user namespace,userns,rootless,user namespaces",
        "capabilities count over the user namespace of the process and those below, not over the \
         initial one: root of a container cannot load modules, set the clock, make devices, or use \
         files whose owner is not mapped",
        "do it outside, or make the namespace in question inside (unshare --user --map-root-user \
         --net); capwhy check CAP --over KIND shows where a capability counts",
    ),
    (
        "dumpable,PR_SET_DUMPABLE,suid_dumpable",
        "a process that got privileges by execve(), changed its user ID, or whose program its user \
         may not read, is not dumpable: its files in /proc belong to root, its user cannot trace \
         it, and it dumps no core",
        "let it call prctl(PR_SET_DUMPABLE, 1), use ambient capabilities in place of file \
         capabilities, or look at it with cap_sys_ptrace",
    ),
    (
        "secure mode,AT_SECURE,secureexec,LD_LIBRARY_PATH,LD_PRELOAD,secure_getenv",
        "a program with effective file capabilities, or set-user-ID, runs in secure mode: the \
         loader ignores LD_LIBRARY_PATH, LD_PRELOAD and $ORIGIN, and secure_getenv() hides \
         variables",
        "use ambient capabilities, which do not set it; or name library directories in \
         /etc/ld.so.conf.d",
    ),
    (
        "file capabilities,security.capability,setcap,getcap,xattr",
        "the attribute security.capability of a program file. cp, rsync, tar, git and COPY of some \
         image builders drop it by default; writing to the file, chown and package \
         upgrades remove it; FAT, NFS and some overlay storage cannot hold it; a script's does not \
         count",
        "set it last, on the file itself and not on a link (setcap CAP=ep \"$(readlink -f \
         FILE)\"), and copy with cp --preserve=xattr, rsync -X, tar --xattrs --xattrs-include='*'; \
         capwhy exec FILE shows whether it counts",
    ),
    (
        "set-user-ID,setuid,suid,set-user-ID root,sudo,su",
        "a program with this mode bit runs as the owner of its file. The kernel ignores it with \
         no_new_privs, on mounts with nosuid, for scripts, while it is traced, and if the user \
         namespace does not map the owner",
        "run capwhy exec PROGRAM, which names what takes its effect",
    ),
    (
        "lockdown,secure boot,kernel lockdown",
        "the kernel refuses root, too, what could change its code: unsigned modules, /dev/mem, I/O \
         ports, kexec of unsigned kernels, and at confidentiality also kprobes and BPF reads",
        "sign the module, or boot without Secure Boot and lockdown=; /sys/kernel/security/lockdown \
         shows the level",
    ),
    (
        "LSM,SELinux,AppArmor,Landlock,Smack,avc",
        "another LSM can refuse what capabilities allow, and grants nothing by itself",
        "see its log (ausearch -m avc, apparmor=\"DENIED\" in dmesg); capwhy run --lsms names the \
         LSM and its hook",
    ),
    (
        "218/CAPABILITIES,Failed to apply ambient capabilities,Failed to drop capabilities,\
         Failed to set up capabilities",
        "systemd could not set the capabilities of a unit: AmbientCapabilities= names one that is \
         not in the bounding set, or not permitted to the manager, as in a container, with \
         systemd --user, or with CapabilityBoundingSet= without it",
        "give the manager or the container that capability (capwhy check CAP --pid 1), list it in \
         CapabilityBoundingSet=, too, or leave it out",
    ),
    (
        "213/SECUREBITS,Failed to set process secure bits",
        "systemd could not set SecureBits= of a unit: this takes cap_setpcap, which the change to \
         User= has taken unless ambient capabilities are kept",
        "add AmbientCapabilities= with any capability, or leave SecureBits= out; capwhy securebits \
         NOW NEW judges the change",
    ),
    (
        "203/EXEC",
        "systemd could not execute the program of a unit: the file, its interpreter, its mode, a \
         noexec mount, or file capabilities that CapabilityBoundingSet= lacks",
        "run capwhy exec PROGRAM --bounding-set LIST, or setcap -r on the file",
    ),
    (
        "226/NAMESPACE,Failed to set up mount namespacing",
        "systemd could not make a namespace for a unit (PrivateTmp=, ProtectSystem= and others), \
         which takes cap_sys_admin, or a user namespace in systemd --user and in containers",
        "permit that to the manager (--cap-add=SYS_ADMIN, user.max_user_namespaces), or leave \
         these settings out",
    ),
    (
        "217/USER,216/GROUP",
        "systemd could not take the user or the group of a unit: it does not exist, or the manager \
         lacks cap_setuid or cap_setgid",
        "make the user, or give the manager these capabilities",
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
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_however_they_are_written() {
        for word in [
            "no_new_privs",
            "NoNewPrivileges",
            "no new privs",
            "bounding set",
            "nosuid",
            "security.capability",
            "eperm",
            "user namespace",
            "dumpable",
        ] {
            let (_, kind, what, remedy) = find(word).unwrap();
            assert_eq!(kind, "word");
            assert!(!what.is_empty() && !remedy.is_empty());
        }
        for word in [
            "kernel.yama.ptrace_scope",
            "ptrace_scope",
            "perf_event_paranoid",
        ] {
            assert_eq!(find(word).unwrap().1, "sysctl");
        }
        assert_eq!(find("nothing"), None);
    }

    #[test]
    fn no_name_is_in_two_words() {
        let names = WORDS.iter().flat_map(|(names, ..)| names.split(','));
        let mut all: Vec<String> = names.map(str::to_lowercase).collect();
        let count = all.len();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), count);
    }
}
