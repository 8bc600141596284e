// SPDX-License-Identifier: GPL-2.0

//! What `execve()` does to credentials: `cap_bprm_creds_from_file()`.

use super::{
    file_capabilities::{
        self,
        Source,
        Uid, //
    },
    loss::{
        clear,
        report,
        take,
        Loss,
        Observer, //
    },
    privileges::NsCapable,
    sets::Sets,
    setuid::Ids,
    Denial,
    Failure, //
};
use crate::{
    capability::{
        Capability,
        CapabilitySet, //
    },
    securebits::Securebits, //
};

/// Why an `execve()` must not grant more than the caller has: `LSM_UNSAFE_*`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unsafe(u32);

impl Unsafe {
    /// The caller shares its `fs_struct` with a task of another thread group.
    pub const SHARE: Self = Self(1);
    /// The caller is traced.
    pub const PTRACE: Self = Self(2);
    /// The caller has set `no_new_privs`.
    pub const NO_NEW_PRIVS: Self = Self(4);

    /// Makes a value of the bits that the kernel has set.
    #[inline]
    pub const fn from_bits(bits: u32) -> Self {
        Self(bits)
    }

    /// Returns whether a bit of `other` is set here.
    #[inline]
    pub const fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Returns whether a bit other than those of `other` is set here.
    #[inline]
    pub const fn exceeds(self, other: Self) -> bool {
        self.0 & !other.0 != 0
    }
}

/// The part of `struct cred` that `execve()` decides by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cred<Uid, Gid> {
    /// The user IDs.
    pub uids: Ids<Uid>,
    /// The group IDs.
    pub gids: Ids<Gid>,
    /// The capability sets.
    pub sets: Sets,
    /// The securebits.
    pub securebits: Securebits,
}

/// An `execve()` in progress: the part of `struct linux_binprm` that is read and changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bprm<Uid, Gid> {
    /// The new credentials. They start as a copy of the caller's, with the effective IDs of a
    /// set-user-ID or set-group-ID file.
    pub cred: Cred<Uid, Gid>,
    /// Why it must not grant more than the caller has.
    pub unsafety: Unsafe,
    /// Whether the flags `PER_CLEAR_ON_SETID` of the personality are to be cleared.
    pub per_clear: bool,
    /// Whether user space is to distrust its environment: `secureexec`, `AT_SECURE`.
    pub secureexec: bool,
}

/// What an `execve()` depends on besides the credentials.
///
/// `ns_capable()` is over the user namespace of the new credentials.
pub trait Context: Source + NsCapable {
    /// A group: `kgid_t`.
    type Gid: Copy + PartialEq;

    /// Returns whether file capabilities count on this kernel: `file_caps_enabled`.
    fn file_caps_enabled(&self) -> bool;

    /// Returns whether privilege may come from the mount of the file: `mnt_may_suid()`. If not,
    /// fails with the reason: [`Loss::Nosuid`], [`Loss::ForeignMount`] or
    /// [`Loss::ForeignFileSystem`].
    fn mnt_may_suid(&self) -> Result<(), Loss>;

    /// Returns whether the current user namespace is that of the file system or a descendant of
    /// it: `current_in_userns()`.
    fn current_in_userns(&self) -> bool;

    /// Returns the user that has the ID 0 in the user namespace of the new credentials.
    fn root_uid(&self) -> Uid<Self>;

    /// Returns whether the caller is a member of the group: `in_group_p()`.
    fn in_group_p(&self, group: Self::Gid) -> bool;

    /// Returns whether the caller is not traced, or the credentials with which tracing began hold
    /// `CAP_SYS_PTRACE` over the user namespace of the new credentials: `ptracer_capable()`. They
    /// are the tracer's, or the caller's if it called `PTRACE_TRACEME`. All LSMs check that,
    /// without audit records.
    fn ptracer_capable(&self) -> bool;

    /// Logs, once per boot, that a file is set-user-ID root and has capabilities:
    /// `warn_setuid_and_fcaps_mixed()`.
    fn warn_setuid_and_fcaps_mixed(&self);

    /// Keeps the raised capabilities for the audit records of the system call:
    /// `audit_log_bprm_fcaps()`. `cred` is what the new credentials have become.
    fn audit_log_bprm_fcaps(&self, cred: &CredOf<Self>) -> Result<(), Self::Error>;
}

