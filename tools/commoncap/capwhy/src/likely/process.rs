// SPDX-License-Identifier: GPL-2.0

//! Calls that change another process, which its user or a capability may.

use super::{ptrace::Target, Called};

/// The calls, the place of the process among their arguments, the value of the one before it if it
/// has to have one, and the capability that permits it over processes of others.
const CALLS: &[(&str, usize, Option<u64>, &str)] = &[
    ("sched_setscheduler", 0, None, "cap_sys_nice"),
    ("sched_setparam", 0, None, "cap_sys_nice"),
    ("sched_setattr", 0, None, "cap_sys_nice"),
    ("sched_setaffinity", 0, None, "cap_sys_nice"),
    // PRIO_PROCESS and IOPRIO_WHO_PROCESS.
    ("setpriority", 1, Some(0), "cap_sys_nice"),
    ("ioprio_set", 1, Some(1), "cap_sys_nice"),
    ("prlimit64", 0, None, "cap_sys_resource"),
    ("kill", 0, None, "cap_kill"),
    ("tkill", 0, None, "cap_kill"),
    ("tgkill", 1, None, "cap_kill"),
    ("rt_sigqueueinfo", 0, None, "cap_kill"),
    ("rt_tgsigqueueinfo", 1, None, "cap_kill"),
];

/// Returns that the process belongs to another user.
pub fn of(called: &Called<'_>) -> Option<String> {
    let (_, index, before, capability) = CALLS.iter().find(|(name, ..)| *name == called.name)?;
    let is = before.is_none_or(|kind| called.args[index.saturating_sub(1)] == kind);
    let pid = called.int(*index);
    let refused = called.errno == "EPERM" && called.lacks(capability);
    if !is || pid <= 0 || pid == called.tid || !refused {
        return None;
    }
    let Target { name, uids, .. } = Target::of(pid, false)?;
    let user = uids.first()?;
    // Which of them counts depends on the call.
    let caller = called.euid.filter(|euid| !uids.contains(euid))?;
    let how = match user {
        0 => "sudo".to_owned(),
        _ => format!("setpriv --reuid {user}"),
    };
    let or = match called.outside {
        true => String::new(),
        false => format!(", or use {capability}"),
    };
    Some(format!(
        "process {pid} ({name}) belongs to user {user}, and the caller is user {caller}: act as \
         user {user} ({how}){or}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_of_another_user_is_named() {
        let lacks = ["cap_sys_nice".to_owned()];
        let own = u64::from(std::process::id());
        let mut called = Called {
            name: "sched_setaffinity",
            errno: "EPERM",
            args: [own, 0, 0, 0, 0],
            euid: Some(4242),
            refused: &lacks,
            ..Called::default()
        };
        let said = of(&called).unwrap();
        assert!(said.contains("caller is user 4242"), "{said}");
        assert!(said.ends_with("or use cap_sys_nice"), "{said}");
        (called.name, called.args) = ("setpriority", [0, own, 5, 0, 0]);
        assert!(of(&called).is_some());
        called.args[0] = 1;
        assert_eq!(of(&called), None, "a process group");
        called.name = "kill";
        assert_eq!(of(&called), None, "another capability");
    }
}
