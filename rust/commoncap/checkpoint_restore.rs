// SPDX-License-Identifier: GPL-2.0

//! Who may checkpoint and restore: `checkpoint_restore_ns_capable()`.

use super::Denial;
use crate::capability::Capability;

/// What LSMs may write audit records of when they are asked about a capability.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audit {
    /// Of whatever they answer: `CAP_OPT_NONE`.
    Every,
    /// Of all but a denial: `CAP_OPT_NODENYAUDIT`.
    NoDenial,
}

/// Decides whether checkpoint/restore is allowed, given who holds what over the namespace.
///
/// `ns_capable` answers whether the caller holds a capability over the target namespace, all LSMs
/// heard. It takes `CAP_CHECKPOINT_RESTORE` or, since that was the one before Linux 5.9,
/// `CAP_SYS_ADMIN`. Returns the one that was held.
///
/// A denial of the first is no denial of the whole if the second is held, so no audit record must
/// say so until that is known: then the first is asked for once more.
///
/// # Examples
///
/// ```
/// use commoncap::{capability::Capability, checkpoint_restore::ns_capable, Denial};
///
/// let root = ns_capable(|_, _| true);
/// assert_eq!(root, Ok(Capability::CHECKPOINT_RESTORE));
/// let administrator = ns_capable(|asked, _| asked == Capability::SYS_ADMIN);
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

/// [`ns_capable`] that leaves no audit record: `checkpoint_restore_ns_capable_noaudit()`.
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

    /// What was asked for, and what an audit record would tell to have been granted and denied.
    #[derive(Debug, PartialEq)]
    struct Records {
        asked: CapabilitySet,
        granted: CapabilitySet,
        denied: CapabilitySet,
    }

    /// Returns the answer to a holder of `held`, and the records of it.
    fn ask(held: CapabilitySet) -> (Result<Capability, Denial>, Records) {
        let mut records = Records {
            asked: CapabilitySet::EMPTY,
            granted: CapabilitySet::EMPTY,
            denied: CapabilitySet::EMPTY,
        };
        let answer = ns_capable(|capability, audit| {
            records.asked = records.asked.with(capability);
            let granted = held.contains(capability);
            let record = match (audit, granted) {
                (_, true) => &mut records.granted,
                (Audit::Every, false) => &mut records.denied,
                (Audit::NoDenial, false) => return granted,
            };
            // None is told twice.
            assert!(!record.contains(capability));
            *record = record.with(capability);
            granted
        });
        (answer, records)
    }

    #[test]
    fn checkpoint_restore_suffices_and_sys_admin_is_not_asked_for() {
        for held in [CHECKPOINT_RESTORE, BOTH] {
            let records = Records {
                asked: CHECKPOINT_RESTORE,
                granted: CHECKPOINT_RESTORE,
                denied: CapabilitySet::EMPTY,
            };
            assert_eq!(ask(held), (Ok(Capability::CHECKPOINT_RESTORE), records));
        }
    }

    #[test]
    fn sys_admin_suffices_and_no_denial_is_told() {
        let records = Records {
            asked: BOTH,
            granted: SYS_ADMIN,
            denied: CapabilitySet::EMPTY,
        };
        assert_eq!(ask(SYS_ADMIN), (Ok(Capability::SYS_ADMIN), records));
    }

    #[test]
    fn no_other_capability_suffices_and_both_denials_are_told() {
        for held in [CapabilitySet::EMPTY, OTHERS] {
            let records = Records {
                asked: BOTH,
                granted: CapabilitySet::EMPTY,
                denied: BOTH,
            };
            let denial = Denial::NeitherCheckpointRestoreNorSysAdmin;
            assert_eq!(ask(held), (Err(denial), records));
        }
    }

    #[test]
    fn without_audit_the_answers_are_the_same() {
        for held in [
            CapabilitySet::EMPTY,
            OTHERS,
            SYS_ADMIN,
            CHECKPOINT_RESTORE,
            BOTH,
        ] {
            let mut asked = CapabilitySet::EMPTY;
            let answer = ns_capable_noaudit(|capability| {
                asked = asked.with(capability);
                held.contains(capability)
            });
            assert_eq!(answer, ask(held).0);
            assert_eq!(asked, ask(held).1.asked);
        }
    }
}
