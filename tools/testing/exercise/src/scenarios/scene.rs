// SPDX-License-Identifier: GPL-2.0

//! Where the steps of a scenario happen: in which process and thread, and under what name.

use crate::{
    ask::ask,
    programs::{Program, Programs},
    series, sys,
    who::{Start, Who},
};
use std::{
    fs::File,
    io::{self, Write},
    os::unix::process::CommandExt,
    process::Command,
    thread,
};

/// A question, and the answer that is expected.
pub type Step<'a> = (&'a str, &'a str);

/// Where steps happen, and who writes them down.
pub struct Scene<'a> {
    out: &'a mut File,
    programs: &'a Programs,
    /// What is to be said before the name of each step.
    context: String,
}

impl<'a> Scene<'a> {
    /// Begins a scenario.
    pub fn new(out: &'a mut File, programs: &'a Programs) -> Self {
        Self {
            out,
            programs,
            context: String::new(),
        }
    }

    /// Writes a step down.
    pub fn step(&mut self, step: &str, answer: &str, expected: &str) {
        let line = format!("{}{step}\t{answer}\t{expected}\n", self.context);
        // The comparison notices that steps are missing.
        let _ = self.out.write_all(line.as_bytes());
    }

    /// Makes one step.
    pub fn ask(&mut self, question: &str, expected: &str) {
        self.step(question, &ask(question), expected);
    }

    /// Makes several steps.
    pub fn asks(&mut self, steps: &[Step<'_>]) {
        for (question, expected) in steps {
            self.ask(question, expected);
        }
    }

    /// Does what a scenario needs, and what is no step of it unless it fails.
    pub fn needs(&mut self, what: &str, done: io::Result<()>) {
        if let Err(error) = done {
            self.step(what, &error.to_string(), "ok");
        }
    }

    /// Becomes a user, with securebits.
    pub fn become_with(&mut self, who: Who, securebits: usize) {
        let start = Start {
            securebits,
            ..Start::default()
        };
        self.needs("become a user", who.become_with(start).map_err(Into::into));
    }

    /// Makes a user namespace in a task that has these securebits. If the kernel clears the exec
    /// bits, sets them again.
    pub fn unshare_user(&mut self, securebits: usize) {
        let kept = series::kept(securebits);
        self.asks(&[("unshare user", "0"), ("securebits", &format!("{kept:#x}"))]);
        let exec = securebits & series::EXEC;
        if kept != exec {
            self.ask(&format!("set {exec:#x}"), "0");
        }
    }

    /// Says, for as long as a function runs, where its steps happen.
    pub fn within(&mut self, context: &str, run: impl FnOnce(&mut Self)) {
        let len = self.context.len();
        if !context.is_empty() {
            self.context += context;
            self.context += ": ";
        }
        run(self);
        self.context.truncate(len);
    }

    /// Goes on in a child process, made by `fork()`, and comes back when it has ended.
    pub fn child(&mut self, context: &str, run: impl FnOnce(&mut Self)) {
        self.within(context, |scene| {
            let child = sys::spawn(|| run(scene));
            scene.ended(child);
        });
    }

    /// Goes on in a child process, made by `clone3()` in new namespaces, with the given PIDs.
    pub fn clone3(
        &mut self,
        context: &str,
        namespaces: i32,
        tids: &[i32],
        run: impl FnOnce(&mut Self),
    ) {
        self.within(context, |scene| {
            let child = sys::clone3(namespaces, tids, || run(scene));
            scene.ended(child);
        });
    }

    fn ended(&mut self, child: sys::Result<sys::Child>) {
        let ended = child.and_then(sys::Child::wait).map_err(io::Error::from);
        self.needs(
            "a process",
            ended.and_then(|status| match status {
                0 => Ok(()),
                _ => Err(io::Error::other(format!("died of {status:#x}"))),
            }),
        );
    }

    /// Goes on in another thread, and comes back when it has ended.
    pub fn thread(&mut self, context: &str, run: impl FnOnce(&mut Self) + Send) {
        self.within(context, |scene| {
            let ended = thread::scope(|scope| scope.spawn(|| run(scene)).join().is_ok());
            let ended = ended
                .then_some(())
                .ok_or_else(|| io::ErrorKind::Other.into());
            scene.needs("a thread", ended);
        });
    }

    /// Executes a program in a child process, which makes the steps.
    pub fn execute(&mut self, program: Program, steps: &[Step<'_>]) {
        self.execute_as(program, &[], steps, |go| go());
    }

    /// The same in another thread than the first of the process, which asks some things before.
    pub fn execute_in_thread(&mut self, program: Program, before: &[Step<'_>], steps: &[Step<'_>]) {
        self.execute_as(program, before, steps, |go| {
            thread::scope(|scope| {
                scope.spawn(go);
            });
        });
    }

    fn execute_as(
        &mut self,
        program: Program,
        before: &[Step<'_>],
        steps: &[Step<'_>],
        start: impl FnOnce(&(dyn Fn() + Sync)),
    ) {
        let path = self.programs.path(program);
        let mut command = vec!["answer"];
        command.extend(steps.iter().map(|(question, _)| *question));
        let answers = sys::in_child(|out| {
            if let Err(errno) = sys::become_stdout(out) {
                let _ = writeln!(out, "{errno}");
                return;
            }
            start(&|| {
                for (question, _) in before {
                    println!("{}", ask(question));
                }
                let error = Command::new(&path).args(&command).exec();
                println!("not executed: {}", sys::Errno::from(error));
            });
        });
        let answers = match answers {
            Ok(answers) => String::from_utf8_lossy(&answers).into_owned(),
            Err(error) => error.to_string(),
        };
        let answers: Vec<&str> = answers.lines().collect();
        self.within(&format!("execute {}", program.name()), |scene| {
            for (index, (question, expected)) in before.iter().chain(steps).enumerate() {
                let answer = answers.get(index).copied().unwrap_or("not answered");
                scene.step(question, answer, expected);
            }
        });
    }
}
