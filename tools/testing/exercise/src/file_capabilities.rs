// SPDX-License-Identifier: GPL-2.0

//! The attribute `security.capability` of a file.

use crate::sys::{check, path_of, Errno, Result};
use libc::c_long;
use std::path::Path;

const NAME: *const libc::c_char = c"security.capability".as_ptr();

/// The effective flag, the permitted and the inheritable set, and the root ID if there is one.
pub type Capabilities = (bool, u64, u64, Option<u32>);

/// Returns the value of `security.capability`.
pub fn value((effective, permitted, inheritable, root): Capabilities) -> Vec<u8> {
    let revision: u32 = if root.is_some() {
        0x0300_0000
    } else {
        0x0200_0000
    };
    let low = |set: u64| (set & 0xffff_ffff) as u32;
    let high = |set: u64| (set >> 32) as u32;
    let words = [
        revision + u32::from(effective),
        low(permitted),
        low(inheritable),
        high(permitted),
        high(inheritable),
    ];
    words
        .into_iter()
        .chain(root)
        .flat_map(u32::to_le_bytes)
        .collect()
}

/// Sets the attribute to any bytes.
pub fn set(path: &Path, value: &[u8]) -> Result {
    let path = path_of(path)?;
    let (bytes, len) = (value.as_ptr().cast(), value.len());
    // SAFETY: Both names are C strings, and `value` is valid for reads of its length.
    check(unsafe { libc::setxattr(path.as_ptr(), NAME, bytes, len, 0) }.into()).map(drop)
}

/// Returns the attribute.
pub fn get(path: &Path) -> Result<Vec<u8>> {
    let path = path_of(path)?;
    let mut value = vec![0_u8; 64];
    let bytes = value.as_mut_ptr().cast();
    // SAFETY: Both names are C strings, and `value` is valid for writes of its length.
    let len = unsafe { libc::getxattr(path.as_ptr(), NAME, bytes, value.len()) };
    value.truncate(check(len as c_long)? as usize);
    Ok(value)
}

/// Removes the attribute.
pub fn remove(path: &Path) -> Result {
    let path = path_of(path)?;
    // SAFETY: Both names are C strings.
    check(unsafe { libc::removexattr(path.as_ptr(), NAME) }.into()).map(drop)
}

/// Sets the attribute, or sees to it that there is none if the value is empty.
pub fn set_or_remove(path: &Path, value: &[u8]) -> Result {
    if !value.is_empty() {
        return set(path, value);
    }
    match remove(path) {
        Err(Errno(libc::ENODATA)) => Ok(()),
        result => result,
    }
}
