// SPDX-License-Identifier: GPL-2.0

//! A directory with programs and scripts, and runs of them.

use std::{
    fs::{self, Permissions},
    io::Write,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::atomic::{AtomicU32, Ordering},
};

/// A script that counts to one.
pub const ONE: &str = "#!/usr/bin/env inc\n\n+\n";

/// Returns whether a missing feature fails a test, since the suite chooses the kernel.
pub fn is_required() -> bool {
    std::env::var_os("CHECK_EXEC_REQUIRED").is_some()
}

/// Returns whether the kernel has the exec securebits.
pub fn kernel_has_it() -> bool {
    let has = Command::new(env!("CARGO_BIN_EXE_set-exec"))
        .args(["-fi", "--", "true"])
        .output()
        .is_ok_and(|output| output.status.success());
    assert!(has || !is_required(), "this kernel has no exec securebits");
    if !has {
        eprintln!("skipped: this kernel has no exec securebits");
    }
    has
}

/// Returns whether a program is installed.
pub fn is_there(program: &str) -> bool {
    let there = Command::new(program).arg("-V").output().is_ok();
    assert!(there || !is_required(), "{program} is not installed");
    if !there {
        eprintln!("skipped: {program} is not installed");
    }
    there
}

/// Returns whether the tests run as root, which switching users and mounting need.
pub fn is_root() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let root = status.contains("\nUid:\t0\t0\t");
    assert!(root || !is_required(), "this test needs root");
    if !root {
        eprintln!("skipped: this test needs root");
    }
    root
}

/// A temporary directory with both programs in it.
pub struct Scene(PathBuf);

impl Scene {
    pub fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("check-exec-{}-{number}", std::process::id());
        let scene = Self(std::env::temp_dir().join(name));
        fs::create_dir(&scene.0).unwrap();
        fs::set_permissions(&scene.0, Permissions::from_mode(0o755)).unwrap();
        for program in [env!("CARGO_BIN_EXE_inc"), env!("CARGO_BIN_EXE_set-exec")] {
            let name = Path::new(program).file_name().unwrap();
            // A link if possible: the child of another thread cannot have it open for writing.
            let here = scene.0.join(name);
            fs::hard_link(program, &here)
                .or_else(|_| {
                    Command::new("cp")
                        .arg(program)
                        .arg(&here)
                        .status()
                        .map(drop)
                })
                .unwrap();
        }
        scene
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Writes a script with these mode bits.
    pub fn script(&self, name: &str, text: &[u8], mode: u32) -> PathBuf {
        let path = self.path(name);
        // In a separate process: a child that another test forks would have the file open for
        // writing for a moment, and the check would fail with ETXTBSY.
        let mut child = Command::new("sh")
            .args(["-c", "cat >\"$1\" && chmod \"$2\" \"$1\"", "sh"])
            .arg(&path)
            .arg(format!("{mode:o}"))
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(text).unwrap();
        assert!(child.wait().unwrap().success());
        path
    }

    /// Returns a command in this directory, under `set-exec` with these options if any.
    pub fn command(&self, securebits: &str, words: &[&str]) -> Command {
        let mut all = words.to_vec();
        if !securebits.is_empty() {
            all.splice(0..0, ["./set-exec", securebits, "--"]);
        }
        let mut command = Command::new(all[0]);
        command
            .args(&all[1..])
            .current_dir(&self.0)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs a command, and writes to its standard input.
    pub fn run(&self, securebits: &str, words: &[&str], input: &[u8]) -> Said {
        let child = self
            .command(securebits, words)
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        Said::after(child, input)
    }

    /// Runs a command with a file as its standard input.
    pub fn run_on(&self, securebits: &str, words: &[&str], file: &Path) -> Said {
        let file = fs::File::open(file).unwrap();
        Said::of(
            self.command(securebits, words)
                .stdin(file)
                .output()
                .unwrap(),
        )
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The exit status and the output of a command.
#[derive(Debug)]
pub struct Said {
    pub status: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Said {
    pub fn of(output: Output) -> Self {
        Self {
            status: output.status.code(),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    pub fn after(mut child: Child, input: &[u8]) -> Self {
        // The command need not read it.
        let _ = child.stdin.take().unwrap().write_all(input);
        Self::of(child.wait_with_output().unwrap())
    }

    /// Asserts that the script succeeded with this output.
    #[track_caller]
    pub fn counted(&self, out: &str) {
        assert_eq!((self.status, self.out.as_str()), (Some(0), out), "{self:?}");
    }

    /// Asserts that `inc` refused, with one line that has each of these.
    #[track_caller]
    pub fn refused(&self, what: &[&str]) {
        assert_eq!((self.status, self.out.as_str()), (Some(1), ""), "{self:?}");
        assert_eq!(self.err.lines().count(), 1, "{self:?}");
        for what in what {
            assert!(self.err.contains(what), "no \"{what}\" in {self:?}");
        }
    }
}
