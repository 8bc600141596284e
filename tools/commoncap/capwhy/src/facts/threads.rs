// SPDX-License-Identifier: GPL-2.0

//! The threads of a process: each has credentials of its own.

use super::status::Status;
use crate::capabilities;
use std::fs;

/// A thread.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Thread {
    id: i32,
    status: Status,
}

/// Returns a sentence on the threads that do not hold the capabilities of the first one, if there
/// are such.
pub fn differing(pid: i32, first: &Status) -> Option<String> {
    let tasks = fs::read_dir(format!("/proc/{pid}/task")).ok()?;
    let mut threads: Vec<Thread> = tasks
        .filter_map(|task| {
            let id = task.ok()?.file_name().to_str()?.parse().ok()?;
            let text = fs::read_to_string(format!("/proc/{pid}/task/{id}/status")).ok()?;
            let status = Status::parse(&text).ok()?;
            Some(Thread { id, status })
        })
        .collect();
    threads.sort_by_key(|thread| thread.id);
    sentence(first, &threads)
}

fn sentence(first: &Status, threads: &[Thread]) -> Option<String> {
    let sets = |status: &Status| (status.effective, status.permitted);
    let others: Vec<&Thread> = threads
        .iter()
        .filter(|thread| sets(&thread.status) != sets(first))
        .collect();
    let other = others.first()?;
    Some(format!(
        "{} of {} threads hold other capabilities than the first one, such as thread {} ({}), \
         effective {}, permitted {}: capset(), prctl() and the system call setuid() change the \
         calling thread alone. Check a thread by its own ID (--pid {}); let the program change all \
         of them (libpsx, cap_set_proc() of libcap with it, AllThreadsSyscall of Go), or do it \
         before it starts threads.",
        others.len(),
        threads.len(),
        other.id,
        other.status.name,
        capabilities::list(other.status.effective),
        capabilities::list(other.status.permitted),
        other.id
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use commoncap::capability::CapabilitySet;

    #[test]
    fn a_thread_with_other_capabilities_is_named() {
        let text = fs::read_to_string("/proc/self/status").unwrap();
        let first = Status::parse(&text).unwrap();
        let thread = |id, permitted| Thread {
            id,
            status: Status {
                permitted,
                ..first.clone()
            },
        };
        let same = thread(7, first.permitted);
        assert_eq!(sentence(&first, std::slice::from_ref(&same)), None);
        let other = match first.permitted.is_empty() {
            true => CapabilitySet::FULL,
            false => CapabilitySet::EMPTY,
        };
        let said = sentence(&first, &[same, thread(8, other)]).unwrap();
        assert!(
            said.starts_with("1 of 2 threads") && said.contains("thread 8"),
            "{said}"
        );
        let own = i32::try_from(std::process::id()).unwrap();
        assert_eq!(differing(own, &first), None);
    }
}
