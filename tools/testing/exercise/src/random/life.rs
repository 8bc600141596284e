// SPDX-License-Identifier: GPL-2.0

//! One random sequence, through the processes and programs that it goes on in, and its recording.

use super::{
    choice::{first, next},
    rng::Rng,
};
use crate::{
    ask::in_words,
    call::{mapping, Call},
    programs::{Program, Programs},
    state::State,
    sys::{self, Errno, Result},
};
use std::{
    collections::VecDeque,
    fmt::Write as _,
    fs,
    io::{self, Read, Write},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::Command,
};

/// The state of a sequence without its credentials: what the next program gets as arguments.
pub struct Life<'a> {
    programs: &'a Programs,
    number: u64,
    rng: Rng,
    left: u64,
    /// The calls to make before the next choice.
    planned: VecDeque<Call>,
    /// The name of a mapping in `map_files`.
    mapping: String,
    /// The recorded text that is not yet written to the standard output.
    record: String,
    state: State,
}

impl<'a> Life<'a> {
    /// Begins the sequence of a number, and makes its file.
    pub fn begin(programs: &'a Programs, seed: u64, number: u64, calls: u64) -> io::Result<Self> {
        let mut rng = Rng::from_state(Rng::from_state(seed).next() ^ number);
        let planned = first(&mut rng).into();
        let state = State::now()?;
        let life = Self {
            programs,
            number,
            rng,
            left: calls,
            planned,
            mapping: mapping()?,
            record: format!("# {number}: {state}\n"),
            state,
        };
        let _ = fs::remove_file(life.file());
        fs::write(life.file(), "")?;
        Ok(life)
    }

    /// Returns the path of the file that calls of this sequence are about.
    fn file(&self) -> PathBuf {
        self.programs.dir().join(format!("file-{}", self.number))
    }

    /// Continues in an executed program, from the arguments of [`Self::execute`].
    pub fn resume(programs: &'a Programs, numbers: &[u64]) -> io::Result<Self> {
        let [number, rng, left] = *numbers else {
            return Err(io::Error::other("a sequence goes on from three numbers"));
        };
        let state = State::now()?;
        Ok(Self {
            programs,
            number,
            rng: Rng::from_state(rng),
            left,
            planned: VecDeque::new(),
            mapping: mapping()?,
            record: format!("0; {state}\n"),
            state,
        })
    }

    /// Goes on to the end.
    pub fn run(&mut self) -> io::Result<()> {
        while self.left > 0 {
            let Some(call) = self.planned.pop_front() else {
                self.planned = next(&mut self.rng, &self.state, self.number).into();
                continue;
            };
            match call {
                Call::Execute(program) => self.execute(program)?,
                Call::Fork => {
                    if self.fork()? {
                        return Ok(());
                    }
                }
                Call::Unshare(_) => self.unshare(call)?,
                Call::OnFile(ref on_file) => {
                    let answer = on_file.make(&self.file());
                    self.note(&call, answer)?;
                }
                call => {
                    let answer = call.make(&self.mapping);
                    self.note(&call, answer)?;
                }
            }
        }
        self.flush()
    }

    /// Records a call: what it was, what it returned, and what has changed.
    fn note(&mut self, call: &Call, answer: Result<i64>) -> io::Result<()> {
        let state = State::now()?;
        let changes = state.since(&self.state);
        let answer = in_words(answer);
        let _ = match changes.as_str() {
            "" => writeln!(self.record, "{call} = {answer}"),
            changes => writeln!(self.record, "{call} = {answer}; {changes}"),
        };
        self.state = state;
        self.left = self.left.saturating_sub(1);
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        let mut out = io::stdout().lock();
        out.write_all(self.record.as_bytes())?;
        out.flush()?;
        self.record.clear();
        Ok(())
    }

    /// Goes on in a child process to the end. Returns whether it did, or is still to.
    fn fork(&mut self) -> io::Result<bool> {
        self.flush()?;
        let child = sys::spawn(|| {
            let ended = self.note(&Call::Fork, Ok(0)).and_then(|()| self.run());
            if let Err(error) = ended {
                println!("broke off: {error}");
            }
        });
        match child {
            Ok(child) => {
                let status = child.wait()?;
                if status != 0 {
                    println!("died of {status:#x}");
                }
                Ok(true)
            }
            Err(errno) => {
                self.note(&Call::Fork, Err(errno))?;
                Ok(false)
            }
        }
    }

    fn execute(&mut self, program: Program) -> io::Result<()> {
        let call = Call::Execute(program);
        let left = self.left.saturating_sub(1);
        // Its end is the new program's to write.
        let _ = write!(self.record, "{call} = ");
        self.flush()?;
        let error = Command::new(self.programs.path(program))
            .arg("live")
            .arg(self.programs.dir())
            .args([self.number, self.rng.state(), left].map(|number| number.to_string()))
            .exec();
        let _ = writeln!(self.record, "{}", Errno::from(error));
        self.left = left;
        Ok(())
    }

    /// Makes a user namespace, and if that is what comes next, has it mapped from outside.
    fn unshare(&mut self, call: Call) -> io::Result<()> {
        let Some(Call::MapFromOutside(inside, outside, count)) = self.planned.front().cloned()
        else {
            let answer = call.make("");
            return self.note(&call, answer);
        };
        let process = fs::read_link("/proc/self")?;
        let (mut ready, mut go) = sys::pipe()?;
        let (mut answer, mut write) = sys::pipe()?;
        let mapper = sys::spawn(|| {
            sys::close(&go);
            let map = format!("{inside} {outside} {count}");
            if ready.read_exact(&mut [0]).is_ok() {
                let errno = write_maps(&process, &map).map_or_else(|errno| errno.0, |()| 0);
                let _ = write.write_all(&errno.to_ne_bytes());
            }
        });
        drop(write);
        let made = call.make("");
        let has_made = made.is_ok();
        self.note(&call, made)?;
        let map = self.planned.pop_front();
        let mut errno = [0; 4];
        let mapped = match (has_made, mapper) {
            (_, Err(errno)) => Err(errno),
            (false, Ok(mapper)) => {
                drop(go);
                mapper.wait()?;
                return Ok(());
            }
            (true, Ok(mapper)) => {
                go.write_all(b".")?;
                answer.read_exact(&mut errno)?;
                mapper.wait()?;
                match i32::from_ne_bytes(errno) {
                    0 => Ok(0),
                    errno => Err(Errno(errno)),
                }
            }
        };
        map.map_or(Ok(()), |map| self.note(&map, mapped))
    }
}

fn write_maps(process: &Path, map: &str) -> Result {
    let path = |file| Path::new("/proc").join(process).join(file);
    sys::write(path("uid_map"), map)?;
    sys::write(path("gid_map"), map)
}
