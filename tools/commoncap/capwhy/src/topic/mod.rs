// SPDX-License-Identifier: GPL-2.0

//! Explains a rule, a capability or the error of a system call: `capwhy explain`.

mod capability;
mod message;
mod messages;
mod sayings;
mod word;
mod words;

use crate::{
    capabilities,
    check::Over,
    either_or,
    error::{Error, Result},
    failures::{self, Failure},
    likely,
    style::Style,
    table::wrap,
};
use commoncap::{Denial, Loss};
use serde::Serialize;

/// The version of the JSON. It grows if a field changes its meaning or is removed, not if one is
/// added.
pub const VERSION: u32 = 1;

/// An explanation.
#[derive(Clone, Debug, Serialize)]
pub struct Topic {
    /// What is explained: a rule, a loss, a capability, an error of a call.
    pub name: String,
    /// `rule`, `loss`, `capability`, `error`, `word`, `option`, `sysctl`, `set`.
    pub kind: &'static str,
    /// The error number of a rule or of a call.
    pub errno: Option<String>,
    /// What is wrong, or what it allows.
    pub what: String,
    /// What to do.
    pub remedy: String,
    /// Further facts: a sentence each.
    pub facts: Vec<String>,
}

impl Topic {
    fn new(
        name: &str,
        kind: &'static str,
        what: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            name: name.to_owned(),
            kind,
            errno: None,
            what: what.into(),
            remedy: remedy.into(),
            facts: Vec::new(),
        }
    }
}

/// The answer to a question.
#[derive(Debug, Serialize)]
pub struct Report {
    version: u32,
    command: &'static str,
    /// What has been found.
    pub topics: Vec<Topic>,
}

impl Report {
    /// Finds what these words name: `NotEffective`, `cap_bpf`, `EPERM execve`, `EPERM-of-execve`.
    pub fn of(words: &[String]) -> Result<Self> {
        let text = words.join(" ").replace("-of-", " ");
        let parts: Vec<&str> = text
            .split([' ', ':', ','])
            .map(|word| word.trim_end_matches("()"))
            .filter(|word| !word.is_empty() && *word != "of")
            .collect();
        let mut topics = find(&parts);
        if topics.iter().all(|topic| topic.kind == "error") {
            topics.extend(word::find(&words.join(" ")));
        }
        if topics.is_empty() && !is_error_of_call(&parts) {
            topics = message::topics(&words.join(" "));
        }
        if topics.is_empty() {
            return Err(Error::new(format!(
                "'{}' has no rule, capability, system call, setting or word that capwhy knows: \
                 name one, as in capwhy explain cap_net_raw, capwhy explain EPERM execve, capwhy \
                 explain no_new_privs, or quote a message that has the error and the call",
                words.join(" ")
            )));
        }
        Ok(Self {
            version: VERSION,
            command: "explain",
            topics,
        })
    }

    /// Returns it as text.
    pub fn text(&self, style: Style) -> String {
        let texts = self.topics.iter().map(|topic| {
            let errno = topic.errno.as_deref().filter(|_| topic.kind == "rule");
            let errno = errno.map_or(String::new(), |errno| format!(", {errno}"));
            let mut text = format!("{}{errno}\n", style.heading(&topic.name));
            text.push_str(&wrap("    ", &format!("{}.", sentence(&topic.what))));
            if !topic.remedy.is_empty() {
                text.push_str(&wrap("    ", &format!("{}.", sentence(&topic.remedy))));
            }
            for fact in &topic.facts {
                text.push_str(&wrap("    - ", fact));
            }
            text
        });
        texts.collect::<Vec<_>>().join("\n")
    }
}

