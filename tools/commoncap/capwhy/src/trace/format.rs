// SPDX-License-Identifier: GPL-2.0

//! The format of an event: where each of its fields is, as tracefs describes it.

use std::borrow::Cow;

/// The format of an event.
#[derive(Debug, Default, PartialEq)]
pub struct Format {
    /// The name of the event.
    pub name: String,
    /// The number of the event, with which its entries begin.
    pub id: u16,
    /// The fields, those of all events first.
    pub fields: Vec<Field>,
}

/// A field of an event.
#[derive(Debug, PartialEq)]
pub struct Field {
    /// Its name. Each element of an array has the name of the array and its index.
    pub name: String,
    /// Where it begins, in bytes.
    pub start: usize,
    /// How many bytes it has.
    pub size: usize,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Unsigned,
    Signed,
    /// A text that ends before the first byte that is 0.
    Text,
    /// The place of such a text: its start, in the lower half, and its size.
    Place,
    /// The same, its start counted from the end of the field.
    RelativePlace,
}

impl Format {
    /// Reads a file `format` of tracefs. Returns [`None`] if it has no name or number.
    pub fn parse(text: &str) -> Option<Self> {
        let value = |key| text.lines().find_map(|line| line.strip_prefix(key));
        Some(Self {
            name: value("name: ")?.to_owned(),
            id: value("ID: ")?.parse().ok()?,
            fields: fields(text),
        })
    }
}

/// Reads the fields of such a file. Others than numbers and texts are left out.
pub fn fields(text: &str) -> Vec<Field> {
    text.lines().filter_map(field).flatten().collect()
}

/// Reads `field:TYPE NAME;`, `offset:N;`, `size:N;` and `signed:N;`, with tabs between them.
fn field(line: &str) -> Option<Vec<Field>> {
    let mut parts = line.split(';').map(str::trim);
    let (of_type, name) = parts.next()?.strip_prefix("field:")?.rsplit_once(' ')?;
    let mut number = |key| parts.next()?.strip_prefix(key)?.parse::<usize>().ok();
    let (start, size) = (number("offset:")?, number("size:")?);
    let is_signed = number("signed:")? != 0;
    let integer = if is_signed {
        Kind::Signed
    } else {
        Kind::Unsigned
    };
    let one = |name: &str, kind| Field {
        name: name.to_owned(),
        start,
        size,
        kind,
    };
    let array = name.strip_suffix(']').and_then(|name| name.split_once('['));
    Some(match (array, of_type.trim()) {
        (None, "__data_loc char[]") => vec![one(name, Kind::Place)],
        (None, "__rel_loc char[]") => vec![one(name, Kind::RelativePlace)],
        (None, other) if !other.ends_with(']') => vec![one(name, integer)],
        (Some((name, _)), "char") => vec![one(name, Kind::Text)],
        (Some((name, count)), _) => {
            let count: usize = count
                .parse()
                .ok()
                .filter(|count| (1..=64).contains(count))?;
            let size = size / count;
            let element = |index| Field {
                name: format!("{name}{index}"),
                start: start + index * size,
                size,
                kind: integer,
            };
            (0..count).map(element).collect()
        }
        _ => return None,
    })
}

impl Field {
    /// Reads its number from an entry. Returns [`None`] if it is a text, or not in the entry.
    pub fn number(&self, entry: &[u8]) -> Option<i128> {
        let word = word(entry, self.start, self.size)?;
        match (self.kind, self.size) {
            (Kind::Unsigned, _) => Some(word.into()),
            (Kind::Signed, 1) => Some((word as i8).into()),
            (Kind::Signed, 2) => Some((word as i16).into()),
            (Kind::Signed, 4) => Some((word as i32).into()),
            (Kind::Signed, _) => Some((word as i64).into()),
            _ => None,
        }
    }

    /// Reads its text from an entry. Returns [`None`] if it is a number, or not in the entry.
    pub fn text<'a>(&self, entry: &'a [u8]) -> Option<Cow<'a, str>> {
        let place = || {
            let place = word(entry, self.start, 4)?;
            Some((place as u16 as usize, (place >> 16) as usize))
        };
        let (start, size) = match self.kind {
            Kind::Unsigned | Kind::Signed => return None,
            Kind::Text => (self.start, self.size),
            Kind::Place => place()?,
            Kind::RelativePlace => {
                let (start, size) = place()?;
                (self.start.checked_add(self.size)?.checked_add(start)?, size)
            }
        };
        let bytes = entry.get(start..start.checked_add(size)?)?;
        let end = memchr::memchr(0, bytes).unwrap_or(size);
        bytes.get(..end).map(String::from_utf8_lossy)
    }
}

