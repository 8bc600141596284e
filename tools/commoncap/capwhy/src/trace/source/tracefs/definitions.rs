// SPDX-License-Identifier: GPL-2.0

//! The probes: the function of each, and the facts that it reads.

use super::lsm;
use std::sync::LazyLock;
use syscalls::Sysno;

/// What is to be traced.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Extent {
    /// Whether the module records the decisions of `cap_capable()` and `cap_task_prctl()`.
    pub module: bool,
    /// Whether the events of one tree of processes are wanted: also what fails, and why.
    pub tree: bool,
    /// Whether the functions of other LSMs are probed, to name the one that refuses.
    pub lsms: bool,
    /// Whether checks without audit are wanted. The kernel makes one for each mapping of memory.
    pub unaudited: bool,
}

/// A probe.
#[derive(Clone, Debug)]
pub struct Definition {
    /// The name of the event. It begins with `capwhy_`.
    pub name: String,
    /// The kind of the probe: `p` at the entry of a function, `r` at its return, `t` at a
    /// tracepoint.
    /// Kprobes take the kernel a third of the time that fprobes take.
    kind: char,
    /// Its place.
    pub place: String,
    /// The facts: `NAME=WHERE`.
    facts: Vec<String>,
    /// Which of its events matter.
    pub filter: Option<&'static str>,
    /// Whether nothing can be reported without it.
    pub required: bool,
}

impl Definition {
    fn new(kind: char, name: &str, place: &str, facts: impl IntoIterator<Item = String>) -> Self {
        Self {
            name: format!("capwhy_{name}"),
            kind,
            place: place.to_owned(),
            facts: facts.into_iter().collect(),
            filter: None,
            required: false,
        }
    }

    /// Adapts the filter to the format of the event: `__seccomp_filter()` returns whether the call
    /// may go on in Linux 7.3, and an error in earlier ones.
    pub fn of_format(self, format: &str) -> Self {
        let returns_bool = format.contains("field:u8 ret;");
        let is_seccomp = self.filter == Some(SKIPPED);
        Self {
            filter: if is_seccomp && returns_bool {
                Some("ret == 0")
            } else {
                self.filter
            },
            ..self
        }
    }

    /// Returns the line that defines it in a group, with the facts that kernels of this age read.
    pub fn line(&self, group: &str, age: Age) -> String {
        let needs_current = |fact: &&String| fact.contains("$current") || fact.contains("this_cpu");
        let facts = self.facts.iter();
        let facts: Vec<&str> = facts
            .filter(|fact| age == Age::Since73 || !needs_current(fact))
            .map(String::as_str)
            .collect();
        let mut facts = facts.join(" ");
        if age == Age::Before614 {
            facts = facts.replace("=target_ns", "=targ_ns");
        }
        let (kind, name, place) = (self.kind, &self.name, &self.place);
        // So many threads can be in the function at once.
        let at_once = if kind == 'r' { "64" } else { "" };
        format!("{kind}{at_once}:{group}/{name} {place} {facts}\n")
    }
}

/// How old a kernel is, as far as definitions depend on it. They are tried in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Age {
    /// Linux 7.3 and later also read the current task.
    Since73,
    /// Linux 6.14 to 7.2.
    Since614,
    /// In Linux 6.13 and earlier, the second parameter of `cap_capable()` is `targ_ns`.
    Before614,
}

impl Age {
    /// All ages, the newest kernels first.
    pub const ALL: [Self; 3] = [Self::Since73, Self::Since614, Self::Before614];
}

/// Words as [`Definition::new`] takes them.
fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split_whitespace().map(str::to_owned)
}

/// The options of `prctl()` that the capability LSM handles.
const OURS: &str = "option == 7 || option == 8 || option == 23 || option == 24 || option == 27 || \
    option == 28 || option == 47";
/// A check with audit. Without it, a check of `CAP_CHECKPOINT_RESTORE` (40), and one of
/// `CAP_SYS_ADMIN` (21), which is enough in its place.
const AUDITED: &str = "!(opts & 2) || cap == 40 || \
    (cap == 21 && (eff & 0x200000) && !(eff & 0x10000000000))";
