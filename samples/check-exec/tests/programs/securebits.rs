// SPDX-License-Identifier: GPL-2.0

//! Which sources `inc` refuses under which securebits, on a kernel that has them.

use crate::scene::{is_required, is_root, is_there, kernel_has_it, Said, Scene, ONE};
use rustix::{
    fs::{open, Mode, OFlags},
    pty::{openpt, ptsname, unlockpt, OpenptFlags},
    thread::{set_capabilities_secure_bits, CapabilitiesSecureBits},
};
use std::{
    fs::{self, File},
    io::{Read, Seek, SeekFrom, Write},
    os::unix::process::ExitStatusExt,
    process::Stdio,
    thread,
};

const FILE: &str = "SECBIT_EXEC_RESTRICT_FILE (locked)";
const INTERACTIVE: &str = "SECBIT_EXEC_DENY_INTERACTIVE (locked)";
const ALL: [&str; 4] = ["", "-f", "-i", "-fi"];

#[test]
fn each_source_is_refused_under_its_securebit() {
    if !kernel_has_it() {
        return;
    }
    let scene = Scene::new();
    let yes = scene.script("yes", ONE.as_bytes(), 0o755);
    let no = scene.script("no", ONE.as_bytes(), 0o644);
    for securebits in ALL {
        let restrict_file = securebits.contains('f');
        let deny_interactive = securebits.contains('i');
        let expect = |said: Said, denied: bool, by: &str| match denied {
            true => said.refused(&[by]),
            false => said.counted("1\n"),
        };
        expect(scene.run(securebits, &["./inc", "yes"], b""), false, "");
        expect(
            scene.run(securebits, &["./inc", "no"], b""),
            restrict_file,
            FILE,
        );
        expect(scene.run_on(securebits, &["./inc", "-i"], &yes), false, "");
        let said = scene.run_on(securebits, &["./inc", "-i"], &no);
        expect(said, deny_interactive, INTERACTIVE);
        let said = scene.run(securebits, &["./inc", "-i"], ONE.as_bytes());
        expect(said, deny_interactive, INTERACTIVE);
        let said = scene.run(securebits, &["./inc", "-c", "+"], b"");
        expect(said, deny_interactive, INTERACTIVE);
    }
}

#[test]
fn a_terminal_is_interactive_and_not_a_file() {
    if !kernel_has_it() {
        return;
    }
    let scene = Scene::new();
    for securebits in ALL {
        let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        unlockpt(&ours).unwrap();
        let name = ptsname(&ours, Vec::new()).unwrap();
        let theirs = open(&name, OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).unwrap();
        // Two lines, and the end of the input.
        let mut ours = File::from(ours);
        ours.write_all(b"+\n+\n\x04").unwrap();
        let said = scene
            .command(securebits, &["./inc", "-i"])
            .stdin(theirs)
            .output()
            .map(Said::of)
            .unwrap();
        if securebits.contains('i') {
            said.refused(&[INTERACTIVE, "standard input", "a terminal"]);
        } else {
            said.counted("1\n2\n");
        }
    }
}

#[test]
fn an_executed_script_is_interpreted() {
    if !kernel_has_it() {
        return;
    }
    let scene = Scene::new();
    scene.script("yes", ONE.as_bytes(), 0o755);
    for securebits in ALL {
        let said = scene
            .command(securebits, &["./yes"])
            .env("PATH", ".:/usr/bin:/bin")
            .output()
            .map(Said::of)
            .unwrap();
        said.counted("1\n");
    }
}

#[test]
fn each_refusal_names_its_cause() {
    if !kernel_has_it() {
        return;
    }
    let scene = Scene::new();
    scene.script("no", ONE.as_bytes(), 0o644);
    fs::create_dir(scene.path("directory")).unwrap();
    let refused = |words: &[&str], input: &[u8], what: &str| {
        scene.run("-f", words, input).refused(&[FILE, what]);
    };
    refused(&["./inc", "no"], b"", "no: refused by");
    refused(&["./inc", "no"], b"", "it is not executable");
    refused(&["./inc", "directory"], b"", "it is a directory");
    refused(&["./inc", "/dev/null"], b"", "another device");
    refused(&["./inc", "/dev/stdin"], b"+\n", "it is a pipe");
    refused(&["./inc", "/proc/self/fd/0"], b"+\n", "it is a pipe");
    scene.run("-i", &["./inc", "-c", "+"], b"").refused(&[
        INTERACTIVE,
        "commands outside of a file",
        "put them into",
    ]);
}

#[test]
fn a_file_that_is_open_for_writing_is_refused() {
    if !kernel_has_it() {
        return;
    }
    let scene = Scene::new();
    let yes = scene.script("yes", ONE.as_bytes(), 0o755);
    let writer = File::options().append(true).open(yes).unwrap();
    scene
        .run("-f", &["./inc", "yes"], b"")
        .refused(&[FILE, "open for writing"]);
    scene.run("-i", &["./inc", "yes"], b"").counted("1\n");
    drop(writer);
}

