// SPDX-License-Identifier: GPL-2.0

//! The capabilities of a file: its extended attribute `security.capability`.
//!
//! The value is a list of little-endian 32-bit words: a magic word with the revision and the
//! effective flag, then the low halves of the permitted and the inheritable set, then (revisions 2
//! and 3) their high halves, then (revision 3) the user ID, as the file system's user namespace
//! maps it, that is root where these capabilities count.
//!
//! C header: [`include/uapi/linux/capability.h`](srctree/include/uapi/linux/capability.h).

use super::{
    loss::{
        Loss,
        Observer, //
    },
    privileges::{
        CapableWrtInode,
        NsCapable, //
    },
    Denial,
    Failure,
    UidMap, //
};
use crate::capability::{
    Capability,
    CapabilitySet, //
};

/// The size of the longest value, in bytes: `XATTR_CAPS_SZ`.
pub const MAX_SIZE: usize = 24;

const SIZE_1: usize = 12;
const SIZE_2: usize = 20;
const SIZE_3: usize = MAX_SIZE;

pub(crate) const REVISION_MASK: u32 = 0xff00_0000;
pub(crate) const REVISION_1: u32 = 0x0100_0000;
pub(crate) const REVISION_2: u32 = 0x0200_0000;
pub(crate) const REVISION_3: u32 = 0x0300_0000;
pub(crate) const FLAGS_EFFECTIVE: u32 = 0x0000_0001;

/// Returns the words of a value; those beyond its end are 0.
#[inline]
fn words(value: &[u8]) -> [u32; MAX_SIZE / 4] {
    let mut words = [[0; 4]; MAX_SIZE / 4];
    for (to, byte) in words.as_flattened_mut().iter_mut().zip(value) {
        *to = *byte;
    }
    words.map(u32::from_le_bytes)
}

/// The capabilities of a file, as `execve()` reads them.
///
/// # Examples
///
/// ```
/// use commoncap::{capability::Capability, file_capabilities::FileCapabilities};
///
/// // What `setcap cap_net_raw=ep` writes.
/// let mut value = [0; 20];
/// value[..8].copy_from_slice(&[1, 0, 0, 2, 0, 0x20, 0, 0]);
/// let file = FileCapabilities::parse(&value)?;
/// assert!(file.effective);
/// assert!(file.permitted.contains(Capability::NET_RAW));
/// assert!(file.inheritable.is_empty());
/// # Ok::<(), commoncap::Denial>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileCapabilities {
    /// The effective flag: all that becomes permitted becomes effective.
    pub effective: bool,
    /// The permitted set, of capabilities that the kernel knows.
    pub permitted: CapabilitySet,
    /// The inheritable set, of capabilities that the kernel knows.
    pub inheritable: CapabilitySet,
    /// The user ID that is root where they count, in the file system's user namespace. It is 0 in
    /// revisions 1 and 2.
    pub root_id: u32,
}

impl FileCapabilities {
    /// Reads a value of any bytes.
    ///
    /// Fails with [`Denial::FileCapsSize`] or [`Denial::FileCapsRevision`].
    pub fn parse(value: &[u8]) -> Result<Self, Denial> {
        let [magic, permitted, inheritable, high_permitted, high_inheritable, root_id] =
            words(value);
        let size = match magic & REVISION_MASK {
            // The revision is in the last byte of the magic word, which must be there.
            _ if value.len() < 4 => return Err(Denial::FileCapsSize),
            REVISION_1 => SIZE_1,
            REVISION_2 => SIZE_2,
            REVISION_3 => SIZE_3,
            _ => return Err(Denial::FileCapsRevision),
        };
        if value.len() != size {
            return Err(Denial::FileCapsSize);
        }
        let set = |low: u32, high: u32| {
            let low = CapabilitySet::from_bits(low.into());
            let high = CapabilitySet::from_bits(u64::from(high) << 32);
            (low | high) & CapabilitySet::FULL
        };
        Ok(Self {
            effective: magic & FLAGS_EFFECTIVE != 0,
            permitted: set(permitted, high_permitted),
            inheritable: set(inheritable, high_inheritable),
            root_id,
        })
    }
}

/// A file on a mount, as the current task finds it.
pub trait Mount {
    /// The user namespaces of the kernel.
    type Namespace: UidMap;

    /// Returns the user that has this ID in the user namespace of the file system, as the mount
    /// maps it: `make_vfsuid()` of `make_kuid()`.
    fn mapped_user(&self, id: u32) -> Option<Uid<Self>>;

