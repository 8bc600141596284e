// SPDX-License-Identifier: GPL-2.0

//! The language and the command line of `inc`, on any kernel.

use crate::scene::{Said, Scene};
use std::{fs::File, process::Stdio};

#[test]
fn inc_counts_from_the_number_that_the_user_gives() {
    let scene = Scene::new();
    scene.script("ask", b"+\n?\n+\n?\n+\n", 0o644);
    scene
        .run("", &["./inc", "ask"], b"\n 41 \n-2\n")
        .counted("1\n42\n-1\n");
    scene
        .run("", &["./inc", "-c", "?\n+"], b"41")
        .counted("42\n");
}

#[test]
fn without_a_number_inc_keeps_the_old_one() {
    let scene = Scene::new();
    for input in [
        &b""[..],
        b"\n",
        b"x\n",
        b"1x\n",
        b"9223372036854775808\n",
        b"\xff\n",
    ] {
        let said = scene.run("", &["./inc", "-c", "+\n?\n+"], input);
        said.counted("1\n2\n");
        assert!(
            said.err.contains("no number was given: keeping 1"),
            "{said:?}"
        );
    }
}

#[test]
fn on_standard_input_the_next_line_is_the_answer() {
    let scene = Scene::new();
    scene
        .run("", &["./inc", "-i"], b"?\n\n41\n+\n")
        .counted("42\n");
    // A line that is not a number is the next command, as in the C.
    scene.run("", &["./inc", "-i"], b"?\n+\n").counted("1\n");
}

#[test]
fn on_standard_input_each_line_is_interpreted_as_it_arrives() {
    use std::io::{BufRead, BufReader, Write};
    let scene = Scene::new();
    let mut inc = scene
        .command("", &["./inc", "-i"])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(inc.stdout.take().unwrap());
    for expected in ["1\n", "2\n"] {
        inc.stdin.as_mut().unwrap().write_all(b"+\n").unwrap();
        let mut answer = String::new();
        out.read_line(&mut answer).unwrap();
        assert_eq!(answer, expected);
    }
    Said::after(inc, b"").counted("");
}

#[test]
fn an_invalid_command_ends_the_script() {
    let scene = Scene::new();
    for (script, line, what) in [
        (&b"+\n++\n+\n"[..], 2, "++"),
        (b"+\n-", 2, "-"),
        (b"+\n\n#\n +\n", 4, " +"),
        (b"+\n+\r\n", 2, "+\\r"),
        (b"+\n+\0\n", 2, "+\\x00"),
        (b"+\n\xf0\x9f\xa6\x80\n", 2, "\\xf0\\x9f\\xa6\\x80"),
        (b"+\n\x7fELF\n", 2, "\\x7fELF"),
    ] {
        scene.script("script", script, 0o644);
        let said = scene.run("", &["./inc", "script"], b"");
        assert_eq!(
            (said.status, said.out.as_str()),
            (Some(1), "1\n"),
            "{said:?}"
        );
        let expected = format!("inc: script: line {line}: \"{what}\" is not a command");
        assert!(said.err.starts_with(&expected), "{said:?}");
    }
}

#[test]
fn a_line_longer_than_4096_bytes_is_an_error() {
    let scene = Scene::new();
    scene
        .run("", &["./inc", "/dev/zero"], b"")
        .refused(&["line 1: the line is longer than 4096 bytes"]);
    let mut long = vec![b'#'; 4095];
    long.extend(b"\n+\n");
    scene.script("longest", &long, 0o644);
    scene.run("", &["./inc", "longest"], b"").counted("1\n");
    scene.script("longer", &[b"#", &long[..]].concat(), 0o644);
    scene
        .run("", &["./inc", "longer"], b"")
        .refused(&["line 1: the line is longer"]);
    // A script may be longer. The C reads 127 bytes.
    scene.script("many", "+\n".repeat(10_000).as_bytes(), 0o644);
    let said = scene.run("", &["./inc", "many"], b"");
    assert!(said.out.ends_with("\n10000\n"), "{:?}", said.status);
}

