// SPDX-License-Identifier: GPL-2.0

//! A model of the decisions of `commoncap.c`, which KUnit compares with the C code.
//!
//! `capable()` models `cap_capable()`, `State::prctl()` models `cap_task_prctl()`. Each test passes
//! the same facts to the model and to the C function.

use kernel::{
    bindings,
    capability::{
        Capability,
        CapabilitySet, //
    },
    cred::{
        Credential,
        Securebit,
        Securebits, //
    },
    prelude::*,
    user_namespace::UserNamespace, //
};

const __LOG_PREFIX: &[u8] = b"commoncap_model_test\0";

/// Models `cap_capable()`: whether credentials hold a capability over a user namespace.
fn capable(cred: &Credential, target: &UserNamespace, cap: Capability) -> Result {
    // The namespace visited before, which is a child of the current one.
    let mut child: Option<&UserNamespace> = None;

    for ns in target.ancestors() {
        if ns == cred.user_ns() {
            let owner = child.is_some_and(|child| child.owner() == cred.euid());
            return if owner || cred.effective().contains(cap) {
                Ok(())
            } else {
                Err(EPERM)
            };
        }
        child = Some(ns);
    }

    // No capability holds over an ancestor or over another branch of the tree.
    Err(EPERM)
}

/// The securebits: each with its lock, and whether a task without `CAP_SETPCAP` may change it.
const SETTINGS: [(Securebit, Securebit, bool); 6] = [
    (Securebit::NoRoot, Securebit::NoRootLocked, false),
    (
        Securebit::NoSetuidFixup,
        Securebit::NoSetuidFixupLocked,
        false,
    ),
    (Securebit::KeepCaps, Securebit::KeepCapsLocked, false),
    (
        Securebit::NoCapAmbientRaise,
        Securebit::NoCapAmbientRaiseLocked,
        false,
    ),
    (
        Securebit::ExecRestrictFile,
        Securebit::ExecRestrictFileLocked,
        true,
    ),
    (
        Securebit::ExecDenyInteractive,
        Securebit::ExecDenyInteractiveLocked,
        true,
    ),
];

/// What `cap_task_prctl()` reads and changes: the credentials, and a flag of the task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct State {
    securebits: Securebits,
    permitted: CapabilitySet,
    inheritable: CapabilitySet,
    effective: CapabilitySet,
    bounding: CapabilitySet,
    ambient: CapabilitySet,
    /// `PF_SUPERPRIV`: whether the task has used a privilege.
    superpriv: bool,
}

impl State {
    fn of(cred: &Credential, superpriv: bool) -> Self {
        Self {
            securebits: cred.securebits(),
            permitted: cred.permitted(),
            inheritable: cred.inheritable(),
            effective: cred.effective(),
            bounding: cred.bounding(),
            ambient: cred.ambient(),
            superpriv,
        }
    }

    /// Models `cap_task_prctl()`: changes the state, and returns what `prctl()` returns.
    fn prctl(&mut self, option: u32, [arg2, arg3, arg4, arg5]: [usize; 4]) -> Result<u32> {
        // Over the caller's own user namespace, only the effective set grants a capability.
        let privileged = self.effective.contains(Capability::SETPCAP);

        match option {
            bindings::PR_CAPBSET_READ => Ok(self.bounding.contains(capability(arg2)?).into()),
            bindings::PR_CAPBSET_DROP if !privileged => Err(EPERM),
            bindings::PR_CAPBSET_DROP => {
                // By `ns_capable()`. `PR_SET_SECUREBITS` calls `cap_capable()`, which sets no flag.
                self.superpriv = true;
                self.bounding = self.bounding.without(capability(arg2)?);
                Ok(0)
            }
            bindings::PR_GET_SECUREBITS => Ok(self.securebits.into()),
            bindings::PR_SET_SECUREBITS => self.set_securebits(arg2, privileged),
            bindings::PR_GET_KEEPCAPS => Ok(self.securebits.contains(Securebit::KeepCaps).into()),
            bindings::PR_SET_KEEPCAPS if arg2 > 1 => Err(EINVAL),
            bindings::PR_SET_KEEPCAPS if self.securebits.contains(Securebit::KeepCapsLocked) => {
                Err(EPERM)
            }
            bindings::PR_SET_KEEPCAPS => {
                self.securebits &= !Securebit::KeepCaps;
                if arg2 == 1 {
                    self.securebits |= Securebit::KeepCaps;
                }
                Ok(0)
            }
            bindings::PR_CAP_AMBIENT if arg4 != 0 || arg5 != 0 => Err(EINVAL),
            bindings::PR_CAP_AMBIENT => self.change_ambient(arg2, arg3),
            _ => Err(Error::from_errno(-(bindings::ENOSYS as c_int))),
        }
    }