    /// Returns the user namespace of the current task.
    fn current_user_ns(&self) -> &Self::Namespace;
}

/// A user ID of the namespaces of a [`Mount`].
pub type Uid<M> = <<M as Mount>::Namespace as super::credentials::Namespace>::Uid;

/// A file from which `execve()` reads capabilities.
pub trait Source: Mount {
    /// An error of the file system.
    type Error;

    /// Reads `security.capability` as it is stored, and returns its size; [`None`] if the file has
    /// none, or no file system that could have one.
    fn read(&self, value: &mut [u8; MAX_SIZE]) -> Result<Option<usize>, Self::Error>;
}

/// Returns the capabilities that a file has in the current user namespace:
/// `get_vfs_caps_from_disk()`.
///
/// Returns [`None`] if the file has none, or has them for the root user of a namespace that is
/// neither the current one nor an ancestor of it; the latter is reported to `losses`.
#[inline]
pub fn from_disk<S: Source>(
    source: &S,
    losses: &mut impl Observer,
) -> Result<Option<FileCapabilities>, Failure<S::Error>> {
    let mut value = [0; MAX_SIZE];
    let Some(size) = source.read(&mut value).map_err(Failure::Other)? else {
        return Ok(None);
    };
    let value = value.get(..size).ok_or(Denial::FileCapsSize)?;
    let file = FileCapabilities::parse(value)?;
    match source.mapped_user(file.root_id) {
        None => losses.skipped(Loss::RootIdUnmapped),
        Some(root) if !source.current_user_ns().has_root(root) => {
            losses.skipped(Loss::RootIdForeign);
        }
        Some(_) => return Ok(Some(file)),
    }
    Ok(None)
}

/// A value of revision 2 or 3, as `setxattr()` takes it and `getxattr()` returns it.
///
/// The sets are not looked at, so the words of bits that are no capability stay as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Header {
    effective: bool,
    sets: [u32; 4],
    /// The root ID, of revision 3.
    root_id: Option<u32>,
}

impl Header {
    /// Reads a value; [`None`] if it is neither revision 2 nor 3, or has an unknown flag.
    #[inline]
    fn parse(value: &[u8]) -> Option<Self> {
        let [magic, sets @ .., root_id] = words(value);
        let root_id = match (magic & !FLAGS_EFFECTIVE, value.len()) {
            (REVISION_2, SIZE_2) => None,
            (REVISION_3, SIZE_3) => Some(root_id),
            _ => return None,
        };
        Some(Self {
            effective: magic & FLAGS_EFFECTIVE != 0,
            sets,
            root_id,
        })
    }

    /// Returns the value of the same sets and flag, of revision 3 if there is a root ID.
    #[inline]
    fn with_root_id(self, root_id: Option<u32>) -> Value {
        let revision = if root_id.is_some() {
            REVISION_3
        } else {
            REVISION_2
        };
        let magic = revision + u32::from(self.effective);
        let [a, b, c, d] = self.sets;
        let words = [magic, a, b, c, d, root_id.unwrap_or(0)];
        Value {
            words: words.map(u32::to_le_bytes),
            size: if root_id.is_some() { SIZE_3 } else { SIZE_2 },
        }
    }
}

/// A value to store, or to return to a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Value {
    words: [[u8; 4]; MAX_SIZE / 4],
    size: usize,
}

impl Value {
    /// Returns its 20 or 24 bytes.
    #[inline]
    pub fn as_bytes(&self) -> &[u8] {
        // The size is never beyond the words.
        self.words.as_flattened().get(..self.size).unwrap_or(&[])
    }
}

/// An inode whose capabilities are to be set.
///
/// `capable_wrt_inode_uidgid()` is with respect to it, and `ns_capable()` over the user namespace
/// of its file system.
pub trait Target: CapableWrtInode + NsCapable {
    /// A user: `kuid_t`, `vfsuid_t`.
    type Uid;

    /// Returns whether the mount is idmapped: `idmap` is not `nop_mnt_idmap`.
    fn is_idmapped(&self) -> bool;

    /// Returns the user that has this ID in the user namespace of the current task: `make_kuid()`.
    fn user(&self, id: u32) -> Option<Self::Uid>;

    /// Returns the user that the mount shows as this one: `from_vfsuid()`.
    fn unmapped(&self, uid: Self::Uid) -> Option<Self::Uid>;

