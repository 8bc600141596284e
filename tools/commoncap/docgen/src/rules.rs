// SPDX-License-Identifier: GPL-2.0

//! The page of every rule.

use crate::{c, planted, source::Sources};
use commoncap::Denial;

const HEAD: &str = "\
==========
Every rule
==========

Each reason for which rust_commoncap denies a request is a rule with a name.
Tracepoints report the name as ``reason=``, the file ``decisions`` in debugfs
counts by it, and ``capwhy`` explains it with the sentence under *Reason*.

This page is generated from the code:

- *C* is the check in Linux 7.3. ``make docs`` fails if the kernel's source does
  not contain it.
- *Rust* is the function that denies.
- *Tests* are the core's tests that name the rule, by their KUnit suite. They run
  in a kernel (``make kunit``) and with ``cargo test``.
- *Planted* are the wrong rules of ``tools/testing/mutation/cases`` that weaken
  this one. ``make mutants`` and the comparison with the C must notice them.

Grants have a reason as well. ``Effective``: the capability is effective in the
target namespace or in one of its ancestors. ``Owner``: the caller's effective
user ID owns the target namespace, or one of its ancestors that was created in
the caller's namespace. ``Value``: a value is returned. ``Change``:
``prctl()`` changes the credentials.

";

/// What covers a rule that no test of the core or of the hooks can.
const fn elsewhere(denial: Denial) -> Option<&'static str> {
    match denial {
        Denial::NoMemory => Some(
            "``make stress`` on the kernel ``debug``, which makes each allocation fail in turn: \
             ``tools/testing/exercise/src/faults.rs``",
        ),
        _ => None,
    }
}

pub(crate) fn page() -> Result<String, String> {
    let sources = Sources::read()?;
    let mut overview = String::from(
        ".. list-table::\n   :header-rows: 1\n   :widths: 30 12 58\n\n   \
         * - rule\n     - errno\n     - what it denies\n",
    );
    let mut rules = String::new();
    for &denial in Denial::ALL {
        let (name, errno) = (denial.name(), denial.errno());
        let comment = sources.comment(denial)?;
        overview += &format!("   * - :ref:`{name}`\n     - ``{errno:?}``\n     - {comment}\n");
        rules += &section(denial, &sources)?;
    }
    Ok(format!("{HEAD}{overview}{rules}"))
}

fn section(denial: Denial, sources: &Sources) -> Result<String, String> {
    let (name, errno) = (denial.name(), denial.errno());
    let c = match c::place(denial) {
        Some(c::Place {
            file,
            function,
            text,
        }) => format!("``{function}()`` in ``{file}``: ``{text}``"),
        None => "no such rule".into(),
    };
    let (tests, said): (Vec<_>, Vec<_>) = sources
        .naming(denial)
        .into_iter()
        .partition(|function| function.suite.is_some());
    let said = list(said.iter().map(|function| {
        let (name, file) = (&function.name, &function.file);
        format!("``{name}()`` in ``{file}``")
    }));
    let tests = list(
        tests
            .iter()
            .filter_map(|test| Some(format!("``{}.{}``", test.suite.as_ref()?, test.name)))
            .chain(elsewhere(denial).map(String::from)),
    );
    if said.is_empty() || tests.is_empty() {
        return Err(format!(
            "{name}: no function returns it, or no test names it"
        ));
    }
    let underline = "-".repeat(name.len());
    let mut text = format!(
        "\n.. _{name}:\n\n{name}\n{underline}\n\n:Reason: {}.\n:Errno: ``{errno:?}``\n:C: {c}\n\
         :Rust:\n{said}:Tests:\n{tests}",
        denial.reason()
    );
    let planted = planted::in_place_of(denial)?;
    if !planted.is_empty() {
        let planted = list(planted.iter().map(|rule| format!("``{rule}``")));
        text += &format!(":Planted:\n{planted}");
    }
    Ok(text)
}

fn list(items: impl Iterator<Item = String>) -> String {
    items.fold(String::new(), |list, item| list + "   - " + &item + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_is_said_by_some_code_and_named_by_some_test() {
        let page = page().unwrap();
        for denial in Denial::ALL {
            assert!(page.contains(&format!("\n.. _{}:\n", denial.name())));
        }
    }
}