fn find(words: &[&str]) -> Vec<Topic> {
    match words {
        [word] => {
            let same = |name: &str| name.eq_ignore_ascii_case(word);
            if let Some(denial) = Denial::ALL.iter().find(|denial| same(denial.name())) {
                return vec![rule(*denial)];
            }
            if let Some(loss) = Loss::ALL.iter().find(|loss| same(loss.name())) {
                return vec![of_loss(*loss)];
            }
            match capabilities::parse(word) {
                Ok(known) => vec![of_capability(known.name())],
                Err(_) => errors(&word.to_ascii_lowercase(), None),
            }
        }
        [_, _] => {
            let Some((errno, call)) = error_of_call(words) else {
                return Vec::new();
            };
            let found = errors(&call, Some(&errno));
            match found.is_empty() && failures::is_call(&call) {
                true => unknown_error(&errno, &call).into_iter().collect(),
                false => found,
            }
        }
        _ => Vec::new(),
    }
}

/// Returns an error and a call, if two words are these.
fn error_of_call(words: &[&str]) -> Option<(String, String)> {
    let is_errno = |word: &str| {
        let upper = word.to_ascii_uppercase();
        upper.len() > 3 && upper.starts_with('E') && !failures::is_call(word)
    };
    let (errno, call) = match words {
        [one, other] if is_errno(one) => (one, other),
        [one, other] if is_errno(other) => (other, one),
        _ => return None,
    };
    Some((errno.to_ascii_uppercase(), call.to_ascii_lowercase()))
}

fn is_error_of_call(words: &[&str]) -> bool {
    error_of_call(words).is_some_and(|(errno, _)| word::find(&errno).is_some())
}

/// Returns what there is to know of an error that the table does not have, of a call that exists.
fn unknown_error(errno: &str, call: &str) -> Option<Topic> {
    let known = word::find(errno)?;
    let name = format!("{errno} of {call}()");
    let what = format!(
        "capwhy knows no capability that decides so. In general, {}",
        known.what
    );
    Some(Topic::new(&name, "error", what, known.remedy))
}

/// Returns the capability that a word such as `cap_net_raw` names.
fn capability_in(word: &str) -> Option<Topic> {
    let known = capabilities::known(word)?;
    Some(of_capability(known.name()))
}

/// Splits a sentence into what is wrong and what to do.
fn parts(sentence: &str) -> (String, String) {
    let (what, remedy) = sentence.rsplit_once(": ").unwrap_or((sentence, ""));
    (what.to_owned(), remedy.to_owned())
}

fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    // Names such as cap_setuid and setgroups() keep their case.
    let first_word = text.split(' ').next().unwrap_or_default();
    if first_word.contains(['_', '(', '.']) {
        return text.to_owned();
    }
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}

fn rule(denial: Denial) -> Topic {
    let (what, remedy) = parts(denial.reason());
    let calls = failures::of_rule(denial);
    Topic {
        name: denial.name().to_owned(),
        kind: "rule",
        errno: Some(format!("{:?}", denial.errno())),
        what,
        remedy,
        facts: match calls.is_empty() {
            true => vec![
                "Any check of a capability can fail by this rule: capwhy check CAPABILITY \
                          shows why for a process."
                    .to_owned(),
            ],
            false => vec![format!(
                "Calls that fail by this rule: {}.",
                calls.join(", ")
            )],
        },
    }
}

fn of_loss(loss: Loss) -> Topic {
    let (what, remedy) = parts(loss.reason());
    let setuid = loss.name().starts_with("Setuid") && loss != Loss::SetuidMixed;
    let fact = if setuid {
        "The call succeeds all the same. It happens in setuid() and the calls like it."
    } else {
        "execve() succeeds all the same. capwhy exec PROGRAM shows whether it happens."
    };
    Topic {
        name: loss.name().to_owned(),
        kind: "loss",
        errno: None,
        what,
        remedy,
        facts: vec![fact.to_owned()],
    }
}