    /// Returns the ID of a user in the user namespace of the file system: `from_kuid()`.
    fn stored_id(&self, uid: Self::Uid) -> Option<u32>;
}

/// Decides what is stored when the current task sets `security.capability`: `cap_convert_nscap()`.
///
/// Returns [`None`] where the value is stored as it is, which takes `CAP_SETFCAP` over the file
/// system: it then counts in each user namespace. Otherwise it becomes revision 3, and counts where
/// its root ID, or the caller's root user for revision 2, is root.
#[inline]
pub fn convert(value: Option<&[u8]>, target: &impl Target) -> Result<Option<Value>, Denial> {
    let value = value.ok_or(Denial::NscapNoValue)?;
    let header = Header::parse(value).ok_or(Denial::NscapHeader)?;
    if !target.capable_wrt_inode_uidgid(Capability::SETFCAP) {
        return Err(Denial::NscapUnprivileged);
    }
    if header.root_id.is_none() && !target.is_idmapped() && target.ns_capable(Capability::SETFCAP) {
        return Ok(None);
    }

    let root = target
        .user(header.root_id.unwrap_or(0))
        .ok_or(Denial::NscapRootIdCaller)?;
    let root = target.unmapped(root).ok_or(Denial::NscapRootIdMount)?;
    let root_id = target
        .stored_id(root)
        .ok_or(Denial::NscapRootIdFileSystem)?;
    Ok(Some(header.with_root_id(Some(root_id))))
}

/// Checks that an attribute is `security.capability`, given its name without `security.`.
///
/// `cap_inode_getsecurity()` answers for no other.
#[inline]
pub fn getsecurity_name(name: &[u8]) -> Result<(), Denial> {
    if name == b"capability" {
        Ok(())
    } else {
        Err(Denial::GetsecurityNotOurs)
    }
}

/// Decides what the current task reads as `security.capability`: `cap_inode_getsecurity()`.
///
/// `value` is stored in the file; it is [`None`] where the inode has no name to read it by. The
/// reader gets revision 3 if its user namespace maps the root ID to another ID than 0, and
/// revision 2 if the root ID is root of that namespace or of an ancestor.
#[inline]
pub fn getsecurity<M: Mount>(value: Option<&[u8]>, mount: &M) -> Result<Value, Denial> {
    let value = value.ok_or(Denial::GetsecurityNoAlias)?;
    let header = Header::parse(value).ok_or(Denial::GetsecurityHeader)?;
    let root = mount
        .mapped_user(header.root_id.unwrap_or(0))
        .ok_or(Denial::GetsecurityRootId)?;
    let ns = mount.current_user_ns();
    match ns.id_of(root) {
        Some(id) if id != 0 => Ok(header.with_root_id(Some(id))),
        _ if ns.has_root(root) => Ok(header.with_root_id(None)),
        _ => Err(Denial::GetsecurityRootId),
    }
}

#[crate::kunit_tests(rust_commoncap_file_capabilities)]
mod tests {
    use super::super::testing::{
        Answer,
        Seen,
        TestNs, //
    };
    use super::*;

    /// Returns a value of this magic word and the words after it: 0x03020100, 0x07060504 and so on.
    fn value(magic: u32) -> [u8; 28] {
        let mut value = core::array::from_fn(|index| (index as u8).wrapping_sub(4));
        for (to, byte) in value.iter_mut().zip(magic.to_le_bytes()) {
            *to = byte;
        }
        value
    }

    const REVISIONS: [(u32, usize); 3] = [(0x0100_0000, 12), (0x0200_0000, 20), (0x0300_0000, 24)];

    #[test]
    fn a_value_needs_the_size_of_its_revision() {
        for (revision, size) in REVISIONS {
            for length in 0..=28 {
                let value = value(revision);
                let answer = FileCapabilities::parse(&value[..length]);
                let fits = answer != Err(Denial::FileCapsSize);
                assert_eq!(fits, length == size);
                assert_eq!(answer.is_ok(), fits);
            }
        }
    }

    #[test]
    fn a_revision_is_1_to_3() {
        for revision in 0..=255 {
            let value = value(revision << 24);
            for length in 0..=28 {
                let answer = FileCapabilities::parse(&value[..length]);
                let unknown = answer == Err(Denial::FileCapsRevision);
                assert_eq!(unknown, length >= 4 && !matches!(revision, 1..=3));
            }
        }
    }

