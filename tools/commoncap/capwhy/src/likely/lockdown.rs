// SPDX-License-Identifier: GPL-2.0

//! The lockdown of the kernel, which refuses root with all capabilities, too.

use super::Called;
use crate::printable::printable;
use std::fs;

/// The calls that lockdown refuses whatever their arguments, from integrity on.
const CALLS: &str = "iopl ioperm kexec_load kexec_file_load init_module finit_module";
/// The calls that it may refuse at confidentiality.
const READS: &str = "bpf perf_event_open";
/// The files that it refuses to open, the last one at confidentiality.
const FILES: &str = "/dev/mem /dev/kmem /dev/port /proc/kcore";
/// Directories with files that it refuses to open for writing, or at all.
const DIRECTORIES: &str = "/sys/kernel/debug/ /sys/bus/pci/devices/ /proc/bus/pci/ /dev/cpu/";

/// Returns the level in a text such as `none [integrity] confidentiality`, if it refuses anything.
fn level(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once('[')?;
    let (level, _) = rest.split_once(']')?;
    (level != "none").then_some(level)
}

/// Returns the reason, if the kernel is locked down now.
pub fn of(called: &Called<'_>) -> Option<String> {
    if called.errno != "EPERM" || !called.refused.is_empty() {
        return None;
    }
    let what = what(called)?;
    let text = fs::read_to_string("/sys/kernel/security/lockdown").ok()?;
    sentence(called, &what, level(&text)?)
}

/// Returns what some level refuses of a call.
fn what(called: &Called<'_>) -> Option<String> {
    match called.path() {
        Some(path) if called.is("open openat openat2") => {
            let mut directories = DIRECTORIES.split(' ');
            let is = FILES.split(' ').any(|file| file == path);
            (is || directories.any(|start| path.starts_with(start))).then(|| printable(path))
        }
        _ => (called.is(CALLS) || called.is(READS)).then(|| format!("{}()", called.name)),
    }
}

fn sentence(called: &Called<'_>, what: &str, level: &str) -> Option<String> {
    if called.is(READS) && level != "confidentiality" {
        return None;
    }
    Some(format!(
        "the kernel is locked down ({level}), as by Secure Boot or lockdown= of its command line: \
         it refuses {what} to root with all capabilities, too: use a signed module or kernel, or a \
         driver in place of raw access, or boot without both"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lockdown_refuses_is_named() {
        assert_eq!(
            level("none [integrity] confidentiality\n"),
            Some("integrity")
        );
        assert_eq!(level("[none] integrity confidentiality\n"), None);
        let mut called = Called {
            name: "iopl",
            errno: "EPERM",
            ..Called::default()
        };
        let sentence = |called: &Called<'_>, level| sentence(called, &what(called)?, level);
        let said = sentence(&called, "integrity").unwrap();
        assert!(said.contains("refuses iopl() to root"), "{said}");
        called.name = "bpf";
        assert_eq!(sentence(&called, "integrity"), None);
        assert!(sentence(&called, "confidentiality").is_some());
        (called.name, called.texts) = ("openat", [None, Some("/dev/mem")]);
        assert!(sentence(&called, "integrity").unwrap().contains("/dev/mem"));
        called.texts = [None, Some("/dev/zero")];
        assert_eq!(sentence(&called, "integrity"), None);
    }
}
