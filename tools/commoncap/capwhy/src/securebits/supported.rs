// SPDX-License-Identifier: GPL-2.0

//! The securebits that the running kernel supports: before Linux 6.14, not the exec bits.

use commoncap::securebits::Securebits;
use may_interpret::would_execute;
use std::{ffi::OsStr, fs::File, sync::OnceLock};

/// The exec bits and their locks.
const EXEC: usize = Securebits::ALL_UNPRIVILEGED.with_locks().bits() as usize;

/// A bit that no kernel supports.
const NONE: usize = 1 << 12;

/// Returns whether the running kernel supports the exec bits. `AT_EXECVE_CHECK` came with them, and
/// a kernel without it returns `EINVAL` for a directory, too.
pub fn has_exec_bits() -> bool {
    static KNOWN: OnceLock<bool> = OnceLock::new();
    *KNOWN.get_or_init(|| {
        let answer = File::open("/").and_then(|root| would_execute(&root, OsStr::new("/")));
        !answer.is_err_and(|error| error.raw_os_error() == Some(libc::EINVAL))
    })
}

/// Returns securebits that a caller requests as the rules of the running kernel see them: the exec
/// bits are unsupported where `has_exec_bits` is false.
pub fn requested(bits: usize, has_exec_bits: bool) -> usize {
    match bits & EXEC != 0 && !has_exec_bits {
        true => (bits & !EXEC) | NONE,
        false => bits,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::securebits::transition::Holds;
    use commoncap::{prctl::securebits::set, Denial};

    #[test]
    fn an_older_kernel_denies_exec_bits_as_unsupported() {
        let ask = |from: Securebits, bits| set(from, &Holds(true), requested(bits, false));
        let none = Securebits::DEFAULT;
        let unsupported = Err(Denial::SecurebitsUnsupported);
        for bits in [0x100, 0x200, 0x400, 0x800, 0x103, 0xf00] {
            assert_eq!(ask(none, bits), unsupported, "{bits:#x}");
            assert_eq!(requested(bits, true), bits);
        }
        assert_eq!(ask(none, 0x3), Ok(Securebits::known(0x3)));
        // A lock is checked first.
        let locked = Securebits::known(0x2);
        assert_eq!(ask(locked, 0x103), Err(Denial::SecurebitsLocked));
        assert_eq!(ask(locked, 0x102), unsupported);
    }
}
