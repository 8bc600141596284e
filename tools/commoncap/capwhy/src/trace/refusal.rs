// SPDX-License-Identifier: GPL-2.0

//! Events that only probes give: what surrounds the decisions on capabilities.

use super::{entry::Entry, event::Verdict};
use commoncap::Denial;
use serde::Serialize;

/// An answer of the kernel that the rules do not give for the facts.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Mismatch {
    /// The name of the probe.
    pub probe: String,
    /// The facts and the kernel's answer, as they were read.
    pub facts: String,
    /// The reason that the rules give.
    pub predicted: String,
}

impl Mismatch {
    /// Makes one of the entry of a probe.
    pub fn of(entry: &Entry, predicted: &str) -> Self {
        Self {
            probe: entry.event().to_owned(),
            facts: entry.facts(),
            predicted: predicted.to_owned(),
        }
    }
}

/// Where a capability was that was not effective when it was checked.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Held {
    /// The capability.
    pub capability: String,
    /// The sets of the thread that held it; none if they are not known.
    pub sets: Option<Vec<&'static str>>,
    /// The call that took it from the effective set.
    pub effective_until: Option<String>,
    /// The call that took it from the permitted set.
    pub permitted_until: Option<String>,
    /// The call that took it from the ambient set.
    pub ambient_until: Option<String>,
    /// Whether a program was executed since it was taken from the permitted set.
    #[serde(skip)]
    pub executed_since: bool,
    /// Whether the thread is in another user namespace than the initial one.
    pub in_user_ns: bool,
    /// Whether it is root by its user ID, and the securebit `noroot` keeps `execve()` from giving
    /// it anything for that.
    #[serde(skip)]
    pub without_root: bool,
    /// The owner of the target namespace, who would need no capability, if that is another user and
    /// the namespace is a child of the thread's.
    pub owner: Option<u32>,
}

impl Held {
    /// Returns whether a call of the program itself took the capability. Then it was there, and to
    /// give it once more does not help.
    pub fn is_given_up(&self) -> bool {
        let call = self.permitted_until.as_ref();
        let call = call.or(self.effective_until.as_ref());
        self.owner.is_none()
            && !self.executed_since
            && call.is_some_and(|call| !call.starts_with("execve("))
    }
}

/// A `capset()`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Capset {
    /// The answer.
    pub verdict: Verdict,
    /// Why: `Change`, or the name of the rule that refused.
    pub reason: String,
    /// The capabilities that the rule refused.
    pub refused: Vec<String>,
    /// The call that took the refused ones from the permitted set, if one did.
    pub until: Option<String>,
    /// Whether the call was granted for `CAP_SETPCAP`. All others need no capability.
    pub needs_setpcap: bool,
}

impl Capset {
    /// Returns whether it was denied since the capabilities are not permitted.
    pub fn lacks_permitted(&self) -> bool {
        let rules = [
            Denial::CapsetPermittedGained,
            Denial::CapsetEffectiveNotPermitted,
        ];
        rules.iter().any(|rule| rule.name() == self.reason)
    }
}

/// The reason of an [`Exec`] of a script: the kernel ignores its capabilities and set-user-ID.
pub const SCRIPT: &str = "Script";
/// The reason of an [`Exec`] in a user namespace that does not map the owner of the file.
pub const OWNER: &str = "OwnerUnmapped";

/// An `execve()` that failed for the file's capabilities, or did not grant them.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Exec {
    /// The path, as the caller gave it.
    pub path: String,
    /// Whether it was executed.
    pub verdict: Verdict,
    /// The rule that refused, or the name of the step that ignored the capabilities, [`SCRIPT`] or
    /// [`OWNER`].
    pub reason: String,
    /// The capabilities of the file, as `setcap` takes them, if they are known.
    pub file: Option<String>,
    /// The capabilities that the program did not get.
    pub lost: Vec<String>,
    /// The mount, if that is why.
    pub mount: Option<String>,
}

/// Capabilities of a file that a change of it removed: `cap_inode_killpriv()`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Removed {
    /// The name of the file in its directory.
    pub file: String,
    /// The call, if it is known.
    pub by: Option<String>,
}

/// A capability that the capability LSM granted, and another LSM refused.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct OtherLsm {
    /// The capability.
    pub capability: String,
    /// The LSMs that can have refused it.
    pub lsms: Vec<String>,
}