#[test]
fn a_path_in_proc_stands_for_its_file() {
    if !kernel_has_it() {
        return;
    }
    let scene = Scene::new();
    let yes = scene.script("yes", ONE.as_bytes(), 0o755);
    let no = scene.script("no", ONE.as_bytes(), 0o644);
    std::os::unix::fs::symlink("yes", scene.path("link")).unwrap();
    for name in ["/proc/self/fd/0", "/dev/stdin"] {
        scene.run_on("-f", &["./inc", name], &yes).counted("1\n");
        scene.run_on("-f", &["./inc", name], &no).refused(&[FILE]);
    }
    scene.run("-f", &["./inc", "link"], b"").counted("1\n");
    // A deleted file has no name, and passes by its descriptor.
    let deleted = scene.script("deleted", ONE.as_bytes(), 0o755);
    let open = File::open(&deleted).unwrap();
    fs::remove_file(deleted).unwrap();
    let command = scene.command("-fi", &["./inc", "-i"]).stdin(open).output();
    Said::of(command.unwrap()).counted("1\n");
}

#[test]
fn standard_input_is_read_from_its_offset() {
    if !kernel_has_it() {
        return;
    }
    let scene = Scene::new();
    let mut script = File::open(scene.script("yes", b"#+\n", 0o755)).unwrap();
    script.seek(SeekFrom::Start(1)).unwrap();
    let command = scene
        .command("-fi", &["./inc", "-i"])
        .stdin(script)
        .output();
    Said::of(command.unwrap()).counted("1\n");
}

#[test]
fn a_named_pipe_is_not_an_executable_file() {
    if !kernel_has_it() {
        return;
    }
    let scene = Scene::new();
    // A pipe for each: `inc` may refuse one and exit before its writer opens it, which then waits.
    for (securebits, pipe) in [("-f", "refused"), ("", "read")] {
        let made = scene.command("", &["mkfifo", "-m", "777", pipe]).status();
        assert!(made.unwrap().success());
        let path = scene.path(pipe);
        let inc = scene.command(securebits, &["./inc", pipe]).spawn().unwrap();
        // The open waits for both ends. `inc` may exit before the write.
        thread::spawn(move || {
            File::options()
                .write(true)
                .open(path)
                .unwrap()
                .write_all(b"+\n")
        });
        let said = Said::of(inc.wait_with_output().unwrap());
        match securebits {
            "" => said.counted("1\n"),
            _ => said.refused(&[FILE, "it is a pipe"]),
        }
    }
}

#[test]
fn files_on_a_noexec_mount_are_refused() {
    if !kernel_has_it() || !is_root() {
        return;
    }
    let scene = Scene::new();
    scene.script("yes", ONE.as_bytes(), 0o755);
    fs::create_dir(scene.path("noexec")).unwrap();
    // In a chroot, the root is not a mount, so its propagation cannot and need not change.
    let mount = "unshare -m true 2>/dev/null || as_it_is='--propagation unchanged'
        exec unshare -m $as_it_is sh -c '
            mount -t tmpfs -o noexec none noexec && cp -p yes noexec/ && exec \"$@\"' sh \"$@\"";
    let under = |securebits: &str| {
        let inc = ["./set-exec", securebits, "--", "./inc", "noexec/yes"];
        scene.run("", &[&["sh", "-c", mount, "sh"][..], &inc].concat(), b"")
    };
    under("-f").refused(&[FILE, "noexec/yes", "mounted noexec"]);
    under("-i").counted("1\n");
}

#[test]
fn a_user_without_execute_permission_is_refused() {
    if !kernel_has_it() || !is_root() {
        return;
    }
    let scene = Scene::new();
    scene.script("mine", ONE.as_bytes(), 0o744);
    scene.script("secret", ONE.as_bytes(), 0o711);
    scene.script("theirs", ONE.as_bytes(), 0o755);
    let as_nobody = |securebits: &str, name: &str| {
        let nobody = [
            "setpriv",
            "--reuid=65534",
            "--regid=65534",
            "--clear-groups",
            "./set-exec",
        ];
        let inc = [securebits, "--", "./inc", name];
        scene.run("", &[&nobody[..], &inc[..]].concat(), b"")
    };
    as_nobody("-f", "mine").refused(&[FILE, "this user may not execute it"]);
    as_nobody("-i", "mine").counted("1\n");
    as_nobody("-i", "secret").refused(&["secret", "Permission denied"]);
    as_nobody("-fi", "theirs").counted("1\n");
    scene.run("-f", &["./inc", "mine"], b"").counted("1\n");
}

#[test]
fn renaming_a_script_does_not_change_what_is_read() {
    if !kernel_has_it() {
        return;
    }
    let scene = Scene::new();
    // Longer than one read.
    let long = format!("?\n{}+\n", "# go on\n".repeat(8192));
    scene.script("yes", long.as_bytes(), 0o755);
    let other = scene.script("other", b"?\n+\n+\n+\n", 0o644);
    let mut inc = scene
        .command("-fi", &["./inc", "yes"])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    // The prompt shows that the script has been opened and checked.
    let mut question = [0; 1];
    let asked = inc.stderr.as_mut().unwrap();
    asked.read_exact(&mut question).unwrap();
    fs::rename(other, scene.path("yes")).unwrap();
    Said::after(inc, b"41\n").counted("42\n");
}

