// SPDX-License-Identifier: GPL-2.0

//! How many instructions a system call takes.
//!
//! It is for a guest whose time stamp counter counts instructions, which makes each run like the
//! other: QEMU with `-icount shift=0`, as `tools/testing/run overhead` starts it.

mod calls;
mod counter;
mod files;
mod owned;

use crate::{
    sys::{self, Errno, Result},
    who::{Start, Who},
};
use owned::Owned;
use std::{
    fs::File,
    io::{self, Write},
    path::Path,
};

/// How often that is done. What happens in between to be handled, as the timer, is in few of these.
const BATCHES: usize = 101;

/// Makes a call, given `ns_last_pid` to write to.
type Call = fn(&File) -> Result;

/// A call to be measured.
struct Measured {
    name: &'static str,
    who: Who,
    start: Start,
    call: Call,
    /// How often the call is made between two looks at the counter.
    rounds: u32,
    /// Whether it is granted.
    granted: bool,
    /// How many levels the target user namespaces are below the caller's.
    depths: &'static [usize],
}

/// Measures some calls, with files in that directory, or all that take no files. Writes for each
/// its name, its number of instructions, and how many levels the target user namespace is below the
/// caller's, with tabs between.
pub fn run(directory: Option<&Path>, out: &mut impl Write) -> io::Result<()> {
    let counted = median(|| {
        counter::count_down(100_000);
        Ok(())
    })?;
    if !(200_000..200_100).contains(&counted) {
        return Err(io::Error::other(format!(
            "the time stamp counter does not count instructions here (200,000 have made it \
             {counted}): let tools/testing/run overhead start this"
        )));
    }
    let measured = match directory {
        Some(directory) => {
            files::prepare(directory)?;
            calls::SOME
        }
        None => calls::ALL,
    };
    for measured in measured {
        for &depth in measured.depths {
            let count = measured.in_child(depth)?;
            let count = String::from_utf8_lossy(&count);
            if let Some(error) = count.strip_prefix('!') {
                return Err(io::Error::other(format!("{}: {error}", measured.name)));
            }
            writeln!(out, "{}\t{count}\t{depth}", measured.name)?;
        }
    }
    Ok(())
}

impl Measured {
    /// Measures in a child process, whose user and namespaces may change. Returns the number of
    /// instructions, or "!" and an error.
    fn in_child(&self, depth: usize) -> io::Result<Vec<u8>> {
        let report = |out: &mut File, count: io::Result<f64>| {
            let _ = match count {
                Ok(count) => write!(out, "{count:.1}"),
                Err(error) => write!(out, "!{error}"),
            };
        };
        if depth == 0 {
            return sys::in_child(|out| report(out, self.instructions()));
        }
        sys::in_child(|out| {
            let count = Owned::below(depth).and_then(|owned| {
                owned.enter()?;
                // After setns(), only the children are in the PID namespace.
                sys::in_child(|out| report(out, self.instructions()))
            });
            match count {
                Ok(count) => {
                    let _ = out.write_all(&count);
                }
                Err(error) => report(out, Err(error)),
            }
        })
    }

    /// Returns how many instructions a call takes: the median of many.
    fn instructions(&self) -> io::Result<f64> {
        let file = File::options()
            .read(true)
            .write(true)
            .open("/proc/sys/kernel/ns_last_pid")?;
        files::lower_bounding_set()?;
        self.who.become_with(self.start)?;
        let expected = if self.granted {
            None
        } else {
            Some(libc::EPERM)
        };
        let count = median(|| {
            for _ in 0..self.rounds {
                let errno = (self.call)(&file).err().map(|Errno(errno)| errno);
                if errno != expected {
                    return Err(io::Error::other(format!("{errno:?}, not {expected:?}")));
                }
            }
            Ok(())
        })?;
        Ok(count as f64 / f64::from(self.rounds))
    }
}

/// Returns how far the time stamp counter goes meanwhile, mostly.
fn median(run: impl Fn() -> io::Result<()>) -> io::Result<u64> {
    let counts: io::Result<Vec<u64>> = (0..BATCHES).map(|_| counter_of(&run)).collect();
    let mut counts = counts?;
    counts.sort_unstable();
    Ok(counts[BATCHES / 2])
}

/// Returns how far the time stamp counter goes meanwhile.
fn counter_of(run: impl FnOnce() -> io::Result<()>) -> io::Result<u64> {
    let before = counter::now();
    run()?;
    Ok(counter::now() - before)
}