/// The credentials of a [`Context`].
pub type CredOf<C> = Cred<Uid<C>, <C as Context>::Gid>;

/// The `execve()` of a [`Context`].
pub type BprmOf<C> = Bprm<Uid<C>, <C as Context>::Gid>;

/// Computes the new credentials of an `execve()`: `cap_bprm_creds_from_file()`.
///
/// `old` are the caller's credentials. Where this fails, `bprm` has changed as far as
/// `commoncap.c` has changed it by then, and the kernel drops it.
#[inline]
pub fn creds_from_file<C: Context>(
    context: &C,
    old: &CredOf<C>,
    bprm: &mut BprmOf<C>,
    losses: &mut impl Observer,
) -> Result<(), Failure<C::Error>> {
    if !old.sets.ambient_invariant_ok() {
        return Err(Denial::ExecAmbientInvariant.into());
    }
    let losses = &mut Taken {
        capabilities: CapabilitySet::EMPTY,
        losses,
    };

    let file = file_caps(context, &mut bprm.cred.sets, losses)?;
    let root = Root {
        uid: context.root_uid(),
        privileged: !old.securebits.intersects(Securebits::NOROOT),
    };
    let effective = privileged_root(context, &root, old, &mut bprm.cred, file.present, losses)
        || file.effective;

    let gained = !bprm.cred.sets.permitted.is_subset(old.sets.permitted);
    if gained {
        bprm.per_clear = true;
    }

    // Tracing must not lead to more privilege than the tracer has, and no_new_privs forbids any.
    let id_changed = bprm.cred.uids.effective != old.uids.effective
        || !context.in_group_p(bprm.cred.gids.effective);
    if (id_changed || gained)
        && (bprm.unsafety.exceeds(Unsafe::PTRACE) || !context.ptracer_capable())
    {
        downgrade(context, old, bprm, losses);
    }

    let new = &mut bprm.cred;
    new.uids.follow_effective();
    new.gids.follow_effective();

    // File capabilities and a change of IDs cancel the ambient set.
    if id_changed {
        clear(&mut new.sets.ambient, Loss::AmbientIdChanged, losses);
    } else if file.present {
        clear(&mut new.sets.ambient, Loss::AmbientFileCaps, losses);
    }
    // P'(permitted) = (bounding & F(permitted)) | (P(inheritable) & F(inheritable)) | P'(ambient)
    new.sets.permitted = new.sets.permitted | new.sets.ambient;
    let not_kept = old.sets.permitted - new.sets.permitted - losses.capabilities;
    report(not_kept, Loss::NotKept, losses);

    // P'(effective) = F(effective) ? P'(permitted) : P'(ambient)
    if effective {
        new.sets.effective = new.sets.permitted;
    } else {
        new.sets.effective = new.sets.ambient;
        let idle = new.sets.permitted - new.sets.ambient;
        report(idle, Loss::NoEffectiveFlag, losses);
    }

    if !new.sets.ambient_invariant_ok() {
        return Err(Denial::ExecAmbientInvariant.into());
    }
    if raises_effective(&root, old, new, file.present) {
        context.audit_log_bprm_fcaps(new).map_err(Failure::Other)?;
    }
    new.securebits = new.securebits & !Securebits::KEEP_CAPS;

    let beyond_ambient = effective || !new.sets.permitted.is_subset(new.sets.ambient);
    if id_changed
        || new.uids.effective != old.uids.real
        || new.gids.effective != old.gids.real
        || (!root.is_real(new) && beyond_ambient)
    {
        bprm.secureexec = true;
    }
    Ok(())
}

/// Passes losses on, and keeps the capabilities that they have named.
struct Taken<'a, O> {
    capabilities: CapabilitySet,
    losses: &'a mut O,
}

impl<O: Observer> Observer for Taken<'_, O> {
    #[inline]
    fn lost(&mut self, loss: Loss, capabilities: CapabilitySet) {
        self.capabilities = self.capabilities | capabilities;
        self.losses.lost(loss, capabilities);
    }

    #[inline]
    fn skipped(&mut self, loss: Loss) {
        self.losses.skipped(loss);
    }
}

/// The root user of the user namespace of the new credentials.
struct Root<Uid> {
    uid: Uid,
    /// Whether it is privileged: `SECBIT_NOROOT` is not set in the caller's credentials.
    privileged: bool,
}

