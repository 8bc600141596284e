// SPDX-License-Identifier: GPL-2.0

//! The attempts of the policy matrix: the operations of the sample `checkpoint-restore`, and the
//! `prctl()`s of the capability LSM.

use crate::{
    place::{Below, Place},
    sys::{self, Result},
    who::Start,
};
use checkpoint_restore::operations::{self, ATTEMPTS};
use commoncap::prctl::option;
use libc::c_int;
use std::{fmt::Write as _, fs::File};

type Run = dyn Fn(Option<&File>) -> Result<String>;

/// Something to try.
pub struct Attempt {
    /// A name, unique among all.
    pub name: String,
    /// What to start with.
    pub start: Start,
    /// The namespaces to make first.
    pub below: Option<Below>,
    /// Whether its answer can depend on the owner of the PID or IPC namespace.
    pub depends_on_owner: bool,
    /// The option and arguments, if it is one `prctl()` of the capability LSM.
    pub prctl: Option<(c_int, [usize; 4])>,
    /// Tries it, given the last of the namespaces made. Returns a text if it succeeded.
    pub run: Box<Run>,
}

impl Attempt {
    /// Makes an attempt of one checkpoint/restore operation.
    fn operation(attempt: operations::Attempt) -> Self {
        Self {
            name: attempt.name.to_owned(),
            start: Start::default(),
            below: None,
            depends_on_owner: true,
            prctl: None,
            run: Box::new(move |_| (attempt.run)()),
        }
    }

    /// Makes an attempt of one `prctl()` of the capability LSM.
    fn prctl(name: String, start: Start, option: c_int, args: [usize; 4]) -> Self {
        Self {
            name,
            start,
            below: None,
            depends_on_owner: false,
            prctl: Some((option, args)),
            run: Box::new(move |_| with_changes(|| Ok(sys::prctl(option, args)?.to_string()))),
        }
    }

    /// Returns whether the attempt makes sense in a place.
    pub fn fits(&self, place: Place) -> bool {
        self.depends_on_owner || !place.owns
    }
}

/// Returns everything to try.
pub fn attempts() -> Vec<Attempt> {
    let mut attempts = Vec::new();
    attempts.extend(ATTEMPTS.map(Attempt::operation));
    owners(&mut attempts);
    securebits(&mut attempts);
    other_prctls(&mut attempts);
    garbage(&mut attempts);
    attempts
}

/// Child namespaces to enter, whose owner is user 0, the user of all callers but root, or a third
/// user. To enter takes `CAP_SYS_ADMIN` over the namespace.
pub const BELOW: [(&str, Below); 5] = [
    (
        "setns child of root",
        Below {
            levels: 1,
            owner: 0,
        },
    ),
    (
        "setns child of one's own",
        Below {
            levels: 1,
            owner: 1000,
        },
    ),
    (
        "setns child of another",
        Below {
            levels: 1,
            owner: 1001,
        },
    ),
    (
        "setns grandchild of one's own",
        Below {
            levels: 2,
            owner: 1000,
        },
    ),
    (
        "setns grandchild of another",
        Below {
            levels: 2,
            owner: 1001,
        },
    ),
];

fn owners(attempts: &mut Vec<Attempt>) {
    for (name, below) in BELOW {
        attempts.push(Attempt {
            name: name.to_owned(),
            start: Start::default(),
            below: Some(below),
            depends_on_owner: false,
            prctl: None,
            run: Box::new(|namespace| {
                let namespace = namespace.ok_or(sys::Errno(libc::ENOENT))?;
                sys::enter_user_namespace(namespace)?;
                Ok("ok".to_owned())
            }),
        });
    }
}

/// Makes a `prctl()` call. Returns its answer, the capabilities that each set has gained or lost,
/// and the new securebits if they changed.
fn with_changes(call: impl Fn() -> Result<String>) -> Result<String> {
    let sets = || Ok::<_, sys::Errno>((sys::capability_sets()?, sys::securebits()?));
    let (before, securebits_before) = sets()?;
    let answer = call();
    let (after, securebits_after) = sets()?;

    let mut changes = String::new();
    for (index, name) in ["inh", "prm", "eff", "bnd", "amb"].iter().enumerate() {
        for (sign, set) in [
            ('+', after[index] & !before[index]),
            ('-', before[index] & !after[index]),
        ] {
            for number in (0..64).filter(|number| set & (1 << number) != 0) {
                let _ = write!(changes, " {name}{sign}{number}");
            }
        }
    }
    if securebits_before != securebits_after {
        let _ = write!(changes, " {securebits_after:#x}");
    }
    match answer {
        Err(errno) if changes.is_empty() => Err(errno),
        Err(errno) => Ok(format!("{errno}{changes}")),
        Ok(answer) => Ok(answer + &changes),
    }
}

/// Names of the six settings of the securebits.
const SETTINGS: [&str; 6] = [
    "noroot",
    "no_setuid_fixup",
    "keep_caps",
    "no_cap_ambient_raise",
    "exec_restrict_file",
    "exec_deny_interactive",
];

