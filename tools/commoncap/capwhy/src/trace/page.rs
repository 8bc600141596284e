// SPDX-License-Identifier: GPL-2.0

//! A page of the kernel's ring buffer, as `trace_pipe_raw` returns it: the entries of events, each
//! with the time since the one before.

use super::format::{fields, word};

/// Where the parts of a page are, as tracefs describes it in `events/header_page`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Layout {
    /// The place and the size of the number of bytes of data, and of flags.
    commit: (usize, usize),
    /// Where the data begins.
    data: usize,
    /// The size of a page.
    pub size: usize,
}

impl Layout {
    /// Reads a file `header_page`. Returns [`None`] if it lacks a field.
    pub fn parse(text: &str) -> Option<Self> {
        let fields = fields(text);
        let find = |name| fields.iter().find(|field| field.name == name);
        let (commit, data) = (find("commit")?, find("data")?);
        Some(Self {
            commit: (commit.start, commit.size),
            data: data.start,
            size: data.start.checked_add(data.size)?,
        })
    }
}

/// What is in a page.
#[derive(Debug, PartialEq)]
pub enum Item<'a> {
    /// The entry of an event.
    Entry(&'a [u8]),
    /// Events were lost here.
    Lost,
}

/// `RB_MISSED_EVENTS`: events before this page are lost.
const MISSED: u64 = 1 << 31;
/// `RB_MISSED_STORED`: their number stands after the data, if there is room for it.
const STORED: u64 = 1 << 30;
/// The bits of the time that an absolute time stamp does not have.
const UPPER: u64 = 0xf8 << 56;

/// Reads a page: adds each item with its time in nanoseconds. Returns [`None`] where the page
/// cannot be read further.
pub fn read<'a>(layout: Layout, page: &'a [u8], mut add: impl FnMut(u64, Item<'a>)) -> Option<()> {
    let mut time = word(page, 0, 8)?;
    let commit = word(page, layout.commit.0, layout.commit.1)?;
    let size = usize::try_from(commit & (STORED - 1)).ok()?;
    let end = layout.data.checked_add(size)?;
    if commit & MISSED != 0 {
        add(time, Item::Lost);
    }
    let mut rest = page.get(layout.data..end)?;
    while !rest.is_empty() {
        let head = word(rest, 0, 4)?;
        let (kind, delta) = (head & 0x1f, head >> 5);
        let next = || word(rest, 4, 4);
        let length = match kind {
            0 | 29 => 4_usize.checked_add(usize::try_from(next()?).ok()?)?,
            30 | 31 => 8,
            words => 4 + 4 * usize::try_from(words).ok()?,
        };
        match kind {
            29 if delta == 0 => break,
            // An event that was discarded.
            29 => {}
            30 => time = time.wrapping_add((next()? << 27) + delta),
            31 => time = (time & UPPER) | ((next()? << 27) + delta),
            _ => {
                time = time.wrapping_add(delta);
                let start = if kind == 0 { 8 } else { 4 };
                add(time, Item::Entry(rest.get(start..length)?));
            }
        }
        rest = rest.get(length..)?;
    }
    Some(())
}

#[cfg(test)]
pub mod fixtures {
    //! Pages for tests.

    /// The layout of the kernel's pages on 64-bit machines.
    pub const HEADER: &str = "\tfield: u64 timestamp;\toffset:0;\tsize:8;\tsigned:0;\n\
        \tfield: local_t commit;\toffset:8;\tsize:8;\tsigned:1;\n\
        \tfield: int overwrite;\toffset:8;\tsize:1;\tsigned:1;\n\
        \tfield: char data;\toffset:16;\tsize:4080;\tsigned:1;\n";

    /// Returns a page of this data.
    pub fn page(time: u64, flags: u64, data: &[u8]) -> Vec<u8> {
        let mut page = time.to_le_bytes().to_vec();
        page.extend((data.len() as u64 | flags).to_le_bytes());
        page.extend(data);
        page.resize(4096, 0);
        page
    }

