// SPDX-License-Identifier: GPL-2.0

//! What a thread may do and who it is, as it can be read from outside the kernel.

use crate::sys;
use commoncap::capability::{Capability, CapabilitySet};
use std::{
    fmt::{self, Write as _},
    fs::File,
    io::{self, Read},
};

/// The lines of `/proc/…/status` that are of interest, and what they are called here.
const LINES: [(&str, &str); 8] = [
    ("Uid:", "uid"),
    ("Gid:", "gid"),
    ("CapInh:", "inh"),
    ("CapPrm:", "prm"),
    ("CapEff:", "eff"),
    ("CapBnd:", "bnd"),
    ("CapAmb:", "amb"),
    ("NoNewPrivs:", "nnp"),
];

/// The credentials of this thread, as `/proc` shows them.
#[derive(Clone, PartialEq, Eq)]
pub struct State {
    fields: [String; LINES.len()],
    /// The securebits.
    pub securebits: usize,
}

impl State {
    /// Reads what is so now.
    pub fn now() -> io::Result<Self> {
        let mut buffer = [0; 8192];
        let mut file = File::open("/proc/thread-self/status")?;
        let len = file.read(&mut buffer)?;
        let status = std::str::from_utf8(&buffer[..len]).map_err(io::Error::other)?;
        let mut fields = [const { String::new() }; LINES.len()];
        for line in status.lines() {
            let Some(index) = LINES.iter().position(|(start, _)| line.starts_with(start)) else {
                continue;
            };
            let (_, value) = line.split_once('\t').unwrap_or_default();
            // The capabilities without the zeros before them, the IDs in one word.
            let value = if (2..=6).contains(&index) {
                match value.trim_start_matches('0') {
                    "" => "0",
                    value => value,
                }
                .to_owned()
            } else {
                value.replace('\t', ",")
            };
            fields[index] = value;
        }
        if fields.iter().any(String::is_empty) {
            return Err(io::Error::other(
                "/proc/thread-self/status lacks a line: this takes a kernel of the last ten years",
            ));
        }
        let securebits = sys::securebits()? as usize;
        Ok(Self { fields, securebits })
    }

    /// Returns a field by the name that it has here.
    pub fn field(&self, name: &str) -> &str {
        LINES
            .iter()
            .position(|(_, known)| *known == name)
            .map_or("?", |index| &self.fields[index])
    }

    /// Returns a set of capabilities by the name that it has here.
    pub fn set(&self, name: &str) -> CapabilitySet {
        CapabilitySet::from_bits(u64::from_str_radix(self.field(name), 16).unwrap_or(0))
    }

    /// Returns the real, effective and saved user ID, as this thread sees them.
    pub fn user_ids(&self) -> [u32; 3] {
        let mut ids = self.field("uid").split(',').map(|id| id.parse());
        [(); 3].map(|()| ids.next().and_then(|id| id.ok()).unwrap_or(u32::MAX))
    }

    /// Returns the fields that have changed since a former state.
    pub fn since(&self, before: &Self) -> String {
        self.text(|index| self.fields[index] != before.fields[index], {
            self.securebits != before.securebits
        })
    }

    /// Returns the fields that `show` selects by their index.
    fn text(&self, show: impl Fn(usize) -> bool, show_securebits: bool) -> String {
        let mut text = String::new();
        for (index, (_, name)) in LINES.iter().enumerate().filter(|(index, _)| show(*index)) {
            let _ = write!(text, "{name} {} ", self.fields[index]);
        }
        if show_securebits {
            let _ = write!(text, "securebits {:#x} ", self.securebits);
        }
        text.truncate(text.trim_end().len());
        text
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(|_| true, true))
    }
}

/// Returns a set of capabilities as people write it: `none`, `8,40`, `all`, `all-21,40`.
pub fn set_text(set: CapabilitySet) -> String {
    let list = |wanted: bool| {
        let numbers: Vec<String> = Capability::ALL
            .iter()
            .filter(|capability| set.contains(**capability) == wanted)
            .map(|capability| capability.number().to_string())
            .collect();
        numbers.join(",")
    };
    match (list(true), list(false)) {
        (held, _) if held.is_empty() => "none".to_owned(),
        (_, missing) if missing.is_empty() => "all".to_owned(),
        (held, missing) if missing.len() < held.len() => format!("all-{missing}"),
        (held, _) => held,
    }
}

/// Returns the set of capabilities that is meant by a text of [`set_text`].
pub fn set_of(text: &str) -> Option<CapabilitySet> {
    let (start, list) = match text.split_once('-') {
        Some(("all", list)) => (CapabilitySet::FULL, list),
        Some(_) => return None,
        None if text == "all" => return Some(CapabilitySet::FULL),
        None if text == "none" => return Some(CapabilitySet::EMPTY),
        None => (CapabilitySet::EMPTY, text),
    };
    list.split(',').try_fold(start, |set, number| {
        let capability = Capability::new(number.parse().ok()?)?;
        Some(if start == CapabilitySet::EMPTY {
            set.with(capability)
        } else {
            set.without(capability)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_read_as_it_is_written() {
        for text in ["none", "all", "8", "8,40", "all-40", "all-21,40"] {
            assert_eq!(set_of(text).map(set_text).as_deref(), Some(text));
        }
        for text in ["", "some", "41", "8-40", "all-"] {
            assert_eq!(set_of(text), None, "{text}");
        }
    }

    #[test]
    fn an_unchanged_field_is_not_shown() {
        let Ok(now) = State::now() else { return };
        assert_eq!(now.since(&now), "");
        let mut other = now.clone();
        other.securebits ^= 0x100;
        assert_eq!(
            other.since(&now),
            format!("securebits {:#x}", other.securebits)
        );
    }
}
