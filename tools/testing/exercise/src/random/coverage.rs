// SPDX-License-Identifier: GPL-2.0

//! What a recording has shown: how often each kind of call was granted and refused.

use std::{collections::BTreeMap, fmt};

/// What kind of answers a kind of call can get.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Gets {
    /// Both kinds.
    Both,
    /// It is never refused.
    Granted,
    /// It is never granted.
    Refused,
}

/// The kinds of calls. A recording must have each.
const KINDS: [(&str, Gets); 40] = [
    ("set_securebits", Gets::Both),
    ("get_securebits", Gets::Granted),
    ("set_keepcaps", Gets::Both),
    ("get_keepcaps", Gets::Granted),
    ("capbset_read", Gets::Both),
    ("capbset_drop", Gets::Both),
    ("ambient_is_set", Gets::Both),
    ("ambient_raise", Gets::Both),
    ("ambient_lower", Gets::Both),
    ("ambient_clear_all", Gets::Both),
    ("ambient_unknown", Gets::Refused),
    ("of_others", Gets::Granted),
    ("of_nobody", Gets::Refused),
    ("set_no_new_privs", Gets::Granted),
    ("set_dumpable", Gets::Granted),
    ("capset", Gets::Both),
    ("setresuid", Gets::Both),
    ("setresgid", Gets::Both),
    ("unshare", Gets::Both),
    ("map_by_itself", Gets::Both),
    ("map_from_outside", Gets::Both),
    ("fork", Gets::Granted),
    ("execute", Gets::Granted),
    ("execute_setuid_root", Gets::Granted),
    ("execute_setuid_user", Gets::Granted),
    ("execute_capable", Gets::Both),
    ("clone3_set_tid", Gets::Both),
    ("ns_last_pid", Gets::Both),
    ("map_files", Gets::Both),
    ("sem_next_id", Gets::Both),
    ("set_mm_map_exe", Gets::Both),
    ("tiocslcktrmios", Gets::Both),
    ("sethostname", Gets::Both),
    ("ptrace", Gets::Both),
    ("setxattr", Gets::Both),
    ("getxattr", Gets::Both),
    ("removexattr", Gets::Both),
    ("chown", Gets::Both),
    ("write", Gets::Both),
    // Of those that are executed, what ran with a permitted set that it had not before.
    ("permitted by execve", Gets::Granted),
];

/// How often each kind was granted and refused.
#[derive(Default)]
pub struct Coverage {
    counts: BTreeMap<String, [usize; 2]>,
    /// Lines that are no calls: something broke off.
    broken: Vec<String>,
}

impl Coverage {
    /// Returns what a recording has shown.
    pub fn of(record: &str) -> Self {
        let mut coverage = Self::default();
        coverage.read(record);
        coverage
    }

    fn read(&mut self, record: &str) {
        for line in record.lines().filter(|line| !line.starts_with('#')) {
            let Some((call, answer)) = line.split_once(" = ") else {
                self.broken.push(line.to_owned());
                continue;
            };
            let name = call.split(' ').next().unwrap_or_default();
            let (answer, changes) = answer.split_once("; ").unwrap_or((answer, ""));
            // After the capability check, changing the executed file fails, as it should.
            let granted =
                answer.parse::<i64>().is_ok() || (name == "set_mm_map_exe" && answer == "EBUSY");
            self.count(name, granted);
            let permitted = changes.split(" prm ").nth(1).unwrap_or("0");
            if name.starts_with("execute_") && granted && !permitted.starts_with("0 ") {
                self.count("permitted by execve", true);
            }
        }
    }

    fn count(&mut self, name: &str, granted: bool) {
        let [yes, no] = self.counts.entry(name.to_owned()).or_default();
        *if granted { yes } else { no } += 1;
    }

    /// Returns the number of calls.
    pub fn calls(&self) -> usize {
        self.counts
            .iter()
            .filter(|(name, _)| !name.contains(' '))
            .map(|(_, [yes, no])| yes + no)
            .sum()
    }

    /// Returns what is missing, a sentence each.
    pub fn missing(&self) -> Vec<String> {
        let mut missing = Vec::new();
        for (name, gets) in KINDS {
            let [yes, no] = self.counts.get(name).copied().unwrap_or_default();
            if yes == 0 && gets != Gets::Refused {
                missing.push(format!("{name} was never granted: ask for more calls"));
            }
            if no == 0 && gets != Gets::Granted {
                missing.push(format!("{name} was never refused: ask for more calls"));
            }
        }
        for name in self.counts.keys() {
            if !KINDS.iter().any(|(known, _)| known == name) {
                missing.push(format!("{name} is not among the kinds of calls"));
            }
        }
        missing.extend(self.broken.iter().map(|line| format!("no call: {line}")));
        missing
    }
}

impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<22}{:>10}{:>10}", "call", "granted", "refused")?;
        for (name, [yes, no]) in &self.counts {
            writeln!(f, "{name:<22}{yes:>10}{no:>10}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_counted_by_their_answers() {
        let mut coverage = Coverage::default();
        coverage.read(
            "# 0: uid 0\nfork = 0\nset_mm_map_exe = EBUSY\nset_mm_map_exe = EPERM\n\
             capset 1 1 1 = EPERM\nunshare 0x10000000 = 0; uid 1 securebits 0x0\n",
        );
        assert_eq!(coverage.calls(), 5);
        assert_eq!(coverage.counts["set_mm_map_exe"], [1, 1]);
        assert_eq!(coverage.counts["unshare"], [1, 0]);
    }

    #[test]
    fn a_missing_kind_of_call_is_reported() {
        let mut coverage = Coverage::default();
        assert!(!coverage.missing().is_empty());
        for (name, gets) in KINDS {
            if gets != Gets::Refused {
                coverage.count(name, true);
            }
            if gets != Gets::Granted {
                coverage.count(name, false);
            }
        }
        assert_eq!(coverage.missing(), Vec::<String>::new());
        coverage.read("died of 0x1\n");
        assert_eq!(coverage.missing(), ["no call: died of 0x1"]);
    }
}