impl<Uid: PartialEq> Root<Uid> {
    /// `__is_real()`.
    #[inline]
    fn is_real<Gid>(&self, cred: &Cred<Uid, Gid>) -> bool {
        cred.uids.real == self.uid
    }

    /// `__is_eff()`.
    #[inline]
    fn is_effective<Gid>(&self, cred: &Cred<Uid, Gid>) -> bool {
        cred.uids.effective == self.uid
    }

    /// `__is_suid()`.
    #[inline]
    fn is_setuid<Gid>(&self, cred: &Cred<Uid, Gid>) -> bool {
        !self.is_real(cred) && self.is_effective(cred)
    }
}

/// What the capabilities of a file have come to.
#[derive(Default)]
struct FileCaps {
    /// The file has some, even if both sets are empty: `has_fcap`.
    present: bool,
    /// The effective flag is set.
    effective: bool,
}

/// Gives `new` the permitted set that the file grants: `get_file_caps()`.
///
/// On any error, that set is empty.
#[inline]
fn file_caps<C: Context>(
    context: &C,
    new: &mut Sets,
    losses: &mut impl Observer,
) -> Result<FileCaps, Failure<C::Error>> {
    new.permitted = CapabilitySet::EMPTY;
    if !context.file_caps_enabled() {
        losses.skipped(Loss::NoFileCaps);
        return Ok(FileCaps::default());
    }
    if let Err(loss) = context.mnt_may_suid() {
        losses.skipped(loss);
        return Ok(FileCaps::default());
    }
    // mnt_may_suid() has checked this, too. commoncap.c states by it that capabilities count in the
    // user namespace of the file system and its descendants only.
    if !context.current_in_userns() {
        losses.skipped(Loss::ForeignFileSystem);
        return Ok(FileCaps::default());
    }
    let Some(file) = file_capabilities::from_disk(context, losses)? else {
        return Ok(FileCaps::default());
    };

    // This is bprm_caps_from_vfs_caps(). The ambient set is added later.
    let permitted = (new.bounding & file.permitted) | (new.inheritable & file.inheritable);
    let missing = file.permitted - permitted;
    // A program that knows nothing of capabilities, as the effective flag says, would not notice
    // that it lacks some.
    if file.effective && !missing.is_empty() {
        return Err(Denial::ExecFileCapsUnavailable.into());
    }
    report(missing, Loss::BoundingSet, losses);
    let not_inherited = file.inheritable - new.inheritable - permitted;
    report(not_inherited, Loss::NotInheritable, losses);
    new.permitted = permitted;
    Ok(FileCaps {
        present: true,
        effective: file.effective,
    })
}

/// Gives `new` the permitted set of a privileged root user, and returns whether all of it becomes
/// effective: `handle_privileged_root()`.
#[inline]
fn privileged_root<C: Context>(
    context: &C,
    root: &Root<Uid<C>>,
    old: &CredOf<C>,
    new: &mut CredOf<C>,
    has_fcap: bool,
    losses: &mut impl Observer,
) -> bool {
    if !root.is_real(new) && !root.is_effective(new) {
        return false;
    }
    let all = old.sets.bounding | old.sets.inheritable;
    if !root.privileged {
        report(all - new.sets.permitted, Loss::Noroot, losses);
        return false;
    }
    // Where a user other than root runs the file, its capabilities were meant to limit what
    // set-user-ID root grants.
    if has_fcap && root.is_setuid(new) {
        context.warn_setuid_and_fcaps_mixed();
        report(all - new.sets.permitted, Loss::SetuidMixed, losses);
        return false;
    }
    new.sets.permitted = all;
    // If only the real user ID is root, nothing becomes effective.
    root.is_effective(new)
}

/// Takes the capabilities that the caller lacks, and the IDs of a set-user-ID or set-group-ID file.
#[inline]
fn downgrade<C: Context>(
    context: &C,
    old: &CredOf<C>,
    bprm: &mut BprmOf<C>,
    losses: &mut impl Observer,
) {
    let no_new_privs = bprm.unsafety.intersects(Unsafe::NO_NEW_PRIVS);
    let loss = if no_new_privs {
        Loss::NoNewPrivs
    } else if bprm.unsafety.exceeds(Unsafe::PTRACE) {
        Loss::SharedFs
    } else {
        Loss::Traced
    };
    let new = &mut bprm.cred;
    if !context.ns_capable(Capability::SETUID) || no_new_privs {
        if new.uids.effective != new.uids.real || new.gids.effective != new.gids.real {
            losses.skipped(loss);
        }
        new.uids.effective = new.uids.real;
        new.gids.effective = new.gids.real;
    }
    let beyond = new.sets.permitted - old.sets.permitted;
    take(&mut new.sets.permitted, beyond, loss, losses);
}