#[test]
fn the_checked_descriptor_is_the_one_that_is_read() {
    if !kernel_has_it() || !is_there("strace") {
        return;
    }
    let scene = Scene::new();
    let yes = scene.script("yes", ONE.as_bytes(), 0o755);
    for (words, name) in [(&["yes"][..], "yes"), (&["-i"], "/proc/self/fd/0")] {
        let strace = ["strace", "-o", "log", "-e", "openat,execveat,read", "./inc"];
        let said = scene.run_on("-fi", &[&strace[..], words].concat(), &yes);
        said.counted("1\n");
        let log = fs::read_to_string(scene.path("log")).unwrap();
        let calls: Vec<&str> = log.lines().collect();
        let checks = calls.iter().filter(|call| call.starts_with("execveat("));
        assert_eq!(checks.count(), 1, "{log}");
        // execveat(3, "", ["yes"], 0x7f… /* 9 vars */, AT_EMPTY_PATH|0x10000) = 0
        let check = calls.iter().position(|call| call.starts_with("execveat("));
        let (call, after) = calls.split_at(check.unwrap() + 1);
        let call = call.last().unwrap();
        let (fd, rest) = call["execveat(".len()..].split_once(", ").unwrap();
        let arguments = format!("\"\", [\"{name}\"], ");
        assert!(
            rest.starts_with(&arguments) && rest.contains("AT_EMPTY_PATH|"),
            "{call}"
        );
        assert!(
            after[0].starts_with(&format!("read({fd}, \"#!/usr/bin/env inc")),
            "{log}"
        );
        let opened = calls.iter().filter(|call| call.contains(", \"yes\", "));
        assert_eq!(opened.count(), usize::from(name == "yes"), "{log}");
        assert!(
            !after.iter().any(|call| call.starts_with("openat(")),
            "{log}"
        );
    }
}

#[test]
fn securebits_persist_and_add_up() {
    if !kernel_has_it() {
        return;
    }
    let scene = Scene::new();
    scene.script("no", ONE.as_bytes(), 0o644);
    let twice = |second: &str, inc: &[&str]| {
        scene.run(
            "-f",
            &[&["./set-exec", second, "--"][..], inc].concat(),
            b"",
        )
    };
    twice("-f", &["./inc", "no"]).refused(&[FILE]);
    twice("-i", &["./inc", "no"]).refused(&[FILE]);
    twice("-i", &["./inc", "-c", "+"]).refused(&[INTERACTIVE]);
    twice("-f", &["./inc", "-c", "+"]).counted("1\n");
}

#[test]
fn a_user_namespace_keeps_the_securebits() {
    if !kernel_has_it() {
        return;
    }
    let scene = Scene::new();
    let said = scene.run("-i", &["unshare", "-U", "./inc", "-c", "+"], b"");
    // Older kernels clear them there, and some systems deny creating one.
    if is_required() {
        said.refused(&[INTERACTIVE]);
    }
}

#[test]
fn set_exec_reports_a_securebit_that_is_locked_off() {
    if !kernel_has_it() {
        return;
    }
    // Securebits belong to a thread, and its children inherit them.
    thread::spawn(|| {
        set_capabilities_secure_bits(CapabilitiesSecureBits::from_bits_retain(1 << 9)).unwrap();
        let scene = Scene::new();
        scene
            .run("-f", &["true"], b"")
            .refused(&["SECBIT_EXEC_RESTRICT_FILE is locked while it is not set"]);
        scene
            .run("-i", &["./inc", "-c", "+"], b"")
            .refused(&[INTERACTIVE]);
    })
    .join()
    .unwrap();
}

#[test]
fn set_exec_exits_with_the_status_of_its_command() {
    if !kernel_has_it() {
        return;
    }
    let scene = Scene::new();
    let said = scene.run("-f", &["sh", "-c", "cat; exit 7"], b"through");
    assert_eq!((said.status, said.out.as_str()), (Some(7), "through"));
    let killed = scene.command("-f", &["sh", "-c", "kill -9 $$"]).status();
    assert_eq!(killed.unwrap().signal(), Some(9));
    scene
        .run("-f", &["./none"], b"")
        .refused(&["set-exec: ./none: No such file"]);
    scene
        .run("-f", &["./none\x1b\n"], b"")
        .refused(&["set-exec: ./none\\u{1b}\\n: No such file"]);
    scene.script("no", b"#!/bin/sh\n", 0o644);
    scene
        .run("-i", &["./no"], b"")
        .refused(&["set-exec: ./no: Permission denied"]);
    // Words after the command are its arguments.
    let said = scene.run("", &["./set-exec", "-f", "echo", "-i", "--"], b"");
    assert_eq!((said.status, said.out.as_str()), (Some(0), "-i --\n"));
}
