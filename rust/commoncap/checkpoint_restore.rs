// SPDX-License-Identifier: GPL-2.0

//! Who may checkpoint and restore: `checkpoint_restore_ns_capable()`.

use super::Denial;
use crate::capability::Capability;

/// Which answers to a capability check the LSMs may write audit records of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audit {
    /// Grants and denials: `CAP_OPT_NONE`.
    Every,
    /// Grants only: `CAP_OPT_NODENYAUDIT`.
    NoDenial,
}

/// Decides whether checkpoint/restore is allowed, and returns the capability that allows it.
///
/// `CAP_CHECKPOINT_RESTORE` is enough. So is `CAP_SYS_ADMIN`, which was the capability to have
/// before Linux 5.9. `ns_capable` checks with all LSMs whether the caller holds a capability over
/// the target namespace.
///
/// The caller is denied only if it lacks both capabilities. So the first check is not audited if it
/// denies; if the second one denies as well, the first is repeated with audit.
///
/// # Examples
///
/// ```
/// use commoncap::{capability::Capability, checkpoint_restore::ns_capable, Denial};
///
/// let root = ns_capable(|_, _| true);
/// assert_eq!(root, Ok(Capability::CHECKPOINT_RESTORE));
/// let administrator = ns_capable(|checked, _| checked == Capability::SYS_ADMIN);
/// assert_eq!(administrator, Ok(Capability::SYS_ADMIN));
/// let nobody = ns_capable(|_, _| false);
/// assert_eq!(nobody, Err(Denial::NeitherCheckpointRestoreNorSysAdmin));
/// ```
#[inline]
pub fn ns_capable(
    mut ns_capable: impl FnMut(Capability, Audit) -> bool,
) -> Result<Capability, Denial> {
    [
        (Capability::CHECKPOINT_RESTORE, Audit::NoDenial),
        (Capability::SYS_ADMIN, Audit::Every),
        (Capability::CHECKPOINT_RESTORE, Audit::Every),
    ]
    .into_iter()
    .find(|&(capability, audit)| ns_capable(capability, audit))
    .map(|(capability, _)| capability)
    .ok_or(Denial::NeitherCheckpointRestoreNorSysAdmin)
}

/// Like [`ns_capable`], without audit records: `checkpoint_restore_ns_capable_noaudit()`.
#[inline]
pub fn ns_capable_noaudit(
    mut ns_capable_noaudit: impl FnMut(Capability) -> bool,
) -> Result<Capability, Denial> {
    [Capability::CHECKPOINT_RESTORE, Capability::SYS_ADMIN]
        .into_iter()
        .find(|&capability| ns_capable_noaudit(capability))
        .ok_or(Denial::NeitherCheckpointRestoreNorSysAdmin)
}

#[crate::kunit_tests(rust_commoncap_checkpoint_restore)]
mod tests {
    use super::*;
    use crate::capability::CapabilitySet;

    const CHECKPOINT_RESTORE: CapabilitySet =
        CapabilitySet::EMPTY.with(Capability::CHECKPOINT_RESTORE);
    const SYS_ADMIN: CapabilitySet = CapabilitySet::EMPTY.with(Capability::SYS_ADMIN);
    const BOTH: CapabilitySet = SYS_ADMIN.with(Capability::CHECKPOINT_RESTORE);
    const OTHERS: CapabilitySet =
        CapabilitySet::from_bits(CapabilitySet::FULL.bits() & !BOTH.bits());

    /// The capabilities that were checked, and those whose grant or denial was audited.
    #[derive(Debug, PartialEq)]
    struct Records {
        checked: CapabilitySet,
        granted: CapabilitySet,
        denied: CapabilitySet,
    }

    /// Decides for a caller that holds `held`. Returns the answer and its records.
    fn decide(held: CapabilitySet) -> (Result<Capability, Denial>, Records) {
        let mut records = Records {
            checked: CapabilitySet::EMPTY,
            granted: CapabilitySet::EMPTY,
            denied: CapabilitySet::EMPTY,
        };
        let answer = ns_capable(|capability, audit| {
            records.checked = records.checked.with(capability);
            let granted = held.contains(capability);
            let record = match (audit, granted) {
                (_, true) => &mut records.granted,
                (Audit::Every, false) => &mut records.denied,
                (Audit::NoDenial, false) => return granted,
            };
            // No answer is audited twice.
            assert!(!record.contains(capability));
            *record = record.with(capability);
            granted
        });
        (answer, records)
    }

    #[test]
    fn checkpoint_restore_is_enough_and_sys_admin_is_not_checked() {
        for held in [CHECKPOINT_RESTORE, BOTH] {
            let records = Records {
                checked: CHECKPOINT_RESTORE,
                granted: CHECKPOINT_RESTORE,
                denied: CapabilitySet::EMPTY,
            };
            assert_eq!(decide(held), (Ok(Capability::CHECKPOINT_RESTORE), records));
        }
    }

    #[test]
    fn sys_admin_is_enough_and_no_denial_is_audited() {
        let records = Records {
            checked: BOTH,
            granted: SYS_ADMIN,
            denied: CapabilitySet::EMPTY,
        };
        assert_eq!(decide(SYS_ADMIN), (Ok(Capability::SYS_ADMIN), records));
    }

    #[test]
    fn no_other_capability_is_enough_and_both_denials_are_audited() {
        for held in [CapabilitySet::EMPTY, OTHERS] {
            let records = Records {
                checked: BOTH,
                granted: CapabilitySet::EMPTY,
                denied: BOTH,
            };
            let denial = Denial::NeitherCheckpointRestoreNorSysAdmin;
            assert_eq!(decide(held), (Err(denial), records));
        }
    }

    #[test]
    fn the_answer_without_audit_is_the_same() {
        for held in [
            CapabilitySet::EMPTY,
            OTHERS,
            SYS_ADMIN,
            CHECKPOINT_RESTORE,
            BOTH,
        ] {
            let mut checked = CapabilitySet::EMPTY;
            let answer = ns_capable_noaudit(|capability| {
                checked = checked.with(capability);
                held.contains(capability)
            });
            assert_eq!(answer, decide(held).0);
            assert_eq!(checked, decide(held).1.checked);
        }
    }
}
