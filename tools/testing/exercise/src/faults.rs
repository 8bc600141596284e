// SPDX-License-Identifier: GPL-2.0

//! Allocations that fail: each of those that a call makes, one after the other.
//!
//! A call whose allocation fails must say ENOMEM and change nothing; one that is refused must have
//! made none. An `execve()` whose allocation fails may kill the process, too. If it goes on, it
//! must give the credentials that it gives otherwise. See
//! `Documentation/fault-injection/fault-injection.rst` of the kernel.

use crate::{
    ask::in_words,
    call::Call,
    executed::report,
    matrix::NOT_TRIED,
    programs::{Program, Programs},
    state::State,
    sys::{self, Caps, Errno},
    who::{Start, Who},
};
use libc::c_int;
use std::{
    fs::{self, File},
    io::{self, Read, Write},
    os::unix::fs::FileExt,
    path::Path,
};

const FAIL_NTH: &str = "/proc/self/fail-nth";
const FAILSLAB: &str = "/sys/kernel/debug/failslab";

/// No call makes as many allocations.
const MANY: u32 = 100;

/// No `execve()`, with the start of the program and its report, makes as many.
const MANY_TO_EXECUTE: u32 = 1000;

/// What to try: as whom, with which securebits to start with, what, and the answer if no allocation
/// fails. Only what changes credentials, and so answers 0, makes any.
type Case = (Who, usize, Call, &'static str);

fn cases() -> Vec<Case> {
    use commoncap::prctl::option::*;
    let prctl = |option, arg2, arg3| Call::Prctl(option, [arg2, arg3, 0, 0]);
    let mut cases = Vec::new();
    for (from, to) in [(0, 0x1), (0, 0xfff), (0x500, 0), (0x300, 0xf00), (0, 0)] {
        cases.push((Who::Root, from, prctl(SET_SECUREBITS, to, 0), "0"));
    }
    for (from, to) in [(0, 0x100), (0x500, 0), (0x300, 0xf00)] {
        cases.push((Who::Nobody, from, prctl(SET_SECUREBITS, to, 0), "0"));
    }
    for who in [Who::Root, Who::Nobody] {
        for (from, keep) in [(0, 1), (0x10, 0), (0x10, 1)] {
            cases.push((who, from, prctl(SET_KEEPCAPS, keep, 0), "0"));
        }
        let ambient = |operation, number| prctl(CAP_AMBIENT, operation, number);
        cases.extend([
            (who, 0, ambient(CAP_AMBIENT_LOWER, 40), "0"),
            (who, 0, ambient(CAP_AMBIENT_CLEAR_ALL, 0), "0"),
            // Answered before there is anything to allocate, and so are these.
            (who, 0xaaa, prctl(SET_SECUREBITS, 0xbaa, 0), "EPERM"),
            (who, 0xaaa, prctl(SET_SECUREBITS, 0, 0), "EPERM"),
            (who, 0, prctl(SET_SECUREBITS, 0x1000, 0), "EPERM"),
            (who, 0x20, prctl(SET_KEEPCAPS, 1, 0), "EPERM"),
            (who, 0, prctl(SET_KEEPCAPS, 2, 0), "EINVAL"),
            (
                who,
                0,
                prctl(CAPBSET_DROP, 41, 0),
                if who == Who::Root { "EINVAL" } else { "EPERM" },
            ),
            (who, 0x40, ambient(CAP_AMBIENT_RAISE, 40), "EPERM"),
            (who, 0, ambient(CAP_AMBIENT_RAISE, 41), "EINVAL"),
            (who, 0xa5, prctl(GET_SECUREBITS, 0, 0), "165"),
            (who, 0x10, prctl(GET_KEEPCAPS, 0, 0), "1"),
            (who, 0, prctl(CAPBSET_READ, 40, 0), "1"),
            (who, 0, prctl(CAPBSET_READ, 41, 0), "EINVAL"),
            (who, 0, ambient(CAP_AMBIENT_IS_SET, 41), "EINVAL"),
            (who, 0, ambient(5, 40), "EINVAL"),
        ]);
    }
    let capset = |effective, permitted, inheritable| {
        Call::Capset(Caps {
            effective,
            permitted,
            inheritable,
        })
    };
    // The effective user ID alone: a new real one takes the structure of another user.
    let effective_id = |id| Call::UserIds([u32::MAX, id, u32::MAX]);
    cases.extend([
        (Who::Root, 0, capset(0, 1 << 21, 1 << 21), "0"),
        (Who::Root, 0, effective_id(1000), "0"),
        (Who::Root, 0x4, effective_id(1000), "0"),
        (Who::Root, 0, prctl(CAPBSET_DROP, 40, 0), "0"),
        (Who::Root, 0, prctl(CAP_AMBIENT, CAP_AMBIENT_RAISE, 40), "0"),
        (Who::Nobody, 0, prctl(SET_SECUREBITS, 1, 0), "EPERM"),
        (Who::Nobody, 0, prctl(CAPBSET_DROP, 40, 0), "EPERM"),
        (
            Who::Nobody,
            0,
            prctl(CAP_AMBIENT, CAP_AMBIENT_RAISE, 40),
            "EPERM",
        ),
    ]);
    cases
}

/// The `execve()` to try: as whom, with which securebits to start with, and what.
const EXECUTED: [(Who, usize, Program); 5] = [
    (Who::Root, 0, Program::Plain),
    (Who::Root, 1, Program::Capable),
    (Who::Nobody, 0, Program::SetuidRoot),
    (Who::Nobody, 0, Program::SetuidUser),
    (Who::Nobody, 0, Program::Capable),
];

/// What one call did, of whose allocations one was to fail.
struct Try {
    answer: String,
    /// Whether there was such an allocation.
    failed: bool,
    changes: String,
}

/// Tries all. Writes a line for each: by whom, from what, the call, how many allocations failed it,
/// and what it answered when none did. Returns what was wrong, a sentence each.
pub fn run(programs: &Programs, out: &mut impl Write) -> io::Result<Vec<String>> {
    if !Path::new(FAIL_NTH).exists() || !Path::new(FAILSLAB).exists() {
        return Err(io::Error::other(
            "this kernel cannot make allocations fail: boot one with CONFIG_FAILSLAB and \
             CONFIG_FAULT_INJECTION_DEBUG_FS, such as 'debug'",
        ));
    }
    // Those that may wait for memory, too, and without a stack trace of each in the kernel's log.
    fs::write(format!("{FAILSLAB}/ignore-gfp-wait"), "N")?;
    fs::write(format!("{FAILSLAB}/verbose"), "0")?;
    let cases = cases();
    // The first call reads the program into memory. So that none of these allocations fails,
    // in place of one of the call's, the first call is made once before.
    if let Some(first) = cases.first() {
        attempt(first, MANY)?;
    }
    let mut wrong = Vec::new();
    for case @ (who, from, call, expected) in &cases {
        let name = format!("{} from {from:#x}: {call}", who.name());
        let mut failures = 0;
        let mut last = None;
        for nth in 1..=MANY {
            let tried = attempt(case, nth)?;
            if tried.answer.is_empty() || tried.answer.starts_with(NOT_TRIED) {
                return Err(io::Error::other(format!("{name}: {}", tried.answer)));
            }
            if tried.answer == "ENOMEM" {
                failures += 1;
                if !tried.changes.is_empty() {
                    wrong.push(format!("{name}: ENOMEM, yet {}", tried.changes));
                }
                if !tried.failed {
                    wrong.push(format!("{name}: ENOMEM, yet no allocation failed"));
                }
            }
            // An allocation that failed, and without which it went on, is none of the call's own.
            if !tried.failed {
                last = Some(tried);
                break;
            }
        }
        let Some(Try {
            answer, changes, ..
        }) = last
        else {
            wrong.push(format!(
                "{name}: it has made {MANY} allocations, and wants more"
            ));
            continue;
        };
        let line = format!("{name}\tENOMEM {failures} times\t{answer} {changes}");
        writeln!(out, "{}", line.trim_end())?;
        if answer != *expected {
            wrong.push(format!("{name}: {answer}, should be {expected}"));
        }
        if (*expected == "0") != (failures > 0) {
            wrong.push(format!("{name}: {failures} allocations of it could fail"));
        }
    }
    run_executed(programs, out, &mut wrong)?;
    Ok(wrong)
}

/// Tries each `execve()`. Writes a line for each: by whom, from what, the program, and what it
/// reported when no allocation failed. Adds what was wrong.
fn run_executed(
    programs: &Programs,
    out: &mut impl Write,
    wrong: &mut Vec<String>,
) -> io::Result<()> {
    for (who, from, program) in EXECUTED {
        let name = format!("{} from {from:#x}: execve {}", who.name(), program.name());
        let path = programs.path(program);
        // Before any allocation fails.
        let expected = execute(who, from, &path, 0)?.said;
        let mut failures = 0;
        for nth in 1.. {
            let executed = execute(who, from, &path, nth)?;
            if executed.said != expected && !executed.failed() {
                wrong.push(format!("{name}, allocation {nth}: {}", executed.said));
            }
            if executed.left {
                break;
            }
            failures += u32::from(executed.failed());
            if nth > MANY_TO_EXECUTE {
                wrong.push(format!(
                    "{name}: it has made {nth} allocations, and wants more"
                ));
                break;
            }
        }
        writeln!(out, "{name}\t{expected}")?;
        if failures == 0 || expected.is_empty() {
            wrong.push(format!("{name}: {failures} allocations of it could fail"));
        }
    }
    Ok(())
}

/// The errors of an `execve()` that lacks memory, also for its arguments and for a format.
const GIVEN_UP: [c_int; 3] = [libc::ENOMEM, libc::E2BIG, libc::ENOEXEC];

/// What an `execve()` did, of whose allocations one was to fail.
struct Executed {
    /// What the program reported, or the error and what had changed with it. Nothing if the process
    /// died.
    said: String,
    /// Whether the program ended before there was such an allocation.
    left: bool,
}

impl Executed {
    /// Whether the call failed and changed nothing, or the process died.
    fn failed(&self) -> bool {
        let is = |error: &c_int| self.said == Errno(*error).to_string();
        self.said.is_empty() || GIVEN_UP.iter().any(is)
    }
}

/// Executes a program in a process of its own. From then on the `nth` of its allocations fails, or
/// none if that is 0.
fn execute(who: Who, from: usize, path: &Path, nth: u32) -> io::Result<Executed> {
    let (mut result, mut report) = sys::inheritable_pipe()?;
    let child = sys::spawn(|| {
        let tried = prepare(who, from).and_then(|fail_nth| {
            let before = State::now()?;
            fail_nth.write_at(nth.to_string().as_bytes(), 0)?;
            let error = sys::execute(path, report::DESCRIPTOR, &report);
            fail_nth.write_at(b"0", 0)?;
            Ok(format!("{error} {}", State::now()?.since(&before)))
        });
        let text = tried.unwrap_or_else(|error| format!("{NOT_TRIED}: {error}"));
        let _ = report.write_all(text.trim_end().as_bytes());
    })?;
    drop(report);
    let mut said = String::new();
    result.read_to_string(&mut said)?;
    if said.starts_with(NOT_TRIED) {
        return Err(io::Error::other(format!(
            "execute {}: {said}",
            path.display()
        )));
    }
    // The process has ended, and is there until it is waited for.
    let left = fs::read_to_string(format!("/proc/{}/fail-nth", child.0))?.trim() != "0";
    child.wait()?;
    Ok(Executed { said, left })
}

/// Makes the call in a process of its own, of whose allocations the `nth` fails.
fn attempt((who, from, call, _): &Case, nth: u32) -> io::Result<Try> {
    let said = sys::in_child(|out| {
        let tried = prepare(*who, *from).and_then(|fail_nth| {
            let before = State::now()?;
            fail_nth.write_at(nth.to_string().as_bytes(), 0)?;
            let answer = call.make("");
            let mut left = [0; 16];
            let len = fail_nth.read_at(&mut left, 0)?;
            fail_nth.write_at(b"0", 0)?;
            let failed = left[..len].trim_ascii() == b"0";
            Ok((answer, failed, State::now()?.since(&before)))
        });
        let _ = match tried {
            Ok((answer, failed, changes)) => {
                write!(out, "{}\n{failed}\n{changes}", in_words(answer))
            }
            Err(error) => write!(out, "{NOT_TRIED}: {error}\nfalse\n"),
        };
    })?;
    let said = String::from_utf8_lossy(&said);
    let mut lines = said.splitn(3, '\n');
    let mut line = || lines.next().unwrap_or_default().to_owned();
    Ok(Try {
        answer: line(),
        failed: line() == "true",
        changes: line(),
    })
}

/// Becomes a user whose held capabilities are all inheritable. Returns the file, opened as root.
fn prepare(who: Who, securebits: usize) -> io::Result<File> {
    let fail_nth = File::options().read(true).write(true).open(FAIL_NTH)?;
    who.become_with(Start {
        securebits,
        inheritable: true,
        dormant: false,
    })?;
    Ok(fail_nth)
}
