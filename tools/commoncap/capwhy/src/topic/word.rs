// SPDX-License-Identifier: GPL-2.0

//! Words that people have when they ask: of manual pages, settings and error messages.

use super::{messages::MESSAGES, words::Word, words::WORDS, Topic};
use crate::{
    likely::sysctl::{Sysctl, SYSCTLS},
    printable::printable,
};
use std::{fs, path::Path};

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
        .find(|sysctl| is(sysctl.name) || last(sysctl.name));
    sysctl.map(of_sysctl).or_else(|| in_proc_sys(&word))
}

/// Returns what holds for each setting, if `/proc/sys` has one of this name.
fn in_proc_sys(word: &str) -> Option<Topic> {
    const DIRECTORIES: [&str; 8] = [
        "", "kernel", "fs", "vm", "user", "net/core", "net/ipv4", "dev/tty",
    ];
    let name = word.trim_start_matches("/proc/sys/").replace('.', "/");
    let is_name = !name.is_empty() && !name.split('/').any(|part| matches!(part, "" | ".."));
    let files = DIRECTORIES.map(|directory| format!("/proc/sys/{directory}/{name}"));
    let file = files
        .iter()
        .find(|file| is_name && Path::new(file).is_file())?;
    let now = match fs::read_to_string(file) {
        Ok(value) => format!("it is {} here", printable(value.trim())),
        Err(_) => "it cannot be read here".to_owned(),
    };
    let what = format!(
        "{now}. Files of /proc/sys belong to root of the initial user namespace, those of \
         /proc/sys/net to the owner of the network namespace, and their mode decides. Most \
         containers mount them read-only, which no capability changes"
    );
    let remedy = "set it outside of the container, or pass it to the container (--sysctl)";
    let shown = file
        .trim_start_matches("/proc/sys/")
        .trim_start_matches('/');
    Some(Topic::new(&shown.replace('/', "."), "sysctl", what, remedy))
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
        let names = word
            .0
            .split(',')
            .map(|name| (spaced(name), is_constant(name)));
        let (name, is_constant) = names
            .filter(|(name, _)| contains(&message, name))
            .max_by_key(|(name, _)| name.len())?;
        let is_phrase = name.contains([' ', '/', '.', ':', '=']);
        let certainty = match (is_phrase || is_constant, printed) {
            (true, true) => Certainty::Printed,
            (true, false) if is_phrase => Certainty::Phrase,
            _ => Certainty::Word,
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

/// Returns whether a name is one of the kernel's constants, such as `TUNSETIFF`, and too long for
/// the name of a program.
fn is_constant(name: &str) -> bool {
    let is = |letter: char| letter.is_ascii_uppercase() || letter == '_';
    name.len() > 6 && name.chars().all(is)
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
    Topic::new(sysctl.name, "sysctl", what, sysctl.remedy(true))
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
            "ProtectKernelTunables",
            "PrivateDevices",
            "RestrictNamespaces",
            "DynamicUser",
            "hostPID",
            "procMount",
            "fsGroup",
            "RLIMIT_RTPRIO",
            "sticky bit",
            "network namespace",
            "/etc/subuid",
            "vfat",
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
        for word in [
            "core_pattern",
            "kernel.core_pattern",
            "/proc/sys/kernel/core_pattern",
        ] {
            let topic = find(word).unwrap();
            assert_eq!(
                (&*topic.name, topic.kind),
                ("kernel.core_pattern", "sysctl")
            );
            assert!(topic.what.contains("read-only"), "{}", topic.what);
        }
        for word in ["../../etc/passwd", "/proc/sys", "kernel"] {
            assert!(find(word).is_none(), "{word}");
        }
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
