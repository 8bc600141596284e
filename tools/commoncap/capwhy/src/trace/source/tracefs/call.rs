// SPDX-License-Identifier: GPL-2.0

//! System calls that fail, and why.

use super::{
    super::super::{
        entry::Entry,
        refusal::{Failed, Why},
    },
    definitions, netlink,
    shown::Shown,
    text::{family, socket_path, text},
};
use crate::{likely::Called, mounts};
use commoncap::Sets;
use syscalls::Sysno;

/// A system call as probes see it: its number and first two arguments.
pub type Id = (u64, u64, u64);

/// A check of a capability in a call.
#[derive(Clone, Debug, Default)]
pub struct Check {
    /// The capability.
    pub capability: String,
    /// Whether the kernel checked it without audit.
    pub optional: bool,
    /// Whether it was checked over a user namespace that the thread is not above and not in.
    pub outside: bool,
}

/// What is known of the call that a thread is in.
#[derive(Clone, Debug, Default)]
pub struct Call {
    id: Option<Id>,
    /// The checks that were refused.
    refused: Vec<Check>,
    /// The LSMs that refused what the capability LSM granted.
    pub others: Vec<String>,
    /// The hook of another LSM that refused.
    pub hook: Option<String>,
    /// Whether a seccomp filter refused the call.
    pub seccomp: bool,
    /// The owner and the group of a file for which neither its owner nor a capability counted.
    pub not_owned: Option<[u32; 2]>,
}

/// What is known of the thread that makes a call.
#[derive(Clone, Copy, Debug, Default)]
pub struct Caller {
    /// Its effective user ID.
    pub euid: Option<u32>,
    /// Whether its credentials are of another user namespace than the initial one.
    pub in_container: bool,
    /// Its sets.
    pub sets: Option<Sets>,
}

impl Call {
    /// Takes an entry of another call of the thread than the last one as the start of that call.
    pub fn enter(&mut self, entry: &Entry) {
        let id = id(entry);
        if id.is_some() && id != self.id {
            *self = Self::default();
            self.id = id;
        }
    }

    /// Takes a check that was refused.
    pub fn refused(&mut self, check: Check) {
        self.refused.push(check);
    }

    /// Takes the end of a call that failed. A rule that refused without a check comes with the
    /// calls that it is about.
    pub fn failed(&mut self, entry: &Entry, rule: Option<Rule>, caller: Caller) -> Option<Failed> {
        if self.id.is_some() {
            self.enter(entry);
        }
        let rule = rule
            .filter(|rule| Some(rule.of) == of_number(entry))
            .map(|rule| rule.name);
        let mut call = std::mem::take(self);
        let errno = definitions::error(entry.number("ret")?)?;
        if errno == "EINVAL" && number(entry) != Some(Sysno::mq_open) {
            // The kernel did without them, and then refused an argument.
            call.refused.clear();
        }
        let path = text(entry, "p");
        let (family, other) = match number(entry) {
            Some(Sysno::connect | Sysno::bind) => (family(entry, "q"), socket_path(entry, "q")),
            Some(Sysno::socket) => (entry.number("a0"), None),
            _ => (None, text(entry, "q")),
        };
        let (refused, optional) = (call.named(false), call.named(true));
        let outside = call.refused.last().is_some_and(|check| check.outside);
        // With the capability, only IDs that the user namespace does not map prevent it.
        let lacks_none = call.refused.is_empty() && call.others.is_empty();
        let unmapped = call.not_owned.filter(|_| lacks_none);
        let shown = Shown::of(entry, path.as_deref(), other.as_deref())?;
        let why = match errno {
            "EROFS" if !call.seccomp => Why::ReadOnly {
                mount: shown.path.and_then(|path| mounts::of(entry.tid, path)),
            },
            _ => call.why(rule),
        };
        let explained = matches!(why, Why::Seccomp | Why::ReadOnly { .. } | Why::Rule { .. });
        let likely = match explained {
            true => Vec::new(),
            false => Called {
                name: &shown.name,
                errno,
                args: arguments(entry),
                texts: [path.as_deref(), other.as_deref()],
                family,
                tid: entry.tid,
                euid: caller.euid,
                permitted: caller.sets.map(|sets| sets.permitted),
                in_container: caller.in_container,
                refused: &refused,
                optional: &optional,
                outside,
                unmapped,
            }
            .likely(),
        };
        Some(Failed {
            call: shown.call,
            errno,
            why,
            likely,
        })
    }