/// An answer that can differ from that of the capability LSM, and that for `CAP_SETPCAP` (8).
const ANSWERS: &str = "ret != 0 || cap == 8";
/// The same, of a check with audit.
const ANSWERS_AUDITED: &str = "(ret != 0 || cap == 8) && !(opts & 2)";
/// A call that a seccomp filter refuses.
const SKIPPED: &str = "ret != 0";
/// `EPERM`, `EACCES` and `EROFS`, with which an LSM refuses.
const DENIED: &str = "ret == -1 || ret == -13 || ret == -30";
/// What a file's owner, or a capability over a user namespace that maps its IDs, would permit.
const NOT_OWNED: &str = "ret == 0";
/// The capabilities of a file are removed.
const REMOVED: &str = "ret == 0";
/// `EPERM` and `EACCES` in the answer to a netlink message, and `ECONNREFUSED` of auditing.
const ANSWERED: &str = "err == -1 || err == -13 || err == -111";
/// The errors of system calls that are recorded: name, number, and the calls, any if none is named.
const ERRORS: &[(&str, i64, &str)] = &[
    ("EPERM", 1, ""),
    ("EACCES", 13, ""),
    ("EROFS", 30, ""),
    ("EOVERFLOW", 75, ""),
    ("EDQUOT", 122, ""),
    (
        "EAGAIN",
        11,
        "fork vfork clone clone3 unshare execve mmap mremap",
    ),
    (
        "ENOMEM",
        12,
        "mlock mlock2 mlockall shmctl io_uring_register",
    ),
    (
        "EINVAL",
        22,
        "chown fchown lchown fchownat setuid setgid setreuid setregid setgroups setresuid \
         setresgid setxattr lsetxattr fsetxattr mount umount2 pivot_root open_tree move_mount \
         fsconfig unshare setns write mq_open sched_setaffinity",
    ),
    ("EMFILE", 24, "inotify_init inotify_init1 mq_open"),
    (
        "ENOSPC",
        28,
        "fork vfork clone clone3 unshare inotify_add_watch mq_open",
    ),
    ("EOPNOTSUPP", 95, "setxattr lsetxattr fsetxattr"),
    ("EAFNOSUPPORT", 97, "socket"),
    ("EADDRNOTAVAIL", 99, "bind"),
    (
        "ENOKEY",
        126,
        "init_module finit_module add_key request_key keyctl",
    ),
    ("EKEYREJECTED", 129, "init_module finit_module"),
    ("EIO", 5, TIOCSTI),
];
/// In place of a call, an `ioctl()` with this request.
const TIOCSTI: &str = "TIOCSTI";

/// Returns the name of the error that a call returned, if such errors are recorded.
pub fn error(ret: i64) -> Option<&'static str> {
    let known = ERRORS.iter().find(|(_, number, _)| ret == -number);
    known.map(|(name, ..)| *name)
}

/// The calls that fail so.
static REFUSED: LazyLock<String> = LazyLock::new(|| {
    let any_of = |calls: &str| {
        let numbers = calls.split(' ').filter_map(|call| match call {
            TIOCSTI => Some(format!("nr == {} && a1 == 0x5412", Sysno::ioctl.id())),
            call => Some(format!("nr == {}", call.parse::<Sysno>().ok()?.id())),
        });
        numbers.collect::<Vec<_>>().join(" || ")
    };
    let errors = ERRORS.iter().map(|(_, number, calls)| match *calls {
        "" => format!("ret == -{number}"),
        calls => format!("(ret == -{number} && ({}))", any_of(calls)),
    });
    errors.collect::<Vec<_>>().join(" || ")
});

/// Returns the facts of five sets at a place, their names with a suffix.
fn sets(place: &str, suffix: &str) -> Vec<String> {
    let names = [
        ("eff", "effective"),
        ("perm", "permitted"),
        ("inh", "inheritable"),
        ("bset", "bset"),
        ("amb", "ambient"),
    ];
    names
        .map(|(name, field)| format!("{name}{suffix}={place}->cap_{field}.val"))
        .to_vec()
}

