// SPDX-License-Identifier: GPL-2.0

//! Strings of C.

use kernel::{
    bindings::strlen,
    prelude::*, //
};

/// Returns the bytes of a string, without the terminating 0.
///
/// `CStr::from_char_ptr()` does the same, with code that could panic.
///
/// # Safety
///
/// `string` must point to a null-terminated string that nothing writes to as long as the slice is
/// in use.
#[inline]
pub unsafe fn bytes_of<'a>(string: *const c_char) -> &'a [u8] {
    // SAFETY: By the safety requirements.
    unsafe { core::slice::from_raw_parts(string.cast(), strlen(string)) }
}

#[crate::kunit_tests(rust_c_string)]
mod tests {
    use super::*;
    use kernel::str::CStrExt;

    #[test]
    fn the_bytes_end_before_the_terminating_zero() {
        for text in [c"", c"a", c"security.capability"] {
            // SAFETY: It is static.
            assert_eq!(unsafe { bytes_of(text.as_char_ptr()) }, text.to_bytes());
        }
    }
}
