// SPDX-License-Identifier: GPL-2.0

//! The counter that counts instructions under `qemu -icount`, on each machine.

use std::arch::asm;

/// Returns what the time stamp counter says.
#[cfg(target_arch = "x86_64")]
pub fn now() -> u64 {
    // SAFETY: Every processor of this kind has a time stamp counter.
    unsafe { std::arch::x86_64::_rdtsc() }
}

/// Executes two instructions, this many times.
#[cfg(target_arch = "x86_64")]
pub fn count_down(times: u64) {
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

/// Returns what the virtual counter says.
#[cfg(target_arch = "aarch64")]
pub fn now() -> u64 {
    let count;
    // SAFETY: Linux lets user space read it.
    unsafe { asm!("mrs {}, cntvct_el0", out(reg) count, options(nomem, nostack, preserves_flags)) };
    count
}

/// Executes two instructions, this many times.
#[cfg(target_arch = "aarch64")]
pub fn count_down(times: u64) {
    // SAFETY: It changes a register that is its own, and the flags.
    unsafe {
        asm!(
            "mov {left}, {times}",
            "2: subs {left}, {left}, #1",
            "b.ne 2b",
            times = in(reg) times,
            left = out(reg) _,
            options(nomem, nostack)
        );
    }
}