/// Returns whether raised capabilities are worth an audit record: `nonroot_raised_pE()`.
///
/// They are, but where the root user executes a program and has all capabilities effective, as
/// it is supposed to.
#[inline]
fn raises_effective<Uid: PartialEq, Gid>(
    root: &Root<Uid>,
    old: &Cred<Uid, Gid>,
    new: &Cred<Uid, Gid>,
    has_fcap: bool,
) -> bool {
    let full = CapabilitySet::FULL.is_subset(new.sets.effective);
    let is_root = root.is_effective(new) || root.is_real(new);
    let usual = full && is_root && root.privileged;
    let gained_permitted = !new.sets.permitted.is_subset(old.sets.permitted);
    let gained_ambient = !new.sets.ambient.is_subset(old.sets.ambient);

    let raised = !usual && !new.sets.effective.is_subset(new.sets.ambient);
    let setuid_root_lacks_some = root.privileged && root.is_setuid(new) && !full;
    let by_file_or_ambient = new.uids.effective == old.uids.effective
        && ((has_fcap && gained_permitted) || gained_ambient);
    raised || setuid_root_lacks_some || by_file_or_ambient
}

#[crate::kunit_tests(rust_commoncap_exec)]
mod tests {
    use super::super::{
        file_capabilities::{
            Mount,
            MAX_SIZE, //
        },
        testing::{
            Answer,
            Seen,
            TestNs, //
        }, //
    };
    use super::*;
    use core::cell::Cell;

    const ROOT: u32 = 100_000;
    const USER: u32 = 1000;
    const OTHER: u32 = 1001;
    const GROUP: u32 = 50;

