// SPDX-License-Identifier: GPL-2.0

//! The functions of `commoncap.c` that the module observes or replaces: the parameter `functions=`.

use super::hook::Hook;
use crate::kernel_ext::unexported;
use kernel::{fmt, module_param::ModuleParam, prelude::*, str::BStr};

/// A set of functions.
///
/// Displayed, it is a list as the parameter takes it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Functions(u32);

impl Functions {
    /// All functions that the module decides.
    pub const ALL: Self = Self((1 << Hook::ALL.len()) - 1);

    /// The functions that call what the kernel does not export to modules.
    const NEED_UNEXPORTED: Self = Self(
        Self::bit(Hook::MmapAddr)
            | Self::bit(Hook::PtraceTraceme)
            | Self::bit(Hook::BprmCredsFromFile),
    );

    /// Returns the functions that this kernel lets the module decide.
    pub fn available() -> Self {
        if unexported::found() {
            Self::ALL
        } else {
            Self::ALL.without(Self::NEED_UNEXPORTED)
        }
    }

    /// Returns those of the functions that are not in `other`.
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Returns whether it has none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Returns the hooks of the set.
    pub(super) fn hooks(self) -> impl Iterator<Item = Hook> {
        Hook::ALL
            .iter()
            .copied()
            .filter(move |hook| self.0 & Self::bit(*hook) != 0)
    }

    const fn bit(hook: Hook) -> u32 {
        // Nothing wraps: there are fewer hooks than bits. A plain shift could panic.
        1_u32.wrapping_shl(hook as u32)
    }

    /// Reads a list of hooks with commas between them. The name `all` stands for those in `all`.
    /// Returns [`None`] if a name is unknown.
    fn parse(list: &[u8], all: Self) -> Option<Self> {
        let mut set = 0;
        for name in list.split(|byte| *byte == b',') {
            let named = |hook: &&Hook| hook.name().as_bytes() == name;
            set |= match Hook::ALL.iter().find(named) {
                Some(hook) => Self::bit(*hook),
                None if name == b"all" => all.0,
                None => return None,
            };
        }
        Some(Self(set))
    }
}

impl ModuleParam for Functions {
    fn try_from_param_arg(arg: &BStr) -> Result<Self> {
        let available = Self::available();
        let given = Self::parse(arg, available).ok_or_else(|| {
            pr_err!(
                "functions={arg} has an unknown name: use all, or a list of {}\n",
                Self::ALL
            );
            EINVAL
        })?;
        let missing = given.without(available);
        if missing.is_empty() {
            return Ok(given);
        }
        pr_err!("cannot decide {missing}: {}\n", unexported::MISSING);
        Err(EINVAL)
    }
}

impl fmt::Display for Functions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for hook in self.hooks() {
            f.write_str(separator)?;
            f.write_str(hook.name())?;
            separator = ",";
        }
        Ok(())
    }
}

#[crate::kunit_tests(rust_commoncap_hook_functions)]
mod tests {
    use super::*;
    use kernel::str::CString;

    #[test]
    fn a_list_names_each_function_in_any_order() {
        for (list, expected) in [
            (b"all".as_slice(), Functions::ALL.0),
            (b"capable", 1),
            (b"task_prctl", 2),
            (b"capset", 4),
            (b"capset,capable", 5),
            (b"capset,capset", 4),
            (b"task_prctl,all", Functions::ALL.0),
        ] {
            assert!(Functions::parse(list, Functions::ALL) == Some(Functions(expected)));
        }
        for list in [
            b"".as_slice(),
            b"capable,",
            b"cap_capable",
            b"Capset",
            b"capset, all",
        ] {
            assert!(Functions::parse(list, Functions::ALL).is_none());
        }
    }

    #[test]
    fn the_list_of_a_set_is_read_back_as_that_set() {
        for hook in Hook::ALL {
            for set in [1 << *hook as u32, Functions::ALL.0 & !(1 << *hook as u32)] {
                let list = CString::try_from_fmt(fmt!("{}", Functions(set)));
                assert!(list.is_ok_and(|list| {
                    Functions::parse(list.to_bytes(), Functions::ALL) == Some(Functions(set))
                }));
            }
        }
    }

    #[test]
    fn all_stands_for_the_functions_that_the_kernel_lets_the_module_decide() {
        let some = Functions::ALL.without(Functions::NEED_UNEXPORTED);
        assert!(!some.is_empty() && some != Functions::ALL);
        assert!(Functions::parse(b"all", some) == Some(some));
        let named = Functions::parse(b"all,mmap_addr", some);
        assert!(named == Some(Functions(some.0 | 1 << Hook::MmapAddr as u32)));
    }

    #[test]
    fn a_set_has_the_functions_that_were_named() {
        assert!(Functions(0).hooks().next().is_none());
        assert!(Functions(6).hooks().eq([Hook::TaskPrctl, Hook::Capset]));
        assert!(Functions::ALL.hooks().eq(Hook::ALL.iter().copied()));
    }
}
