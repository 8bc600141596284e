// SPDX-License-Identifier: GPL-2.0

//! User namespaces as maps of user IDs.

use super::credentials::Namespace;

/// A user namespace that maps user IDs.
pub trait UidMap: Namespace<Uid: Copy> {
    /// Returns the ID that a user has in this namespace, [`None`] if it is not mapped:
    /// `from_kuid()`.
    fn id_of(&self, uid: Self::Uid) -> Option<u32>;

    /// Returns whether a user is root in this namespace or in an ancestor of it:
    /// `kuid_root_in_ns()`.
    #[inline]
    fn has_root(&self, uid: Self::Uid) -> bool {
        let mut ns = Some(self);
        while let Some(this) = ns {
            if this.id_of(uid) == Some(0) {
                return true;
            }
            ns = this.parent();
        }
        false
    }
}

#[crate::kunit_tests(rust_commoncap_uid_map)]
mod tests {
    use super::super::testing::TestNs;
    use super::*;

    #[test]
    fn root_of_a_namespace_is_root_of_its_descendants_and_of_no_ancestor() {
        // In the tests, the root user of a namespace is its owner.
        let initial = TestNs::initial();
        let child = TestNs::child(&initial, 1000);
        let grandchild = TestNs::child(&child, 2000);
        for (ns, roots) in [(&initial, 1), (&child, 2), (&grandchild, 3)] {
            for (number, uid) in [0, 1000, 2000, 3000].into_iter().enumerate() {
                assert_eq!(ns.has_root(uid), number < roots);
            }
        }
    }
}
