// SPDX-License-Identifier: GPL-2.0

//! Escapes untrusted strings so that they cannot forge fields.
//!
//! A string that is too long is cut at its start, where three dots stand instead: the end of a path
//! is the name.

use kernel::{
    fmt::{self, Write},
    prelude::*,
};

/// Formats a string with all but plain characters as `\ooo`, as in `/proc/mounts`.
pub struct Escaped<'a> {
    text: &'a [u8],
    limit: usize,
}

impl<'a> Escaped<'a> {
    /// Formats a string. Only an end that takes at most `limit` bytes is kept.
    pub fn new(text: &'a [u8], limit: usize) -> Self {
        Self { text, limit }
    }
}

/// Formats a string as audit records do: in quotes if all its characters are plain, else in
/// hexadecimal. See `audit_log_untrustedstring()`.
pub struct Audited<'a> {
    text: &'a [u8],
    limit: usize,
}

impl<'a> Audited<'a> {
    /// Formats a string. Only an end that takes at most `limit` bytes is kept.
    pub fn new(text: &'a [u8], limit: usize) -> Self {
        Self { text, limit }
    }
}

/// Returns whether a character may stand for itself, because it ends no field and no quotation.
fn plain(byte: &u8) -> bool {
    matches!(byte, 0x21..=0x7e) && *byte != b'"'
}

/// Returns the longest end of a text within the limit, after dots if that is not the whole text.
fn end_of(text: &[u8], limit: usize, width: fn(&u8) -> usize) -> impl Iterator<Item = &u8> {
    let mut used = 0;
    let fits = |byte: &&u8| {
        used = width(byte).saturating_add(used);
        used <= limit
    };
    let kept = text.iter().rev().take_while(fits).count();
    let left_out = text.len().saturating_sub(kept);
    let dots: &[u8] = if left_out > 0 { b"..." } else { b"" };
    Iterator::chain(dots.iter(), text.iter().skip(left_out))
}

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fn as_it_is(byte: &u8) -> bool {
            plain(byte) && *byte != b'\\'
        }
        fn width(byte: &u8) -> usize {
            if as_it_is(byte) {
                1
            } else {
                4
            }
        }
        end_of(self.text, self.limit, width).try_for_each(|byte| match as_it_is(byte) {
            true => f.write_char(char::from(*byte)),
            false => f.write_fmt(fmt!("\\{byte:03o}")),
        })
    }
}

impl fmt::Display for Audited<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.text.iter().all(plain) {
            f.write_char('"')?;
            end_of(self.text, self.limit, |_| 1)
                .try_for_each(|byte| f.write_char(char::from(*byte)))?;
            f.write_char('"')
        } else {
            end_of(self.text, self.limit, |_| 2)
                .try_for_each(|byte| f.write_fmt(fmt!("{byte:02X}")))
        }
    }
}

#[crate::kunit_tests(rust_escape)]
mod tests {
    use super::*;
    use kernel::str::CString;

    fn escaped(text: &[u8], limit: usize) -> Result<CString> {
        CString::try_from_fmt(fmt!("{}", Escaped::new(text, limit)))
    }

    fn audited(text: &[u8], limit: usize) -> Result<CString> {
        CString::try_from_fmt(fmt!("{}", Audited::new(text, limit)))
    }

    #[test]
    fn plain_characters_are_left_alone() -> Result {
        assert_eq!(escaped(b"/usr/bin/a=~,", 99)?.to_bytes(), b"/usr/bin/a=~,");
        assert_eq!(
            audited(b"/usr/bin/a\\", 99)?.to_bytes(),
            b"\"/usr/bin/a\\\""
        );
        assert_eq!(escaped(b"", 99)?.to_bytes(), b"");
        assert_eq!(audited(b"", 99)?.to_bytes(), b"\"\"");
        Ok(())
    }

    #[test]
    fn characters_that_could_end_a_text_or_a_line_are_escaped() -> Result {
        assert_eq!(
            escaped(b"/a b\n\"\\\x7f\x80\xff\x1b", 99)?.to_bytes(),
            b"/a\\040b\\012\\042\\134\\177\\200\\377\\033"
        );
        for byte in 0..=u8::MAX {
            let text = [b'/', byte];
            let (escaped, audited) = (escaped(&text, 99)?, audited(&text, 99)?);
            for written in [escaped.to_bytes(), audited.to_bytes()] {
                assert!(written.iter().all(|byte| matches!(byte, 0x21..=0x7e)));
            }
            assert!(!escaped.to_bytes().contains(&b'"'));
            let ends = audited
                .to_bytes()
                .iter()
                .filter(|&&byte| byte == b'"')
                .count();
            assert_eq!(ends, if plain(&byte) { 2 } else { 0 });
        }
        Ok(())
    }

    #[test]
    fn audit_has_a_text_in_hexadecimal_if_one_character_is_not_plain() -> Result {
        assert_eq!(audited(b"/a b", 99)?.to_bytes(), b"2F612062");
        assert_eq!(audited(b"\"\xff\n", 99)?.to_bytes(), b"22FF0A");
        Ok(())
    }

    #[test]
    fn the_end_of_a_long_text_is_kept() -> Result {
        assert_eq!(escaped(b"/abcd", 5)?.to_bytes(), b"/abcd");
        assert_eq!(escaped(b"/abcd", 4)?.to_bytes(), b"...abcd");
        assert_eq!(escaped(b"/ab d", 5)?.to_bytes(), b"...\\040d");
        assert_eq!(escaped(b"/ab ", 3)?.to_bytes(), b"...");
        assert_eq!(audited(b"/abcd", 5)?.to_bytes(), b"\"/abcd\"");
        assert_eq!(audited(b"/abcd", 4)?.to_bytes(), b"\"...abcd\"");
        assert_eq!(audited(b"/ab d", 10)?.to_bytes(), b"2F61622064");
        assert_eq!(audited(b"/ab d", 5)?.to_bytes(), b"2E2E2E2064");
        Ok(())
    }
}
