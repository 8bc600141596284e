// SPDX-License-Identifier: GPL-2.0

//! The options of `prctl()` that other parts of the kernel than the capability LSM refuse.

use super::Called;

const FLUSHER: &str =
    "it takes cap_sys_resource over the initial user namespace: use that capability";

/// Number and name, what leads to `EPERM`, a colon, and what to do.
const OPTIONS: &[(u64, &str, &str)] = &[
    (
        53,
        "PR_SET_SPECULATION_CTRL",
        "no capability is checked: PR_SPEC_FORCE_DISABLE was set before, or the kernel's command \
         line forces the mitigation: do without the change",
    ),
    (57, "PR_SET_IO_FLUSHER", FLUSHER),
    (58, "PR_GET_IO_FLUSHER", FLUSHER),
    (
        62,
        "PR_SCHED_CORE",
        "it takes access to the other thread as ptrace() does: act as its user",
    ),
    (
        65,
        "PR_SET_MDWE",
        "no capability is checked: what was set cannot be cleared: start the program without it \
         (MemoryDenyWriteExecute=no)",
    ),
];

/// Returns the option of this name, and what leads to its failure.
pub fn named(name: &str) -> Option<(&'static str, String)> {
    let mut options = OPTIONS.iter();
    let (_, known, rule) = options.find(|option| option.1.eq_ignore_ascii_case(name))?;
    Some((known, (*rule).to_owned()))
}

/// Returns the reason.
pub fn of(called: &Called<'_>) -> Option<String> {
    let fails = called.name == "prctl" && called.errno == "EPERM";
    let is = |option: &&(u64, &str, &str)| fails && option.0 == called.args[0];
    let (_, name, rule) = OPTIONS.iter().find(is)?;
    Some(format!("of {name}: {rule}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_option_is_named() {
        let mut called = Called {
            name: "prctl",
            errno: "EPERM",
            args: [57, 1, 0, 0, 0],
            ..Called::default()
        };
        let said = of(&called).unwrap();
        assert!(
            said.starts_with("of PR_SET_IO_FLUSHER: it takes cap_sys_resource"),
            "{said}"
        );
        called.args[0] = 24;
        assert_eq!(of(&called), None);
    }
}
