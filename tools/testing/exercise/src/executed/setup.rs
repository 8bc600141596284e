// SPDX-License-Identifier: GPL-2.0

//! What an `execve()` starts from: a file and a caller, as random numbers choose them.

use crate::{
    file_capabilities::Capabilities,
    random::rng::Rng,
    sys::{self, Caps},
    who::make_dumpable,
};
use commoncap::{capability::Capability, prctl::option};
use libc::c_int;
use std::io;

/// The capabilities that vary. All others are held or not as `CAP_CHOWN` is.
const VARIED: [Capability; 4] = [
    Capability::CHOWN,
    Capability::SETUID,
    Capability::SYS_PTRACE,
    Capability::NET_RAW,
];

/// Every capability.
pub const ALL: u64 = (1 << Capability::ALL.len()) - 1;

/// The tracer of the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Traced {
    /// There is none.
    Not,
    /// It is one that counts as holding `CAP_SYS_PTRACE`.
    Capably,
    /// It is one with the caller's own credentials.
    AsItself,
}

/// A file to execute, which the user outside sets up.
#[derive(Clone, Copy, Debug)]
pub struct FileSetup {
    /// The name of its directory.
    pub directory: &'static str,
    /// Whether to execute a script that the file interprets.
    pub by_script: bool,
    /// The owner and the group.
    pub ids: [u32; 2],
    /// The permission bits.
    pub mode: u32,
    /// Its capabilities, if it has any.
    pub capabilities: Option<Capabilities>,
}

/// The state of the caller.
#[derive(Clone, Copy, Debug)]
pub struct CallerSetup {
    /// The real, effective and saved user ID.
    pub user_ids: [u32; 3],
    /// The real, effective and saved group ID.
    pub group_ids: [u32; 3],
    /// The further groups.
    pub groups: [u32; 2],
    /// The bounding set.
    pub bounding: u64,
    /// The inheritable set.
    pub inheritable: u64,
    /// The permitted set.
    pub permitted: u64,
    /// The effective set.
    pub effective: u64,
    /// The ambient set.
    pub ambient: u64,
    /// The securebits.
    pub securebits: usize,
    /// Whether no_new_privs is set.
    pub no_new_privs: bool,
    /// Whether another process shares its directories.
    pub shares_fs: bool,
    /// Its tracer.
    pub traced: Traced,
}

/// Directories of the files, each a mount of its own.
pub const DIRECTORIES: [&str; 5] = ["plain", "nosuid", "noexec", "idmapped", "foreign"];

/// Returns a set that is often all or none.
fn set(rng: &mut Rng) -> u64 {
    match rng.below(6) {
        0 => ALL,
        1 => 0,
        _ => {
            let varied = VARIED.iter().fold(0, |set, one| set | (1 << one.number()));
            let some = VARIED
                .iter()
                .filter(|_| rng.chance(50))
                .fold(0, |set, one| set | (1 << one.number()));
            let rest = if some & 1 != 0 { ALL & !varied } else { 0 };
            some | rest
        }
    }
}

impl FileSetup {
    /// Chooses one.
    pub fn choose(rng: &mut Rng) -> Self {
        let weighted = [
            (70, "plain"),
            (12, "nosuid"),
            (2, "noexec"),
            (10, "idmapped"),
            (6, "foreign"),
        ];
        let ids = [0, 0, 1000, 1001, 100_000, 101_000];
        let set_id = [(55, 0), (20, 0o4000), (12, 0o2000), (13, 0o6000)];
        let mode = [(80, 0o755), (12, 0o711), (4, 0o745), (4, 0o750)];
        Self {
            directory: rng.weighted(&weighted),
            by_script: rng.chance(15),
            ids: [rng.pick(&ids), rng.pick(&ids)],
            mode: rng.weighted(&set_id) | rng.weighted(&mode),
            capabilities: rng.chance(60).then(|| {
                let root = [
                    (50, None),
                    (8, Some(0)),
                    (20, Some(100_000)),
                    (22, Some(101_000)),
                ];
                (rng.chance(50), set(rng), set(rng), rng.weighted(&root))
            }),
        }
    }
}

