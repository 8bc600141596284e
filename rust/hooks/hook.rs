// SPDX-License-Identifier: GPL-2.0

//! The functions of `commoncap.c` that the module decides.

/// Calls a macro with a row for each function: its variant of [`Hook`], the name of the LSM hook,
/// and the function.
///
/// The module of that name has the replacement, `entry`, and the one in [`super::observe`] the
/// probe, `Handlers`.
macro_rules! for_each_hook {
    ($macro:ident) => {
        $macro! {
            /// `cap_capable()`.
            Capable, capable, cap_capable;
            /// `cap_task_prctl()`, except for the options that it leaves to others.
            TaskPrctl, task_prctl, cap_task_prctl;
            /// `cap_capset()`.
            Capset, capset, cap_capset;
            /// `cap_task_fix_setuid()`.
            TaskFixSetuid, task_fix_setuid, cap_task_fix_setuid;
            /// `cap_settime()`.
            Settime, settime, cap_settime;
            /// `cap_ptrace_access_check()`.
            PtraceAccessCheck, ptrace_access_check, cap_ptrace_access_check;
            /// `cap_capget()`.
            Capget, capget, cap_capget;
            /// `cap_task_setnice()`.
            TaskSetnice, task_setnice, cap_task_setnice;
            /// `cap_task_setioprio()`.
            TaskSetioprio, task_setioprio, cap_task_setioprio;
            /// `cap_task_setscheduler()`.
            TaskSetscheduler, task_setscheduler, cap_task_setscheduler;
            /// `cap_vm_enough_memory()`.
            VmEnoughMemory, vm_enough_memory, cap_vm_enough_memory;
            /// `cap_mmap_addr()`.
            MmapAddr, mmap_addr, cap_mmap_addr;
            /// `cap_ptrace_traceme()`.
            PtraceTraceme, ptrace_traceme, cap_ptrace_traceme;
            /// `cap_inode_setxattr()`.
            InodeSetxattr, inode_setxattr, cap_inode_setxattr;
            /// `cap_inode_removexattr()`.
            InodeRemovexattr, inode_removexattr, cap_inode_removexattr;
            /// `cap_inode_need_killpriv()`.
            InodeNeedKillpriv, inode_need_killpriv, cap_inode_need_killpriv;
            /// `cap_inode_killpriv()`.
            InodeKillpriv, inode_killpriv, cap_inode_killpriv;
            /// `cap_inode_getsecurity()`, for the attribute that it answers for.
            InodeGetsecurity, inode_getsecurity, cap_inode_getsecurity;
            /// `cap_convert_nscap()`, which is not an LSM hook.
            ConvertNscap, convert_nscap, cap_convert_nscap;
            /// `cap_bprm_creds_from_file()`.
            BprmCredsFromFile, bprm_creds_from_file, cap_bprm_creds_from_file;
        }
    };
}
pub(super) use for_each_hook;

macro_rules! define {
    ($($(#[$doc:meta])* $hook:ident, $name:ident, $function:ident;)*) => {
        /// A function of `commoncap.c` that the module decides.
        #[derive(Clone, Copy, PartialEq, Eq)]
        pub(super) enum Hook {
            $($(#[$doc])* $hook,)*
        }

        impl Hook {
            /// All of them, in the order of their numbers.
            pub(super) const ALL: &'static [Self] = &[$(Self::$hook,)*];

            /// Returns the name of the LSM hook.
            pub(super) const fn name(self) -> &'static str {
                match self {
                    $(Self::$hook => stringify!($name),)*
                }
            }
        }
    };
}

for_each_hook!(define);
