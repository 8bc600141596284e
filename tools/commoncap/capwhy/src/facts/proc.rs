// SPDX-License-Identifier: GPL-2.0

//! The facts of a process, from `/proc` and the ioctls of its namespaces.

use super::{
    ids::IdMap,
    nsfs::{self, INITIAL_PID_NS, INITIAL_USER_NS},
    status::Status,
    threads, Owner, PidNamespaces, Process, Program, Uid, UserNs,
};
use crate::{
    error::{Error, Result},
    securebits::supported::has_exec_bits,
    shell::starts_as_script,
};
use commoncap::securebits::Securebits;
use rustix::{
    fd::{AsFd, OwnedFd},
    fs::{open, openat, statvfs, Mode, OFlags, StatVfsMountFlags},
    io::{read, Errno},
};
use std::{
    cell::RefCell,
    collections::{BTreeMap, HashMap},
    path::Path,
    rc::Rc,
};

/// Whether what is below a user namespace is known, or why not.
type Reach = core::result::Result<(), &'static str>;

/// Which process.
#[derive(Clone, Copy)]
pub enum Of {
    /// The reader itself.
    Itself,
    /// The one of this ID.
    Pid(i32),
}

/// A reader of facts, which sees what the kernel lets it see.
pub struct Reader {
    initial: Rc<UserNs>,
    own: Rc<UserNs>,
    /// The namespaces seen so far, by number: the same namespace is always the same value.
    met: RefCell<HashMap<u64, Rc<UserNs>>>,
    /// The user ID that stands for all unmapped ones, if there are any.
    unmapped: Option<u32>,
    pid: i32,
}

impl Reader {
    /// Finds out where the reader itself is.
    pub fn new() -> Result<Self> {
        let own = open_file("/proc/self/ns/user").map_err(no_proc)?;
        let map = std::fs::read_to_string("/proc/self/uid_map").unwrap_or_default();
        let overflow = std::fs::read_to_string("/proc/sys/kernel/overflowuid").ok();
        let mut reader = Self {
            initial: UserNs::initial(),
            own: UserNs::initial(),
            met: RefCell::default(),
            unmapped: (!maps_all(&map)).then(|| {
                let overflow = overflow.and_then(|text| text.trim().parse().ok());
                overflow.unwrap_or(65534)
            }),
            // Not getpid(): this /proc may be that of another PID namespace.
            pid: std::fs::read_link("/proc/self")
                .ok()
                .and_then(|pid| pid.to_str()?.parse().ok())
                .unwrap_or_default(),
        };
        let number = nsfs::number(&own).map_err(no_proc)?;
        reader.own = if number == INITIAL_USER_NS {
            reader.initial.clone()
        } else {
            // Its owner matters only to namespaces above it.
            UserNs::below(&reader.initial, number, Uid::Unmapped { same: true })
        };
        reader.meet(&reader.initial);
        reader.meet(&reader.own);
        Ok(reader)
    }

    fn meet(&self, namespace: &Rc<UserNs>) {
        let mut met = self.met.borrow_mut();
        met.insert(namespace.number(), namespace.clone());
    }

    fn uid(&self, shown: u32) -> Uid {
        if self.unmapped == Some(shown) {
            Uid::Unmapped { same: true }
        } else {
            Uid::Is(shown)
        }
    }

    /// Returns a user namespace that is the reader's own or below it; [`None`] if it is not.
    pub fn user_ns(&self, namespace: impl AsFd) -> Result<Option<Rc<UserNs>>> {
        self.place(namespace.as_fd())
            .map_err(|error| Error::of("the user namespace cannot be looked at", error))
    }

    fn place(&self, namespace: impl AsFd) -> rustix::io::Result<Option<Rc<UserNs>>> {
        let number = nsfs::number(&namespace)?;
        if let Some(known) = self.met.borrow().get(&number) {
            return Ok(Some(known.clone()));
        }
        let Some(parent) = nsfs::owner(&namespace)? else {
            return Ok(None);
        };
        let Some(parent) = self.place(parent)? else {
            return Ok(None);
        };
        let owner = self.uid(nsfs::owner_uid(&namespace)?);
        let namespace = UserNs::below(&parent, number, owner);
        self.meet(&namespace);
        Ok(Some(namespace))
    }

