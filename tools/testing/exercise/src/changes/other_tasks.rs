// SPDX-License-Identifier: GPL-2.0

//! What a caller may do to other tasks, and to the system: `ptrace()`, priorities, the clock, the
//! lowest addresses.

use super::{
    as_caller,
    callers::{Caller, OTHERS},
    calls, in_process, ok, Attempt, Run, NO_FILE,
};
use crate::{
    sys::{self, Errno, Result},
    who::make_dumpable,
};
use std::{
    fs::File,
    io::{self, Read, Write},
};

/// How another task is prepared, by root of the place.
type Prepare = fn() -> io::Result<()>;

const OTHER_TASKS: [(&str, Prepare); 5] = [
    ("root", || Ok(())),
    ("user 1000", || become_user(1000)),
    ("user 1001", || become_user(1001)),
    ("undumpable user 1000", || {
        become_user(1000)?;
        sys::prctl(libc::PR_SET_DUMPABLE, [0; 4])?;
        Ok(())
    }),
    ("user 1000's child namespace", || {
        become_user(1000)?;
        sys::unshare(libc::CLONE_NEWUSER)?;
        Ok(make_dumpable()?)
    }),
];

fn become_user(id: u32) -> io::Result<()> {
    sys::set_ids(id)?;
    Ok(make_dumpable()?)
}

/// What is done to the system.
type Call = fn() -> Result<String>;

const SYSTEM: [(&str, Call); 2] = [
    ("clock set to what it is", || ok(calls::set_clock())),
    ("map address 0", || ok(calls::map_lowest())),
];

/// What is done to the task of this ID.
type Act = fn(i32) -> Result<String>;

const ACTS: [(&str, Act); 9] = [
    ("ptrace attach", |pid| ok(calls::attach(pid))),
    ("ptrace open mem", |pid| {
        ok(File::open(format!("/proc/{pid}/mem")).map_err(Errno::from))
    }),
    ("ptrace read environ", |pid| {
        ok(File::open(format!("/proc/{pid}/environ")).map_err(Errno::from))
    }),
    ("nice -5", |pid| ok(calls::set_priority(pid, -5))),
    ("nice 5", |pid| ok(calls::set_priority(pid, 5))),
    ("nice ionice real time", |pid| {
        ok(calls::set_io_priority(pid, calls::IO_REAL_TIME))
    }),
    ("nice ionice idle", |pid| {
        ok(calls::set_io_priority(pid, calls::IO_IDLE))
    }),
    ("nice scheduler fifo", |pid| {
        ok(calls::set_scheduler(pid, libc::SCHED_FIFO, 1))
    }),
    ("nice scheduler idle", |pid| {
        ok(calls::set_scheduler(pid, libc::SCHED_IDLE, 0))
    }),
];

pub fn attempts() -> Vec<Attempt> {
    let mut attempts = Vec::new();
    let mut add = |name: String, run: Box<Run>| {
        attempts.push(Attempt {
            name,
            callers: OTHERS,
            mounts: NO_FILE,
            run,
        });
    };
    for (name, act) in ACTS {
        for (whose, prepare) in OTHER_TASKS {
            add(
                format!("{name}, {whose}"),
                Box::new(move |_, caller| {
                    let (other, _) = sys::start_waiting(|| prepare().map(|()| String::new()))?;
                    as_caller(caller, || act(other.pid))
                }),
            );
        }
        if !name.starts_with("ptrace") {
            add(
                format!("{name}, itself"),
                Box::new(move |_, caller| as_caller(caller, || act(0))),
            );
        }
    }
    for (whose, prepare) in OTHER_TASKS {
        add(
            format!("ptrace traceme by {whose}"),
            Box::new(move |_, caller| traced_by(caller, prepare)),
        );
    }
    for (name, call) in SYSTEM {
        add(
            format!("system {name}"),
            Box::new(move |_, caller| as_caller(caller, call)),
        );
    }
    attempts
}

/// Has a caller ask its parent process, which has prepared itself, to trace it.
fn traced_by(caller: &Caller, prepare: Prepare) -> io::Result<String> {
    in_process(|mut out| {
        let (mut wait, mut go) = sys::pipe()?;
        let (mut answer, mut send) = sys::pipe()?;
        let child = sys::spawn(|| {
            sys::close(&go);
            let text = caller.setup.become_it().and_then(|()| {
                wait.read_exact(&mut [0])?;
                Ok(ok(sys::trace_me()).unwrap_or_else(|errno| errno.to_string()))
            });
            let text = text.unwrap_or_else(|error| format!("error: {error}"));
            let _ = send.write_all(text.as_bytes());
        })?;
        drop(send);
        prepare()?;
        go.write_all(b".")?;
        let mut text = String::new();
        answer.read_to_string(&mut text)?;
        child.wait()?;
        out.write_all(text.as_bytes())
    })
}
