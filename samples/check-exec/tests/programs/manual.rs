// SPDX-License-Identifier: GPL-2.0

//! Tests of the manual pages: they are complete, and render without warnings.

use crate::scene::{kernel_has_it, Scene};
use check_exec::cli::{Inc, SetExec};
use clap::CommandFactory;
use std::{fs, process::Command};

fn page(name: &str) -> String {
    format!("{}/man/{name}.1", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn the_pages_have_every_option() {
    for command in [Inc::command(), SetExec::command()] {
        // In roff, "\-" is a hyphen.
        let text = fs::read_to_string(page(command.get_name()))
            .unwrap()
            .replace("\\-", "-");
        for argument in command.get_arguments() {
            let (Some(short), Some(long)) = (argument.get_short(), argument.get_long()) else {
                assert!(argument.is_positional(), "{argument}");
                continue;
            };
            let option = format!(".BR -{short} \", \" --{long}");
            let mut lines = text.lines();
            assert!(lines.any(|line| line.starts_with(&option)), "{option}");
        }
        let about = command.get_about().unwrap().to_string();
        let name = format!("{} - {about}", command.get_name()).to_lowercase();
        assert!(
            text.to_lowercase().lines().any(|line| line == name),
            "{name}"
        );
    }
}

#[test]
fn the_pages_render_without_a_warning() {
    for name in ["inc", "set-exec"] {
        let Ok(output) = Command::new("man")
            .args([
                "--warnings",
                "-E",
                "UTF-8",
                "-Tutf8",
                "-Z",
                "-l",
                &page(name),
            ])
            .env("MANWIDTH", "80")
            .output()
        else {
            eprintln!("skipped: man(1) is not installed");
            return;
        };
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && said.is_empty(), "{name}: {said}");
        assert!(!output.stdout.is_empty());
    }
}

#[test]
fn the_examples_of_inc_print_what_the_page_shows() {
    if !kernel_has_it() {
        return;
    }
    let text = fs::read_to_string(page("inc")).unwrap();
    let (_, text) = text.split_once("\n.EX\n").unwrap();
    let (text, _) = text.split_once("\n.EE\n").unwrap();
    // Undo the escapes of roff. Line breaks may differ.
    let text = text.replace("\\-", "-").replace("\\e", "\\");
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let scene = Scene::new();
    let mut commands = 0;
    for example in text.split("$ ").skip(1) {
        let (command, shown) = example.split_once('\n').unwrap_or((example, ""));
        let script = format!("PATH=.:$PATH; {command}");
        let said = scene.run("", &["sh", "-c", &script], b"");
        assert_eq!(words(&(said.out + &said.err)), words(shown), "{command}");
        commands += 1;
    }
    assert_eq!(commands, 3);
}