    /// A file, its mount, the caller's tracer and its groups; and what has been asked and logged.
    struct TestContext<'a> {
        ns: &'a TestNs<'a>,
        file_caps_enabled: bool,
        mount: Result<(), Loss>,
        in_userns: bool,
        file: Result<Option<FileCaps>, i32>,
        tracer_capable: bool,
        setuid: Answer,
        audit: Result<(), i32>,
        tracer_asked: Cell<usize>,
        warned: Cell<usize>,
        audited: Cell<usize>,
    }

    /// The capabilities of a file: the effective flag, the permitted and the inheritable set.
    type FileCaps = (bool, CapabilitySet, CapabilitySet);

    impl<'a> TestContext<'a> {
        fn new(ns: &'a TestNs<'a>) -> Self {
            TestContext {
                ns,
                file_caps_enabled: true,
                mount: Ok(()),
                in_userns: true,
                file: Ok(None),
                tracer_capable: true,
                setuid: Answer::new(Capability::SETUID, false),
                audit: Ok(()),
                tracer_asked: Cell::new(0),
                warned: Cell::new(0),
                audited: Cell::new(0),
            }
        }
    }

    /// The initial user namespace, but of a root user that is not the user 0.
    fn root_ns<'a>() -> TestNs<'a> {
        TestNs {
            owner: ROOT,
            ..TestNs::initial()
        }
    }

    fn count(cell: &Cell<usize>) {
        cell.set(cell.get() + 1);
    }

    impl<'a> Mount for TestContext<'a> {
        type Namespace = TestNs<'a>;

        fn mapped_user(&self, id: u32) -> Option<u32> {
            (id == 0).then_some(ROOT)
        }

        fn current_user_ns(&self) -> &TestNs<'a> {
            self.ns
        }
    }

    impl Source for TestContext<'_> {
        type Error = i32;

        fn read(&self, value: &mut [u8; MAX_SIZE]) -> Result<Option<usize>, i32> {
            let Some((effective, permitted, inheritable)) = self.file? else {
                return Ok(None);
            };
            let low = |set: CapabilitySet| set.bits() as u32;
            let high = |set: CapabilitySet| (set.bits() >> 32) as u32;
            let words = [
                0x0200_0000 + u32::from(effective),
                low(permitted),
                low(inheritable),
                high(permitted),
                high(inheritable),
            ];
            for (to, byte) in value
                .iter_mut()
                .zip(words.map(u32::to_le_bytes).as_flattened())
            {
                *to = *byte;
            }
            Ok(Some(20))
        }
    }

    impl NsCapable for TestContext<'_> {
        fn ns_capable(&self, capability: Capability) -> bool {
            self.setuid.ns_capable(capability)
        }
    }

    impl Context for TestContext<'_> {
        type Gid = u32;

        fn file_caps_enabled(&self) -> bool {
            self.file_caps_enabled
        }

        fn mnt_may_suid(&self) -> Result<(), Loss> {
            self.mount
        }

        fn current_in_userns(&self) -> bool {
            self.in_userns
        }

        fn root_uid(&self) -> u32 {
            ROOT
        }

        fn in_group_p(&self, group: u32) -> bool {
            group == GROUP
        }

        fn ptracer_capable(&self) -> bool {
            count(&self.tracer_asked);
            self.tracer_capable
        }

        fn warn_setuid_and_fcaps_mixed(&self) {
            count(&self.warned);
        }

        fn audit_log_bprm_fcaps(&self, _cred: &CredOf<Self>) -> Result<(), i32> {
            count(&self.audited);
            self.audit
        }
    }

    /// Credentials with these real and effective user IDs and no capability.
    fn cred(real: u32, effective: u32) -> Cred<u32, u32> {
        let group = Ids {
            real: GROUP,
            effective: GROUP,
            saved: GROUP,
            file_system: GROUP,
        };
        Cred {
            uids: Ids {
                real,
                effective,
                saved: OTHER,
                file_system: OTHER,
            },
            gids: group,
            sets: Sets::default(),
            securebits: Securebits::DEFAULT,
        }
    }

    /// The `execve()` of a file that changes no ID.
    fn bprm(old: &Cred<u32, u32>) -> Bprm<u32, u32> {
        Bprm {
            cred: *old,
            unsafety: Unsafe::from_bits(0),
            per_clear: false,
            secureexec: false,
        }
    }

    /// Executes with and without an observer, which must make no difference.
    fn exec(
        context: &TestContext<'_>,
        old: &Cred<u32, u32>,
        bprm: &mut Bprm<u32, u32>,
    ) -> (Result<(), Failure<i32>>, Seen) {
        let mut again = *bprm;
        let mut seen = Seen::default();
        let answer = creds_from_file(context, old, bprm, &mut seen);
        let counts = [&context.tracer_asked, &context.warned, &context.audited];
        let once = counts.map(Cell::get);
        assert_eq!(creds_from_file(context, old, &mut again, &mut ()), answer);
        assert_eq!(again, *bprm);
        for (count, once) in counts.into_iter().zip(once) {
            assert_eq!(count.get(), 2 * once);
            count.set(once);
        }
        (answer, seen)
    }

    /// The rules of capabilities(7), for one capability.
    ///
    /// All that is true of it comes in: P is the caller before, X its bounding set, F the file.
    struct One {
        permitted: bool,
        inheritable: bool,
        bounding: bool,
        ambient: bool,
        file: Option<(bool, bool, bool)>,
        noroot: bool,
        uid: u32,
        euid: u32,
        new_euid: u32,
        unsafety: u32,
        tracer_capable: bool,
        setuid: bool,
    }

    #[test]
    fn each_capability_has_the_fate_that_the_manual_page_says() {
        /// Executes with `unit` for the capability, and compares all that comes out.
        fn check(one: &One, unit: CapabilitySet) {
            let set = |present: bool| if present { unit } else { CapabilitySet::EMPTY };
            let ns = root_ns();
            let mut context = TestContext::new(&ns);
            context.file = Ok(one.file.map(|(effective, permitted, inheritable)| {
                (effective, set(permitted), set(inheritable))
            }));
            context.tracer_capable = one.tracer_capable;
            context.setuid = Answer::new(Capability::SETUID, one.setuid);
            let mut old = cred(one.uid, one.euid);
            old.sets = Sets {
                effective: CapabilitySet::EMPTY,
                permitted: set(one.permitted),
                inheritable: set(one.inheritable),
                bounding: set(one.bounding),
                ambient: set(one.ambient),
            };
            old.securebits = if one.noroot {
                Securebits::NOROOT | Securebits::KEEP_CAPS
            } else {
                Securebits::KEEP_CAPS
            };
            let mut bprm = bprm(&old);
            bprm.cred.uids.effective = one.new_euid;
            bprm.unsafety = Unsafe::from_bits(one.unsafety);
            let (answer, seen) = exec(&context, &old, &mut bprm);

            let (has_fcap, (f_e, f_p, f_i)) = (one.file.is_some(), one.file.unwrap_or_default());
            let by_file = (one.bounding && f_p) || (one.inheritable && f_i);
            if f_e && f_p && !by_file {
                let denial = Denial::ExecFileCapsUnavailable.into();
                assert_eq!(answer, Err(denial));
                assert!(bprm.cred.sets.permitted.is_empty());
                return;
            }
            assert_eq!(answer, Ok(()));

            let real = one.uid == ROOT;
            let effective = one.new_euid == ROOT;
            let mixed = has_fcap && effective && !real;
            let is_root = real || effective;
            let as_root = is_root && !one.noroot && !mixed;
            let root_set = one.bounding || one.inheritable;
            let granted = if as_root { root_set } else { by_file };
            let raise = f_e || (as_root && effective);
            let id_changed = one.new_euid != one.euid;
            let gained = granted && !one.permitted;
            let (share, nnp) = (one.unsafety & 1 == 1, one.unsafety & 4 == 4);
            let judged = id_changed || gained;
            let downgraded = judged && (share || nnp || !one.tracer_capable);
            let kept = granted && (one.permitted || !downgraded);
            let ids_back = downgraded && (nnp || !one.setuid);
            let euid = if ids_back { one.uid } else { one.new_euid };
            let ambient = one.ambient && !has_fcap && !id_changed;
            let permitted = kept || ambient;
            let now_effective = if raise { permitted } else { ambient };
            let setuid_root = euid == ROOT && !real;
            let full = now_effective && unit == CapabilitySet::FULL;
            let secure = id_changed || euid != one.uid || (!real && (raise || (kept && !ambient)));

            let expected = Sets {
                effective: set(now_effective),
                permitted: set(permitted),
                ambient: set(ambient),
                ..old.sets
            };
            assert_eq!(bprm.cred.sets, expected);
            let ids = Ids {
                real: one.uid,
                effective: euid,
                saved: euid,
                file_system: euid,
            };
            assert_eq!(bprm.cred.uids, ids);
            assert_eq!(bprm.cred.gids, old.gids);
            let noroot = if one.noroot { 1 } else { 0 };
            assert_eq!(bprm.cred.securebits.bits(), noroot);
            assert_eq!(bprm.per_clear, gained);
            assert_eq!(bprm.secureexec, secure);

            let audited =
                (now_effective && !ambient && !(full && (euid == ROOT || real) && !one.noroot))
                    || (setuid_root && !one.noroot && !full)
                    || (euid == one.euid && has_fcap && permitted && !one.permitted);
            assert_eq!(context.audited.get(), usize::from(audited));
            let warned = mixed && !one.noroot;
            assert_eq!(context.warned.get(), usize::from(warned));
            let tracer_asked = judged && !share && !nnp;
            assert_eq!(context.tracer_asked.get(), usize::from(tracer_asked));
            assert_eq!(context.setuid.asked(), 2 * usize::from(downgraded));

            let downgrade = match (nnp, share) {
                (true, _) => Loss::NoNewPrivs,
                (false, true) => Loss::SharedFs,
                (false, false) => Loss::Traced,
            };
            let refused = root_set && !by_file;
            let mut lost = [
                (Loss::BoundingSet, f_p && !by_file),
                (Loss::NotInheritable, f_i && !one.inheritable && !by_file),
                (Loss::Noroot, is_root && one.noroot && refused),
                (Loss::SetuidMixed, warned && refused),
                (downgrade, granted && !kept),
                (Loss::AmbientIdChanged, one.ambient && id_changed),
                (
                    Loss::AmbientFileCaps,
                    one.ambient && !id_changed && has_fcap,
                ),
                (Loss::NotKept, false),
                (Loss::NoEffectiveFlag, !raise && permitted && !ambient),
            ];
            let reported = lost[..7].iter().any(|(_, lost)| *lost);
            lost[7].1 = one.permitted && !permitted && !reported;
            for &loss in Loss::ALL {
                let lost = lost.contains(&(loss, true));
                assert_eq!(seen.of(loss), set(lost));
                let skipped = loss == downgrade && ids_back && one.new_euid != one.uid;
                assert_eq!(seen.skips(loss), skipped);
            }
        }

        for unit in [
            CapabilitySet::EMPTY.with(Capability::SYS_PTRACE),
            CapabilitySet::FULL,
        ] {
            for bits in 0..1 << 10 {
                let is = |number: u32| (bits >> number) & 1 == 1;
                for (uid, euid, new_euid) in [
                    (USER, USER, USER),
                    (USER, USER, ROOT),
                    (USER, USER, OTHER),
                    (USER, ROOT, ROOT),
                    (USER, OTHER, OTHER),
                    (ROOT, ROOT, ROOT),
                    (ROOT, ROOT, USER),
                    (ROOT, USER, USER),
                    (ROOT, USER, ROOT),
                ] {
                    for (unsafety, tracer_capable) in [
                        (0, true),
                        (2, true),
                        (2, false),
                        (1, true),
                        (4, true),
                        (7, false),
                    ] {
                        let one = One {
                            permitted: is(0),
                            inheritable: is(1),
                            bounding: is(2),
                            ambient: is(0) && is(1) && is(3),
                            file: is(4).then_some((is(5), is(6), is(7))),
                            noroot: is(8),
                            setuid: is(9),
                            uid,
                            euid,
                            new_euid,
                            unsafety,
                            tracer_capable,
                        };
                        check(&one, unit);
                    }
                }
            }
        }
    }

    #[test]
    fn a_file_that_is_not_trusted_grants_nothing() {
        let ns = root_ns();
        let mut old = cred(USER, USER);
        old.sets.bounding = CapabilitySet::FULL;
        for loss in [
            Loss::NoFileCaps,
            Loss::Nosuid,
            Loss::ForeignMount,
            Loss::ForeignFileSystem,
        ] {
            for redundant in [false, true] {
                let mut context = TestContext::new(&ns);
                context.file = Ok(Some((true, CapabilitySet::FULL, CapabilitySet::EMPTY)));
                match loss {
                    Loss::NoFileCaps => context.file_caps_enabled = false,
                    Loss::ForeignFileSystem if redundant => context.in_userns = false,
                    _ => context.mount = Err(loss),
                }
                let mut bprm = bprm(&old);
                // What another LSM may have left there.
                bprm.cred.sets.permitted = CapabilitySet::FULL;
                let (answer, seen) = exec(&context, &old, &mut bprm);
                assert_eq!(answer, Ok(()));
                assert!(bprm.cred.sets.permitted.is_empty());
                assert!(!bprm.secureexec);
                for &other in Loss::ALL {
                    assert_eq!(seen.skips(other), other == loss);
                    assert!(seen.of(other).is_empty());
                }
            }
        }
    }

    #[test]
    fn an_error_of_the_file_system_is_returned_and_nothing_is_permitted() {
        let ns = root_ns();
        let mut context = TestContext::new(&ns);
        context.file = Err(-5);
        let old = cred(ROOT, ROOT);
        let mut bprm = bprm(&old);
        bprm.cred.sets.permitted = CapabilitySet::FULL;
        let (answer, _) = exec(&context, &old, &mut bprm);
        assert_eq!(answer, Err(Failure::Other(-5)));
        assert!(bprm.cred.sets.permitted.is_empty());
    }

    #[test]
    fn an_ambient_set_beyond_the_others_is_denied() {
        let ns = root_ns();
        let context = TestContext::new(&ns);
        let denied = Err(Denial::ExecAmbientInvariant.into());
        let mut old = cred(USER, USER);
        old.sets.ambient = CapabilitySet::FULL;
        let mut new = bprm(&old);
        new.cred.sets.permitted = CapabilitySet::FULL;
        assert_eq!(exec(&context, &old, &mut new).0, denied);
        // Before anything else.
        assert_eq!(new.cred.sets.permitted, CapabilitySet::FULL);

        // In the new credentials it is only checked later.
        let old = cred(USER, USER);
        let mut new = bprm(&old);
        new.cred.sets.ambient = CapabilitySet::FULL;
        new.cred.securebits = Securebits::KEEP_CAPS;
        assert_eq!(exec(&context, &old, &mut new).0, denied);
        assert_eq!(new.cred.sets.permitted, CapabilitySet::FULL);
        assert_eq!(new.cred.securebits, Securebits::KEEP_CAPS);
        assert_eq!(context.audited.get(), 0);
    }

    #[test]
    fn a_failed_audit_record_fails_the_rest() {
        let ns = root_ns();
        let mut context = TestContext::new(&ns);
        context.file = Ok(Some((true, CapabilitySet::FULL, CapabilitySet::EMPTY)));
        context.audit = Err(-12);
        let mut old = cred(USER, USER);
        old.sets.bounding = CapabilitySet::FULL;
        old.securebits = Securebits::KEEP_CAPS;
        let mut bprm = bprm(&old);
        let (answer, _) = exec(&context, &old, &mut bprm);
        assert_eq!(answer, Err(Failure::Other(-12)));
        assert_eq!(bprm.cred.sets.effective, CapabilitySet::FULL);
        assert_eq!(bprm.cred.securebits, Securebits::KEEP_CAPS);
        assert!(bprm.per_clear);
        assert!(!bprm.secureexec);
    }

    #[test]
    fn a_raised_ambient_set_is_audited() {
        let ns = root_ns();
        let context = TestContext::new(&ns);
        let mut old = cred(USER, USER);
        old.sets.inheritable = CapabilitySet::FULL;
        let mut bprm = bprm(&old);
        // No C does that; commoncap.c checks for it all the same.
        bprm.cred.sets.ambient = CapabilitySet::EMPTY.with(Capability::BPF);
        assert_eq!(exec(&context, &old, &mut bprm).0, Ok(()));
        assert_eq!(context.audited.get(), 1);
    }

    #[test]
    fn a_set_group_id_file_changes_an_id() {
        let ns = root_ns();
        for (traced, setuid) in [(false, false), (true, false), (true, true)] {
            let mut context = TestContext::new(&ns);
            context.tracer_capable = !traced;
            context.setuid = Answer::new(Capability::SETUID, setuid);
            let mut old = cred(USER, USER);
            let ambient = CapabilitySet::EMPTY.with(Capability::KILL);
            old.sets.permitted = ambient;
            old.sets.inheritable = ambient;
            old.sets.ambient = ambient;
            let mut bprm = bprm(&old);
            bprm.cred.gids.effective = 7;
            let (answer, seen) = exec(&context, &old, &mut bprm);
            assert_eq!(answer, Ok(()));
            let group = if traced && !setuid { GROUP } else { 7 };
            let ids = Ids {
                real: GROUP,
                effective: group,
                saved: group,
                file_system: group,
            };
            assert_eq!(bprm.cred.gids, ids);
            assert!(bprm.secureexec);
            assert_eq!(seen.of(Loss::AmbientIdChanged), ambient);
            assert_eq!(seen.skips(Loss::Traced), traced && !setuid);
        }
    }

    #[test]
    fn a_group_other_than_the_real_one_is_distrusted() {
        let ns = root_ns();
        let context = TestContext::new(&ns);
        let mut old = cred(USER, USER);
        old.gids.real = 7;
        let mut bprm = bprm(&old);
        assert_eq!(exec(&context, &old, &mut bprm).0, Ok(()));
        assert!(bprm.secureexec);
    }

    #[test]
    fn the_fields_of_the_file_and_of_the_caller_are_told_apart() {
        let ns = root_ns();
        let mut context = TestContext::new(&ns);
        let set = CapabilitySet::from_bits;
        context.file = Ok(Some((false, set(0x0ff), set(0xff0))));
        let mut old = cred(USER, USER);
        old.sets.bounding = set(0x0f3);
        old.sets.inheritable = set(0xc0c);
        old.sets.permitted = set(0x40a);
        let mut bprm = bprm(&old);
        let (answer, seen) = exec(&context, &old, &mut bprm);
        assert_eq!(answer, Ok(()));
        assert_eq!(bprm.cred.sets.permitted, set(0xcf3));
        assert_eq!(seen.of(Loss::BoundingSet), set(0x00c));
        assert_eq!(seen.of(Loss::NotInheritable), set(0x300));
        // Bit 3 is not kept either, but the bounding set is the reason.
        assert!(seen.of(Loss::NotKept).is_empty());
        assert_eq!(seen.of(Loss::NoEffectiveFlag), set(0xcf3));
    }
}
