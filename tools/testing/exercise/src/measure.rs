// SPDX-License-Identifier: GPL-2.0

//! How many instructions a system call takes.
//!
//! It is for a guest whose time stamp counter counts instructions, which makes each run like the
//! other: QEMU with `-icount shift=0`, as `tools/testing/overhead` starts it.

use crate::sys;
use checkpoint_restore::{
    sys::{self as base, Errno, Result},
    who::{Start, Who},
};
use commoncap::prctl::option;
use std::{
    arch::{asm, x86_64::_rdtsc},
    fs::File,
    io::{self, Write},
    os::unix::fs::FileExt,
};

/// How often a call is made between two looks at the counter.
const ROUNDS: u32 = 200;
/// How often that is done. What happens in between to be handled, as the timer, is in few of these.
const BATCHES: usize = 101;

type Call = dyn Fn(&File) -> Result;

/// A call to be measured.
struct Measured {
    name: &'static str,
    who: Who,
    /// Makes it, given `ns_last_pid` to write to.
    call: &'static Call,
    /// Whether it is granted.
    granted: bool,
}

const SECUREBITS: [usize; 4] = [1, 0, 0, 0];

/// The calls: one that asks for nothing, and those of each hook, granted and refused.
const CALLS: [Measured; 6] = [
    Measured {
        name: "getppid()",
        who: Who::Nobody,
        call: &|_| {
            let _ = std::os::unix::process::parent_id();
            Ok(())
        },
        granted: true,
    },
    Measured {
        name: "prctl(PR_GET_SECUREBITS)",
        who: Who::Nobody,
        call: &|_| base::securebits().map(drop),
        granted: true,
    },
    Measured {
        name: "prctl(PR_SET_SECUREBITS), refused",
        who: Who::Nobody,
        call: &|_| base::prctl(option::SET_SECUREBITS, SECUREBITS).map(drop),
        granted: false,
    },
    Measured {
        name: "sethostname(), refused",
        who: Who::Nobody,
        call: &|_| sys::sethostname(b""),
        granted: false,
    },
    Measured {
        name: "write to ns_last_pid, granted",
        who: Who::Root,
        call: &|file| Ok(file.write_all_at(b"1000", 0)?),
        granted: true,
    },
    Measured {
        name: "write to ns_last_pid, refused",
        who: Who::Nobody,
        call: &|file| Ok(file.write_all_at(b"1000", 0)?),
        granted: false,
    },
];

/// Measures each call. Writes its name and how many instructions it takes, a tab between.
pub fn run(out: &mut impl Write) -> io::Result<()> {
    let counted = median(|| {
        count_down(100_000);
        Ok(())
    })?;
    if !(200_000..200_100).contains(&counted) {
        return Err(io::Error::other(format!(
            "the time stamp counter does not count instructions here (200,000 have made it \
             {counted}): let tools/testing/overhead start this"
        )));
    }
    for measured in &CALLS {
        // Whoever it is, for good.
        let told = base::in_child(|out| {
            let told = match measured.instructions() {
                Ok(count) => format!("{}\t{count:.1}", measured.name),
                Err(error) => format!("!{}: {error}", measured.name),
            };
            let _ = out.write_all(told.as_bytes());
        })?;
        let told = String::from_utf8_lossy(&told);
        if let Some(error) = told.strip_prefix('!') {
            return Err(io::Error::other(error.to_owned()));
        }
        writeln!(out, "{told}")?;
    }
    Ok(())
}

impl Measured {
    /// Returns how many instructions a call takes: the median of many.
    fn instructions(&self) -> io::Result<f64> {
        let file = File::options()
            .read(true)
            .write(true)
            .open("/proc/sys/kernel/ns_last_pid")?;
        self.who.become_with(Start::default())?;
        let expected = if self.granted {
            None
        } else {
            Some(libc::EPERM)
        };
        let count = median(|| {
            for _ in 0..ROUNDS {
                let errno = (self.call)(&file).err().map(|Errno(errno)| errno);
                if errno != expected {
                    return Err(io::Error::other(format!("{errno:?}, not {expected:?}")));
                }
            }
            Ok(())
        })?;
        Ok(count as f64 / f64::from(ROUNDS))
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
    // SAFETY: Every processor of this kind has a time stamp counter.
    let before = unsafe { _rdtsc() };
    run()?;
    // SAFETY: As above.
    Ok(unsafe { _rdtsc() } - before)
}

/// Executes two instructions, this many times.
fn count_down(times: u64) {
    // SAFETY: It changes a register that is its own, and the flags.
    unsafe {
        asm!(
            "mov {left}, {times}",
            "2: dec {left}",
            "jnz 2b",
            times = in(reg) times,
            left = out(reg) _,
            options(nomem, nostack)
        );
    }
}