    /// Returns the user namespace of a process, and why nothing is known of what is below it, if
    /// that is so.
    fn home(&self, home: OwnedFd) -> Result<(Rc<UserNs>, Reach)> {
        Ok(match self.user_ns(&home)? {
            // The initial one is always known, and can be above the reader's own.
            Some(home) => {
                let above = Rc::ptr_eq(&home, &self.initial);
                let in_reach = !above || Rc::ptr_eq(&self.own, &self.initial);
                (home, in_reach.then_some(()).ok_or(OUT_OF_REACH))
            }
            None => {
                let number = nsfs::number(&home).map_err(|error| Error::of("fstat", error))?;
                let owner = Uid::Unmapped { same: true };
                let home = UserNs::below(&self.initial, number, owner);
                (home, Err(OUT_OF_REACH))
            }
        })
    }

    /// Returns whether a process whose namespaces are hidden is in the initial user namespace, as
    /// its map of user IDs has it, which all may read. Who maps every ID below that uses two lines,
    /// as systemd does, not to look like it.
    fn seems_initial(&self, directory: &OwnedFd) -> bool {
        let map = read_at(directory, "uid_map").unwrap_or_default();
        Rc::ptr_eq(&self.own, &self.initial) && map.split_whitespace().eq(["0", "0", "4294967295"])
    }

    /// Reads the facts of a process.
    pub fn process(&self, of: Of) -> Result<Process> {
        let (pid, path) = match of {
            Of::Itself => (self.pid, "/proc/self".to_owned()),
            Of::Pid(pid) => (pid, format!("/proc/{pid}")),
        };
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let directory = open(&path, flags, Mode::empty()).map_err(|error| match error {
            Errno::NOENT if of_is_pid(of) => Error::new(format!(
                "there is no process {pid} in this /proc: see ps -e for those that are"
            )),
            error => no_proc(error),
        })?;
        let text = read_at(&directory, "status").map_err(|error| match error {
            Errno::SRCH | Errno::NOENT => Error::new(format!("process {pid} has just ended")),
            error => Error::of(format!("the status of process {pid} cannot be read"), error),
        })?;
        let status = Status::parse(&text)?;
        let namespace = |name: &str| open_at(&directory, &format!("ns/{name}"));
        let (user_ns, reach) = match namespace("user") {
            Ok(home) => self.home(home)?,
            Err(Errno::ACCESS | Errno::PERM) if self.seems_initial(&directory) => {
                (self.initial.clone(), Err(HIDDEN))
            }
            Err(Errno::ACCESS | Errno::PERM) => {
                return Err(Error::new(format!(
                    "the namespaces of process {pid} may not be looked at: it is another user's, \
                     or more privileged than this one; run capwhy as that user or as root"
                )))
            }
            Err(error) => {
                let what = format!("the user namespace of process {pid} is out of reach");
                return Err(Error::of(what, error));
            }
        };
        let owner_of = |namespace: &OwnedFd| -> Result<Owner> {
            let owner = nsfs::owner(namespace)
                .map_err(|error| Error::of("the owner of a namespace is unknown", error))?;
            Ok(match (reach, owner) {
                (Err(why), _) => Owner::Unknown(why),
                // Not below the reader's, so not below that of the process, which is.
                (Ok(()), None) => Owner::NotBelow,
                (Ok(()), Some(owner)) => self.user_ns(&owner)?.map_or(Owner::NotBelow, Owner::Is),
            })
        };
        // The kernel may show no namespace of a process, and some kernels lack a kind.
        let unseen = reach
            .err()
            .unwrap_or("the kernel does not show that namespace");
        let owner_of_kind = |kind: &str| match namespace(kind) {
            Ok(namespace) => owner_of(&namespace),
            Err(_) => Ok(Owner::Unknown(unseen)),
        };

        let itself = pid == self.pid;
        let owners = KINDS.map(|kind| {
            let owner = owner_of_kind(kind).unwrap_or(Owner::Unknown(unseen));
            (kind, owner)
        });
        let same = Rc::ptr_eq(&user_ns, &self.own);
        let map = |name| IdMap::read(name, &read_at(&directory, name).unwrap_or_default(), same);
        Ok(Process {
            owners: BTreeMap::from(owners),
            maps: [map("uid_map"), map("gid_map")],
            program: match itself {
                true => Program::default(),
                false => program(&directory, &path),
            },
            threads: threads::differing(pid, &status),
            pid,
            name: status.name,
            euid: self.uid(status.uids.effective),
            ids: (status.uids, status.gids, status.groups),
            tracer: status.tracer,
            seccomp_filter: status.seccomp_filter,
            initial: self.initial.clone(),
            pid_ns_owner: owner_of_kind("pid")?,
            pid_namespaces: match namespace("pid_for_children") {
                Ok(innermost) => pid_namespaces(innermost, owner_of)?,
                // One stands for all: the answers are the same, since nothing is known of any.
                Err(_) if reach == Err(HIDDEN) => PidNamespaces {
                    owners: vec![Owner::Unknown(HIDDEN)],
                    complete: true,
                },
                // It has none before the first process in it, and is no file before Linux 4.12.
                Err(_) => PidNamespaces {
                    owners: vec![Owner::Unknown(
                        "its next child will be the first in a PID namespace that cannot be seen yet",
                    )],
                    complete: false,
                },
            },
            ipc_ns_owner: owner_of_kind("ipc")?,
            securebits: if itself { Some(own_securebits()?) } else { None },
            user_ns,
            inheritable: status.inheritable,
            permitted: status.permitted,
            effective: status.effective,
            bounding: status.bounding,
            ambient: status.ambient,
            no_new_privs: status.no_new_privs,
            has_exec_bits: has_exec_bits(),
        })
    }
}