/// Reads a number of one, two, four or eight bytes, the lowest first.
pub fn word(bytes: &[u8], start: usize, size: usize) -> Option<u64> {
    let bytes = bytes.get(start..)?;
    match size {
        1 => bytes.first().map(|byte| (*byte).into()),
        2 => Some(u16::from_le_bytes(*bytes.first_chunk()?).into()),
        4 => Some(u32::from_le_bytes(*bytes.first_chunk()?).into()),
        8 => Some(u64::from_le_bytes(*bytes.first_chunk()?)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "name: some\nID: 1721\nformat:\n\
        \tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n\
        \tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n\n\
        \tfield:s16 small;\toffset:8;\tsize:2;\tsigned:1;\n\
        \tfield:char comm[4];\toffset:10;\tsize:4;\tsigned:0;\n\
        \tfield:unsigned short args[2];\toffset:14;\tsize:4;\tsigned:0;\n\
        \tfield:__data_loc char[] old;\toffset:18;\tsize:4;\tsigned:1;\n\
        \tfield:__rel_loc char[] new;\toffset:22;\tsize:4;\tsigned:1;\n\
        \tfield:u64 end;\toffset:26;\tsize:8;\tsigned:0;\n\
        \tfield:struct thing thing;\toffset:34;\tsize:12;\tsigned:0;\n\
        \tfield:__data_loc u8[] bytes;\toffset:34;\tsize:4;\tsigned:0;\n\
        \tfield:int broken;\toffset:x;\tsize:4;\tsigned:1;\n\n\
        print fmt: \"field:%d\", REC->small\n";

    fn entry() -> Vec<u8> {
        let mut entry = vec![0xb9, 6, 0, 0, 7, 0, 0, 0];
        entry.extend((-2_i16).to_le_bytes());
        entry.extend(*b"ab\0c");
        entry.extend([1, 0, 2, 1]);
        entry.extend([34, 0, 3, 0]);
        entry.extend([11, 0, 2, 0]);
        entry.extend(u64::MAX.to_le_bytes());
        entry.extend(b"/a\0/b");
        entry
    }

    fn read(entry: &[u8], name: &str) -> (Option<i128>, Option<String>) {
        let format = Format::parse(TEXT).unwrap();
        let field = format.fields.iter().find(|field| field.name == name);
        let field = field.unwrap();
        let text = field.text(entry).map(Cow::into_owned);
        (field.number(entry), text)
    }

    #[test]
    fn a_format_has_a_name_a_number_and_the_fields_that_are_numbers_or_texts() {
        let format = Format::parse(TEXT).unwrap();
        assert_eq!((&*format.name, format.id), ("some", 1721));
        let names: Vec<_> = format.fields.iter().map(|field| &*field.name).collect();
        let expected = [
            "common_type",
            "common_pid",
            "small",
            "comm",
            "args0",
            "args1",
            "old",
            "new",
            "end",
            "thing",
        ];
        assert_eq!(names, expected);
        assert_eq!(Format::parse("name: some\n"), None);
        assert_eq!(Format::parse("name: some\nID: 65536\n"), None);
    }

    #[test]
    fn numbers_have_signs_and_sizes() {
        let entry = entry();
        for (name, value) in [
            ("common_type", 1721),
            ("common_pid", 7),
            ("small", -2),
            ("args0", 1),
            ("args1", 0x102),
            ("end", u64::MAX.into()),
        ] {
            assert_eq!(read(&entry, name), (Some(value), None), "{name}");
        }
    }

    #[test]
    fn texts_are_in_the_field_or_where_it_says() {
        let entry = entry();
        for (name, value) in [("comm", "ab"), ("old", "/a"), ("new", "/b")] {
            assert_eq!(read(&entry, name), (None, Some(value.to_owned())), "{name}");
        }
    }

    #[test]
    fn what_is_not_in_the_entry_is_none() {
        let whole = entry();
        let format = Format::parse(TEXT).unwrap();
        for end in 0..whole.len() {
            for field in &format.fields {
                let part = &whole[..end];
                assert!(field.number(part).is_none() || field.start + field.size <= end);
                assert!(field.text(part).is_none() || field.start + 4 <= end);
            }
        }
        let mut wrong = whole;
        wrong[18..26].fill(0xff);
        for name in ["old", "new", "thing"] {
            assert_eq!(read(&wrong, name), (None, None), "{name}");
        }
    }
}
