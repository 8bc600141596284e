// SPDX-License-Identifier: GPL-2.0

//! Every step that takes capabilities without an error, with its reason.

use crate::capability::CapabilitySet;
use core::fmt;

macro_rules! losses {
    ($($(#[$doc:meta])* $variant:ident: $sentence:literal;)*) => {
        /// A step of `execve()` or `setuid()` that takes capabilities, or grants fewer.
        ///
        /// Displayed, it is a sentence for the caller: what the step does, and what would help.
        ///
        /// # Examples
        ///
        /// ```
        /// use commoncap::Loss;
        ///
        /// assert_eq!(Loss::Nosuid.name(), "Nosuid");
        /// assert!(Loss::Nosuid.to_string().contains("nosuid"));
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Loss {
            $($(#[$doc])* $variant,)*
        }

        impl Loss {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Returns the name of the step.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => stringify!($variant),)*
                }
            }

            /// Returns the sentence for the caller.
            pub const fn reason(self) -> &'static str {
                match self {
                    $(Self::$variant => $sentence,)*
                }
            }
        }
    };
}

losses! {
    /// `get_file_caps()`: the kernel was booted with `no_file_caps`.
    NoFileCaps:
        "the kernel ignores file capabilities: boot it without no_file_caps";
    /// `mnt_may_suid()`: the mount has `MNT_NOSUID`.
    Nosuid:
        "the file is on a mount with nosuid: mount it without, or use a file on another mount";
    /// `mnt_may_suid()`: the mount is not in the caller's mount namespace.
    ForeignMount:
        "the file is on a mount of another mount namespace: open it by a path in the caller's own";
    /// `current_in_userns()`: the file system belongs to a user namespace that is not the caller's
    /// or an ancestor of it.
    ForeignFileSystem:
        "the file system was mounted in a user namespace that is neither the caller's nor an \
         ancestor of it: use a file that an ancestor mounted";
    /// `get_vfs_caps_from_disk()`: the root ID of the attribute is not mapped on the mount.
    RootIdUnmapped:
        "the file's capabilities are for a root user that the mount does not map: set them again \
         in the caller's user namespace";
    /// `get_vfs_caps_from_disk()`: the root ID of the attribute is not root of the caller's
    /// namespace or of an ancestor of it.
    RootIdForeign:
        "the file's capabilities are for the root user of another user namespace: set them again \
         in the caller's user namespace";
    /// `bprm_caps_from_vfs_caps()`: the bounding set lacks a permitted capability of the file.
    BoundingSet:
        "the file permits the capability, and the caller's bounding set lacks it: start the \
         program from a process that has not dropped it";
    /// `bprm_caps_from_vfs_caps()`: the inheritable set lacks one that the file has inheritable.
    NotInheritable:
        "the file lets the capability be inherited, and the caller's inheritable set lacks it: add \
         it by capset()";
    /// `handle_privileged_root()`: `SECBIT_NOROOT` is set.
    Noroot:
        "SECBIT_NOROOT is set, so user ID 0 gains no capability: use file or ambient capabilities";
    /// `handle_privileged_root()`: a set-user-ID root file has capabilities.
    SetuidMixed:
        "the file is set-user-ID root and has capabilities, so only the latter count: remove one \
         of the two";
    /// `cap_bprm_creds_from_file()`: `no_new_privs` is set.
    NoNewPrivs:
        "no_new_privs is set, so execve() grants nothing that the caller lacks: start the program \
         from a process that has not set it";
    /// `cap_bprm_creds_from_file()`: a task outside the thread group shares the caller's
    /// `fs_struct`.
    SharedFs:
        "the caller shares its root and current directories with another process (CLONE_FS), so \
         execve() grants nothing that the caller lacks: unshare them first";
    /// `cap_bprm_creds_from_file()`: tracing began without `CAP_SYS_PTRACE`.
    Traced:
        "the caller is traced, and tracing began without CAP_SYS_PTRACE over the caller's user \
         namespace, so execve() grants nothing that the caller lacks: trace with that capability, \
         or not at all";
    /// `cap_bprm_creds_from_file()`: the file has capabilities, so the ambient set is cleared.
    AmbientFileCaps:
        "the file has capabilities, so the ambient set is cleared: remove the file's, or add the \
         ambient ones to them";
    /// `cap_bprm_creds_from_file()`: `execve()` changes an ID, so the ambient set is cleared.
    AmbientIdChanged:
        "the file is set-user-ID or set-group-ID, so the ambient set is cleared: use a file \
         that is neither";
    /// `cap_bprm_creds_from_file()`: the permitted set does not outlive `execve()`.
    NotKept:
        "execve() keeps no permitted capability as such: make it ambient, or let the file grant it";
    /// `cap_bprm_creds_from_file()`: the file does not raise the effective set.
    NoEffectiveFlag:
        "the capability is permitted and not effective, as the file lacks the effective flag and \
         the effective user ID is not 0: raise it by capset(), or set the flag";

    /// `cap_emulate_setxuid()`: the last of three user IDs leaves 0.
    SetuidAll:
        "no user ID is 0 any more, so the permitted set is cleared: set SECBIT_KEEP_CAPS before \
         that";
    /// `cap_emulate_setxuid()`: the last of three user IDs leaves 0, and the ambient set with it.
    SetuidAmbient:
        "no user ID is 0 any more, so the ambient set is cleared: raise it after that";
    /// `cap_emulate_setxuid()`: the effective user ID leaves 0.
    SetuidEffective:
        "the effective user ID is no longer 0, so the effective set is cleared: raise it by \
         capset() after that, or set SECBIT_NO_SETUID_FIXUP before";
    /// `cap_task_fix_setuid()`: the file system user ID leaves 0.
    SetuidFileSystem:
        "the file system user ID is no longer 0, so the file system capabilities are not \
         effective: raise them by capset() after that, or set SECBIT_NO_SETUID_FIXUP before";
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.reason())
    }
}

