// SPDX-License-Identifier: GPL-2.0

//! Rust sample: a device whose state can be checkpointed and restored.
//!
//! Each open file of `/dev/rust-checkpoint` is a counter. All callers may count. A checkpoint reads
//! the counter and a restore sets it. Both need `CAP_CHECKPOINT_RESTORE` or `CAP_SYS_ADMIN` over
//! the caller's own user namespace. Root of a container has them, too.
//!
//! | ioctl | argument | |
//! |---|---|---|
//! | `_IOR('\|', 0x90, __u64)` | where to store the number | counts |
//! | `_IOR('\|', 0x91, __u64)` | where to store the number | checkpoints, or fails with `EPERM` |
//! | `_IOW('\|', 0x92, __u64)` | the number | restores, or fails with `EPERM` |

use kernel::{
    cred::Credential,
    fs::File,
    ioctl::{_IOC_SIZE, _IOR, _IOW},
    miscdevice::{MiscDevice, MiscDeviceOptions, MiscDeviceRegistration},
    new_mutex,
    prelude::*,
    sync::Mutex,
    uaccess::UserSlice,
};

// Upstream, all of this is in the `kernel` crate.
#[path = "../../rust/hooks/checkpoint_restore.rs"]
pub mod checkpoint_restore;
#[path = "../../rust/commoncap/mod.rs"]
pub mod commoncap;
#[path = "../../rust/kernel"]
pub mod kernel_ext {
    //! Abstractions that the `kernel` crate lacks.
    pub mod capability;
    pub mod cred;
    pub mod securebits;
    pub mod user_namespace;
}
use checkpoint_restore::checkpoint_restore_ns_capable;
use kernel_ext::cred::CredentialExt;
pub use kernel_ext::{capability, securebits};

const COUNT: u32 = _IOR::<u64>('|' as u32, 0x90);
const CHECKPOINT: u32 = _IOR::<u64>('|' as u32, 0x91);
const RESTORE: u32 = _IOW::<u64>('|' as u32, 0x92);

module! {
    type: RustCheckpoint,
    name: "rust_checkpoint",
    authors: ["rust_commoncap maintainers"],
    description: "Rust sample: a device that checks for checkpoint/restore",
    license: "GPL",
}

#[pin_data]
struct RustCheckpoint {
    #[pin]
    _device: MiscDeviceRegistration<Counter>,
}

impl kernel::InPlaceModule for RustCheckpoint {
    fn init(_module: &'static ThisModule) -> impl PinInit<Self, Error> {
        let name = c"rust-checkpoint";
        try_pin_init!(Self {
            _device <- MiscDeviceRegistration::register(MiscDeviceOptions { name }),
        })
    }
}

/// An open file of the device.
#[pin_data]
struct Counter {
    #[pin]
    number: Mutex<u64>,
}

impl Counter {
    fn new() -> impl PinInit<Self> {
        pin_init!(Self { number <- new_mutex!(0) })
    }

    fn count(&self) -> Result<u64> {
        let mut number = self.number.lock();
        *number = number.checked_add(1).ok_or(EOVERFLOW)?;
        Ok(*number)
    }

    fn checkpoint(&self) -> Result<u64> {
        may_checkpoint_restore()?;
        Ok(*self.number.lock())
    }

    fn restore(&self, number: u64) -> Result {
        may_checkpoint_restore()?;
        *self.number.lock() = number;
        Ok(())
    }
}

/// Checks whether the current task may checkpoint and restore in its own user namespace.
fn may_checkpoint_restore() -> Result<capability::Capability> {
    let cred = Credential::current();
    Ok(checkpoint_restore_ns_capable(cred.user_ns())?)
}

#[vtable]
impl MiscDevice for Counter {
    type Ptr = Pin<KBox<Self>>;

    fn open(_file: &File, _misc: &MiscDeviceRegistration<Self>) -> Result<Self::Ptr> {
        KBox::pin_init(Self::new(), GFP_KERNEL)
    }

    fn ioctl(counter: Pin<&Self>, _file: &File, cmd: u32, arg: usize) -> Result<isize> {
        let user = UserSlice::new(UserPtr::from_addr(arg), _IOC_SIZE(cmd));
        match cmd {
            COUNT => user.writer().write(&counter.count()?)?,
            CHECKPOINT => user.writer().write(&counter.checkpoint()?)?,
            RESTORE => counter.restore(user.reader().read()?)?,
            _ => return Err(ENOTTY),
        }
        Ok(0)
    }
}

#[kunit_tests(rust_checkpoint)]
mod tests {
    use super::*;

    // Tests run in a kernel thread, which has all capabilities.
    #[test]
    fn a_restored_counter_continues_from_its_number() -> Result {
        let first = KBox::pin_init(Counter::new(), GFP_KERNEL)?;
        assert_eq!((first.count()?, first.count()?), (1, 2));
        let second = KBox::pin_init(Counter::new(), GFP_KERNEL)?;
        second.restore(first.checkpoint()?)?;
        assert_eq!(second.count()?, 3);
        assert_eq!(first.checkpoint()?, 2);
        Ok(())
    }

    #[test]
    fn a_counter_does_not_overflow() -> Result {
        let counter = KBox::pin_init(Counter::new(), GFP_KERNEL)?;
        counter.restore(u64::MAX)?;
        assert_eq!(counter.count(), Err(EOVERFLOW));
        assert_eq!(counter.checkpoint()?, u64::MAX);
        Ok(())
    }
}
