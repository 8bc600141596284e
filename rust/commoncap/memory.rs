// SPDX-License-Identifier: GPL-2.0

//! Which memory a task may map: `cap_mmap_addr()`, `cap_vm_enough_memory()`.

use super::{
    privileges::CapCapable,
    Denial, //
};
use crate::capability::Capability;

/// Why an address may be mapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Address {
    /// It is not below the minimum, which takes no privilege.
    High,
    /// It is below the minimum, and the caller holds `CAP_SYS_RAWIO`. The kernel notes the use of
    /// privilege (`PF_SUPERPRIV`), which `cap_capable()` does not.
    Privileged,
}

/// Decides whether the current task may map `address`.
///
/// `minimum` is `dac_mmap_min_addr`, the sysctl `vm.mmap_min_addr`. `held` checks the caller over
/// the initial user namespace.
#[inline]
pub fn mmap_addr(
    address: usize,
    minimum: usize,
    held: &impl CapCapable,
) -> Result<Address, Denial> {
    if address >= minimum {
        Ok(Address::High)
    } else if held.cap_capable(Capability::SYS_RAWIO) {
        Ok(Address::Privileged)
    } else {
        Err(Denial::MmapAddr)
    }
}

/// Decides whether the current task may use the memory that is kept for administrators.
///
/// `held` checks the caller over the initial user namespace.
#[inline]
pub fn vm_enough_memory(held: &impl CapCapable) -> Result<(), Denial> {
    if held.cap_capable(Capability::SYS_ADMIN) {
        Ok(())
    } else {
        Err(Denial::VmEnoughMemory)
    }
}

#[crate::kunit_tests(rust_commoncap_memory)]
mod tests {
    use super::super::testing::Answer;
    use super::*;

    #[test]
    fn an_address_from_the_minimum_up_takes_no_privilege() {
        for (address, minimum) in [(0, 0), (65536, 65536), (65537, 65536), (usize::MAX, 1)] {
            let held = Answer::new(Capability::SYS_RAWIO, false);
            assert_eq!(mmap_addr(address, minimum, &held), Ok(Address::High));
            assert_eq!(held.asked(), 0);
        }
    }

    #[test]
    fn an_address_below_the_minimum_takes_sys_rawio() {
        for (address, minimum) in [(0, 1), (65535, 65536), (0, usize::MAX)] {
            for (granted, expected) in [
                (false, Err(Denial::MmapAddr)),
                (true, Ok(Address::Privileged)),
            ] {
                let held = Answer::new(Capability::SYS_RAWIO, granted);
                assert_eq!(mmap_addr(address, minimum, &held), expected);
                assert_eq!(held.asked(), 1);
            }
        }
    }

    #[test]
    fn the_reserve_takes_sys_admin() {
        for (granted, expected) in [(false, Err(Denial::VmEnoughMemory)), (true, Ok(()))] {
            let held = Answer::new(Capability::SYS_ADMIN, granted);
            assert_eq!(vm_enough_memory(&held), expected);
            assert_eq!(held.asked(), 1);
        }
    }
}
