// SPDX-License-Identifier: GPL-2.0

//! The manual pages and the completions, made from the command line and from the examples of
//! `README.md`, which the suite `examples` runs.

use crate::{
    cli::Arguments,
    error::{Error, Result},
};
use clap::CommandFactory;
use clap_complete::Shell;
use std::{fmt::Write as _, fs::OpenOptions, io::Write as _, path::Path};

const README: &str = include_str!("../README.md");

/// Writes `capwhy.1` and a page for each subcommand into a directory.
pub fn manual(directory: &Path) -> Result {
    let failed = |error| Error::of(format!("no manual pages in {}", directory.display()), error);
    clap_mangen::generate_to(Arguments::command(), directory).map_err(failed)?;
    for subcommand in Arguments::command().get_subcommands() {
        let name = subcommand.get_name();
        let text = examples(name);
        if !text.is_empty() {
            let page = directory.join(format!("capwhy-{name}.1"));
            let mut page = OpenOptions::new().append(true).open(page).map_err(failed)?;
            page.write_all(text.as_bytes()).map_err(failed)?;
        }
    }
    Ok(())
}

/// Returns the examples of a subcommand as a section of its page.
fn examples(subcommand: &str) -> String {
    let mut section = String::new();
    let mut paragraph = "";
    let mut lines = README.lines();
    while let Some(line) = lines.next() {
        if line != "<!-- run: guest -->" {
            if !line.is_empty() {
                paragraph = line;
            }
            continue;
        }
        let block: Vec<&str> = lines
            .by_ref()
            .skip_while(|line| *line != "```")
            .skip(1)
            .take_while(|line| *line != "```")
            .collect();
        let command = format!("$ capwhy {subcommand} ");
        if !block
            .first()
            .is_some_and(|first| first.starts_with(&command))
        {
            continue;
        }
        if section.is_empty() {
            section.push_str(".SH EXAMPLES\n");
        }
        let _ = writeln!(section, "{}\n.PP\n.EX", roff(&paragraph.replace('`', "")));
        for line in block {
            let _ = writeln!(section, "{}", roff(&line.replace("[…]", "[...]")));
        }
        section.push_str(".EE\n");
    }
    section
}

/// Escapes what roff would take for a request or an escape.
fn roff(line: &str) -> String {
    let line = line.replace('\\', "\\e").replace('-', "\\-");
    if line.starts_with(['.', '\'']) {
        format!("\\&{line}")
    } else {
        line
    }
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
        for page in ["check", "exec", "explain", "run", "securebits", "watch"] {
            let page = format!("capwhy-{page}.1");
            assert!(pages.contains(&page), "no {page} in {pages:?}");
        }
        assert!(
            !pages.iter().any(|page| page.contains("exec-held")),
            "{pages:?}"
        );
        assert!(main.contains("Exit status"), "{main}");
    }

    #[test]
    fn pages_have_the_examples_of_the_readme() {
        for (name, line) in [
            (
                "check",
                "$ capwhy check cap_net_raw \\-\\-as systemd\n[...]\n",
            ),
            (
                "exec",
                "$ capwhy exec \\-\\-no\\-new\\-privs su\n/usr/bin/su: execve() succeeds\n",
            ),
            (
                "explain",
                "$ capwhy explain NoNewPrivileges\nno_new_privs\n",
            ),
            ("securebits", "$ capwhy securebits exec_restrict_file"),
        ] {
            let text = examples(name);
            assert!(
                text.starts_with(".SH EXAMPLES\n") && text.contains(line),
                "{text}"
            );
            let (begin, end) = (text.matches(".EX\n").count(), text.matches(".EE\n").count());
            assert!(begin > 0 && begin == end, "{text}");
        }
        assert_eq!(examples("completions"), "");
        assert_eq!(roff(".a-\\"), "\\&.a\\-\\e");
    }

    #[test]
    fn every_shell_has_completions() {
        for shell in Shell::value_variants() {
            let script = completions(*shell);
            assert!(script.contains("securebits"), "{shell}");
        }
    }
}