/// Returns the facts of a text of up to 96 bytes: words, each of which can be beyond its end.
fn text(name: &str, place: &str, of_user: bool) -> Vec<String> {
    let user = if of_user { "u" } else { "" };
    let word = |index| format!("{name}{index}=+{user}{}({place}):x64", index * 8);
    (0..12).map(word).collect()
}

/// Returns the number and the first three arguments of the system call that the thread is in: its
/// registers are at the top of its stack.
fn of_call() -> Vec<String> {
    // The offsets of orig_ax, di, si and dx from the end of struct pt_regs.
    let registers = [("nr", 48), ("a0", 56), ("a1", 64), ("a2", 72)];
    if cfg!(target_arch = "x86_64") {
        let top = "this_cpu_read(@cpu_current_top_of_stack)";
        registers
            .map(|(name, offset)| format!("{name}=+-{offset}({top}):x64"))
            .to_vec()
    } else {
        Vec::new()
    }
}

/// Returns the probes for an extent.
pub fn definitions(extent: Extent, available: &str) -> Vec<Definition> {
    let mut all = Vec::new();
    if !extent.module {
        let filter = (!extent.unaudited).then_some(AUDITED);
        all.extend(decisions(filter));
    }
    all.extend(others(extent.unaudited));
    if extent.tree {
        all.extend(of_a_tree());
    }
    if extent.lsms {
        all.extend(of_lsms(available));
    }
    all
}

/// The decisions that the module records too.
fn decisions(filter: Option<&'static str>) -> Vec<Definition> {
    let capable = words(
        "cap=cap opts=opts ret=$retval eff=cred->cap_effective.val euid=cred->euid.val \
         ns=cred->user_ns:x64 inum=cred->user_ns->ns.inum level=cred->user_ns->level \
         over=target_ns:x64 over_inum=target_ns->ns.inum over_level=target_ns->level \
         owner0=target_ns->owner.val ns1=target_ns->parent:x64 \
         owner1=target_ns->parent->owner.val ns2=target_ns->parent->parent:x64 \
         owner2=target_ns->parent->parent->owner.val ns3=target_ns->parent->parent->parent:x64 \
         owner3=target_ns->parent->parent->parent->owner.val \
         ns4=target_ns->parent->parent->parent->parent:x64 cred=cred:x64 \
         own=$current->real_cred:x64 tgid=$current->tgid",
    )
    .chain(of_call());
    let exit = words(
        "option=option arg2=arg2:x64 arg3=arg3:x64 arg4=arg4:x64 arg5=arg5:x64 ret=$retval \
         bits=$current->cred->securebits inum=$current->cred->user_ns->ns.inum \
         level=$current->cred->user_ns->level tgid=$current->tgid",
    )
    .chain(sets("$current->cred", ""));
    let capable = Definition {
        required: true,
        filter,
        ..Definition::new('r', "capable", "cap_capable", capable)
    };
    let prctl = Definition {
        filter: Some(OURS),
        ..Definition::new('r', "prctl", "cap_task_prctl", exit)
    };
    // For kernels where probes cannot read the credentials of the current task.
    let new_task = words("pid=task->pid cred=task->real_cred:x64");
    let new_task = Definition::new('t', "new_task", "task_newtask", new_task);
    vec![capable, prctl, new_task]
}

