// SPDX-License-Identifier: GPL-2.0

//! What the kernels of Linux 7.2 and 7.3 answer differently.

use std::{fs, sync::OnceLock};

/// The exec securebits and their locks.
pub const EXEC: usize = 0xf00;

/// Returns those of a task's securebits that remain when it enters a user namespace: the exec bits
/// and their locks. Linux 7.2 clears all.
pub fn kept(securebits: usize) -> usize {
    static KEPT: OnceLock<usize> = OnceLock::new();
    securebits & KEPT.get_or_init(|| kept_by(&fs::read_to_string(RELEASE).unwrap_or_default()))
}

/// The file with the kernel's release.
const RELEASE: &str = "/proc/sys/kernel/osrelease";

fn kept_by(release: &str) -> usize {
    if release.starts_with("7.2.") {
        0
    } else {
        EXEC
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_linux_7_2_clears_the_exec_bits() {
        for (release, kept) in [
            ("7.2.12+deb13-amd64\n", 0),
            ("7.3.4+deb13-amd64\n", EXEC),
            ("7.20.1\n", EXEC),
            ("", EXEC),
        ] {
            assert_eq!(kept_by(release), kept, "{release}");
        }
    }
}