fn securebits(attempts: &mut Vec<Attempt>) {
    let mut add = |name: String, from: usize, to: usize| {
        let start = Start {
            securebits: from,
            ..Start::default()
        };
        let args = [to, 0, 0, 0];
        attempts.push(Attempt::prctl(
            format!("securebits {name}"),
            start,
            option::SET_SECUREBITS,
            args,
        ));
    };
    for (index, name) in SETTINGS.iter().enumerate() {
        let (setting, lock) = (1 << (2 * index), 2 << (2 * index));
        let both = setting | lock;
        add(format!("+{name}"), 0, setting);
        add(format!("+{name}_locked"), 0, lock);
        add(format!("+{name}+lock"), 0, both);
        add(format!("-{name}"), setting, 0);
        add(format!("={name}"), setting, setting);
        add(format!("+{name} if locked off"), lock, both);
        add(format!("-{name} if locked on"), both, lock);
        add(format!("-{name}_locked"), lock, 0);
        add(format!("-{name}-lock"), both, 0);
        add(
            format!("+exec_restrict_file if {name}+lock"),
            both,
            both | 0x100,
        );
    }
    add("=0".to_owned(), 0, 0);
    add("all".to_owned(), 0, 0xfff);
    for bit in [12, 16, 31, 32, 40, 63] {
        add(format!("+bit {bit}"), 0, 1 << bit);
        add(
            format!("+bit {bit} +exec_restrict_file"),
            0,
            (1 << bit) | 0x100,
        );
    }
}

fn other_prctls(attempts: &mut Vec<Attempt>) {
    let plain = Start::default();
    let inheritable = Start {
        inheritable: true,
        ..plain
    };
    let dormant = Start {
        dormant: true,
        ..plain
    };
    let mut add = |name: String, start: Start, option: c_int, args: [usize; 4]| {
        attempts.push(Attempt::prctl(name, start, option, args));
    };
    for (how, start) in [("", plain), (", dormant", dormant)] {
        for capability in [8, 40, 41] {
            let args = [capability, 0, 0, 0];
            add(
                format!("capbset_read {capability}{how}"),
                start,
                option::CAPBSET_READ,
                args,
            );
            add(
                format!("capbset_drop {capability}{how}"),
                start,
                option::CAPBSET_DROP,
                args,
            );
        }
        add(
            format!("set_securebits 1{how}"),
            start,
            option::SET_SECUREBITS,
            [1, 0, 0, 0],
        );
    }
    let locked = Start {
        securebits: 0x20,
        ..plain
    };
    for (how, start) in [("", plain), (", locked", locked)] {
        for keep in [0, 1, 2] {
            let args = [keep, 0, 0, 0];
            add(
                format!("set_keepcaps {keep}{how}"),
                start,
                option::SET_KEEPCAPS,
                args,
            );
        }
    }
    let forbidden = Start {
        securebits: 0x40,
        ..inheritable
    };
    for (how, start) in [
        ("", plain),
        (", inheritable", inheritable),
        (", forbidden", forbidden),
    ] {
        for (name, operation) in [("is_set", 1), ("raise", 2), ("lower", 3), ("none", 5)] {
            for capability in [8, 40, 41] {
                let args = [operation, capability, 0, 0];
                add(
                    format!("ambient {name} {capability}{how}"),
                    start,
                    option::CAP_AMBIENT,
                    args,
                );
            }
        }
        add(
            format!("ambient clear_all{how}"),
            start,
            option::CAP_AMBIENT,
            [4, 0, 0, 0],
        );
        add(
            format!("ambient clear_all 1{how}"),
            start,
            option::CAP_AMBIENT,
            [4, 1, 0, 0],
        );
    }
    // What one call sets, the next ones see: raise, lower, raise, clear; in between, is it set?
    for capability in [8, 40] {
        attempts.push(Attempt {
            name: format!("ambient sequence {capability}"),
            start: inheritable,
            below: None,
            depends_on_owner: false,
            prctl: None,
            run: Box::new(move |_| {
                let answers = [
                    (2, capability),
                    (1, capability),
                    (3, capability),
                    (1, capability),
                ]
                .into_iter()
                .chain([(2, capability), (4, 0), (1, capability)])
                .map(|(operation, argument)| {
                    with_changes(|| {
                        let args = [operation, argument, 0, 0];
                        Ok(sys::prctl(option::CAP_AMBIENT, args)?.to_string())
                    })
                    .unwrap_or_else(|errno| errno.to_string())
                })
                .collect::<Vec<_>>();
                Ok(summary(&answers))
            }),
        });
    }
}

/// Every option of the capability LSM, and one that nobody answers, with garbage in each argument.
fn garbage(attempts: &mut Vec<Attempt>) {
    const GARBAGE: [usize; 8] = [
        1,
        41,
        64,
        1 << 31,
        1 << 32,
        (1 << 32) | 1,
        1 << 63,
        usize::MAX,
    ];
    for option in [7, 8, 23, 24, 27, 28, 47, 0x7fff_fff0] {
        for argument in 0..4 {
            attempts.push(Attempt {
                name: format!("garbage in argument {} of prctl {option}", argument + 2),
                start: Start::default(),
                below: None,
                depends_on_owner: false,
                prctl: None,
                run: Box::new(move |_| {
                    let answers = GARBAGE.map(|garbage| {
                        let mut args = [if option == 47 { 1 } else { 0 }, 0, 0, 0];
                        args[argument] = garbage;
                        with_changes(|| Ok(sys::prctl(option, args)?.to_string()))
                            .unwrap_or_else(|errno| errno.to_string())
                    });
                    Ok(summary(&answers))
                }),
            });
        }
    }
}

/// Shortens a list by counting what comes several times in a row: `EINVAL*3,0`.
fn summary(answers: &[String]) -> String {
    answers
        .chunk_by(|a, b| a == b)
        .map(|run| match run {
            [one] => one.clone(),
            _ => format!("{}*{}", run[0], run.len()),
        })
        .collect::<Vec<_>>()
        .join(",")
}
