// SPDX-License-Identifier: GPL-2.0

//! Generates pages of the documentation from the code.
//!
//! `docgen` writes the pages. `docgen check KERNEL` searches a kernel's source for the C of each
//! rule. A test compares the committed pages with the generated text.

mod c;
mod losses;
mod operations;
mod planted;
mod rules;
mod source;

use std::{env, fs, path::Path, process::ExitCode};

/// Returns the top of the project.
fn top() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../.."))
}

/// The head of each page. In two pieces, since tools would take it for the license of this file.
const HEAD: &str = concat!(
    ".. SPDX-License",
    "-Identifier: GPL-2.0\n",
    ".. Written by tools/commoncap/docgen: do not edit.\n\n"
);

/// Returns the path and the text of each page.
fn pages() -> Result<[(&'static str, String); 3], String> {
    Ok([
        (
            "Documentation/security/rust_commoncap-rules.rst",
            HEAD.to_owned() + &rules::page()?,
        ),
        (
            "Documentation/userspace-api/checkpoint_restore-operations.rst",
            HEAD.to_owned() + &operations::table(),
        ),
        (
            "Documentation/userspace-api/execve_capabilities-losses.rst",
            HEAD.to_owned() + &losses::table()?,
        ),
    ])
}

fn run() -> Result<(), String> {
    let args: Vec<String> = env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => {
            for (path, text) in pages()? {
                fs::write(top().join(path), text).map_err(|error| format!("{path}: {error}"))?;
            }
            Ok(())
        }
        ["check", kernel] => c::check(Path::new(kernel)),
        _ => Err("invalid arguments: pass none, or 'check' and a kernel's source".into()),
    }
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("docgen: {error}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_pages_are_the_generated_ones() {
        for (path, text) in pages().unwrap() {
            let committed = fs::read_to_string(top().join(path)).unwrap();
            assert_eq!(committed, text, "{path}: run 'cargo run -p docgen'");
        }
    }
}