#[test]
fn a_script_may_be_empty_or_end_without_a_newline() {
    let scene = Scene::new();
    scene.script("no-newline", b"+\n+", 0o644);
    scene
        .run("", &["./inc", "no-newline"], b"")
        .counted("1\n2\n");
    scene.script("empty", b"", 0o644);
    scene.run("", &["./inc", "empty"], b"").counted("");
    scene.run("", &["./inc", "-i"], b"").counted("");
    scene.run("", &["./inc", "-c", ""], b"").counted("");
}

#[test]
fn an_overflow_is_an_error() {
    let scene = Scene::new();
    let most = format!("{}\n", i64::MAX);
    scene
        .run("", &["./inc", "-c", "?\n+"], most.as_bytes())
        .status
        .inspect(|status| assert_eq!(*status, 1))
        .expect("inc exits, and is not killed by a signal");
}

#[test]
fn errors_of_reading_and_writing_are_reported() {
    let scene = Scene::new();
    scene
        .run("", &["./inc", "none"], b"")
        .refused(&["inc: none: No such file"]);
    scene
        .run("", &["./inc", "/"], b"")
        .refused(&["inc: /: line 1: Is a directory"]);
    let full = File::options().write(true).open("/dev/full").unwrap();
    let output = scene
        .command("", &["./inc", "-c", "+"])
        .stdout(full)
        .output();
    Said::of(output.unwrap()).refused(&["the number cannot be written: No space left"]);
    for words in [
        &["./inc", "none"][..],
        &["./inc", "-x"],
        &["./set-exec", "-f", "--", "./none"],
    ] {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let status = scene.command("", words).stderr(full).status().unwrap();
        assert_eq!(status.code(), Some(1), "{words:?}");
    }
}

#[test]
fn control_characters_in_names_are_escaped() {
    let scene = Scene::new();
    let name = "a\x1b[2J\nb";
    let shown = "a\\u{1b}[2J\\nb: ";
    scene.run("", &["./inc", name], b"").refused(&[shown]);
    scene.script(name, b"-\n", 0o644);
    scene.run("", &["./inc", name], b"").refused(&[shown]);
}

#[test]
fn an_invalid_command_line_exits_with_1_and_help_with_0() {
    let scene = Scene::new();
    scene.script("script", b"+\n", 0o755);
    for words in [
        &["./inc"][..],
        &["./inc", "-i", "script"],
        &["./inc", "-i", "-c", "+"],
        &["./inc", "-c", "+", "script"],
        &["./inc", "-c", "+", "-c", "+"],
        &["./inc", "-c"],
        &["./inc", "-x"],
        &["./inc", "script", "script"],
        &["./set-exec"],
        &["./set-exec", "true"],
        &["./set-exec", "--", "true"],
        &["./set-exec", "-f"],
        &["./set-exec", "-f", "--"],
        &["./set-exec", "-x", "--", "true"],
    ] {
        let said = scene.run("", words, b"");
        assert_eq!(
            (said.status, said.out.as_str()),
            (Some(1), ""),
            "{words:?}: {said:?}"
        );
        assert!(said.err.contains("--help"), "{words:?}: {said:?}");
    }
    for program in ["./inc", "./set-exec"] {
        for option in ["-h", "--help"] {
            let said = scene.run("", &[program, option], b"");
            assert_eq!((said.status, said.err.as_str()), (Some(0), ""));
            assert!(said.out.contains("SECBIT_EXEC_RESTRICT_FILE"), "{said:?}");
        }
    }
    // After "--", a name may begin with a hyphen.
    scene.script("-i", b"+\n", 0o644);
    scene.run("", &["./inc", "--", "-i"], b"").counted("1\n");
    scene
        .run("", &["./inc", "-c", "-i"], b"")
        .refused(&["\"-i\" is not a command"]);
}
