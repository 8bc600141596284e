// SPDX-License-Identifier: GPL-2.0

//! Who may set and remove security attributes, and when a change of a file removes its
//! capabilities.
//!
//! `cap_inode_setxattr()`, `cap_inode_removexattr()`, `cap_inode_need_killpriv()`,
//! `cap_inode_killpriv()`.

use super::{
    privileges::{
        CapableWrtInode,
        NsCapable, //
    },
    Denial,
    Errno, //
};
use crate::capability::Capability;

/// What the name of an attribute says about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Name {
    /// It is not a security attribute, and the capability LSM has no say.
    Other,
    /// `security.capability`.
    Capabilities,
    /// Another attribute `security.*`.
    Security,
}

impl Name {
    /// Reads the whole name of an attribute.
    #[inline]
    pub fn parse(name: &[u8]) -> Self {
        match name.strip_prefix(b"security.") {
            None => Self::Other,
            Some(b"capability") => Self::Capabilities,
            Some(_) => Self::Security,
        }
    }
}

/// Why the current task may set or remove an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grant {
    /// That needs no capability here.
    Unchecked,
    /// It holds the capability that this takes.
    Privileged,
}

/// Decides whether the current task may set the attribute of this name: `cap_inode_setxattr()`.
///
/// `held` checks the caller over the user namespace of the file system. Capabilities are checked
/// before, by [`convert`].
///
/// [`convert`]: super::file_capabilities::convert
#[inline]
pub fn setxattr(name: Name, held: &impl NsCapable) -> Result<Grant, Denial> {
    match name {
        Name::Other | Name::Capabilities => Ok(Grant::Unchecked),
        Name::Security if held.ns_capable(Capability::SYS_ADMIN) => Ok(Grant::Privileged),
        Name::Security => Err(Denial::XattrSetUnprivileged),
    }
}

/// Decides whether the current task may remove the attribute of this name:
/// `cap_inode_removexattr()`.
///
/// `file_system` checks the caller over the user namespace of the file system, and `inode` with
/// respect to the inode; that is [`None`] where the directory entry has no inode.
#[inline]
pub fn removexattr(
    name: Name,
    file_system: &impl NsCapable,
    inode: Option<&impl CapableWrtInode>,
) -> Result<Grant, Denial> {
    match name {
        Name::Other => Ok(Grant::Unchecked),
        Name::Capabilities => {
            let inode = inode.ok_or(Denial::XattrRemoveNoInode)?;
            if inode.capable_wrt_inode_uidgid(Capability::SETFCAP) {
                Ok(Grant::Privileged)
            } else {
                Err(Denial::XattrRemoveCapsUnprivileged)
            }
        }
        Name::Security => {
            if file_system.ns_capable(Capability::SYS_ADMIN) {
                Ok(Grant::Privileged)
            } else {
                Err(Denial::XattrRemoveUnprivileged)
            }
        }
    }
}

/// Returns whether a change of a file must remove its capabilities: `cap_inode_need_killpriv()`.
///
/// `size` is what `__vfs_getxattr()` returns for `security.capability`: the size of the value, or a
/// negative error number.
#[inline]
pub const fn need_killpriv(size: i32) -> bool {
    size > 0
}

/// Returns what `cap_inode_killpriv()` returns, given what `__vfs_removexattr()` returns for
/// `security.capability`.
///
/// A file system without attributes has nothing to remove, so its error is none.
#[inline]
pub const fn killpriv(removed: i32) -> i32 {
    if removed == -(Errno::EOPNOTSUPP as i32) {
        0
    } else {
        removed
    }
}

#[crate::kunit_tests(rust_commoncap_xattr)]
mod tests {
    use super::super::testing::Answer;
    use super::*;

    const OTHERS: [&[u8]; 6] = [
        b"",
        b"security",
        b"secure.capability",
        b"user.security.capability",
        b"trusted.x",
        b"Security.capability",
    ];
    const SECURITY: [&[u8]; 5] = [
        b"security.",
        b"security.selinux",
        b"security.capabilit",
        b"security.capability2",
        b"security.capability.",
    ];
    const CAPABILITIES: &[u8] = b"security.capability";

    #[test]
    fn only_security_attributes_take_privilege() {
        for name in OTHERS.map(Name::parse) {
            let held = Answer::new(Capability::SYS_ADMIN, false);
            assert_eq!(setxattr(name, &held), Ok(Grant::Unchecked));
            assert_eq!(removexattr(name, &held, Some(&held)), Ok(Grant::Unchecked));
            assert_eq!(held.asked(), 0);
        }
    }

    #[test]
    fn security_attributes_take_sys_admin_over_the_file_system() {
        for name in SECURITY.map(Name::parse) {
            for granted in [false, true] {
                let held = Answer::new(Capability::SYS_ADMIN, granted);
                let inode = Answer::new(Capability::SETFCAP, true);
                let (set, remove) = if granted {
                    (Ok(Grant::Privileged), Ok(Grant::Privileged))
                } else {
                    (
                        Err(Denial::XattrSetUnprivileged),
                        Err(Denial::XattrRemoveUnprivileged),
                    )
                };
                assert_eq!(setxattr(name, &held), set);
                assert_eq!(removexattr(name, &held, Some(&inode)), remove);
                assert_eq!((held.asked(), inode.asked()), (2, 0));
            }
        }
    }

    #[test]
    fn capabilities_are_set_without_a_check_and_removed_with_setfcap() {
        let name = Name::parse(CAPABILITIES);
        let file_system = Answer::new(Capability::SYS_ADMIN, true);
        assert_eq!(setxattr(name, &file_system), Ok(Grant::Unchecked));
        for (granted, expected) in [
            (true, Ok(Grant::Privileged)),
            (false, Err(Denial::XattrRemoveCapsUnprivileged)),
        ] {
            let inode = Answer::new(Capability::SETFCAP, granted);
            let answer = removexattr(name, &file_system, Some(&inode));
            assert_eq!(answer, expected);
            assert_eq!(inode.asked(), 1);
        }
        let gone = removexattr(name, &file_system, None::<&Answer>);
        assert_eq!(gone, Err(Denial::XattrRemoveNoInode));
        assert_eq!(file_system.asked(), 0);
    }

    #[test]
    fn a_file_with_a_value_loses_it() {
        for size in [1, 20, 24, i32::MAX] {
            assert!(need_killpriv(size));
        }
        for size in [0, -1, -61, -95, i32::MIN] {
            assert!(!need_killpriv(size));
        }
    }

    #[test]
    fn a_file_system_without_attributes_has_nothing_to_remove() {
        assert_eq!(killpriv(-95), 0);
        for removed in [0, -1, -30, -94, -96, 95, -61] {
            assert_eq!(killpriv(removed), removed);
        }
    }
}
