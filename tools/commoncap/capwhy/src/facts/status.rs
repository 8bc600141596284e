// SPDX-License-Identifier: GPL-2.0

//! The credentials of a process in `/proc/PID/status`.

use crate::{
    error::{Error, Result},
    printable::printable,
};
use commoncap::{capability::CapabilitySet, setuid::Ids};

/// The lines of `/proc/PID/status` that matter here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// The name of the program.
    pub name: String,
    /// The user IDs, as the reader's user namespace maps them.
    pub uids: Ids<u32>,
    /// The group IDs.
    pub gids: Ids<u32>,
    /// The further groups.
    pub groups: Vec<u32>,
    /// The process that traces it, as the reader's `/proc` has it.
    pub tracer: Option<i32>,
    /// Whether a seccomp filter is in place.
    pub seccomp_filter: bool,
    /// The inheritable set.
    pub inheritable: CapabilitySet,
    /// The permitted set.
    pub permitted: CapabilitySet,
    /// The effective set.
    pub effective: CapabilitySet,
    /// The bounding set.
    pub bounding: CapabilitySet,
    /// The ambient set.
    pub ambient: CapabilitySet,
    /// Whether no `execve()` can give privileges.
    pub no_new_privs: bool,
}

impl Status {
    /// Reads it from the text of the file.
    pub fn parse(text: &str) -> Result<Self> {
        let value = |key: &str| {
            text.lines()
                .find_map(|line| line.strip_prefix(key)?.strip_prefix(':'))
                .map(str::trim)
                .ok_or_else(|| missing(key))
        };
        let set = |key: &str| {
            u64::from_str_radix(value(key)?, 16)
                .map(CapabilitySet::from_bits)
                .map_err(|_| missing(key))
        };
        let list = |key: &str| -> Result<Vec<u32>> {
            let words = value(key)?.split_whitespace().map(str::parse);
            words
                .collect::<std::result::Result<_, _>>()
                .map_err(|_| missing(key))
        };
        let ids = |key: &str| match list(key)?[..] {
            [real, effective, saved, file_system] => Ok(Ids {
                real,
                effective,
                saved,
                file_system,
            }),
            _ => Err(missing(key)),
        };
        let tracer: i32 = value("TracerPid")?
            .parse()
            .map_err(|_| missing("TracerPid"))?;
        Ok(Self {
            name: printable(value("Name")?),
            uids: ids("Uid")?,
            gids: ids("Gid")?,
            groups: list("Groups")?,
            tracer: (tracer != 0).then_some(tracer),
            // A kernel without seccomp has no such line.
            seccomp_filter: value("Seccomp").is_ok_and(|mode| mode == "2"),
            inheritable: set("CapInh")?,
            permitted: set("CapPrm")?,
            effective: set("CapEff")?,
            bounding: set("CapBnd")?,
            ambient: set("CapAmb")?,
            no_new_privs: value("NoNewPrivs")? == "1",
        })
    }
}

fn missing(key: &str) -> Error {
    Error::new(format!(
        "/proc/PID/status has no {key} that makes sense: this takes Linux 4.10 or later"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "Name:\tcat: a\nUmask:\t0022\nState:\tR (running)\nTgid:\t77\n\
        TracerPid:\t9\nUid:\t1\t2\t3\t4\nGid:\t5\t5\t5\t6\nGroups:\t7 8 \n\
        CapInh:\t0000000000000001\nCapPrm:\t0000010000000000\n\
        CapEff:\t0000000000000004\nCapBnd:\t000001ffffffffff\nCapAmb:\t0000000000000010\n\
        NoNewPrivs:\t1\nSeccomp:\t0\n";

    #[test]
    fn each_value_is_found() {
        let status = Status::parse(TEXT).unwrap();
        assert_eq!(status.name, "cat: a");
        assert_eq!((status.uids.real, status.uids.effective), (1, 2));
        assert_eq!((status.uids.saved, status.uids.file_system), (3, 4));
        assert_eq!((status.gids.real, status.gids.file_system), (5, 6));
        assert_eq!((status.groups, status.tracer), (vec![7, 8], Some(9)));
        assert!(!status.seccomp_filter);
        assert_eq!(status.inheritable.bits(), 1);
        assert_eq!(status.permitted.bits(), 1 << 40);
        assert_eq!(status.effective.bits(), 4);
        assert_eq!(status.bounding, CapabilitySet::FULL);
        assert_eq!(status.ambient.bits(), 0x10);
        assert!(status.no_new_privs);
    }

    #[test]
    fn a_name_is_escaped() {
        let text = TEXT.replace("cat: a", "\x1b[2J");
        assert_eq!(Status::parse(&text).unwrap().name, "\\u{1b}[2J");
    }

    #[test]
    fn a_line_that_is_missing_or_malformed_is_named() {
        for key in [
            "Name",
            "Uid",
            "Groups",
            "TracerPid",
            "CapEff",
            "CapAmb",
            "NoNewPrivs",
        ] {
            let text = TEXT.replace(key, "Other");
            let error = Status::parse(&text).unwrap_err().to_string();
            assert!(error.contains(key), "{error}");
        }
        let text = TEXT.replace("CapEff:\t0", "CapEff:\tx");
        assert!(Status::parse(&text).is_err());
    }

    #[test]
    fn ones_own_can_be_read() {
        let text = std::fs::read_to_string("/proc/self/status").unwrap();
        assert!(Status::parse(&text).is_ok());
    }
}
