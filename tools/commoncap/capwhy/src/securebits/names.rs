// SPDX-License-Identifier: GPL-2.0

//! The names of the securebits: written as `setpriv` writes them, and read as `capsh` and systemd
//! write them, too.

use crate::error::{Error, Result};
use commoncap::securebits::Securebits;

/// A setting of the securebits and its lock.
pub struct Pair {
    /// The name; that of the lock has `_locked` after it.
    pub name: &'static str,
    /// What `capsh --print` calls it, after `secure-`.
    capsh: &'static str,
    /// The setting.
    pub setting: Securebits,
    /// What it means when it is set.
    pub meaning: &'static str,
}

impl Pair {
    /// Returns the lock of the setting.
    pub fn lock(&self) -> Securebits {
        self.setting ^ self.setting.with_locks()
    }

    /// Returns whether a process may change it without any capability.
    pub fn is_unprivileged(&self) -> bool {
        Securebits::ALL_UNPRIVILEGED.intersects(self.setting)
    }
}

/// All six.
pub const PAIRS: [Pair; 6] = [
    Pair {
        name: "noroot",
        capsh: "noroot",
        setting: Securebits::NOROOT,
        meaning: "user ID 0 gains no capability on execve()",
    },
    Pair {
        name: "no_setuid_fixup",
        capsh: "no_suid_fixup",
        setting: Securebits::NO_SETUID_FIXUP,
        meaning: "a change of user IDs from or to 0 changes no capability",
    },
    Pair {
        name: "keep_caps",
        capsh: "keep_caps",
        setting: Securebits::KEEP_CAPS,
        meaning: "permitted capabilities outlive a change to other user IDs than 0, until execve()",
    },
    Pair {
        name: "no_cap_ambient_raise",
        capsh: "no_ambient_raise",
        setting: Securebits::NO_CAP_AMBIENT_RAISE,
        meaning: "no capability can be added to the ambient set",
    },
    Pair {
        name: "exec_restrict_file",
        capsh: "exec_restrict_file",
        setting: Securebits::EXEC_RESTRICT_FILE,
        meaning: "interpreters run a file only if the kernel would",
    },
    Pair {
        name: "exec_deny_interactive",
        capsh: "exec_deny_interactive",
        setting: Securebits::EXEC_DENY_INTERACTIVE,
        meaning: "interpreters run no command that comes from no file",
    },
];

/// Returns the names of those bits that have one, and the numbers of those that have not.
pub fn names(bits: u64) -> Vec<String> {
    (0..u64::BITS)
        .filter(|number| bits & (1 << number) != 0)
        .map(|number| {
            PAIRS
                .iter()
                .find_map(|pair| {
                    let is = |securebits: Securebits| u64::from(securebits.bits()) == 1 << number;
                    if is(pair.setting) {
                        Some(pair.name.to_owned())
                    } else {
                        is(pair.lock()).then(|| format!("{}_locked", pair.name))
                    }
                })
                .unwrap_or_else(|| format!("bit{number}"))
        })
        .collect()
}

/// Returns bits as a list of their names.
pub fn list(bits: u64) -> String {
    if bits == 0 {
        "none".to_owned()
    } else {
        names(bits).join(",")
    }
}

/// Reads securebits: a number, octal after a 0 as `capsh` has it; names with commas between, or
/// blanks as systemd has them; or, where there is a value to start from, names with `+` or `-`
/// before each.
pub fn parse(text: &str, from: Option<u64>) -> Result<u64> {
    let (digits, radix) = match text.strip_prefix('0') {
        Some(rest) if rest.starts_with(['x', 'X']) => (&rest[1..], 16),
        Some(_) => (text, 8),
        None => (text, 10),
    };
    if let Ok(number) = u64::from_str_radix(digits, radix) {
        return Ok(number);
    }
    if matches!(text, "none" | "") {
        return Ok(0);
    }
    let relative = text.starts_with(['+', '-']);
    let mut bits = match (relative, from) {
        (false, _) => 0,
        (true, Some(from)) => from,
        (true, None) => {
            return Err(Error::new(format!(
                "'{text}' changes a value, and there is none yet: say '0x0 {text}', for one"
            )))
        }
    };
    for item in text.split(',').flat_map(|item| item.trim().split(' ')) {
        if let Some(name) = item.strip_prefix('-').filter(|_| relative) {
            bits &= !named(name)?;
        } else {
            bits |= named(item.strip_prefix('+').unwrap_or(item))?;
        }
    }
    Ok(bits)
}

fn named(name: &str) -> Result<u64> {
    let name = name.to_ascii_lowercase().replace('-', "_");
    let name = name.strip_prefix("secure_").unwrap_or(&name);
    let setting = name.strip_suffix("_locked").unwrap_or(name);
    PAIRS
        .iter()
        .find(|pair| [pair.name, pair.capsh].contains(&setting))
        .map(|pair| match setting == name {
            true => pair.setting,
            false => pair.lock(),
        })
        .map(|securebits| securebits.bits().into())
        .ok_or_else(|| {
            let known = PAIRS.map(|pair| pair.name).join(", ");
            Error::new(format!(
                "'{name}' is no securebit: say {known}, each with or without _locked, or a number"
            ))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bit_has_its_name_and_is_found_by_it() {
        for number in 0..12 {
            let [name] = &names(1 << number)[..] else {
                panic!("bit {number} has not one name");
            };
            assert_eq!(name.ends_with("_locked"), number % 2 == 1);
            assert_eq!(parse(name, None).unwrap(), 1 << number);
        }
        assert_eq!(list(0xfff).split(',').count(), 12);
    }

    #[test]
    fn a_bit_without_a_name_has_its_number() {
        assert_eq!(
            names((1 << 63) | 0x1100),
            ["exec_restrict_file", "bit12", "bit63"]
        );
        assert_eq!(list(0), "none");
    }

    #[test]
    fn a_value_is_a_number_or_names() {
        for (text, bits) in [
            ("0", 0),
            ("none", 0),
            ("0x300", 0x300),
            ("0XF", 15),
            ("47", 47),
            ("18446744073709551615", u64::MAX),
            ("noroot,noroot_locked", 3),
            ("+noroot,+keep_caps", 0x11),
            ("keep-caps-locked", 0x20),
            ("Exec_Restrict_File", 0x100),
            ("noroot, no_setuid_fixup", 0x5),
            // As capsh writes them, and systemd.
            ("057", 0o57),
            ("secure-no-suid-fixup", 0x4),
            ("no-ambient-raise", 0x40),
            ("keep-caps no-setuid-fixup-locked", 0x18),
        ] {
            assert_eq!(parse(text, Some(0)).unwrap(), bits, "{text}");
        }
    }

    #[test]
    fn signs_change_the_value_there_is() {
        assert_eq!(
            parse("+exec_deny_interactive,-noroot", Some(3)).unwrap(),
            0x402
        );
        assert_eq!(parse("-noroot", Some(0)).unwrap(), 0);
        let error = parse("-noroot", None).unwrap_err().to_string();
        assert!(error.contains("0x0 -noroot"), "{error}");
    }

    #[test]
    fn an_unknown_name_is_reported_with_the_known_ones() {
        for text in ["root", "noroot_lock", "0x", "noroot,", "-1", "1e3", "08"] {
            let error = parse(text, Some(0)).unwrap_err().to_string();
            assert!(error.contains("no_setuid_fixup"), "{error}");
        }
    }
}