    /// Takes the answer to a netlink message that the kernel refused. The call that sent it does
    /// not fail.
    pub fn answered(&mut self, entry: &Entry) -> Option<Failed> {
        self.enter(entry);
        let errno = match entry.number::<i64>("err")? {
            -1 => "EPERM",
            -13 => "EACCES",
            -111 => "ECONNREFUSED",
            _ => return None,
        };
        Some(Failed {
            call: netlink::message(entry.number("protocol")?, entry.number("type")?),
            errno,
            why: std::mem::take(self).why(None),
            likely: Vec::new(),
        })
    }

    /// Returns the capabilities that were refused, each once.
    fn named(&self, optional: bool) -> Vec<String> {
        let mut names = Vec::new();
        let checks = self.refused.iter();
        for check in checks.filter(|check| check.optional == optional) {
            if !names.contains(&check.capability) {
                names.push(check.capability.clone());
            }
        }
        names
    }

    /// Returns why the call failed, if no file system is mounted read-only.
    fn why(self, rule: Option<String>) -> Why {
        let (needed, optional) = (self.named(false), self.named(true));
        match (rule, self) {
            (_, Self { seccomp: true, .. }) => Why::Seccomp,
            (_, Self { others, hook, .. }) if !others.is_empty() => Why::OtherLsm {
                lsms: others,
                lsm_hook: hook,
                capabilities: needed,
            },
            _ if !needed.is_empty() => Why::Capability {
                capabilities: needed,
            },
            (Some(rule), _) => Why::Rule { rule },
            _ if !optional.is_empty() => Why::Optional {
                capabilities: optional,
            },
            _ => Why::Other,
        }
    }
}

/// Returns the arguments of a call. In place of the first one of `capset()` and of the second one
/// of `sched_setattr()` is what they point to.
fn arguments(entry: &Entry) -> [u64; 5] {
    let (first, second) = match number(entry) {
        Some(Sysno::capset) => ("p0", "a1"),
        Some(Sysno::sched_setattr) => ("a0", "q0"),
        _ => ("a0", "a1"),
    };
    [first, second, "a2", "a3", "a4"].map(|name| entry.number(name).unwrap_or_default())
}

/// A rule of the capability LSM that refused the call that a thread is in.
#[derive(Clone, Debug)]
pub struct Rule {
    /// The call.
    pub of: Calls,
    /// The name of the rule.
    pub name: String,
}

/// The calls that rules without a check refuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Calls {
    /// `capset()`.
    Capset,
    /// `execve()` and `execveat()`.
    Exec,
    /// `prctl()`.
    Prctl,
}

fn number(entry: &Entry) -> Option<Sysno> {
    Sysno::new(entry.number("nr")?)
}

/// Returns which of them a thread is in.
pub fn of_number(entry: &Entry) -> Option<Calls> {
    match number(entry)? {
        Sysno::capset => Some(Calls::Capset),
        Sysno::execve | Sysno::execveat => Some(Calls::Exec),
        Sysno::prctl => Some(Calls::Prctl),
        _ => None,
    }
}

/// Returns the call that a thread is in, if the entry has it.
pub fn id(entry: &Entry) -> Option<Id> {
    Some((
        entry.number("nr")?,
        entry.number("a0")?,
        entry.number("a1")?,
    ))
}

#[cfg(test)]
mod tests {
    use super::{super::super::super::entry, *};

    fn entry(text: &str) -> Entry {
        entry::fixtures::entry(0, "capwhy_failed", text)
    }

    fn end(call: &mut Call, number: Sysno, more: &str) -> Failed {
        let text = format!("nr={} {more}", number.id());
        call.failed(&entry(&text), None, Caller::default()).unwrap()
    }

    fn check(capability: &str, optional: bool) -> Check {
        Check {
            capability: capability.to_owned(),
            optional,
            outside: false,
        }
    }