impl CallerSetup {
    /// Chooses one.
    pub fn choose(rng: &mut Rng) -> Self {
        let user = [0, 0, 1000, 1000, 1000, 1001];
        let three = |rng: &mut Rng| {
            let one = rng.pick(&user);
            match rng.chance(60) {
                true => [one; 3],
                false => [one, rng.pick(&user), rng.pick(&user)],
            }
        };
        let (user_ids, group_ids) = (three(rng), three(rng));
        let (inheritable, permitted) = (set(rng), set(rng));
        let securebits = (0..4).fold(0, |bits, pair| match rng.chance(15) {
            true => bits | (1 << (2 * pair)),
            false => bits,
        });
        let no_ambient = securebits & 0x40 != 0;
        Self {
            user_ids,
            group_ids,
            groups: [rng.pick(&user), 7],
            bounding: set(rng) | set(rng),
            inheritable,
            permitted,
            effective: permitted & set(rng),
            ambient: match rng.chance(50) || no_ambient {
                true => 0,
                false => permitted & inheritable & set(rng),
            },
            securebits,
            no_new_privs: rng.chance(15),
            shares_fs: rng.chance(8),
            traced: match rng.below(12) {
                0 => Traced::Capably,
                1 | 2 => Traced::AsItself,
                _ => Traced::Not,
            },
        }
    }

    /// Returns whether it is traced by a process that counts as holding `CAP_SYS_PTRACE`.
    pub fn tracer_is_capable(&self) -> bool {
        let ptrace = (self.effective >> Capability::SYS_PTRACE.number()) & 1 == 1;
        self.traced == Traced::Capably || ptrace
    }

    /// Makes this process, root of its user namespace, such a one.
    pub fn become_it(&self) -> io::Result<()> {
        if self.traced == Traced::Capably {
            sys::trace_me()?;
        }
        let bits = |set: u64| (0..Capability::ALL.len()).filter(move |bit| (set >> bit) & 1 == 1);
        // All that this process can hold.
        let all = crate::state::State::now()?.set("prm").bits();
        let held = |inheritable: u64| Caps {
            effective: all,
            permitted: all,
            inheritable,
        };
        let inheritable = self.inheritable & all;
        sys::set_groups(&self.groups)?;
        sys::set_group_ids(self.group_ids)?;
        // Inheritable capabilities stay that are not in the bounding set any more.
        sys::capset(held(inheritable))?;
        for capability in bits(ALL & !self.bounding) {
            sys::prctl(option::CAPBSET_DROP, [capability, 0, 0, 0])?;
        }
        // The permitted set outlives the change of the user.
        sys::prctl(option::SET_KEEPCAPS, [1, 0, 0, 0])?;
        sys::set_user_ids(self.user_ids)?;
        sys::capset(held(inheritable))?;
        sys::prctl(option::SET_KEEPCAPS, [0; 4])?;
        let permitted = self.permitted & all;
        for capability in bits(self.ambient & permitted & inheritable) {
            let raise = option::CAP_AMBIENT_RAISE;
            sys::prctl(option::CAP_AMBIENT, [raise, capability, 0, 0])?;
        }
        if self.securebits != 0 {
            sys::prctl(option::SET_SECUREBITS, [self.securebits, 0, 0, 0])?;
        }
        sys::capset(Caps {
            effective: self.effective & all,
            permitted,
            inheritable,
        })?;
        if self.no_new_privs {
            let option: c_int = libc::PR_SET_NO_NEW_PRIVS;
            sys::prctl(option, [1, 0, 0, 0])?;
        }
        make_dumpable()?;
        if self.traced == Traced::AsItself {
            sys::trace_me()?;
        }
        Ok(())
    }
}
