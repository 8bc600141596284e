// SPDX-License-Identifier: GPL-2.0

//! User namespaces.
//!
//! C headers: [`include/linux/user_namespace.h`](srctree/include/linux/user_namespace.h),
//! [`include/linux/capability.h`](srctree/include/linux/capability.h).

use crate::{
    bindings,
    capability::Capability,
    prelude::*,
    task::Kuid,
    types::Opaque, //
};

//@ rust/kernel/user_namespace.rs: upstream
