// SPDX-License-Identifier: GPL-2.0

//! Whether processes share their root and current directories.

use std::fs;

/// `KCMP_FS`, from `include/uapi/linux/kcmp.h`.
const KCMP_FS: libc::c_int = 3;

/// Returns whether a process shares its root and current directories with another one, as
/// `clone(CLONE_FS)` makes it. Processes that capwhy may not look at count as not sharing.
pub fn shares_fs(pid: i32) -> bool {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    pids.filter(|other| *other != pid)
        .any(|other| same_fs(pid, other))
}

fn same_fs(one: i32, other: i32) -> bool {
    // SAFETY: This takes numbers alone.
    unsafe { libc::syscall(libc::SYS_kcmp, one, other, KCMP_FS, 0, 0) == 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_does_not_share_with_its_parent_unless_it_asks_to() {
        let pid = i32::try_from(std::process::id()).unwrap();
        assert!(!shares_fs(pid));
        // Another thread, which always does. A sandbox may refuse kcmp().
        let same = std::thread::spawn(move || {
            // SAFETY: This takes no argument.
            let thread = unsafe { libc::syscall(libc::SYS_gettid) };
            same_fs(pid, i32::try_from(thread).unwrap())
        });
        // SAFETY: This takes numbers alone.
        let known = unsafe { libc::syscall(libc::SYS_kcmp, pid, pid, KCMP_FS, 0, 0) } == 0;
        assert_eq!(same.join().unwrap(), known);
    }
}
