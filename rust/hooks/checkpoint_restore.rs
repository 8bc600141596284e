// SPDX-License-Identifier: GPL-2.0

//! What drivers and subsystems ask: `checkpoint_restore_ns_capable()`.

use crate::{
    capability::Capability,
    commoncap::{
        checkpoint_restore::{self, Audit},
        Denial,
    },
    kernel_ext::user_namespace::UserNamespace,
};
use kernel::prelude::*;

/// Lets a caller return a denial with `?`.
impl From<Denial> for Error {
    #[inline]
    fn from(denial: Denial) -> Self {
        Self::from_errno(denial.to_errno())
    }
}

/// Determines whether the current task may checkpoint and restore what belongs to a user namespace.
///
/// Returns the capability that allows it. All LSMs are asked, a denial may leave audit records, and
/// the use of privilege is recorded.
pub fn checkpoint_restore_ns_capable(ns: &UserNamespace) -> Result<Capability, Denial> {
    checkpoint_restore::ns_capable(|capability, audit| match audit {
        Audit::Every => ns.ns_capable(capability),
        // The kernel has no check that audits a grant but not a denial.
        Audit::NoDenial => ns.ns_capable_noaudit(capability) && ns.ns_capable(capability),
    })
}

#[crate::kunit_tests(rust_commoncap_hook_checkpoint_restore)]
mod tests {
    use super::*;

    #[test]
    fn a_denial_is_the_error_that_c_returns() {
        assert_eq!(
            Error::from(Denial::NeitherCheckpointRestoreNorSysAdmin),
            EPERM
        );
        assert_eq!(Error::from(Denial::NoMemory), ENOMEM);
    }

    #[test]
    fn a_kernel_thread_may_checkpoint_and_restore() {
        let answer = checkpoint_restore_ns_capable(UserNamespace::initial());
        assert_eq!(answer, Ok(Capability::CHECKPOINT_RESTORE));
    }
}