/// Receives each [`Loss`] of a decision as it happens.
///
/// The methods do nothing by default, and the compiler removes what only they would need, so a
/// decision without an observer, `&mut ()`, does not pay for it. A later step of the same decision
/// may still grant a capability that an earlier one has taken.
pub trait Observer {
    /// A step takes these capabilities, at least one.
    #[inline]
    fn lost(&mut self, _loss: Loss, _capabilities: CapabilitySet) {}

    /// A step has no effect, and what it would have granted is no set of capabilities or is not
    /// known: the attribute of the file is not read, or IDs do not change.
    #[inline]
    fn skipped(&mut self, _loss: Loss) {}
}

impl Observer for () {}

/// Takes `capabilities` out of `set`, and reports those that were in it.
#[inline]
pub(super) fn take(
    set: &mut CapabilitySet,
    capabilities: CapabilitySet,
    loss: Loss,
    losses: &mut impl Observer,
) {
    let lost = *set & capabilities;
    *set = *set - lost;
    report(lost, loss, losses);
}

/// Empties `set`, and reports what was in it.
#[inline]
pub(super) fn clear(set: &mut CapabilitySet, loss: Loss, losses: &mut impl Observer) {
    take(set, *set, loss, losses);
}

/// Reports the loss of `capabilities`, unless there are none.
#[inline]
pub(super) fn report(capabilities: CapabilitySet, loss: Loss, losses: &mut impl Observer) {
    if !capabilities.is_empty() {
        losses.lost(loss, capabilities);
    }
}

#[crate::kunit_tests(rust_commoncap_loss)]
mod tests {
    use super::*;

    #[test]
    fn every_loss_has_its_own_name_and_reason() {
        for (index, loss) in Loss::ALL.iter().enumerate() {
            for other in Loss::ALL.iter().take(index) {
                assert!(loss.name() != other.name());
                assert!(loss.reason() != other.reason());
            }
        }
    }

    #[test]
    fn a_loss_is_shown_as_its_reason() {
        struct Expect(&'static str);
        impl fmt::Write for Expect {
            fn write_str(&mut self, text: &str) -> fmt::Result {
                self.0 = self.0.strip_prefix(text).ok_or(fmt::Error)?;
                Ok(())
            }
        }
        for loss in Loss::ALL {
            let mut rest = Expect(loss.reason());
            assert!(fmt::Write::write_fmt(&mut rest, format_args!("{loss}")).is_ok());
            assert_eq!(rest.0, "");
        }
    }
}
