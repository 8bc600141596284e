// SPDX-License-Identifier: GPL-2.0

//! The hooks `task_setnice`, `task_setioprio` and `task_setscheduler`, which all decide by
//! `cap_safe_nice()`.

use super::{
    held::{
        Checks,
        Held, //
    },
    hook::Hook,
    question::{
        answer,
        Facts,
        Party,
        Question, //
    },
    reason::Reason,
};
use crate::{
    commoncap::{
        nice::{
            safe_nice,
            Grant, //
        },
        Denial, //
    },
    kernel_ext::{
        cred::{
            current_cred,
            CredentialExt, //
        },
        task_cred::with_task_cred,
    },
};
use kernel::{
    bindings::task_struct,
    prelude::*, //
};

// region: upstream
/// Decides about a target.
///
/// # Safety
///
/// `target` must point to a task that is valid for the call.
#[inline(always)]
unsafe fn decide<C: Checks>(target: *const task_struct) -> Result<Grant, Denial> {
    // SAFETY: Nothing is committed in here.
    let caller = CredentialExt::permitted(unsafe { current_cred() });
    // SAFETY: By the safety requirements.
    unsafe {
        with_task_cred(target, |target| {
            let held = Held::<C>::over(CredentialExt::user_ns(target));
            safe_nice(caller, CredentialExt::permitted(target), &held)
        })
    }
}
// endregion: upstream

macro_rules! hook {
    ($name:ident, $hook:ident, $export:literal, ($($argument:ident)?)) => {
        pub(super) mod $name {
            use super::*;

            /// A call of the function.
            #[derive(Clone, Copy)]
            pub(in crate::hooks) struct Call(pub(in crate::hooks) *const task_struct);

            impl Question for Call {
                const HOOK: Hook = Hook::$hook;

                fn by_another_lsm(&self) -> Option<Denial> {
                    Some(Denial::Nice)
                }

                #[inline(always)]
                unsafe fn decide<C: Checks>(&self) -> Result<Reason, Denial> {
                    // SAFETY: By the safety requirements, the task is valid.
                    unsafe { decide::<C>(self.0) }.map(Reason::from)
                }

                unsafe fn facts(&self) -> Facts {
                    Facts {
                        argument: 0,
                        caller: Party::caller(),
                        // SAFETY: By the safety requirements, the task is valid.
                        target: Some(unsafe { with_task_cred(self.0, Party::of) }),
                        file: None,
                    }
                }
            }

            /// Determines whether the current task may change how another one is scheduled.
            ///
            /// # Safety
            ///
            /// `target` must point to a task that is valid for the call, as for the function.
            #[cfg_attr(CONFIG_KUNIT = "y", unsafe(export_name = $export))]
            pub(in crate::hooks) unsafe extern "C" fn entry(
                target: *mut task_struct
                $(, _: $argument)?
            ) -> c_int {
                // SAFETY: By the safety requirements.
                unsafe { answer(Call(target)) }
            }
        }
    };
}

hook!(
    task_setnice,
    TaskSetnice,
    "rust_commoncap_cap_task_setnice",
    (c_int)
);
hook!(
    task_setioprio,
    TaskSetioprio,
    "rust_commoncap_cap_task_setioprio",
    (c_int)
);
hook!(
    task_setscheduler,
    TaskSetscheduler,
    "rust_commoncap_cap_task_setscheduler",
    ()
);
