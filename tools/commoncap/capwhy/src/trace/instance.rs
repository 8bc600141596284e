// SPDX-License-Identifier: GPL-2.0

//! An instance of tracefs: buffers of its own, so that other tracing is not disturbed.

use super::{
    buffers::lost_in,
    format::Format,
    mount, names,
    pipe::Pipe,
    scope::Scope,
    source::{
        tracefs::{remove_left_over as remove_probes, Extent},
        Kind, Source,
    },
};
use crate::error::{Error, Result};
use rustix::{
    fd::OwnedFd,
    fs::{flock, open, FlockOperation, Mode, OFlags},
};
use std::{
    collections::BTreeSet,
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
    source: Option<Source>,
    /// Locked while this process lives, so that no other one removes the instance and its probes.
    _lock: OwnedFd,
}

impl Instance {
    /// Makes an instance in which nothing is traced yet.
    pub fn create(wanted: Option<Kind>, extent: Extent) -> Result<Self> {
        let root = mount::find()?;
        let mut instance = Self::create_in(&root)?;
        instance.source = Some(Source::open(&root, wanted, extent)?);
        Ok(instance)
    }

    fn create_in(root: &Path) -> Result<Self> {
        let instances = root.join("instances");
        // While another process makes its own, that one is not locked yet.
        let others = lock(&instances, FlockOperation::LockExclusive).map_err(|error| {
            Error::of(format!("{} cannot be locked", instances.display()), error)
        })?;
        remove_left_over(root, &instances);
        let path = instances.join(name(process::id()));
        fs::create_dir(&path).map_err(|error| match error.kind() {
            // The kernel says EINVAL if it is locked down.
            ErrorKind::PermissionDenied | ErrorKind::InvalidInput => Error::new(format!(
                "{} may not be made: run this as root, on a kernel without \
                 lockdown=confidentiality",
                path.display()
            )),
            _ => Error::of(format!("{} cannot be made", path.display()), error),
        })?;
        let lock = lock(&path, FlockOperation::LockExclusive)
            .map_err(|error| Error::of(format!("{} cannot be locked", path.display()), error));
        drop(others);
        let instance = Self {
            path,
            source: None,
            _lock: lock?,
        };
        instance.write("tracing_on", "0")?;
        // The events of a thread are then in order, whatever CPUs it has been on.
        instance.write("trace_clock", "mono")?;
        Ok(instance)
    }

    fn source(&self) -> Result<&Source> {
        self.source
            .as_ref()
            .ok_or_else(|| Error::new("there is no source of events"))
    }

    /// Returns the kind of the source.
    pub fn kind(&self) -> Result<Kind> {
        self.source().map(Source::kind)
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

    /// Traces only the threads of a scope, and their descendants.
    pub fn follow_all(&self, scope: &Scope) -> Result {
        self.write("options/event-fork", "1")?;
        let mut followed = BTreeSet::new();
        // Those that start while the list is read are in the next one.
        loop {
            let threads = scope.threads()?;
            if threads.is_subset(&followed) {
                return Ok(());
            }
            let list: Vec<String> = threads.iter().map(i32::to_string).collect();
            self.write("set_event_pid", &list.join(" "))?;
            followed = threads;
        }
    }

    /// Does not trace this process.
    pub fn leave_out_self(&self) -> Result {
        self.write("set_event_notrace_pid", &process::id().to_string())
    }

    /// Sets the size of the buffer of each CPU.
    pub fn set_buffer_size(&self, kilobytes: u32) -> Result {
        self.write("buffer_size_kb", &kilobytes.to_string())
    }

    /// Starts to trace the events of the source. Returns the pipe that they are read from.
    pub fn start(&self) -> Result<Pipe> {
        // A reader that waits gets each event at once. A kernel without this option takes longer.
        let _ = self.write("buffer_percent", "0");
        let source = self.source()?;
        let mut pipe = Pipe::open(&self.path)?;
        let names = names::EVENTS.map(|event| (format!("task/{event}"), None));
        for (event, filter) in source.events().into_iter().chain(names) {
            let directory = format!("events/{event}");
            if self.path.join(&directory).exists() {
                if let Some(filter) = filter {
                    self.write(&format!("{directory}/filter"), filter)?;
                }
                pipe.add(self.format(&directory)?);
                self.write(&format!("{directory}/enable"), "1")?;
            }
        }
        self.write("tracing_on", "1")?;
        pipe.names_of_running();
        Ok(pipe)
    }

    /// Reads the format of an event.
    fn format(&self, directory: &str) -> Result<Format> {
        let path = self.path.join(directory).join("format");
        let text = fs::read_to_string(&path)
            .map_err(|error| Error::of(format!("{} cannot be read", path.display()), error))?;
        Format::parse(&text)
            .ok_or_else(|| Error::new(format!("{} has an unknown format", path.display())))
    }

    /// Stops tracing. The events so far can still be read.
    pub fn stop(&self) -> Result {
        self.write("tracing_on", "0")
    }

    /// Fails if the source has gone, such as a module that has been unloaded.
    pub fn still_has_events(&self) -> Result {
        let mut events = self.source()?.events().into_iter();
        if events.all(|(event, _)| self.path.join("events").join(event).exists()) {
            return Ok(());
        }
        Err(Error::new(match self.kind()? {
            Kind::Module => {
                "the kernel module rust_commoncap has been unloaded meanwhile: modprobe \
                 rust_commoncap, and start again"
            }
            Kind::Tracefs => {
                "another program has removed the probes of capwhy meanwhile: start again"
            }
        }))
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
        // This also disables its events, after which the probes can be removed.
        remove(&self.path);
        self.source = None;
    }
}

/// Removes an instance. The directory can be busy for a moment while another process reads it.
fn remove(instance: &Path) {
    for _ in 0..50 {
        match fs::remove_dir(instance) {
            Err(error) if error.kind() == ErrorKind::ResourceBusy => {
                sleep(Duration::from_millis(20));
            }
            _ => return,
        }
    }
}

/// Locks a directory until the result is dropped, or fails.
fn lock(directory: &Path, operation: FlockOperation) -> io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let file = open(directory, flags, Mode::empty())?;
    flock(&file, operation)?;
    Ok(file)
}

/// Removes the instances and probes of runs that were killed. Nothing else is touched.
fn remove_left_over(root: &Path, instances: &Path) {
    let Ok(entries) = fs::read_dir(instances) else {
        return;
    };
    let mut running = Vec::new();
    for entry in entries.flatten() {
        let name = entry.file_name();
        let Some(pid) = name.to_str().and_then(owner) else {
            continue;
        };
        // The process that made it holds a lock.
        match lock(&entry.path(), FlockOperation::NonBlockingLockExclusive) {
            Ok(_) => remove(&entry.path()),
            Err(_) => running.push(pid),
        }
    }
    remove_probes(root, |pid| running.contains(&pid));
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

#[cfg(test)]
mod tests {
    use super::*;

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
        let running = lock(&directory.join("capwhy-1"), FlockOperation::LockExclusive).unwrap();
        remove_left_over(&directory, &directory);
        drop(running);
        let mut left: Vec<_> = fs::read_dir(&*directory)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        left.sort();
        others.sort();
        assert_eq!(left, others);
    }
}
