// SPDX-License-Identifier: GPL-2.0

//! Words that people have when they ask: of manual pages, settings and error messages.

use super::{messages::MESSAGES, words::Word, words::WORDS, Topic};
use crate::likely::sysctl::{Sysctl, SYSCTLS};

fn all() -> impl Iterator<Item = &'static Word> {
    WORDS.iter().chain(MESSAGES)
}

/// Returns a text in small letters, with `_` in place of blanks and `-`.
fn plain(text: &str) -> String {
    text.trim().to_lowercase().replace([' ', '-'], "_")
}

/// Returns what is known of a word, in any case, with `_`, `-` or blanks between its parts.
pub fn find(word: &str) -> Option<Topic> {
    let word = plain(word);
    let is = |name: &str| plain(name) == word;
    if let Some(found) = all().find(|(names, ..)| names.split(',').any(is)) {
        return Some(topic(found));
    }
    let last = |name: &str| name.rsplit('.').next().is_some_and(is);
    let sysctl = SYSCTLS
        .iter()
        .find(|sysctl| is(sysctl.name) || last(sysctl.name))?;
    Some(of_sysctl(sysctl))
}

/// Returns a text in small letters, with blanks in place of `_` and `-`.
fn spaced(text: &str) -> String {
    let text = text.to_lowercase().replace(['_', '-'], " ");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// How certain it is that a message is about a word in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certainty {
    /// It is what a program prints.
    Printed,
    /// It is more than one word.
    Phrase,
    /// It is one word.
    Word,
}

/// Returns what is known of words in a message, the longest first.
pub fn find_in(message: &str) -> Vec<(Certainty, Topic)> {
    let message = spaced(message);
    let longest = |word: &'static Word, printed: bool| {
        let names = word.0.split(',').map(spaced);
        let name = names
            .filter(|name| contains(&message, name))
            .max_by_key(String::len)?;
        let certainty = match (name.contains([' ', '/', '.', ':', '=']), printed) {
            (true, true) => Certainty::Printed,
            (true, false) => Certainty::Phrase,
            (false, _) => Certainty::Word,
        };
        Some((name.len(), certainty, topic(word)))
    };
    let words = WORDS.iter().filter_map(|word| longest(word, false));
    let printed = MESSAGES.iter().filter_map(|word| longest(word, true));
    let mut found: Vec<_> = words.chain(printed).collect();
    found.sort_by_key(|(length, ..)| std::cmp::Reverse(*length));
    let found = found.into_iter();
    found
        .map(|(_, certainty, topic)| (certainty, topic))
        .collect()
}

/// Returns the setting whose last part this name is, such as `perf_event_paranoid`.
pub fn setting(name: &str) -> Option<Topic> {
    let last = |sysctl: &&Sysctl| sysctl.name.rsplit('.').next() == Some(name);
    name.contains('_')
        .then(|| SYSCTLS.iter().find(last).map(of_sysctl))?
}

/// Returns whether a message has a name in it, and not in the middle of another word.
fn contains(message: &str, name: &str) -> bool {
    message.match_indices(name).any(|(at, _)| {
        let (before, after) = (&message[..at], &message[at + name.len()..]);
        let is_part = |letter: char| letter.is_alphanumeric() || letter == '.';
        !before.ends_with(is_part) && !after.starts_with(|letter| is_part(letter) && letter != '.')
    })
}

fn topic((names, what, remedy): &Word) -> Topic {
    let name = names.split(',').next().unwrap_or_default();
    Topic::new(name, "word", *what, *remedy)
}

fn of_sysctl(sysctl: &Sysctl) -> Topic {
    let now = sysctl.value().map_or_else(
        || "this kernel has no such setting".to_owned(),
        |value| format!("it is {value} here"),
    );
    let what = format!("{now}. It {}", sysctl.what);
    Topic::new(sysctl.name, "sysctl", what, sysctl.remedy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_however_they_are_written() {
        for word in [
            "no_new_privs",
            "NoNewPrivileges",
            "no new privs",
            "bounding set",
            "nosuid",
            "security.capability",
            "eperm",
            "user namespace",
            "dumpable",
        ] {
            let topic = find(word).unwrap();
            assert_eq!(topic.kind, "word");
            assert!(!topic.what.is_empty() && !topic.remedy.is_empty());
        }
        for word in [
            "kernel.yama.ptrace_scope",
            "ptrace_scope",
            "perf_event_paranoid",
        ] {
            assert_eq!(find(word).unwrap().kind, "sysctl");
        }
        assert!(find("nothing").is_none());
    }

    #[test]
    fn no_name_is_in_two_words() {
        let names = all().flat_map(|(names, ..)| names.split(','));
        let mut all: Vec<String> = names.map(str::to_lowercase).collect();
        let count = all.len();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), count);
    }

    #[test]
    fn a_name_in_a_message_is_a_word_of_its_own() {
        assert!(contains("sudo: not found", "sudo"));
        assert!(!contains("pseudo: not found", "sudo"));
        assert!(!contains("libsu.so", "su"));
        assert!(contains("it is in nfs.", "nfs"));
    }
}
