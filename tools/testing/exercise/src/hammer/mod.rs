// SPDX-License-Identifier: GPL-2.0

//! Many threads make all calls all the time. Each answer is known beforehand.
//!
//! The answers must not change while livepatch replaces the functions that give them.

mod rounds;

use crate::{
    call::{mapping, Call},
    place::Place,
    programs::Programs,
    sys::{self, Child},
};
use libc::{c_int, CLONE_NEWIPC, CLONE_NEWPID, CLONE_NEWUSER};
use rounds::{Asked, Worker, WORKERS};
use std::{
    io::{self, Read},
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    thread,
    time::Duration,
};

/// How long to go on.
pub enum Until {
    /// For a number of seconds.
    Seconds(u64),
    /// Until the standard input is closed.
    StdinCloses,
}

/// What all workers share.
struct Board(&'static [AtomicU64; 8]);

impl Board {
    fn stopped(&self) -> bool {
        self.0[0].load(Relaxed) != 0
    }

    fn stop(&self) {
        self.0[0].store(1, Relaxed);
    }

    fn calls(&self) -> &AtomicU64 {
        &self.0[1]
    }

    fn wrong(&self) -> &AtomicU64 {
        &self.0[2]
    }

    /// Counts a wrong answer, and prints the first ones.
    fn complain(&self, who: &str, what: &str) {
        if self.wrong().fetch_add(1, Relaxed) < 20 {
            eprintln!("wrong: {who}: {what}");
        }
    }

    /// Makes calls and looks at what they answer.
    ///
    /// What executes programs is left out if there are none.
    fn round(&self, who: &str, asked: &[Asked], mapping: &str, programs: Option<&Programs>) {
        for Asked { call, answer } in asked {
            let got = match (call, programs) {
                (Call::Execute(_), None) => continue,
                (Call::Execute(program), Some(programs)) => programs.execute(*program),
                _ => call.make(mapping),
            };
            let got = got.map_err(|errno| errno.0);
            if got != *answer {
                self.complain(who, &format!("{call}: {got:?}, should be {answer:?}"));
            }
        }
        self.calls().fetch_add(asked.len() as u64, Relaxed);
    }
}

/// How it went.
pub struct Outcome {
    /// How many calls there were.
    pub calls: u64,
    /// How many of them were answered wrongly.
    pub wrong: u64,
}

/// Makes all calls, as every user, until the end. Executes these programs, if there are any.
pub fn run(until: &Until, programs: Option<&Programs>) -> io::Result<Outcome> {
    let board = Board(sys::shared()?);
    let mut workers = Vec::new();
    for worker in WORKERS {
        workers.push((worker.name, start(&board, worker, programs)?));
    }
    workers.push((
        "owner of namespaces",
        sys::spawn(|| make_namespaces(&board))?,
    ));
    match until {
        Until::Seconds(seconds) => thread::sleep(Duration::from_secs(*seconds)),
        Until::StdinCloses => {
            io::copy(&mut io::stdin().lock().by_ref(), &mut io::sink())?;
        }
    }
    board.stop();
    for (name, child) in workers {
        let status = child.wait()?;
        if status != 0 {
            board.complain(name, &format!("died of {status:#x}"));
        }
    }
    Ok(Outcome {
        calls: board.calls().load(Relaxed),
        wrong: board.wrong().load(Relaxed),
    })
}

/// Starts the process of a worker, in a PID and an IPC namespace of its own, with its threads.
fn start(
    board: &Board,
    worker: &'static Worker,
    programs: Option<&Programs>,
) -> sys::Result<Child> {
    sys::clone3(CLONE_NEWPID | CLONE_NEWIPC, &[], || {
        let place = Place {
            depth: worker.depth,
            owns: false,
        };
        let entered = place.enter(|_| {
            if let Err(error) = hammer(board, worker, programs) {
                board.complain(worker.name, &error.to_string());
            }
        });
        match entered {
            Ok(said) if said.is_empty() => {}
            Ok(said) => board.complain(worker.name, &String::from_utf8_lossy(&said)),
            Err(error) => board.complain(worker.name, &error.to_string()),
        }
    })
}

fn hammer(board: &Board, worker: &Worker, programs: Option<&Programs>) -> io::Result<()> {
    worker.who.become_with(worker.start)?;
    let mapping = mapping()?;
    let cpus = thread::available_parallelism().map_or(1, usize::from);
    let threads = if worker.threaded { cpus } else { 1 };
    thread::scope(|scope| {
        for number in 0..threads {
            let mapping = &mapping;
            scope.spawn(move || {
                let asked = (worker.asked)(number as c_int);
                while !board.stopped() {
                    board.round(worker.name, &asked, mapping, programs);
                }
            });
        }
    });
    Ok(())
}

/// Makes user namespaces again and again, and makes calls in each, before and after its securebits
/// are locked.
fn make_namespaces(board: &Board) {
    const WHO: &str = "member of a new namespace";
    let asked = rounds::in_new_namespace();
    while !board.stopped() {
        board.round(WHO, &[rounds::set(0x505, Ok(0))], "", None);
        let child = sys::clone3(CLONE_NEWUSER | CLONE_NEWPID, &[1], || {
            board.round(WHO, &asked, "", None);
        });
        match child.and_then(Child::wait) {
            Ok(0) => {}
            Ok(status) => board.complain(WHO, &format!("died of {status:#x}")),
            Err(errno) => board.complain(WHO, &errno.to_string()),
        }
        board.round(WHO, &[rounds::set(0x0, Ok(0))], "", None);
    }
}