/// What the module does not record.
fn others(unaudited: bool) -> Vec<Definition> {
    let commit = words(
        "tgid=$current->tgid ns=new->user_ns:x64 ns_old=$current->cred->user_ns:x64 \
         bits_old=$current->cred->securebits cred=new:x64 bits=new->securebits \
         inum=new->user_ns->ns.inum level=new->user_ns->level",
    )
    .chain(of_call())
    .chain(sets("new", ""))
    .chain(sets("$current->cred", "_old"));
    let answer = words("cap=cap ret=$retval opts=opts tgid=$current->tgid").chain(of_call());
    let capset = words(
        "ret=$retval tgid=$current->tgid eff=effective->val perm=permitted->val \
         inh=inheritable->val",
    );
    let exec = words(
        "ret=$retval tgid=$current->tgid unsafe=bprm->unsafe:u32 \
         mnt=file->f_path.mnt->mnt_flags:x32 mode=file->f_inode->i_mode \
         owner=file->f_inode->i_uid.val euid=bprm->cred->euid.val \
         perm=bprm->cred->cap_permitted.val \
         inh=bprm->cred->cap_inheritable.val bset=bprm->cred->cap_bset.val",
    );
    let file = words(
        "ret=$retval tgid=$current->tgid magic=cpu_caps->magic_etc:x32 \
         perm=cpu_caps->permitted.val inh=cpu_caps->inheritable.val",
    );
    vec![
        Definition {
            filter: Some(if unaudited { ANSWERS } else { ANSWERS_AUDITED }),
            ..Definition::new('r', "answer", "security_capable", answer)
        },
        Definition::new(
            'r',
            "capset",
            "cap_capset",
            capset.chain(sets("old", "_old")),
        ),
        Definition::new('r', "file_caps", "get_vfs_caps_from_disk", file),
        Definition::new(
            'r',
            "exec",
            "cap_bprm_creds_from_file",
            exec.chain(text("p", "bprm->filename", false)),
        ),
        Definition::new('p', "commit", "commit_creds", commit),
    ]
}

/// What fails in a tree of processes.
fn of_a_tree() -> Vec<Definition> {
    let failed = words(
        "ret=ret nr=regs->orig_ax:u64 a0=regs->di:x64 a1=regs->si:x64 a2=regs->dx:x64 \
         a3=regs->r10:x64 a4=regs->r8:x64 tgid=$current->tgid",
    )
    .chain(text("p", "regs->di", true))
    .chain(text("q", "regs->si", true));
    let mut all = vec![Definition {
        filter: Some(SKIPPED),
        ..Definition::new(
            'r',
            "seccomp",
            "__seccomp_filter",
            words("ret=$retval").chain(of_call()),
        )
    }];
    let netlink =
        words("err=err type=nlh->nlmsg_type protocol=in_skb->sk->sk_protocol tgid=$current->tgid")
            .chain(of_call());
    all.push(Definition {
        filter: Some(ANSWERED),
        ..Definition::new('p', "netlink", "netlink_ack", netlink)
    });
    let owned = ["capable_wrt_inode_uidgid", "inode_owner_or_capable"];
    all.extend(owned.map(|function| {
        let facts = words("ret=$retval uid=inode->i_uid.val gid=inode->i_gid.val").chain(of_call());
        Definition {
            filter: Some(NOT_OWNED),
            ..Definition::new('r', function, function, facts)
        }
    }));
    let removed =
        words("ret=$retval")
            .chain(of_call())
            .chain(text("n", "dentry->d_name.name", false));
    all.push(Definition {
        filter: Some(REMOVED),
        ..Definition::new('r', "removed", "cap_inode_killpriv", removed)
    });
    if cfg!(target_arch = "x86_64") {
        all.push(Definition {
            filter: Some(&REFUSED),
            ..Definition::new('t', "failed", "sys_exit", failed)
        });
    }
    all
}

/// What other LSMs refuse.
fn of_lsms(available: &str) -> Vec<Definition> {
    lsm::functions(available).iter().map(of_lsm).collect()
}