    /// Returns an entry as it is in a page, after this time.
    pub fn stored(delta: u32, entry: &[u8]) -> Vec<u8> {
        let mut bytes = (delta << 5).to_le_bytes().to_vec();
        let size = entry.len().next_multiple_of(4);
        bytes.extend((size as u32 + 4).to_le_bytes());
        bytes.extend(entry);
        bytes.resize(8 + size, 0);
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::{fixtures::*, *};

    fn items(page: &[u8]) -> (Vec<(u64, Item<'_>)>, Option<()>) {
        let layout = Layout::parse(HEADER).unwrap();
        let mut items = Vec::new();
        let result = read(layout, page, |time, item| items.push((time, item)));
        (items, result)
    }

    /// An event's head: its kind and the time since the last one, and more words.
    fn words(kind: u32, delta: u32, more: &[u32]) -> Vec<u8> {
        let words = [&[kind | (delta << 5)], more].concat();
        words.iter().flat_map(|word| word.to_le_bytes()).collect()
    }

    #[test]
    fn the_layout_of_a_page_is_that_of_tracefs() {
        let layout = Layout::parse(HEADER).unwrap();
        assert_eq!(
            (layout.data, layout.size, layout.commit),
            (16, 4096, (8, 8))
        );
        assert_eq!(Layout::parse("\tfield: u64 timestamp;\toffset:0;"), None);
    }

    #[test]
    fn entries_have_times() {
        let data = [
            words(2, 5, &[1, 2]),
            // More time than a head has room for.
            words(30, 1, &[1]),
            stored(3, b"longer"),
            // Discarded.
            words(29, 9, &[8, 0]),
            // An absolute time.
            words(31, 7, &[2]),
            words(1, 1, &[4]),
            words(29, 0, &[0]),
            words(1, 1, &[5]),
        ];
        let page = page(100, 0, &data.concat());
        let (items, result) = items(&page);
        let later = 105 + (1 << 27) + 1 + 3;
        assert_eq!(
            items,
            [
                (105, Item::Entry(&[1, 0, 0, 0, 2, 0, 0, 0][..])),
                (later, Item::Entry(&b"longer\0\0"[..])),
                ((2 << 27) + 8, Item::Entry(&[4, 0, 0, 0][..])),
            ]
        );
        assert_eq!(result, Some(()));
    }

    #[test]
    fn losses_are_reported_before_the_page() {
        let one = words(1, 1, &[4]);
        for flags in [MISSED, MISSED | STORED] {
            let missed = page(100, flags, &one);
            let (items, result) = items(&missed);
            assert_eq!(items[0], (100, Item::Lost));
            assert_eq!((items.len(), result), (2, Some(())));
        }
    }

    #[test]
    fn a_page_that_is_cut_off_or_wrong_does_no_harm() {
        let data = [words(2, 5, &[1, 2]), stored(3, b"longer")].concat();
        let whole = page(100, MISSED | STORED, &data);
        for end in 0..16 + data.len() {
            assert_eq!(items(&whole[..end]).1, None, "{end}");
        }
        for at in 0..whole.len().min(64) {
            for byte in [0, 1, 0x1d, 0x1e, 0x1f, 0x80, 0xff] {
                let mut wrong = whole.clone();
                wrong[at] = byte;
                let _ = items(&wrong);
            }
        }
        for wrong in [
            words(0, 1, &[u32::MAX]),
            words(0, 1, &[0]),
            words(0, 1, &[3]),
            words(28, 1, &[0]),
            words(29, 1, &[u32::MAX]),
            words(31, 1, &[]),
            vec![0xff; 3],
        ] {
            assert_eq!(items(&page(0, 0, &wrong)), (Vec::new(), None), "{wrong:?}");
        }
        assert_eq!(items(&[0xff; 4096]).1, None);
    }
}
