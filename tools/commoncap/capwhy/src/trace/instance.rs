// SPDX-License-Identifier: GPL-2.0

//! An instance of tracefs: buffers of its own, so that other tracing is not disturbed.

use super::{event::EVENTS, names, pipe::Pipe, tracefs};
use crate::error::{Error, Result};
use std::{
    fs,
    io::{self, ErrorKind},
    path::{Path, PathBuf},
    process,
    thread::sleep,
    time::Duration,
};

/// An instance of tracefs, removed when this value is dropped.
pub struct Instance {
    path: PathBuf,
}

impl Instance {
    /// Makes an instance in which nothing is traced yet.
    pub fn create() -> Result<Self> {
        Self::create_in(&tracefs::find()?.join("instances"))
    }

    fn create_in(instances: &Path) -> Result<Self> {
        remove_left_over(instances);
        let path = instances.join(name(process::id()));
        fs::create_dir(&path).map_err(|error| match error.kind() {
            ErrorKind::PermissionDenied => Error::new(format!(
                "{} may not be made: tracing takes root, and a kernel that is not locked down",
                path.display()
            )),
            _ => Error::of(format!("{} cannot be made", path.display()), error),
        })?;
        let instance = Self { path };
        instance.write("tracing_on", "0")?;
        // The events of a thread are then in order, whatever CPUs it has been on.
        instance.write("trace_clock", "mono")?;
        Ok(instance)
    }

    fn write(&self, file: &str, text: &str) -> Result {
        let path = self.path.join(file);
        fs::write(&path, text)
            .map_err(|error| Error::of(format!("{} cannot be written", path.display()), error))
    }

    /// Traces only a thread and its descendants.
    pub fn follow(&self, pid: i32) -> Result {
        self.write("set_event_pid", &pid.to_string())?;
        self.write("options/event-fork", "1")
    }

    /// Does not trace this process.
    pub fn leave_out_self(&self) -> Result {
        self.write("set_event_notrace_pid", &process::id().to_string())
    }

    /// Sets the size of the buffer of each CPU.
    pub fn set_buffer_size(&self, kilobytes: u32) -> Result {
        self.write("buffer_size_kb", &kilobytes.to_string())
    }

    /// Starts to trace the events of the module. Returns the pipe that they are read from.
    pub fn start(&self) -> Result<Pipe> {
        // A reader that waits gets each event at once. A kernel without this option takes longer.
        let _ = self.write("buffer_percent", "0");
        let pipe = Pipe::open(&self.path.join("trace_pipe"))?;
        for file in switches() {
            if self.path.join(&file).exists() {
                self.write(&file, "1")?;
            }
        }
        self.write("tracing_on", "1")?;
        Ok(pipe)
    }

    /// Stops tracing. The events so far can still be read.
    pub fn stop(&self) -> Result {
        self.write("tracing_on", "0")
    }

    /// Fails if the module, and with it its events, has gone.
    pub fn still_has_events(&self) -> Result {
        if self.path.join("events/rust_commoncap").exists() {
            Ok(())
        } else {
            Err(Error::new(
                "the kernel module rust_commoncap has been unloaded meanwhile: modprobe \
                 rust_commoncap, and start again",
            ))
        }
    }

    /// Returns how many events were lost since the buffers were full.
    pub fn lost(&self) -> Result<u64> {
        let failed = |error| Error::of("the number of lost events is unknown", error);
        let mut lost = 0;
        for cpu in fs::read_dir(self.path.join("per_cpu")).map_err(failed)? {
            let stats = cpu.map_err(failed)?.path().join("stats");
            lost += lost_in(&fs::read_to_string(stats).map_err(failed)?);
        }
        Ok(lost)
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        let _ = self.stop();
        for file in switches() {
            let _ = self.write(&file, "0");
        }
        // The directory can be busy for a moment while another process reads it.
        for _ in 0..50 {
            match fs::remove_dir(&self.path) {
                Err(error) if error.kind() == ErrorKind::ResourceBusy => {
                    sleep(Duration::from_millis(20));
                }
                _ => return,
            }
        }
    }
}

/// Returns the files that turn events on and off.
fn switches() -> impl Iterator<Item = String> {
    let names = names::EVENTS.map(|event| ("task", event)).into_iter();
    let events = EVENTS.map(|event| ("rust_commoncap", event));
    names
        .chain(events)
        .map(|(group, event)| format!("events/{group}/{event}/enable"))
}

/// Removes the instances of runs that were killed. Nothing else in the directory is touched.
fn remove_left_over(instances: &Path) {
    let Ok(entries) = fs::read_dir(instances) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let owner = name.to_str().and_then(owner);
        if owner.is_some_and(|pid| !is_running(pid)) {
            let _: io::Result<()> = fs::remove_dir(entry.path());
        }
    }
}

/// Returns the name of the instance of a process.
fn name(pid: u32) -> String {
    format!("capwhy-{pid}")
}

/// Returns the ID of the process that an instance of this name belongs to; none if it is not a name
/// that [`name`] gives.
fn owner(instance: &str) -> Option<u32> {
    let pid = instance.strip_prefix("capwhy-")?.parse().ok()?;
    (pid > 0 && i32::try_from(pid).is_ok() && name(pid) == instance).then_some(pid)
}

/// Returns whether another process of this ID is running.
fn is_running(pid: u32) -> bool {
    pid != process::id() && Path::new("/proc").join(pid.to_string()).exists()
}

/// Adds up the lost events in `per_cpu/cpuN/stats`.
fn lost_in(stats: &str) -> u64 {
    stats
        .lines()
        .filter_map(|line| {
            let (key, value) = line.split_once(':')?;
            let counts = ["overrun", "commit overrun", "dropped events"].contains(&key.trim());
            counts.then(|| value.trim().parse::<u64>().ok())?
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lost_events_are_added_up() {
        let stats = "entries: 5\noverrun: 3\ncommit overrun: 1\nbytes: 77\n\
            oldest event ts:  1.000001\nnow ts: 2.0\ndropped events: 4\nread events: 9\n";
        assert_eq!(lost_in(stats), 8);
        assert_eq!(lost_in(""), 0);
    }

    #[test]
    fn only_the_instances_of_ended_runs_are_removed() {
        let directory = crate::scratch::Directory::new();
        let mut others = [
            "capwhy-1",
            "capwhy-",
            "capwhy-debug",
            "capwhy-0",
            "capwhy-04194305",
            "capwhy-+4194305",
            "capwhy--1",
            "capwhy-4294967295",
            "capwhy-4294967296",
            "capwhy-4194305 ",
            "capwhy-self",
            "other-4194305",
        ];
        for name in others.iter().chain(&["capwhy-4194305"]) {
            fs::create_dir(directory.join(name)).unwrap();
        }
        remove_left_over(&directory);
        let mut left: Vec<_> = fs::read_dir(&*directory)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        left.sort();
        others.sort();
        assert_eq!(left, others);
    }
}
