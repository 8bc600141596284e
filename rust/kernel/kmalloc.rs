// SPDX-License-Identifier: GPL-2.0

// region: upstream
//! Memory that C frees.
//!
//! C header: [`include/linux/slab.h`](srctree/include/linux/slab.h).

use kernel::{
    alloc::Flags,
    prelude::*, //
};

/// Returns a copy of bytes that the caller must free by `kfree()`.
///
/// Fails with `ENOMEM`.
pub fn kmemdup(bytes: &[u8], flags: Flags) -> Result<*mut c_void> {
    let copy: KVec<u8> = KVec::with_capacity(bytes.len(), flags)?;
    let (memory, _, _) = copy.into_raw_parts();
    // SAFETY: There is room for the bytes, and nobody else has it.
    unsafe { core::ptr::copy_nonoverlapping(bytes.as_ptr(), memory, bytes.len()) };
    Ok(memory.cast())
}

// endregion: upstream

/// Returns bytes that C has written to memory from `kmalloc()`; [`None`] if it has fewer than
/// `size`, as `ksize()` returns it, or is null.
///
/// # Safety
///
/// Unless it is null, `memory` must be from `kmalloc()`, and nobody may free it or write to it as
/// long as the slice is in use.
pub unsafe fn bytes<'a>(memory: *const c_void, size: usize) -> Option<&'a [u8]> {
    // SAFETY: By the safety requirements.
    if memory.is_null() || unsafe { kernel::bindings::ksize(memory) } < size {
        return None;
    }
    // SAFETY: The memory has as many bytes, and the safety requirements.
    Some(unsafe { core::slice::from_raw_parts(memory.cast(), size) })
}

// region: upstream
#[crate::kunit_tests(rust_kmalloc)]
mod tests {
    use super::*;
    use kernel::bindings;

    #[test]
    fn a_copy_has_the_bytes_and_can_be_freed() {
        let Ok(copy) = kmemdup(b"0123456789", GFP_KERNEL) else {
            return assert!(false);
        };
        // SAFETY: The copy has ten bytes, and nobody else has it.
        let bytes = unsafe { core::slice::from_raw_parts(copy.cast::<u8>(), 10) };
        assert!(bytes == b"0123456789");
        // SAFETY: The copy is from `kmalloc()`, and is not used after this.
        unsafe { bindings::kfree(copy) };
    }
    // endregion: upstream

    #[test]
    fn bytes_are_no_more_than_the_memory_has() {
        let Ok(copy) = kmemdup(b"0123456789", GFP_KERNEL) else {
            return assert!(false);
        };
        // SAFETY: The copy is from `kmalloc()`, and nobody else has it.
        assert!(unsafe { bytes(copy, 10) } == Some(b"0123456789"));
        // SAFETY: As above.
        assert!(unsafe { bytes(copy, 1 << 12) }.is_none());
        // SAFETY: As above; it is not used after this.
        unsafe { bindings::kfree(copy) };
        // SAFETY: It is null.
        assert!(unsafe { bytes(core::ptr::null(), 0) }.is_none());
    }
    // region: upstream
}
// endregion: upstream