    const RAW: &str = "a0=0x2 a1=0x3 a2=0x1 ret=-1";

    #[test]
    fn a_call_is_shown_with_its_arguments() {
        let path = "p0=0x0 q0=0x6f64616873 ret=-13 a0=0xffffff9c a1=0x7 a2=0x0";
        let failed = end(&mut Call::default(), Sysno::openat, path);
        assert_eq!(
            (&*failed.call, failed.errno),
            ("openat(AT_FDCWD, \"shado\", 0x0)", "EACCES")
        );
        let failed = end(&mut Call::default(), Sysno::socket, RAW);
        assert_eq!((&*failed.call, failed.errno), ("socket(2, 3, 1)", "EPERM"));
        assert_eq!(failed.why, Why::Other);
    }

    #[test]
    fn a_call_fails_for_the_checks_that_were_refused_in_it() {
        let mut call = Call::default();
        let entered = entry(&format!("nr={} {RAW}", Sysno::socket.id()));
        call.enter(&entered);
        call.refused(check("cap_sys_admin", true));
        call.enter(&entered);
        call.refused(check("cap_net_raw", false));
        let capabilities = vec!["cap_net_raw".to_owned()];
        let failed = end(&mut call, Sysno::socket, RAW);
        assert_eq!(failed.why, Why::Capability { capabilities });
        assert_eq!(
            end(&mut call, Sysno::socket, RAW).why,
            Why::Other,
            "of the next call"
        );
        call.enter(&entered);
        call.refused(check("cap_sys_admin", true));
        assert_eq!(
            end(&mut call, Sysno::bind, RAW).why,
            Why::Other,
            "of another call"
        );
    }

    #[test]
    fn a_file_whose_ids_are_not_mapped_is_named_if_no_capability_was_refused() {
        let fchown = "a0=0x3 a1=0x0 a2=0x0 ret=-1";
        let mut call = Call {
            not_owned: Some([7, 9]),
            ..Call::default()
        };
        let likely = end(&mut call.clone(), Sysno::fchown, fchown)
            .likely
            .join("");
        assert!(likely.contains("(7:9)"), "{likely}");
        call.refused(check("cap_chown", false));
        let likely = end(&mut call, Sysno::fchown, fchown).likely.join("");
        assert_eq!(likely, "");
    }

    #[test]
    fn a_netlink_message_is_refused_for_the_checks_in_the_call_that_sends_it() {
        let sent = |errno| {
            let text = format!("err={errno} type=20 protocol=0 nr=46 a0=0x3 a1=0x7 a2=0x0");
            entry(&text)
        };
        let mut call = Call::default();
        call.enter(&sent(-1));
        call.refused(check("cap_net_admin", false));
        let failed = call.answered(&sent(-1)).unwrap();
        assert_eq!(
            (&*failed.call, failed.errno),
            ("netlink(NETLINK_ROUTE, RTM_NEWADDR)", "EPERM")
        );
        let capabilities = vec!["cap_net_admin".to_owned()];
        assert_eq!(failed.why, Why::Capability { capabilities });
        assert_eq!(call.answered(&sent(-1)).unwrap().why, Why::Other);
        assert!(call.answered(&sent(-17)).is_none());
    }

    #[test]
    fn a_call_fails_for_what_refuses_without_a_capability() {
        let mut call = Call {
            seccomp: true,
            ..Call::default()
        };
        assert_eq!(end(&mut call, Sysno::socket, RAW).why, Why::Seccomp);
        let read_only = RAW.replace("-1", "-30");
        let why = end(&mut Call::default(), Sysno::socket, &read_only).why;
        assert_eq!(why, Why::ReadOnly { mount: None });
        let name = "CapsetPermittedGained".to_owned();
        let rule = Some(Rule {
            of: Calls::Capset,
            name: name.clone(),
        });
        for (call, why) in [
            (Sysno::capset, Why::Rule { rule: name }),
            (Sysno::chroot, Why::Other),
        ] {
            let entry = entry(&format!("nr={} {RAW}", call.id()));
            let failed = Call::default().failed(&entry, rule.clone(), Caller::default());
            let failed = failed.unwrap();
            assert_eq!(failed.why, why);
        }
    }
}