fn of_capability(name: &str) -> Topic {
    let (what, amounts) = capability::purpose(name).unwrap_or_default();
    let over = capabilities::known(name).map(|known| Over::usual(known).text());
    let mut facts = Vec::new();
    if let Some(over) = over {
        facts.push(format!("The kernel mostly checks it over {over}."));
    }
    let others = either_or::EITHER_OR
        .iter()
        .filter(|check| check.first == name || check.second == name);
    for check in others {
        let other = if check.first == name {
            check.second
        } else {
            check.first
        };
        facts.push(format!(
            "{other} does as well where the kernel accepts either: {}.",
            check.source.first().unwrap_or(&"")
        ));
    }
    let calls: Vec<String> = failures::of_capability(name)
        .into_iter()
        .map(|(call, errno)| format!("{call}() ({errno})"))
        .collect();
    if !calls.is_empty() {
        facts.push(format!("Calls that fail without it: {}.", calls.join(", ")));
    }
    if !amounts.is_empty() {
        facts.push(format!("Give it with care: {amounts}."));
    }
    Topic {
        name: name.to_owned(),
        kind: "capability",
        errno: None,
        what: format!("allows a process to {what}"),
        remedy: format!(
            "run capwhy check {name} --pid PID to see whether a process holds it, with --as FORM \
             for how to give it"
        ),
        facts,
    }
}

fn errors(call: &str, errno: Option<&str>) -> Vec<Topic> {
    let failures = failures::find(call, errno).into_iter();
    failures.map(|failure| error(call, failure)).collect()
}

fn error(call: &str, failure: &Failure) -> Topic {
    let (what, remedy) = parts(failure.sentence);
    let mut facts: Vec<String> = failure
        .rules
        .iter()
        .map(|rule| format!("{}: {}.", rule.name(), rule.reason()))
        .collect();
    if !failure.capabilities.is_empty() {
        facts.push(format!(
            "Capabilities that matter: {}.",
            failure.capabilities.join(", ")
        ));
    }
    if failure.errno == "EPERM" {
        facts.extend(likely::seccomp::in_container(call));
    }
    Topic {
        name: format!("{} of {}", failure.errno, failures::shown(call)),
        kind: "error",
        errno: Some(failure.errno.to_owned()),
        what,
        remedy,
        facts,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use commoncap::capability::Capability;

    fn explain(text: &str) -> String {
        let words: Vec<String> = text.split(' ').map(str::to_owned).collect();
        let text = Report::of(&words).unwrap().text(Style::PLAIN);
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn every_rule_loss_and_capability_is_explained_with_a_remedy() {
        let rules = Denial::ALL.iter().map(|rule| rule.name());
        let losses = Loss::ALL.iter().map(|loss| loss.name());
        let names = Capability::ALL.iter().map(|capability| capability.name());
        for name in rules.chain(losses).chain(names) {
            let report = Report::of(&[name.to_owned()]).unwrap();
            let [topic] = &report.topics[..] else {
                panic!("{name}");
            };
            assert!(
                !topic.what.is_empty() && !topic.remedy.is_empty(),
                "{topic:?}"
            );
        }
    }

    #[test]
    fn an_error_is_found_however_it_is_written() {
        for text in [
            "EPERM execve",
            "execve EPERM",
            "EPERM-of-execve",
            "eperm of execve()",
            "execve:EPERM",
        ] {
            let text = explain(text);
            assert!(text.contains("EPERM of execve()"), "{text}");
            assert!(
                text.contains("ExecFileCapsUnavailable: the file requires"),
                "{text}"
            );
        }
        assert!(explain("capset").contains("CapsetPermittedGained"));
        assert!(explain("NET_RAW").starts_with("cap_net_raw Allows a process to open raw"));
        assert!(explain("cap_bpf").contains("cap_sys_admin does as well"));
        assert!(explain("setgroups").contains("cap_setgid"));
    }

    #[test]
    fn what_seccomp_filters_of_containers_refuse_is_a_fact() {
        assert!(explain("EPERM perf_event_open").contains("--cap-add=PERFMON"));
        assert!(!explain("EACCES perf_event_open").contains("--cap-add=PERFMON"));
        let swapon = explain("EPERM swapon");
        assert!(
            swapon.contains("refuses swapon() whatever the capabilities"),
            "{swapon}"
        );
    }

    #[test]
    fn what_is_unknown_is_an_error_with_examples() {
        for text in ["nothing", "EPERM nothing", "a b c"] {
            let words: Vec<String> = text.split(' ').map(str::to_owned).collect();
            let error = Report::of(&words).unwrap_err().to_string();
            assert!(error.contains("capwhy explain EPERM execve"), "{error}");
        }
    }
}