    /// Models `PR_SET_SECUREBITS`.
    fn set_securebits(&mut self, bits: usize, privileged: bool) -> Result<u32> {
        let new = u32::try_from(bits)
            .ok()
            .and_then(Securebits::from_raw)
            .ok_or(EPERM)?;
        let changed = self.securebits ^ new;

        // For legacy reasons, a request that changes nothing needs privilege.
        let mut needs_privilege = changed == Securebits::empty();
        for (bit, lock, unprivileged) in SETTINGS {
            if changed.contains_any(bit | lock) {
                if self.securebits.contains(lock) {
                    return Err(EPERM);
                }
                needs_privilege |= !unprivileged;
            }
        }
        if needs_privilege && !privileged {
            return Err(EPERM);
        }

        self.securebits = new;
        Ok(0)
    }

    /// Models `PR_CAP_AMBIENT`, whose further arguments are 0.
    fn change_ambient(&mut self, operation: usize, number: usize) -> Result<u32> {
        match u32::try_from(operation).map_err(|_| EINVAL)? {
            bindings::PR_CAP_AMBIENT_CLEAR_ALL if number == 0 => {
                self.ambient = CapabilitySet::EMPTY;
                Ok(0)
            }
            bindings::PR_CAP_AMBIENT_IS_SET => {
                Ok(self.ambient.contains(capability(number)?).into())
            }
            bindings::PR_CAP_AMBIENT_LOWER => {
                self.ambient = self.ambient.without(capability(number)?);
                Ok(0)
            }
            bindings::PR_CAP_AMBIENT_RAISE => {
                let cap = capability(number)?;
                if !self.permitted.contains(cap)
                    || !self.inheritable.contains(cap)
                    || self.securebits.contains(Securebit::NoCapAmbientRaise)
                {
                    return Err(EPERM);
                }
                self.ambient = self.ambient.with(cap);
                Ok(0)
            }
            _ => Err(EINVAL),
        }
    }
}

/// Returns the capability that an argument of `prctl()` names.
fn capability(arg: usize) -> Result<Capability> {
    let number = c_int::try_from(arg).map_err(|_| EINVAL)?;
    Capability::from_raw(number).ok_or(EINVAL)
}

#[kunit_tests(rust_commoncap_model)]
mod tests {
    use super::*;
    use kernel::{
        error::to_result,
        task::Task, //
    };

    /// A capability that stands for all but `CAP_SETPCAP`.
    const CAP: Capability = Capability::KILL;

    /// The bits of an argument that an `int` lacks, where `long` has more.
    const HIGH: usize = !(u32::MAX as usize);

    fn zeroed<T: pin_init::Zeroable>() -> Result<KBox<T>> {
        KBox::init(pin_init::init_zeroed(), GFP_KERNEL)
    }

    /// Compares all pairs of namespaces of a tree. User 1 owns those whose bit is set in `owned`.
    fn compare_tree(parents: [usize; 4], owned: u32) -> Result {
        let mut tree: KVec<KBox<bindings::user_namespace>> = KVec::new();
        for (i, parent) in parents.into_iter().enumerate() {
            let mut ns: KBox<bindings::user_namespace> = zeroed()?;
            if i != 0 {
                ns.parent = &raw mut *tree[parent];
                ns.level = tree[parent].level + 1;
            }
            ns.owner.val = owned >> i & 1;
            tree.push(ns, GFP_KERNEL)?;
        }

        let mut raw: KBox<bindings::cred> = zeroed()?;
        raw.euid.val = 1;
        for (own, target) in (0..16).map(|i| (i / 4, i % 4)) {
            raw.user_ns = &raw mut *tree[own];
            let target_ns = &raw mut *tree[target];
            for held in Capability::all() {
                raw.cap_effective = CapabilitySet::EMPTY.with(held).into_raw();
                // SAFETY: The credentials, and all namespaces that can be reached from them and
                // from `target_ns`, outlive the references. What is read of them is initialized.
                // Nothing writes to them meanwhile, or takes or drops a reference.
                let (cred, ns) = unsafe {
                    (
                        Credential::from_ptr(&*raw),
                        UserNamespace::from_ptr(target_ns),
                    )
                };
                for cap in [held, CAP] {
                    // SAFETY: The pointers come from references. All namespaces that can be reached
                    // from them are in `tree`, which outlives the call.
                    let actual = to_result(unsafe {
                        bindings::cap_capable(
                            cred.as_ptr(),
                            ns.as_ptr(),
                            cap.into_raw(),
                            bindings::CAP_OPT_NONE,
                        )
                    });
                    if actual != capable(cred, ns, cap) {
                        pr_err!(
                            "{parents:?}, {owned:#b}: {cap:?} in {own} over {target}: {actual:?}\n"
                        );
                        return Err(EINVAL);
                    }
                }
            }
        }
        Ok(())
    }

