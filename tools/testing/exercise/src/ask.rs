// SPDX-License-Identifier: GPL-2.0

//! Questions to the kernel and its answers, as words. Scenarios consist of them.
//!
//! As words, a question can be an argument of a program that a scenario executes.

use crate::{
    matrix::{attempts, Attempt},
    state::{set_of, set_text, State},
    sys::{self, Caps, Result},
    who::make_dumpable,
};
use commoncap::prctl::option;
use libc::{c_int, pid_t};
use std::{fmt::Display, io::Write};

/// Makes the list of operations, so that each child process need not.
pub fn prepare() {
    OPERATIONS.with(|_| {});
}

/// Returns the answer to a question: a value, the name of an error, or the text that was read.
pub fn ask(question: &str) -> String {
    let words: Vec<&str> = question.split_whitespace().collect();
    answer(&words).unwrap_or_else(|| format!("there is no question '{question}'"))
}

/// Returns the value of a system call, or the name of its error.
pub fn in_words(result: Result<impl Display>) -> String {
    result.map_or_else(|errno| errno.to_string(), |value| value.to_string())
}

fn answer(words: &[&str]) -> Option<String> {
    let prctl = |option: c_int, arg2, arg3| in_words(sys::prctl(option, [arg2, arg3, 0, 0]));
    Some(match *words {
        // Securebits.
        ["securebits"] => match sys::securebits() {
            Ok(bits) => format!("{bits:#x}"),
            Err(errno) => errno.to_string(),
        },
        ["set", bits] => prctl(option::SET_SECUREBITS, number(bits)?, 0),
        ["keepcaps"] => prctl(option::GET_KEEPCAPS, 0, 0),
        ["keepcaps", keep] => prctl(option::SET_KEEPCAPS, number(keep)?, 0),

        // Sets of capabilities.
        ["bounding", cap] => prctl(option::CAPBSET_READ, number(cap)?, 0),
        ["drop", cap] => prctl(option::CAPBSET_DROP, number(cap)?, 0),
        ["ambient", "clear"] => prctl(option::CAP_AMBIENT, option::CAP_AMBIENT_CLEAR_ALL, 0),
        ["ambient", operation, cap] => {
            let operation = match operation {
                "is_set" => option::CAP_AMBIENT_IS_SET,
                "raise" => option::CAP_AMBIENT_RAISE,
                "lower" => option::CAP_AMBIENT_LOWER,
                _ => return None,
            };
            prctl(option::CAP_AMBIENT, operation, number(cap)?)
        }
        ["capset", effective, permitted, inheritable] => in_words(
            sys::capset(Caps {
                effective: set_of(effective)?.bits(),
                permitted: set_of(permitted)?.bits(),
                inheritable: set_of(inheritable)?.bits(),
            })
            .map(|()| 0),
        ),
        [name @ ("inh" | "prm" | "eff" | "bnd" | "amb")] => match State::now() {
            Ok(state) => set_text(state.set(name)),
            Err(error) => error.to_string(),
        },

        // Any prctl(), its option and arguments as they are.
        ["prctl", option, ref args @ ..] => {
            let mut values = [0; 4];
            for (value, text) in values.iter_mut().zip(args) {
                *value = number(text)?;
            }
            in_words(sys::prctl_wide(number(option)?, values))
        }

        // Who one is.
        ["uid"] => match State::now() {
            Ok(state) => state.user_ids().map(|id| id.to_string()).join("/"),
            Err(error) => error.to_string(),
        },
        ["uids", real, effective, saved] => {
            let ids = [id(real)?, id(effective)?, id(saved)?];
            in_words(sys::set_user_ids(ids).map(|()| 0))
        }
        ["ids", id] => in_words(sys::set_ids(id.parse().ok()?).map(|()| 0)),
        ["dumpable"] => in_words(make_dumpable().map(|()| 0)),

        // Namespaces.
        ["unshare", kinds] => in_words(sys::unshare(namespaces(kinds)?).map(|()| 0)),
        ["map", inside, outside] => in_words(map_by_itself(&format!("{inside} {outside} 1"))),
        ["clone3", kinds, ref tids @ ..] => {
            let tids: Option<Vec<pid_t>> = tids.iter().map(|tid| tid.parse().ok()).collect();
            let child = sys::clone3(namespaces(kinds)?, &tids?, || {});
            in_words(child.and_then(sys::Child::wait))
        }
        ["sethostname"] => in_words(sys::set_host_name().map(|()| 0)),

        // The operations of checkpoint/restore, by the names that the policy matrix has for them.
        [name] => {
            if !OPERATIONS.with(|all| all.iter().any(|attempt| attempt.name == name)) {
                return None;
            }
            operate(name)
        }
        _ => return None,
    })
}

thread_local! {
    /// Made once: there are hundreds.
    static OPERATIONS: Vec<Attempt> = attempts();
}

/// Tries an operation in a process of its own: some leave a process with another program.
fn operate(name: &str) -> String {
    let answer = sys::in_child(|out| {
        OPERATIONS.with(|all| {
            for attempt in all.iter().filter(|attempt| attempt.name == name) {
                let _ = out.write_all(in_words((attempt.run)(None)).as_bytes());
            }
        });
    });
    match answer {
        Ok(answer) => String::from_utf8_lossy(&answer).into_owned(),
        Err(error) => error.to_string(),
    }
}

/// Maps the IDs of the user namespace of this process, which needs no privilege if it is one ID.
fn map_by_itself(map: &str) -> Result<c_int> {
    make_dumpable()?;
    sys::write("/proc/self/setgroups", "deny")?;
    sys::write("/proc/self/uid_map", map)?;
    sys::write("/proc/self/gid_map", map)?;
    Ok(0)
}

fn number(text: &str) -> Option<usize> {
    match text.strip_prefix("0x") {
        Some(digits) => usize::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
}

/// Returns a user ID; -1 is "as it is".
fn id(text: &str) -> Option<u32> {
    text.parse::<i64>().ok().map(|id| id as u32)
}

/// Returns the flags of `clone()` for namespaces by name: `user+pid+ipc`, `none`.
fn namespaces(kinds: &str) -> Option<c_int> {
    kinds.split('+').try_fold(0, |flags, kind| {
        Some(
            flags
                | match kind {
                    "none" => 0,
                    "user" => libc::CLONE_NEWUSER,
                    "pid" => libc::CLONE_NEWPID,
                    "ipc" => libc::CLONE_NEWIPC,
                    _ => return None,
                },
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_question_is_no_answer() {
        for question in ["", "set", "set x", "ambient none 1", "clone3 mount", "maps"] {
            let said = ask(question);
            assert!(
                said.starts_with("there is no question"),
                "{question}: {said}"
            );
        }
    }
}
