// SPDX-License-Identifier: GPL-2.0

//! The manual pages and completions, made of the command line itself.

use crate::{
    cli::Arguments,
    error::{Error, Result},
};
use clap::CommandFactory;
use clap_complete::Shell;
use std::path::Path;

/// Writes `capwhy.1` and a page for each subcommand into a directory.
pub fn manual(directory: &Path) -> Result {
    clap_mangen::generate_to(Arguments::command(), directory)
        .map_err(|error| Error::of(format!("no manual pages in {}", directory.display()), error))
}

/// Returns the completions for a shell.
pub fn completions(shell: Shell) -> String {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "capwhy", &mut script);
    String::from_utf8_lossy(&script).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::ValueEnum;
    use std::fs;

    #[test]
    fn there_is_a_page_for_each_subcommand() {
        let directory = crate::scratch::Directory::new();
        manual(&directory).unwrap();
        let mut pages: Vec<String> = fs::read_dir(&*directory)
            .unwrap()
            .map(|page| page.unwrap().file_name().into_string().unwrap())
            .collect();
        pages.sort();
        let main = fs::read_to_string(directory.join("capwhy.1")).unwrap();
        for page in [
            "capwhy-check.1",
            "capwhy-exec.1",
            "capwhy-run.1",
            "capwhy-securebits.1",
            "capwhy-watch.1",
        ] {
            assert!(
                pages.iter().any(|known| known == page),
                "no {page} in {pages:?}"
            );
        }
        assert!(
            !pages.iter().any(|page| page.contains("exec-held")),
            "{pages:?}"
        );
        assert!(main.contains("Exit status"), "{main}");
    }

    #[test]
    fn every_shell_has_completions() {
        for shell in Shell::value_variants() {
            let script = completions(*shell);
            assert!(script.contains("securebits"), "{shell}");
        }
    }
}