    #[test]
    fn cap_capable_agrees_over_each_tree_of_four_namespaces() -> Result {
        // Each namespace but the first has an earlier one as its parent.
        for (second, third) in [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)] {
            for owned in 0..16 {
                compare_tree([0, 0, second, third], owned)?;
            }
        }
        Ok(())
    }

    /// Returns the state of the thread that runs the test.
    fn current() -> State {
        let task = Task::current_raw();
        // SAFETY: The current task is valid, and only it changes its flags and its pointer to the
        // credentials. It holds a reference on these until then. They have been committed, and hold
        // a reference on their user namespace.
        let (cred, flags) = unsafe { (Credential::from_ptr((*task).cred), (*task).flags) };
        State::of(cred, flags & bindings::PF_SUPERPRIV != 0)
    }

    /// Changes the state of the thread that runs the test.
    fn become_state(state: State) -> Result {
        // SAFETY: The test runs in process context. The result is null, or new credentials that
        // nothing else can reach.
        let new = unsafe { bindings::prepare_creds().as_mut() }.ok_or(ENOMEM)?;
        new.securebits = state.securebits.into();
        new.cap_permitted = state.permitted.into_raw();
        new.cap_inheritable = state.inheritable.into_raw();
        new.cap_effective = state.effective.into_raw();
        new.cap_bset = state.bounding.into_raw();
        new.cap_ambient = state.ambient.into_raw();
        // SAFETY: The current task has prepared them, and has not overridden its credentials. They
        // are not used after this.
        to_result(unsafe { bindings::commit_creds(new) })?;

        let task = Task::current_raw();
        // SAFETY: The current task is valid, and only it changes its flags.
        unsafe {
            if state.superpriv {
                (*task).flags |= bindings::PF_SUPERPRIV;
            } else {
                (*task).flags &= !bindings::PF_SUPERPRIV;
            }
        }
        Ok(())
    }

    /// Compares a call in a state with the model: what it returns, and the state after it.
    fn compare(before: State, option: u32, args: [usize; 4]) -> Result {
        if current() != before {
            become_state(before)?;
        }
        // SAFETY: The test runs in process context.
        let actual = unsafe {
            bindings::cap_task_prctl(option as c_int, args[0], args[1], args[2], args[3])
        };
        let mut after = before;
        let expected = after
            .prctl(option, args)
            .map_or_else(Error::to_errno, |ret| ret as c_int);
        if (actual, current()) != (expected, after) {
            pr_err!(
                "{option}, {args:?}: {actual}, not {expected}: {before:?} to {:?}\n",
                current()
            );
            return Err(EINVAL);
        }
        Ok(())
    }

    #[test]
    fn set_securebits_agrees_in_each_state() -> Result {
        let mut state = State {
            superpriv: false,
            ..current()
        };
        for effective in [
            CapabilitySet::EMPTY,
            CapabilitySet::EMPTY.with(Capability::SETPCAP),
        ] {
            state.effective = effective;
            for bits in 0..=Securebits::all_bits() {
                state.securebits = Securebits::from_raw(bits).ok_or(EINVAL)?;
                // No change, a bit, a bit and its lock, and bits that are no securebits.
                for change in [0, 1, 3]
                    .into_iter()
                    .flat_map(|c| (0..14).map(move |n| c << n))
                {
                    let new = bits as usize ^ change;
                    compare(state, bindings::PR_SET_SECUREBITS, [new, 0, 0, 0])?;
                }
                compare(
                    state,
                    bindings::PR_SET_SECUREBITS,
                    [HIGH | bits as usize, 0, 0, 0],
                )?;
                compare(state, bindings::PR_GET_SECUREBITS, [0; 4])?;
                compare(state, bindings::PR_GET_KEEPCAPS, [0; 4])?;
            }
        }
        Ok(())
    }

    #[test]
    fn prctl_agrees_in_all_combinations_of_one_capability_and_the_arguments() -> Result {
        let cap = CAP.into_raw() as usize;
        let options = [
            bindings::PR_CAPBSET_READ,
            bindings::PR_CAPBSET_DROP,
            bindings::PR_SET_KEEPCAPS,
            bindings::PR_CAP_AMBIENT,
            bindings::PR_GET_DUMPABLE,
        ];
        let numbers = [
            0,
            1,
            2,
            3,
            4,
            cap,
            bindings::CAP_LAST_CAP as usize + 1,
            HIGH | 2,
        ];

        // A bit for each set, and two for the securebits.
        for bits in 0..128u32 {
            let set = |n: u32, cap| match bits >> n & 1 {
                0 => CapabilitySet::FULL.without(cap),
                _ => CapabilitySet::EMPTY.with(cap),
            };
            let state = State {
                permitted: set(0, CAP),
                inheritable: set(1, CAP),
                ambient: set(2, CAP),
                bounding: set(3, CAP),
                effective: set(4, Capability::SETPCAP),
                securebits: match bits >> 5 {
                    0 => Securebits::empty(),
                    1 => Securebit::KeepCaps.into(),
                    2 => Securebit::KeepCapsLocked.into(),
                    _ => Securebit::NoCapAmbientRaise.into(),
                },
                superpriv: false,
            };
            for option in options {
                for arg2 in numbers {
                    for arg3 in numbers {
                        for (arg4, arg5) in [(0, 0), (0, 1), (HIGH, 0)] {
                            compare(state, option, [arg2, arg3, arg4, arg5])?;
                        }
                    }
                }
            }
        }
        Ok(())
    }
}