/// Why the owners of namespaces are unknown if the kernel shows none of a process.
pub const HIDDEN: &str = "the kernel shows the namespaces of that process only to its user and to \
                          those who hold its capabilities";

const OUT_OF_REACH: &str =
    "its user namespace is not below that of capwhy, so what is below it is unknown";

/// The namespaces that a process is in, as `/proc` names them.
pub const KINDS: [&str; 7] = ["cgroup", "ipc", "mnt", "net", "pid", "time", "uts"];

/// Finds the program that a process runs, and its script.
fn program(directory: &OwnedFd, process: &str) -> Program {
    let file = std::fs::read_link(format!("{process}/exe")).ok();
    let words = read_at(directory, "cmdline").unwrap_or_default();
    // An interpreter gets its script as the first argument that is no option.
    let script = words
        .split('\0')
        .skip(1)
        .find(|word| !word.starts_with('-'));
    let script = script.map(Path::new).filter(|script| {
        let path = Path::new(process).join("cwd").join(script);
        starts_as_script(&path) == Ok(true)
    });
    Program {
        nosuid: statvfs(format!("{process}/exe"))
            .is_ok_and(|mount| mount.f_flag.contains(StatVfsMountFlags::NOSUID)),
        file,
        script: script.map(Path::to_owned),
    }
}

fn of_is_pid(of: Of) -> bool {
    matches!(of, Of::Pid(_))
}

/// Walks up from the PID namespace of the children as far as the reader sees.
fn pid_namespaces(
    innermost: OwnedFd,
    owner_of: impl Fn(&OwnedFd) -> Result<Owner>,
) -> Result<PidNamespaces> {
    let mut owners = vec![owner_of(&innermost)?];
    let mut namespace = innermost;
    let seen = |error| Error::of("a PID namespace cannot be looked at", error);
    while let Some(parent) = nsfs::parent(&namespace).map_err(seen)? {
        owners.push(owner_of(&parent)?);
        namespace = parent;
    }
    Ok(PidNamespaces {
        owners,
        complete: nsfs::number(&namespace).map_err(seen)? == INITIAL_PID_NS,
    })
}

/// Returns the securebits of the reader itself.
fn own_securebits() -> Result<Securebits> {
    rustix::thread::capabilities_secure_bits()
        .map(|bits| Securebits::from_bits(bits.bits()))
        .map_err(|error| Error::of("prctl(PR_GET_SECUREBITS)", error))
}

/// Returns whether a `uid_map` maps every user ID except the invalid one.
fn maps_all(map: &str) -> bool {
    let counts = map.lines().filter_map(|line| {
        let count: u64 = line.split_whitespace().nth(2)?.parse().ok()?;
        Some(count)
    });
    counts.sum::<u64>() >= u64::from(u32::MAX)
}

fn no_proc(error: Errno) -> Error {
    match error {
        Errno::NOENT => {
            Error::new("/proc is not there, or has no namespaces: mount -t proc proc /proc")
        }
        error => Error::of("/proc/self cannot be read", error),
    }
}

fn open_file(path: &str) -> rustix::io::Result<OwnedFd> {
    open(path, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())
}

fn open_at(directory: &OwnedFd, name: &str) -> rustix::io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC;
    openat(directory, name, flags, Mode::empty())
}

fn read_at(directory: &OwnedFd, name: &str) -> rustix::io::Result<String> {
    let file = open_at(directory, name)?;
    let mut text = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        match read(&file, &mut buffer) {
            Ok(0) => return Ok(String::from_utf8_lossy(&text).into_owned()),
            Ok(count) => text.extend_from_slice(&buffer[..count]),
            Err(Errno::INTR) => {}
            Err(error) => return Err(error),
        }
    }
}
