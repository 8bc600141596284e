// SPDX-License-Identifier: GPL-2.0

//! Writes the pages of the documentation that are made from the code.
//!
//! `docgen` writes them, `docgen check KERNEL` looks for the C of each rule in a kernel's source. A
//! test compares the pages that are committed with what this would write.

mod c;
mod operations;
mod planted;
mod rules;
mod source;

use std::{env, fs, path::Path, process::ExitCode};

/// Returns the top of the project.
fn top() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../.."))
}

/// What each page begins with; in pieces, or it would be taken for the license of this file.
const HEAD: &str = concat!(
    ".. SPDX-License",
    "-Identifier: GPL-2.0\n",
    ".. Written by tools/commoncap/docgen: do not edit.\n\n"
);

/// Returns each page, and where in the project it belongs.
fn pages() -> Result<[(&'static str, String); 2], String> {
    Ok([
        (
            "Documentation/security/rust_commoncap-rules.rst",
            HEAD.to_owned() + &rules::page()?,
        ),
        (
            "Documentation/userspace-api/checkpoint_restore-operations.rst",
            HEAD.to_owned() + &operations::table(),
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
        _ => Err("say nothing, to write the pages, or 'check' and a kernel's source".into()),
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
    fn the_pages_are_what_the_code_says() {
        for (path, text) in pages().unwrap() {
            let committed = fs::read_to_string(top().join(path)).unwrap();
            assert_eq!(committed, text, "{path}: run 'cargo run -p docgen'");
        }
    }
}
