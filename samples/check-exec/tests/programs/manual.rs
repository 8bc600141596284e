// SPDX-License-Identifier: GPL-2.0

//! Whether the manual pages tell of what there is, and can be shown.

use check_exec::cli::{Inc, SetExec};
use clap::CommandFactory;
use std::{fs, process::Command};

fn page(name: &str) -> String {
    format!("{}/man/{name}.1", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn the_pages_have_each_option() {
    for command in [Inc::command(), SetExec::command()] {
        // As roff has a hyphen that is no dash.
        let text = fs::read_to_string(page(command.get_name()))
            .unwrap()
            .replace("\\-", "-");
        for argument in command.get_arguments() {
            if let Some(short) = argument.get_short() {
                assert!(text.contains(&format!("-{short}")), "-{short}");
            }
            if let Some(long) = argument.get_long() {
                assert!(text.contains(&format!("--{long}")), "--{long}");
            }
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
fn the_pages_are_shown_without_a_warning() {
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
            eprintln!("skipped: there is no man(1) here");
            return;
        };
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && said.is_empty(), "{name}: {said}");
        assert!(!output.stdout.is_empty());
    }
}