/// Why a system call failed.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum Why {
    /// These capabilities were checked in the call, and refused.
    Capability {
        /// Their names.
        capabilities: Vec<String>,
    },
    /// A rule of the capability LSM refused that checks no capability.
    Rule {
        /// Its name.
        rule: String,
    },
    /// Another LSM refused.
    OtherLsm {
        /// The LSMs that can have.
        lsms: Vec<String>,
        /// Its hook that was seen to refuse.
        lsm_hook: Option<String>,
        /// The capabilities that were refused in the call, one of which can satisfy that LSM.
        capabilities: Vec<String>,
    },
    /// A seccomp filter refused the call.
    Seccomp,
    /// The file system is mounted read-only.
    ReadOnly {
        /// Where it is mounted, if that is known.
        mount: Option<String>,
    },
    /// Only these were refused in the call, without audit.
    Optional {
        /// Their names.
        capabilities: Vec<String>,
    },
    /// No capability was refused in the call.
    Other,
}

/// A system call that failed with `EPERM`, `EACCES` or `EROFS`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Failed {
    /// The call and its arguments.
    pub call: String,
    /// The name of the error number.
    pub errno: &'static str,
    /// Why.
    #[serde(flatten)]
    pub why: Why,
    /// States of the system under which the call fails so, and what to do: a sentence each.
    pub likely: Vec<String>,
}

#[cfg(test)]
pub mod fixtures {
    //! Refusals for tests.

    use super::{super::event::What, *};

    /// Returns one event of each kind, and of each reason why a system call fails.
    pub fn all() -> Vec<What> {
        let names = || vec!["cap_net_raw".to_owned()];
        let text = |text: &str| Some(text.to_owned());
        let whys = [
            Why::Capability {
                capabilities: names(),
            },
            Why::Rule {
                rule: "SecurebitsPrivileged".to_owned(),
            },
            Why::OtherLsm {
                lsms: names(),
                lsm_hook: text("file_open"),
                capabilities: names(),
            },
            Why::Seccomp,
            Why::ReadOnly {
                mount: text("/proc/sys"),
            },
            Why::Optional {
                capabilities: names(),
            },
            Why::Other,
        ];
        let failed = whys.map(|why| {
            let call = "socket(2, 3, 1)".to_owned();
            What::Failed(Failed {
                call,
                errno: "EPERM",
                likely: match &why {
                    Why::Other => vec!["the process is in a chroot: leave it".to_owned()],
                    _ => Vec::new(),
                },
                why,
            })
        });
        let mismatch = Mismatch {
            probe: "capwhy_capable".to_owned(),
            facts: "cap=21".to_owned(),
            predicted: "Effective".to_owned(),
        };
        let held = Held {
            capability: "cap_net_raw".to_owned(),
            sets: Some(vec!["bounding"]),
            effective_until: text("setuid(1)"),
            permitted_until: None,
            ambient_until: None,
            executed_since: false,
            in_user_ns: false,
            without_root: false,
            owner: Some(1000),
        };
        let capset = Capset {
            verdict: Verdict::Denied,
            reason: "CapsetPermittedGained".to_owned(),
            refused: names(),
            until: text("capset()"),
            needs_setpcap: false,
        };
        let exec = Exec {
            path: "/bin/prog".to_owned(),
            verdict: Verdict::Granted,
            reason: "Nosuid".to_owned(),
            file: text("cap_net_raw=ep"),
            lost: names(),
            mount: text("/mnt"),
        };
        let other = OtherLsm {
            capability: "cap_net_raw".to_owned(),
            lsms: names(),
        };
        let without = [
            What::Held(Held {
                sets: None,
                effective_until: None,
                owner: None,
                ..held.clone()
            }),
            What::Held(Held {
                permitted_until: text("setuid(1)"),
                ambient_until: text("setuid(1)"),
                ..held.clone()
            }),
            What::Capset(Capset {
                until: None,
                ..capset.clone()
            }),
            What::Exec(Exec {
                file: None,
                mount: None,
                ..exec.clone()
            }),
        ];
        [
            What::Mismatch(mismatch),
            What::Held(held),
            What::Capset(capset),
            What::Exec(exec),
            What::OtherLsm(other),
            What::Removed(Removed {
                file: "prog".to_owned(),
                by: text("chown()"),
            }),
            What::Removed(Removed {
                file: "prog".to_owned(),
                by: None,
            }),
        ]
        .into_iter()
        .chain(without)
        .chain(failed)
        .collect()
    }
}
