// SPDX-License-Identifier: GPL-2.0

//! Tests of the program that need no kernel module.

use std::{
    fs,
    io::{Read, Write},
    os::{fd::OwnedFd, unix::net::UnixStream},
    path::Path,
    process::{Child, Command, Output, Stdio},
    thread::sleep,
    time::Duration,
};

fn capwhy(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_capwhy"))
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .expect("capwhy runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

fn json(output: &Output) -> serde_json::Value {
    serde_json::from_slice(&output.stdout).expect("JSON")
}

#[test]
fn check_without_a_pid_checks_itself() {
    let output = capwhy(&["check"]);
    assert!(matches!(output.status.code(), Some(0 | 1)), "{output:?}");
    let table = text(&output.stdout);
    for name in [
        "clone3-set_tid",
        "ns_last_pid",
        "securebits +exec_restrict_file_locked",
    ] {
        assert!(table.contains(name), "no {name} in:\n{table}");
    }
    assert!(
        !table.contains('\x1b'),
        "colour, though this is no terminal"
    );
}

#[test]
fn check_knows_its_own_securebits_and_no_others() {
    let own = json(&capwhy(&["check", "--json"]));
    assert_eq!(own["process"]["name"], "capwhy");
    assert!(own["process"]["securebits"]["value"].is_u64());

    let pid = std::process::id().to_string();
    let other = json(&capwhy(&["check", "--json", "--pid", &pid]));
    assert_eq!(other["process"]["pid"].to_string(), pid);
    assert!(other["process"]["securebits"].is_null());
    assert_eq!(other["process"]["user_ns"], own["process"]["user_ns"]);
    let unknown = other["answers"].as_array().unwrap().iter();
    assert!(unknown.clone().any(|row| row["answer"] == "unknown"));
}

#[test]
fn check_of_what_is_allowed_exits_with_0_and_of_what_is_not_with_1() {
    let securebits = text(&fs::read("/proc/self/status").unwrap());
    assert!(securebits.contains("CapEff"));
    let own = json(&capwhy(&["check", "--json"]));
    for row in own["answers"].as_array().unwrap() {
        let name = row["operation"].as_str().unwrap();
        let expected = if row["answer"] == "yes" { 0 } else { 1 };
        assert_eq!(
            capwhy(&["check", name]).status.code(),
            Some(expected),
            "{name}"
        );
    }
}

#[test]
fn a_missing_process_is_reported() {
    let output = capwhy(&["check", "--pid", "4194305"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("no process 4194305"));
    for wrong in ["0", "-1", "x"] {
        let output = capwhy(&["check", &format!("--pid={wrong}")]);
        assert_eq!(output.status.code(), Some(2), "{wrong}");
    }
}

#[test]
fn exec_predicts_without_executing() {
    let output = capwhy(&["exec", "sh", "--", "-c", "touch /no/such"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let report = text(&output.stdout);
    assert!(report.contains("/sh: execve() succeeds\n"), "{report}");
    for set in [
        "effective",
        "permitted",
        "inheritable",
        "bounding",
        "ambient",
    ] {
        assert!(report.lines().any(|line| line.starts_with(set)), "{report}");
    }
    // Options may follow the program.
    let json = json(&capwhy(&[
        "exec", "--json", "sh", "--user", "7:8", "--caps", "+net_raw",
    ]));
    assert_eq!(
        (&json["command"], &json["answer"]),
        (&"exec".into(), &"yes".into())
    );
    assert_eq!(
        json["before"]["permitted"],
        serde_json::json!(["cap_net_raw"])
    );
    assert_eq!(json["after"]["permitted"], serde_json::json!([]));
    assert_eq!(json["after"]["user_ids"], serde_json::json!([7, 7, 7, 7]));
}

#[test]
fn exec_of_what_fails_exits_with_1_and_says_the_error() {
    for (arguments, error) in [
        (&["exec", "/etc/passwd"][..], "EACCES"),
        (&["exec", "/no/such/file"], "ENOENT"),
        (&["exec", "/"], "EACCES"),
    ] {
        let output = capwhy(arguments);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        let report = text(&output.stdout);
        assert!(
            report.contains(&format!("execve() fails with {error}")),
            "{report}"
        );
        assert!(report.contains("ways out"), "{report}");
    }
    let pid = std::process::id().to_string();
    let known = json(&capwhy(&["exec", "--json", "--pid", &pid, "sh"]));
    assert_eq!(known["process"]["pid"].to_string(), pid);
    assert!(known["before"]["securebits"].is_null());
}

#[test]
fn securebits_are_decoded_and_checked() {
    let output = capwhy(&["securebits", "0x3"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(text(&output.stdout).starts_with("0x3: noroot,noroot_locked\n"));
    for (arguments, expected) in [
        (["0x0", "exec_restrict_file"], 0),
        (["exec_restrict_file", "-exec_restrict_file"], 0),
        (["0", "noroot"], 1),
        (["noroot_locked", "-noroot_locked"], 1),
        (["0", "no-such-bit"], 2),
        (["bit12", "0"], 2),
    ] {
        let output = capwhy(&[&["securebits"][..], &arguments].concat());
        assert_eq!(output.status.code(), Some(expected), "{arguments:?}");
    }
    let checked = json(&capwhy(&["securebits", "--json", "0", "noroot"]));
    assert_eq!(checked["transition"]["with_cap_setpcap"]["allowed"], true);
    assert_eq!(
        checked["transition"]["without_cap_setpcap"]["errno"],
        "EPERM"
    );
}

#[test]
fn without_the_module_run_and_watch_say_what_helps() {
    if Path::new("/sys/kernel/tracing/events/rust_commoncap").exists() {
        return;
    }
    for (arguments, status) in [(&["run", "true"][..], 125), (&["watch"][..], 2)] {
        let output = capwhy(arguments);
        assert_eq!(output.status.code(), Some(status), "{output:?}");
        let error = text(&output.stderr);
        let remedies = [
            "modprobe rust_commoncap",
            "mount -t tracefs",
            "as root",
            "outside of",
        ];
        assert!(
            remedies.iter().any(|remedy| error.contains(remedy)),
            "{error}"
        );
        assert_eq!(error.lines().count(), 1, "{error}");
    }
}

#[test]
fn a_missing_command_is_reported_before_tracing_starts() {
    let output = capwhy(&["run", "no-such-command"]);
    assert_eq!(output.status.code(), Some(127), "{output:?}");
}

#[test]
fn a_wrong_command_line_exits_with_2() {
    for arguments in [
        &[][..],
        &["nothing"],
        &["run"],
        &["check", "--nothing"],
        &["exec"],
        &["exec", "no-such-command"],
        &["exec", "sh", "-c", "true"],
        &["exec", "--caps", "cap_none", "sh"],
        &["exec", "--as", "nothing", "sh"],
        &["check", "no-such-operation"],
        &["watch", "--cap", "cap_none"],
        &["watch", "--reason", "None"],
        &["securebits"],
    ] {
        let output = capwhy(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {output:?}");
        assert!(
            output.stdout.is_empty() && !output.stderr.is_empty(),
            "{arguments:?}"
        );
    }
}

#[test]
fn a_closed_output_is_no_error() {
    let shell = format!("{} check | true", env!("CARGO_BIN_EXE_capwhy"));
    let output = Command::new("sh").args(["-c", &shell]).output().unwrap();
    assert_eq!(text(&output.stderr), "");
}

/// Starts a command that is held by its standard input.
fn held(arguments: &[&str]) -> (Child, UnixStream) {
    let (socket, of_child) = UnixStream::pair().unwrap();
    let child = Command::new(env!("CARGO_BIN_EXE_capwhy"))
        .args(["exec-held", "--held-by", "0"])
        .args(arguments)
        .stdin(OwnedFd::from(of_child))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    (child, socket)
}

#[test]
fn a_command_is_executed_only_after_the_byte() {
    let script = "echo $0; exit 3";
    let (mut child, mut socket) = held(&["--", "/bin/sh", "name", "-c", script, "zero"]);
    socket.read_exact(&mut [0]).unwrap();
    let pid = child.id().to_string();
    for signal in ["STOP", "CONT"] {
        let sent = Command::new("sh")
            .args(["-c", &format!("kill -{signal} {pid}")])
            .status();
        assert!(sent.unwrap().success());
    }
    sleep(Duration::from_millis(100));
    assert_eq!(child.try_wait().unwrap(), None);
    socket.write_all(&[0]).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(
        (output.status.code(), text(&output.stdout).as_str()),
        (Some(3), "zero\n")
    );
}

#[test]
fn a_command_is_not_executed_if_the_socket_is_closed() {
    let (child, socket) = held(&["--", "/bin/sh", "sh", "-c", "echo"]);
    drop(socket);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(125), "{output:?}");
    assert!(output.stdout.is_empty(), "{output:?}");
}

#[test]
fn a_user_gets_no_descriptor_and_no_capability() {
    if !text(&fs::read("/proc/self/status").unwrap()).contains("\nUid:\t0\t0\t") {
        return;
    }
    let script = "exec 9</dev/null; exec \"$0\" exec-held --held-by 0 --user 7:8 -- \
        /bin/sh sh -c '(: <&9) || echo closed; cat /proc/self/status'";
    let (mut socket, of_child) = UnixStream::pair().unwrap();
    let child = Command::new("sh")
        .args(["-c", script, env!("CARGO_BIN_EXE_capwhy")])
        .stdin(OwnedFd::from(of_child))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    socket.read_exact(&mut [0]).unwrap();
    socket.write_all(&[0]).unwrap();
    let output = text(&child.wait_with_output().unwrap().stdout);
    for line in [
        "closed",
        "Uid:\t7\t7\t7\t7",
        "Gid:\t8\t8\t8\t8",
        "CapPrm:\t0000000000000000",
        "CapInh:\t0000000000000000",
    ] {
        assert!(output.lines().any(|known| known == line), "{output}");
    }
}

#[test]
fn a_command_can_have_just_some_capabilities() {
    if !text(&fs::read("/proc/self/status").unwrap()).contains("\nUid:\t0\t0\t") {
        return;
    }
    let kill = "0000000000000020";
    for (user, ambient) in [(&[][..], "0000000000000000"), (&["--user", "7:8"], kill)] {
        let command = [
            "--caps",
            "cap_kill",
            "--",
            "/bin/cat",
            "cat",
            "/proc/self/status",
        ];
        let (child, mut socket) = held(&[user, &command].concat());
        socket.read_exact(&mut [0]).unwrap();
        socket.write_all(&[0]).unwrap();
        let output = text(&child.wait_with_output().unwrap().stdout);
        for (set, value) in [
            ("Prm", kill),
            ("Eff", kill),
            ("Bnd", kill),
            ("Amb", ambient),
        ] {
            let line = format!("Cap{set}:\t{value}");
            assert!(
                output.lines().any(|known| known == line),
                "no {line} in {output}"
            );
        }
    }
}

#[test]
fn a_user_gets_no_key_of_the_session() {
    if !text(&fs::read("/proc/self/status").unwrap()).contains("\nUid:\t0\t0\t") {
        return;
    }
    let (kind, name, value) = (c"user", c"capwhy-test-key", c"secret");
    // SAFETY: The arguments are those of keyctl(2) and add_key(2): C strings and the length of one.
    let key = unsafe {
        libc::syscall(libc::SYS_keyctl, libc::KEYCTL_JOIN_SESSION_KEYRING, 0);
        let (kind, name) = (kind.as_ptr(), name.as_ptr());
        let session = libc::KEY_SPEC_SESSION_KEYRING;
        libc::syscall(libc::SYS_add_key, kind, name, value.as_ptr(), 6, session)
    };
    if key < 0 {
        return;
    }
    for (user, expected) in [(&[][..], true), (&["--user", "7:8"], false)] {
        let arguments = [user, &["--", "/bin/cat", "cat", "/proc/keys"]].concat();
        let (child, mut socket) = held(&arguments);
        socket.read_exact(&mut [0]).unwrap();
        socket.write_all(&[0]).unwrap();
        let keys = text(&child.wait_with_output().unwrap().stdout);
        assert_eq!(
            keys.contains("capwhy-test-key"),
            expected,
            "{user:?}: {keys}"
        );
    }
}

#[test]
fn manual_pages_and_completions_are_made() {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("manual");
    fs::create_dir_all(&directory).unwrap();
    let output = capwhy(&["man", directory.to_str().unwrap()]);
    let page = fs::read_to_string(directory.join("capwhy-check.1"));
    fs::remove_dir_all(&directory).unwrap();
    assert!(output.status.success() && page.unwrap().contains("\\-\\-pid"));
    assert!(text(&capwhy(&["completions", "bash"]).stdout).contains("complete -F _capwhy"));
    assert_eq!(capwhy(&["man", "/nowhere"]).status.code(), Some(2));
}