    #[test]
    fn the_words_are_little_endian_and_only_known_capabilities_are_kept() {
        let low = (0x0302_0100, 0x0706_0504);
        let both = (0x108_0302_0100, 0x10c_0706_0504);
        for ((revision, size), (permitted, inheritable), root_id) in [
            (REVISIONS[0], low, 0),
            (REVISIONS[1], both, 0),
            (REVISIONS[2], both, 0x1312_1110),
        ] {
            for flags in [0, 1, 0x00ff_fffe, 0x00ff_ffff] {
                let value = value(revision | flags);
                let file = FileCapabilities {
                    effective: flags & 1 == 1,
                    permitted: CapabilitySet::from_bits(permitted),
                    inheritable: CapabilitySet::from_bits(inheritable),
                    root_id,
                };
                assert_eq!(FileCapabilities::parse(&value[..size]), Ok(file));
            }
        }
    }

    /// A file and a mount that maps user IDs below 1000 to others, 100 higher.
    struct TestFile<'a> {
        /// The value and its size.
        stored: Result<Option<([u8; 28], usize)>, i32>,
        ns: &'a TestNs<'a>,
    }

    impl<'a> Mount for TestFile<'a> {
        type Namespace = TestNs<'a>;

        fn mapped_user(&self, id: u32) -> Option<u32> {
            (id < 1000).then_some(id + 100)
        }

        fn current_user_ns(&self) -> &TestNs<'a> {
            self.ns
        }
    }

    impl Source for TestFile<'_> {
        type Error = i32;

        fn read(&self, value: &mut [u8; MAX_SIZE]) -> Result<Option<usize>, i32> {
            let Some((stored, size)) = self.stored? else {
                return Ok(None);
            };
            for (to, byte) in value.iter_mut().zip(stored) {
                *to = byte;
            }
            Ok(Some(size))
        }
    }

    /// Returns a child of the initial namespace. User 102 is its root user.
    fn child<'a>(initial: &'a TestNs<'a>) -> TestNs<'a> {
        TestNs::child(initial, 102)
    }

    #[test]
    fn a_file_without_capabilities_has_none_and_an_error_is_passed_on() {
        let initial = TestNs::initial();
        let mut file = TestFile {
            stored: Ok(None),
            ns: &initial,
        };
        let mut seen = Seen::default();
        assert_eq!(from_disk(&file, &mut seen), Ok(None));
        for error in [-5, -34] {
            file.stored = Err(error);
            assert_eq!(from_disk(&file, &mut seen), Err(Failure::Other(error)));
        }
        for (length, denial) in [
            (3, Denial::FileCapsSize),
            (19, Denial::FileCapsSize),
            (28, Denial::FileCapsSize),
            (20, Denial::FileCapsRevision),
        ] {
            let revision = if length == 20 {
                0x0400_0000
            } else {
                0x0200_0000
            };
            file.stored = Ok(Some((value(revision), length)));
            assert_eq!(from_disk(&file, &mut seen), Err(denial.into()));
        }
        assert!(seen.is_nothing());
    }

    #[test]
    fn capabilities_count_where_their_root_user_is_root() {
        let initial = TestNs::initial();
        let child = child(&initial);
        let grandchild = TestNs::child(&child, 105);
        let mut value = value(0x0300_0000);
        // What the root user of the file means: the user 100 more. Only namespaces of that user,
        // and their descendants, have him as root.
        for (root_id, ns, loss) in [
            (2, &child, None),
            (2, &grandchild, None),
            (5, &grandchild, None),
            (2, &initial, Some(Loss::RootIdForeign)),
            (5, &child, Some(Loss::RootIdForeign)),
            (3, &child, Some(Loss::RootIdForeign)),
            (0, &initial, Some(Loss::RootIdForeign)),
            (1000, &child, Some(Loss::RootIdUnmapped)),
        ] {
            for (to, byte) in value[20..].iter_mut().zip(u32::to_le_bytes(root_id)) {
                *to = byte;
            }
            let file = TestFile {
                stored: Ok(Some((value, 24))),
                ns,
            };
            let mut seen = Seen::default();
            let answer = from_disk(&file, &mut seen);
            let expected = match loss {
                None => FileCapabilities::parse(&value[..24]).ok(),
                Some(_) => None,
            };
            assert_eq!(answer, Ok(expected));
            for &other in Loss::ALL {
                assert_eq!(seen.skips(other), Some(other) == loss);
            }
        }
    }

    /// An inode whose capabilities are set: the caller maps IDs below 100 to users 1000 higher, the
    /// mount users below 1050 to those 500 higher, and the file system users below 1540 to IDs 1500
    /// lower.
    struct TestTarget {
        inode: Answer,
        file_system: Answer,
        idmapped: bool,
    }

    impl TestTarget {
        fn new(idmapped: bool, inode: bool, file_system: bool) -> Self {
            TestTarget {
                inode: Answer::new(Capability::SETFCAP, inode),
                file_system: Answer::new(Capability::SETFCAP, file_system),
                idmapped,
            }
        }
    }

    impl CapableWrtInode for TestTarget {
        fn capable_wrt_inode_uidgid(&self, capability: Capability) -> bool {
            self.inode.capable_wrt_inode_uidgid(capability)
        }
    }

    impl NsCapable for TestTarget {
        fn ns_capable(&self, capability: Capability) -> bool {
            self.file_system.ns_capable(capability)
        }
    }

    impl Target for TestTarget {
        type Uid = u32;

        fn is_idmapped(&self) -> bool {
            self.idmapped
        }

        fn user(&self, id: u32) -> Option<u32> {
            (id < 100).then_some(id + 1000)
        }

        fn unmapped(&self, uid: u32) -> Option<u32> {
            (uid < 1050).then_some(uid + 500)
        }

        fn stored_id(&self, uid: u32) -> Option<u32> {
            (uid < 1540).then_some(uid - 1500)
        }
    }

    #[test]
    fn a_value_is_revision_2_or_3_and_has_no_flag_but_one() {
        let target = TestTarget::new(false, true, true);
        let ns = TestNs::initial();
        let file = TestFile {
            stored: Ok(None),
            ns: &ns,
        };
        for (revision, size) in REVISIONS {
            for flags in [0, 1, 2, 3, 0x0080_0000] {
                let value = value(revision | flags);
                for length in 0..=28 {
                    let value = &value[..length];
                    let fits = length == size && revision != REVISIONS[0].0 && flags < 2;
                    let converted = convert(Some(value), &target).err();
                    let refused = converted == Some(Denial::NscapHeader);
                    assert_eq!(refused, !fits);
                    let read = getsecurity(Some(value), &file).err();
                    let refused = read == Some(Denial::GetsecurityHeader);
                    assert_eq!(refused, !fits);
                }
            }
        }
    }

    #[test]
    fn a_value_must_be_there() {
        let target = TestTarget::new(false, true, true);
        let converted = convert(None, &target);
        assert_eq!(converted.err(), Some(Denial::NscapNoValue));
        let ns = TestNs::initial();
        let file = TestFile {
            stored: Ok(None),
            ns: &ns,
        };
        let read = getsecurity(None, &file);
        assert_eq!(read.err(), Some(Denial::GetsecurityNoAlias));
    }

    #[test]
    fn setting_capabilities_takes_setfcap_with_respect_to_the_inode() {
        let value = value(0x0200_0000);
        let target = TestTarget::new(false, false, true);
        let answer = convert(Some(&value[..20]), &target);
        assert_eq!(answer.err(), Some(Denial::NscapUnprivileged));
        assert_eq!((target.inode.asked(), target.file_system.asked()), (1, 0));
        // A wrong value comes first.
        let answer = convert(Some(&value[..24]), &target);
        assert_eq!(answer.err(), Some(Denial::NscapHeader));
        assert_eq!(target.inode.asked(), 1);
    }

    #[test]
    fn revision_2_stays_what_it_is_with_setfcap_over_the_file_system() {
        for (magic, size) in [(0x0200_0001, 20), (0x0300_0001, 24)] {
            let mut value = value(magic);
            for (to, byte) in value[20..].iter_mut().zip([7, 0, 0, 0]) {
                *to = byte;
            }
            for idmapped in [false, true] {
                for privileged in [false, true] {
                    let target = TestTarget::new(idmapped, true, privileged);
                    let answer = convert(Some(&value[..size]), &target);
                    let asked = size == 20 && !idmapped;
                    assert_eq!(target.file_system.asked(), usize::from(asked));
                    assert!(answer.is_ok());
                    let stored = answer.ok().flatten();
                    assert_eq!(stored.is_none(), asked && privileged);
                    let Some(stored) = stored else { continue };
                    // Revision 3 in any case, with the flag, the sets and the mapped root ID.
                    let stored = stored.as_bytes();
                    assert_eq!(stored.len(), 24);
                    assert_eq!(stored[..4], [1, 0, 0, 3]);
                    assert_eq!(stored[4..20], value[4..20]);
                    let root_id = if size == 20 { 0 } else { 7 };
                    assert_eq!(stored[20..], [root_id, 0, 0, 0]);
                }
            }
        }
    }

    #[test]
    fn a_root_id_must_be_mapped_at_each_step() {
        let mut value = value(0x0300_0000);
        for (root_id, expected) in [
            (39, None),
            (40, Some(Denial::NscapRootIdFileSystem)),
            (49, Some(Denial::NscapRootIdFileSystem)),
            (50, Some(Denial::NscapRootIdMount)),
            (99, Some(Denial::NscapRootIdMount)),
            (100, Some(Denial::NscapRootIdCaller)),
            (255, Some(Denial::NscapRootIdCaller)),
        ] {
            for (to, byte) in value[20..].iter_mut().zip([root_id, 0, 0, 0]) {
                *to = byte;
            }
            let target = TestTarget::new(false, true, false);
            assert_eq!(convert(Some(&value[..24]), &target).err(), expected);
        }
    }

    #[test]
    fn only_one_attribute_is_answered() {
        assert_eq!(getsecurity_name(b"capability"), Ok(()));
        for name in [b"".as_slice(), b"capabilit", b"capability2", b"selinux"] {
            let answer = getsecurity_name(name);
            assert_eq!(answer, Err(Denial::GetsecurityNotOurs));
        }
    }

    #[test]
    fn a_reader_gets_the_revision_of_its_namespace() {
        let initial = TestNs::initial();
        let child = child(&initial);
        let grandchild = TestNs::child(&child, 105);
        // In the tests, a namespace maps its owner to 0 and the users up to 9 above to 1 to 9.
        for (ns, root_id, expected) in [
            (&child, Some(2), Ok(None)),
            (&child, Some(3), Ok(Some(1))),
            (&child, Some(11), Ok(Some(9))),
            (&child, Some(12), Err(Denial::GetsecurityRootId)),
            (&child, Some(0), Err(Denial::GetsecurityRootId)),
            (&child, None, Err(Denial::GetsecurityRootId)),
            (&grandchild, Some(2), Ok(None)),
            (&grandchild, Some(7), Ok(Some(2))),
            (&grandchild, Some(3), Err(Denial::GetsecurityRootId)),
            (&child, Some(1000), Err(Denial::GetsecurityRootId)),
        ] {
            for flag in [0, 1] {
                let revision = if root_id.is_some() {
                    0x0300_0000
                } else {
                    0x0200_0000
                };
                let mut value = value(revision | flag);
                let size = if root_id.is_some() { 24 } else { 20 };
                for (to, byte) in value[20..]
                    .iter_mut()
                    .zip(u32::to_le_bytes(root_id.unwrap_or(0)))
                {
                    *to = byte;
                }
                let file = TestFile {
                    stored: Ok(None),
                    ns,
                };
                let answer = getsecurity(Some(&value[..size]), &file);
                let expected = match expected {
                    Err(denial) => {
                        assert_eq!(answer.err(), Some(denial));
                        continue;
                    }
                    Ok(root_id) => root_id,
                };
                let bytes = answer.as_ref().map_or(&[][..], Value::as_bytes);
                assert_eq!(bytes[4..20], value[4..20]);
                let revision = if expected.is_some() { 3 } else { 2 };
                assert_eq!(bytes[..4], [flag as u8, 0, 0, revision]);
                let (rest, len) = match expected {
                    Some(id) => (id, 24),
                    None => (0, 20),
                };
                assert_eq!(bytes.len(), len);
                assert!(bytes[20..].iter().eq(&u32::to_le_bytes(rest)[..len - 20]));
            }
        }
    }

    #[test]
    fn revision_2_is_read_as_it_is_where_its_root_is_root() {
        let initial = TestNs::initial();
        // The mount shows root of the file system as the user 100.
        let child = TestNs::child(&initial, 100);
        let value = value(0x0200_0001);
        let file = TestFile {
            stored: Ok(None),
            ns: &child,
        };
        let read = getsecurity(Some(&value[..20]), &file);
        let bytes = read.as_ref().map_or(&[][..], Value::as_bytes);
        assert_eq!(bytes, &value[..20]);
    }
}