/// A hook of another LSM that refuses. Linux 6.12 takes the value of some hooks as unsigned, unless
/// its type is written.
fn of_lsm(hook: &lsm::Function) -> Definition {
    let facts = words("ret=$retval:s32").chain(of_call());
    Definition {
        // A hook that leaves the call to others returns ENOSYS and the like.
        filter: Some(DENIED),
        ..Definition::new('r', &hook.event, &hook.name, facts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> Vec<Definition> {
        definitions(
            Extent {
                module: false,
                tree: true,
                lsms: false,
                unaudited: true,
            },
            "",
        )
    }

    #[test]
    fn what_is_not_shown_is_not_recorded() {
        let filters = |unaudited| {
            let extent = Extent {
                unaudited,
                ..Extent::default()
            };
            let all = definitions(extent, "").into_iter();
            let these = all.filter(|one| ["capwhy_capable", "capwhy_answer"].contains(&&*one.name));
            these.map(|one| one.filter).collect::<Vec<_>>()
        };
        assert_eq!(filters(true), [None, Some(ANSWERS)]);
        assert_eq!(filters(false), [Some(AUDITED), Some(ANSWERS_AUDITED)]);
        let bit = |name: &str| 1_u64 << crate::capabilities::known(name).unwrap().number();
        for name in ["cap_sys_admin", "cap_checkpoint_restore"] {
            assert!(
                AUDITED.contains(&format!("eff & {:#x}", bit(name))),
                "{name}"
            );
        }
    }

    #[test]
    fn a_definition_without_the_current_task_has_the_other_facts() {
        let answer = &others(true)[0];
        assert_eq!(
            answer.line("capwhy_7", Age::Since614),
            "r64:capwhy_7/capwhy_answer security_capable cap=cap ret=$retval opts=opts\n"
        );
        assert!(answer.line("capwhy_7", Age::Since73).contains("$current"));
    }

    #[test]
    fn the_oldest_kernels_have_another_name_for_the_target_namespace() {
        let line = |age| decisions(None)[0].line("capwhy_7", age);
        assert!(line(Age::Since614).contains(" owner0=target_ns->owner.val "));
        let oldest = line(Age::Before614);
        assert!(oldest.contains(" over=targ_ns:x64 ") && oldest.contains("=targ_ns->parent->"));
        assert!(!oldest.contains("target_ns") && !oldest.contains("$current"));
    }

    #[test]
    fn the_filter_of_seccomp_follows_the_type_that_the_function_returns() {
        let seccomp = || of_a_tree().remove(0);
        let filter = |format: &str| seccomp().of_format(format).filter;
        assert_eq!(
            filter("field:u8 ret;\toffset:16;\tsize:1;"),
            Some("ret == 0")
        );
        assert_eq!(
            filter("field:s32 ret;\toffset:16;\tsize:4;"),
            Some("ret != 0")
        );
        let capable = decisions(None).remove(0);
        assert_eq!(capable.of_format("field:u8 ret;").filter, None);
    }

    #[test]
    fn only_a_refusal_by_a_hook_of_another_lsm_is_recorded() {
        let hook = of_lsm(&lsm::Function {
            event: "lsm_yama__task_prctl".to_owned(),
            name: "yama_task_prctl".to_owned(),
        });
        // Not ENOSYS, which a hook returns that does not know the option of a prctl().
        assert_eq!(hook.filter, Some(DENIED));
        let line = hook.line("capwhy_7", Age::Before614);
        assert!(line.contains(" ret=$retval:s32"), "{line}");
    }

    #[test]
    fn errors_are_recorded_of_their_calls() {
        assert!(REFUSED.starts_with("ret == -1 || ret == -13 || ret == -30 || "));
        assert!(REFUSED.contains("(ret == -99 && (nr == "), "{}", *REFUSED);
        assert!(REFUSED.contains("&& a1 == 0x5412"));
        assert_eq!((error(-22), error(-2)), (Some("EINVAL"), None));
        for (name, _, calls) in ERRORS {
            let is_call = |call: &str| *name == "EIO" || call.parse::<Sysno>().is_ok();
            let elsewhere = cfg!(not(target_arch = "x86_64"));
            assert!(
                calls.is_empty() || elsewhere || calls.split(' ').all(is_call),
                "{name}"
            );
        }
    }

    #[test]
    fn a_definition_fits_into_what_the_kernel_reads_at_once() {
        for definition in all() {
            assert!(definition.line("capwhy_4194304", Age::Since73).len() < 4096);
            assert!(definition.facts.iter().all(|fact| fact.len() < 255));
            assert!(definition.facts.len() <= 128);
        }
    }
}
