// SPDX-License-Identifier: GPL-2.0

//! The probes of a run: a group of their own in `dynamic_events`, removed at the end.

use super::definitions::{definitions, Age, Definition, Extent};
use crate::error::{Error, Result};
use std::{
    fs::{self, File},
    io::{self, ErrorKind, Write},
    path::{Path, PathBuf},
    process,
    thread::sleep,
    time::Duration,
};

/// Probes, removed when this value is dropped.
pub struct Probes {
    group: Group,
    defined: Vec<Definition>,
}

impl Probes {
    /// Defines the probes of an extent that this kernel takes.
    pub fn define(root: &Path, extent: Extent) -> Result<Self> {
        let mut probes = Self {
            group: Group {
                file: root.join("dynamic_events"),
                name: group_name(process::id()),
            },
            defined: Vec::new(),
        };
        let available = root.join("available_filter_functions");
        let available = fs::read_to_string(available).unwrap_or_default();
        for definition in definitions(extent, &available) {
            match probes.group.define(&definition) {
                Ok(()) => {
                    let event = format!("events/{}/{}", probes.group.name, definition.name);
                    let format = fs::read_to_string(root.join(event).join("format"));
                    probes
                        .defined
                        .push(definition.of_format(&format.unwrap_or_default()));
                }
                Err(error) if definition.required => {
                    let has_file = probes.group.file.exists();
                    return Err(refused(&definition, &error, has_file));
                }
                Err(_) => {}
            }
        }
        Ok(probes)
    }

    /// Returns the directories of the events, relative to `events`, and their filters.
    pub fn events(&self) -> Vec<(String, Option<&'static str>)> {
        let event = |definition: &Definition| {
            let directory = format!("{}/{}", self.group.name, definition.name);
            (directory, definition.filter)
        };
        self.defined.iter().map(event).collect()
    }
}

/// Returns the error for a required probe. The kernel also returns `ENOENT` for a function or a
/// fact that it does not have.
fn refused(definition: &Definition, error: &io::Error, has_file: bool) -> Error {
    let function = &definition.place;
    Error::new(match error.kind() {
        ErrorKind::NotFound if !has_file => "tracefs has no dynamic_events: use a kernel with \
            CONFIG_KPROBE_EVENTS, or modprobe rust_commoncap"
            .to_owned(),
        ErrorKind::PermissionDenied => "the kernel is locked down and refuses probes: boot it \
            without lockdown=confidentiality, or modprobe rust_commoncap"
            .to_owned(),
        _ => format!(
            "the kernel refuses a probe of {function} ({error}): use Linux 6.12 or later with \
             CONFIG_KPROBE_EVENTS and CONFIG_DEBUG_INFO_BTF, or modprobe rust_commoncap"
        ),
    })
}

/// A group of dynamic events.
struct Group {
    file: PathBuf,
    name: String,
}

impl Group {
    /// Defines a probe with the facts that this kernel can read.
    fn define(&self, definition: &Definition) -> io::Result<()> {
        let mut result = Ok(());
        for age in Age::ALL {
            result = self.write(&definition.line(&self.name, age));
            if result.is_ok() {
                break;
            }
        }
        result
    }

    /// Writes a command. Each must come in one call.
    fn write(&self, command: &str) -> io::Result<()> {
        // Not to truncate it: that removes all events of all programs.
        let mut file = File::options().append(true).open(&self.file)?;
        file.write_all(command.as_bytes())
    }

    /// Removes all events of the group.
    fn remove(&self) {
        for event in events_of(&self.file, &self.name) {
            // An event is busy for a moment after it is disabled.
            for _ in 0..50 {
                match self.write(&format!("-:{}/{event}\n", self.name)) {
                    Err(error) if error.kind() == ErrorKind::ResourceBusy => {
                        sleep(Duration::from_millis(20));
                    }
                    _ => break,
                }
            }
        }
    }
}

impl Drop for Probes {
    fn drop(&mut self) {
        self.group.remove();
    }
}

/// Returns the name of the group of a process.
fn group_name(pid: u32) -> String {
    format!("capwhy_{pid}")
}

/// Returns the ID of the process that a group of this name belongs to; none if it is not a name
/// that [`group_name`] gives.
fn owner(group: &str) -> Option<u32> {
    let pid = group.strip_prefix("capwhy_")?.parse().ok()?;
    (group_name(pid) == group).then_some(pid)
}

/// Returns the names of the events of a group.
fn events_of(file: &Path, group: &str) -> Vec<String> {
    let text = fs::read_to_string(file).unwrap_or_default();
    let event = |line| {
        let (its_group, event) = named(line)?;
        (its_group == group).then(|| event.to_owned())
    };
    text.lines().filter_map(event).collect()
}

/// Reads the group and the name of a definition, such as `p:GROUP/NAME FUNCTION a=b`.
fn named(line: &str) -> Option<(&str, &str)> {
    let (_, name) = line.split(' ').next()?.split_once(':')?;
    name.split_once('/')
}

/// Removes the groups of processes that are not running. Nothing else is touched.
pub fn remove_left_over(root: &Path, is_running: impl Fn(u32) -> bool) {
    let file = root.join("dynamic_events");
    let text = fs::read_to_string(&file).unwrap_or_default();
    let mut groups: Vec<&str> = text
        .lines()
        .filter_map(named)
        .map(|(group, _)| group)
        .collect();
    groups.dedup();
    for group in groups {
        if owner(group).is_some_and(|pid| !is_running(pid)) {
            let (file, name) = (file.clone(), group.to_owned());
            Group { file, name }.remove();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_groups_of_ended_runs_are_removed() {
        let directory = crate::scratch::Directory::new();
        let text = "r64:capwhy_7/capwhy_capable cap_capable cap=cap\n\
            t:capwhy_7/capwhy_failed sys_exit\nr64:capwhy_8/capwhy_capable cap_capable\n\
            r64:capwhy_x/a b\nr64:capwhy_07/a b\np:kprobes/p_do_sys_open_0 do_sys_open\n\
            r64:capwhy_/a b\nr64:capwhy/a b\n";
        let file = directory.join("dynamic_events");
        fs::write(&file, text).unwrap();
        remove_left_over(&directory, |pid| pid == 8);
        let now = fs::read_to_string(&file).unwrap();
        let removed = "-:capwhy_7/capwhy_capable\n-:capwhy_7/capwhy_failed\n";
        assert_eq!(now, format!("{text}{removed}"));
    }

    #[test]
    fn a_fact_that_the_kernel_does_not_have_is_not_taken_for_a_lack_of_dynamic_events() {
        let capable = definitions(NOTHING_BESIDES, "").remove(0);
        let missing = io::Error::from(ErrorKind::NotFound);
        let error = refused(&capable, &missing, true).to_string();
        assert!(error.contains("Linux 6.12 or later"), "{error}");
    }

    const NOTHING_BESIDES: Extent = Extent {
        module: false,
        tree: false,
        lsms: false,
        unaudited: true,
    };

    #[test]
    fn without_dynamic_events_the_error_names_the_remedy() {
        let directory = crate::scratch::Directory::new();
        let error = Probes::define(&directory, NOTHING_BESIDES);
        let error = error.err().unwrap().to_string();
        assert!(error.contains("CONFIG_KPROBE_EVENTS"), "{error}");
    }
}
