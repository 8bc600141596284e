// SPDX-License-Identifier: GPL-2.0

//! Programs whose files are to have no capabilities, since every user would have their power.

use std::path::Path;

/// Shells, which start programs and run scripts.
const SHELLS: &str = "sh dash bash zsh ash busybox";

/// Programs that start others.
const STARTERS: &str = "toybox env setpriv capsh sudo doas su runuser \
    chroot unshare nsenter timeout nice nohup xargs strace ltrace gdb perf setsid time watch find \
    make chrt ionice taskset prlimit systemd-run";

/// Programs that do to any file, process, interface or setting what their arguments say.
const TOOLS: &str = "cat tac head tail less more cp mv rm ln ls dd tee touch truncate chmod \
    chown chgrp readlink stat mkdir rmdir mknod mkfifo install grep sed awk gawk mawk tar cpio \
    rsync zip unzip setcap setfattr setfacl chattr vi vim nano kill pkill killall renice date \
    hwclock hostname domainname sysctl dmesg mount umount losetup swapon swapoff blockdev fsfreeze \
    ip ifconfig route tc bridge ethtool nft iptables ip6tables insmod rmmod modprobe kmod kexec \
    reboot shutdown poweroff halt keyctl bpftool bpftrace systemctl loginctl machinectl busctl \
    timedatectl hostnamectl docker podman";

/// Programs that run scripts of all users.
const INTERPRETERS: &str = "python perl ruby node java php lua awk gawk \
    mawk tclsh guile";

/// Returns whether a program does what its arguments say, to anything or by any other program.
pub fn is_for_all(file: &Path) -> bool {
    is_one_of(file, &[SHELLS, STARTERS, TOOLS])
}

/// Returns whether a file is an interpreter.
pub fn is_interpreter(file: &Path) -> bool {
    is_one_of(file, &[SHELLS, INTERPRETERS])
}

/// Returns whether a file has one of these names, perhaps with a version.
fn is_one_of(file: &Path, lists: &[&str]) -> bool {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let name = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.' || c == '-');
    let mut names = lists.iter().flat_map(|list| list.split_whitespace());
    names.any(|known| known == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_that_every_user_can_use_for_anything_are_known() {
        let is = |path: &str| is_for_all(Path::new(path));
        assert!(is("/bin/dash") && is("/nowhere/cat"));
        assert!(!is("/nowhere/server") && !is("/nowhere/ping") && !is("/usr/bin/python3.13"));
    }

    #[test]
    fn an_interpreter_is_known_with_its_version() {
        assert!(is_interpreter(Path::new("/usr/bin/python3.13")));
        assert!(!is_interpreter(Path::new("/usr/bin/shutdown")));
    }
}
