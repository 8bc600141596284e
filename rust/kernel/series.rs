// SPDX-License-Identifier: GPL-2.0

//! What the `kernel` crate of Linux 7.3 has and that of 7.2 lacks.
//!
//! All other code of the module is the same for both series. When 7.2 is given up, use the items
//! of the `kernel` crate that are named here, and remove this file.

use kernel::{
    bindings,
    module_param::ModuleParam,
    prelude::*,
    str::{kstrtobool_bytes, BStr},
    task::{Pid, Task},
};

macro_rules! errors {
    ($($name:ident = $number:ident)*) => {$(
        /// Returns this error, a constant of the prelude in 7.3.
        pub fn $name() -> Error {
            Error::from_errno(-(bindings::$number as c_int))
        }
    )*};
}

errors! {
    ealready = EALREADY
    enametoolong = ENAMETOOLONG
    enodata = ENODATA
    eopnotsupp = EOPNOTSUPP
}

/// Returns the ID of the task's process: `Task::tgid()` of 7.3.
pub fn tgid(task: &Task) -> Pid {
    // SAFETY: The task is valid, since there is a reference to it. Its tgid never changes after
    // the task's creation, so that reading it is no data race.
    unsafe { (*task.as_ptr()).tgid }
}

/// A parameter that is on or off, as strings that `kstrtobool()` knows: `bool` in 7.3.
#[derive(Clone, Copy)]
pub struct Switch(pub bool);

impl ModuleParam for Switch {
    fn try_from_param_arg(arg: &BStr) -> Result<Self> {
        kstrtobool_bytes(arg).map(Self)
    }
}
