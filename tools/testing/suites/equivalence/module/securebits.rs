// SPDX-License-Identifier: GPL-2.0

//! `PR_SET_SECUREBITS`: every change of the twelve bits, and every bit beyond.

use kernel::prelude::*;

#[kunit_tests(commoncap_equivalence_securebits)]
mod tests {
    use super::*;
    use crate::{
        cases::{
            equal,
            Group, //
        },
        cred::{Facts, Start},
        prctl::{ask, ALL, NOBODY, SETPCAP},
    };

    const SET_SECUREBITS: c_int = 28;

    /// From each value of the twelve bits, with and without `CAP_SETPCAP`, sets each value of `to`.
    fn from_all<I: Iterator<Item = c_ulong>>(group: &mut Group, to: fn(u32) -> I) -> Result {
        for effective in [SETPCAP, ALL & !SETPCAP] {
            for securebits in 0..=0xfff {
                let start = Start::with(Facts {
                    securebits,
                    effective,
                    ..NOBODY
                })?;
                for bits in to(securebits) {
                    ask(group, &start, SET_SECUREBITS, [bits, 0, 0, 0]);
                }
            }
        }
        Ok(())
    }

    #[test]
    fn every_change_of_the_twelve_bits() {
        assert!(equal("SET_SECUREBITS, 12 bits", |group| {
            from_all(group, |_| 0..=0xfff)
        }));
    }

    #[test]
    fn every_bit_beyond() {
        assert!(equal("SET_SECUREBITS, bits 12 to 63", |group| {
            from_all(group, |from| {
                (12..64).flat_map(move |bit| {
                    let (beyond, from) = (1 << bit, from as c_ulong);
                    [beyond, beyond | from, beyond | (from ^ 0x100), !0 << bit]
                })
            })
        }));
    }

    #[test]
    fn arguments_that_are_ignored() {
        let junk = [0, 1, c_ulong::MAX];
        assert!(equal("SET_SECUREBITS, ignored arguments", |group| {
            for securebits in [0, 0x500, 0xe00, 0xfff] {
                for effective in [SETPCAP, ALL & !SETPCAP] {
                    let start = Start::with(Facts {
                        securebits,
                        effective,
                        ..NOBODY
                    })?;
                    for bits in 0..=0x1fff {
                        for i in 0..27 {
                            let args = [bits, junk[i / 9], junk[i / 3 % 3], junk[i % 3]];
                            ask(group, &start, SET_SECUREBITS, args);
                        }
                    }
                }
            }
            Ok(())
        }));
    }
}
